"""Numbers that are computed from one number, by hand."""

import random
from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ali5
from ali5.explain import path_of_winners, unit
from ali5.graph.kinds import Operation
from tests.ali5.explain.units.made import random_place, trace_of
from tests.ali5.explain.units.test_unit import check_parts


def test_a_normalisation_is_four_stages_or_folded() -> None:
    norm = nn.BatchNorm2d(1, eps=0.0)
    norm.running_mean.fill_(2.0)
    norm.running_var.fill_(4.0)
    norm.weight.data.fill_(3.0)
    norm.bias.data.fill_(0.5)
    conv = nn.Conv2d(3, 1, 1)
    conv.weight.data = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    conv.bias.data.fill_(1.0)
    layers = OrderedDict(conv=conv, norm=norm, flat=nn.Flatten(), head=nn.Linear(4, 2))
    trace = trace_of(nn.Sequential(layers), torch.ones(1, 3, 2, 2), size=2)
    found = unit(trace, "norm", 0, 1, 1)  # 1 + 2 + 3 + 1 = 7 comes in
    assert [stage.value for stage in found.stages] == [5.0, 2.5, 7.5, 8.0]
    assert found.stages[1].numbers == "5 / √(4 + 0)"
    assert (found.foldable, found.folded) == (True, False)
    folded = unit(trace, "norm", 0, 1, 1, fold=True)
    assert [term.contribution for term in folded.terms] == [1.5, 3.0, 4.5]
    assert folded.bias == (1 - 2) * 1.5 + 0.5
    assert folded.total == found.total == 8.0
    with pytest.raises(ali5.Ali5Error, match=r"nothing to fold at step 'conv' \(convolution\)"):
        unit(trace, "conv", 0, 1, 1, fold=True)


def test_large_numbers_that_nearly_cancel_are_still_explained() -> None:
    norm = nn.BatchNorm2d(3)
    norm.running_mean.fill_(1e5)
    norm.running_var.fill_(1e-3)
    image = 1e5 + torch.rand(1, 3, 8, 8)
    trace = trace_of(nn.Sequential(norm, nn.AvgPool2d(8), nn.Flatten()), image, size=8)
    assert unit(trace, "0", 1, 2, 3).kind == "function"
    assert unit(trace, "1", 1).kind == "average"


def test_functions_by_hand() -> None:
    layers = OrderedDict(
        norm=nn.LocalResponseNorm(3, alpha=3.0, beta=2.0, k=1.0),
        leaky=nn.LeakyReLU(0.5),
        flat=nn.Flatten(),
        soft=nn.Softmax(1),
    )
    trace = trace_of(nn.Sequential(layers), torch.tensor([1.0, -2.0, 3.0]).reshape(1, 3, 1, 1), 1)
    norm = unit(trace, "norm", 2)
    assert [term.channel for term in norm.terms] == [1, 2]
    assert [stage.value for stage in norm.stages] == [13.0, 14.0, 196.0, 3 / 196]
    leaky = unit(trace, "leaky", 1)
    assert leaky.stages[0].formula == "x if x > 0, otherwise a · x"
    assert leaky.stages[0].numbers == "x = −0.008889, a = 0.5"
    assert leaky.total == pytest.approx(-2 / 15**2 / 2)
    assert path_of_winners(trace, "flat", 1)[-1].step == "input"
    share = unit(trace, "soft", 2)
    assert share.stages[2].value == pytest.approx(float(share.contributions.sum()))
    assert share.total == pytest.approx(float(trace["soft"].output[0, 2]))


ACTIVATIONS = [
    *(nn.LeakyReLU(0.3), nn.PReLU(3), nn.PReLU(), nn.ELU(0.7), nn.SELU(), nn.GELU()),
    *(nn.GELU(approximate="tanh"), nn.SiLU(), nn.Sigmoid(), nn.Hardswish(), nn.Hardsigmoid()),
    *(nn.Hardtanh(-0.2, 0.3), nn.ReLU6(), nn.Softplus(2, 0.5), nn.Mish(), nn.Tanh()),
]


class Bends(nn.Module):
    """Every activation, as a module and as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.bends = nn.ModuleList(ACTIVATIONS)

    def forward(self, image: Tensor) -> Tensor:
        for bend in self.bends:
            image = bend(image * 3)
        for function in (torch.sigmoid, F.silu, torch.tanh):
            image = function(image - 0.5)
        image = F.gelu(F.elu(F.leaky_relu(image, 0.2), alpha=0.4), approximate="tanh")
        return image.sigmoid().mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_every_activation_is_computed_again(readable: bool) -> None:
    trace = trace_of(Bends())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    seed, count = random.Random(5), 0
    for step in trace.steps:
        if step.operation in (Operation.ACTIVATION, Operation.TANH):
            for _ in range(4):
                check_parts(trace, unit(trace, step.name, *random_place(step, seed)))
            count += 1
    assert count == len(ACTIVATIONS) + 7
