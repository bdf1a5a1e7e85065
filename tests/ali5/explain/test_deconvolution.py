"""The way back from a unit to the picture, against PyTorch's gradients."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ali5
from ali5.errors import NoWayBack
from ali5.explain.deconvolution.deconvolution import Deconvolution, deconvolve
from ali5.explain.deconvolution.ways_back import as_maps, undo
from ali5.explain.units.fields import Box
from ali5.graph.kinds import Operation
from ali5.pictures.samples import open_sample
from tests.conftest import COMPACT

NETWORKS = [
    *((name, "compact") for name in COMPACT if name != "lenet5"),
    *(
        ("alexnet", "paper"),
        ("zfnet", "paper"),
        ("resnet50", "paper"),
        ("googlenet", "torchvision"),
    ),
]
"""With max pooling: every compact one, and others where the layers are of another make."""

_TRACES: dict[tuple[str, str], ali5.Trace] = {}


def trace_of(name: str, edition: str = "compact") -> ali5.Trace:
    if (name, edition) not in _TRACES:
        network = ali5.load(name, edition, device="cpu")
        _TRACES[name, edition] = ali5.trace(network, open_sample("cat"))
    return _TRACES[name, edition]


class _Mirrored(torch.autograd.Function):
    """A ReLU whose gradient is Zeiler and Fergus's rule: rectify what goes back."""

    @staticmethod
    def forward(context: Any, maps: Tensor) -> Tensor:
        return maps.relu()

    @staticmethod
    def backward(context: Any, *signals: Tensor) -> Tensor:
        return signals[0].clamp(min=0)


class _Passed(torch.autograd.Function):
    """A normalisation that the way back leaves out."""

    @staticmethod
    def forward(context: Any, maps: Tensor, normalised: Tensor) -> Tensor:
        return normalised.clone()

    @staticmethod
    def backward(context: Any, *signals: Tensor) -> tuple[Tensor, None]:
        return signals[0], None


def by_autograd(trace: ali5.Trace, found: Deconvolution) -> Tensor:
    """The same reconstruction, by PyTorch's gradients through the network's own graph."""
    values: dict[str, Tensor] = {"input": trace.image.clone().requires_grad_()}
    for planned in trace.network.plan.steps[1:]:
        if planned.operation is Operation.RELU:
            value = _Mirrored.apply(values[planned.inputs[0]])
        else:
            value = planned.run(values)
        if planned.operation is Operation.LOCAL_RESPONSE_NORM:
            value = _Passed.apply(values[planned.inputs[0]], value.detach())
        values[planned.name] = value
        if planned.name == found.step:
            break
    unit = as_maps(values[found.step][0])[found.channel, found.row, found.column]
    (gradient,) = torch.autograd.grad(unit, values["input"], unit.detach())
    return gradient[0]


def assert_near(ours: Tensor, theirs: Tensor) -> None:
    assert ours.shape == theirs.shape
    assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-4 * float(theirs.abs().max()) + 1e-12)


@pytest.mark.parametrize(("name", "edition"), NETWORKS)
def test_every_step_but_relu_and_normalisation_sends_back_its_exact_transpose(
    name: str, edition: str
) -> None:
    trace = trace_of(name, edition)
    runs = {planned.name: planned.run for planned in trace.network.plan.steps}
    source = torch.Generator().manual_seed(5)
    seen = set()
    left_out = (Operation.RELU, Operation.LOCAL_RESPONSE_NORM)
    for step in trace.steps[1:-1]:
        signal = torch.randn(step.shape, generator=source)
        maps = as_maps(signal[0])
        ways = {
            way.source: way.signal
            for way in undo(trace, step, maps, Box(0, 0, maps.shape[1], maps.shape[2]))
        }
        assert list(ways) == list(step.inputs)
        if step.operation in left_out:
            expected = maps.clamp(min=0) if step.operation is Operation.RELU else maps
            assert torch.equal(ways[step.inputs[0]], expected)
            continue
        leaves = {name: trace[name].output.clone().requires_grad_() for name in step.inputs}
        gradients = torch.autograd.grad(runs[step.name](leaves), list(leaves.values()), signal)
        for way, gradient in zip(ways.values(), gradients, strict=True):
            assert_near(way, as_maps(gradient[0]))
        seen.add(step.operation)
    assert {Operation.CONVOLUTION, Operation.LINEAR, Operation.MAX_POOLING} <= seen


@pytest.mark.parametrize(("name", "edition"), NETWORKS)
def test_the_whole_way_is_the_gradient_with_the_papers_rule_for_relus(
    name: str, edition: str
) -> None:
    trace = trace_of(name, edition)
    convolutions = [step.name for step in trace.steps if step.operation is Operation.CONVOLUTION]
    pooling = next(step for step in trace.steps if step.operation is Operation.MAX_POOLING)
    last = trace.steps[-1].inputs[0]
    for step in (pooling.name, convolutions[len(convolutions) // 2], convolutions[-1], last):
        found = deconvolve(trace, step, 3)
        assert_near(found.reconstruction, by_autograd(trace, found))
        assert float(found.reconstruction.abs().max()) > 0 or found.value == 0


@pytest.mark.parametrize("name", [name for name in COMPACT if name != "lenet5"])
def test_every_step_has_a_way_back_to_what_it_can_see(name: str) -> None:
    trace = trace_of(name)
    for step in trace.steps[:-1]:
        found = deconvolve(trace, step.name, 1)
        assert found.stages[-1].step == "input"
        assert found.stages[-1].signal.shape == trace.image[0].shape
        for stage in found.stages:
            top, left, bottom, right = stage.box
            rest = stage.signal.clone()
            rest[..., top:bottom, left:right] = 0
            assert not rest.any(), (step.name, stage)
        field = step.receptive_field.box(found.row, found.column)
        height, width = trace.image.shape[2:]
        within = (max(0, field[0]), max(0, field[1]), min(height, field[2]), min(width, field[3]))
        if step.output.ndim == 4 and step.shape[2:] != (1, 1):
            # A unit of a concatenation sees what its branch sees; the field is of all branches.
            assert all(a <= b for a, b in zip(within[:2], found.crop[:2], strict=True))
            assert all(a >= b for a, b in zip(within[2:], found.crop[2:], strict=True))
            assert found.crop == within or name == "googlenet"


@pytest.mark.parametrize(
    ("name", "last"), [("zfnet", "pool5"), ("googlenet", "inception4a.conv3x3")]
)
def test_stages_lead_over_every_step_behind_the_unit(name: str, last: str) -> None:
    trace = trace_of(name)
    found = deconvolve(trace, last, 0)
    behind = {last}
    for each in reversed(trace.steps):
        if each.name in behind:
            behind.update(each.inputs)
    names = [stage.step for stage in found.stages]
    assert names == [s.name for s in reversed(trace.steps) if s.name in behind]
    for stage in found.stages:
        assert stage.signal.shape == trace[stage.step].output[0].shape
        assert all(stage.step in trace[undone].inputs for undone in stage.undone)
        assert all(undone in stage.sentence for undone in stage.undone)


def test_a_unit_of_a_concatenation_goes_back_through_its_own_branch_only() -> None:
    trace = trace_of("googlenet")
    cat = trace["inception4a.cat"]
    first = trace[cat.inputs[0]].shape[1]
    for channel, branch in (
        (0, "relu1x1"),
        (first, "relu3x3"),
        (cat.shape[1] - 1, "relu_projection"),
    ):
        names = [stage.step for stage in deconvolve(trace, cat.name, channel).stages]
        inside = {
            f"inception4a.{each}" for each in ("relu1x1", "relu3x3", "relu5x5", "relu_projection")
        }
        assert inside & set(names) == {f"inception4a.{branch}"}
        assert names[-1] == "input"


def test_switches_are_where_the_signal_arrives_and_where_the_maxima_are() -> None:
    trace = trace_of("zfnet")
    found = deconvolve(trace, "fc8", 7)
    unpooled = [stage for stage in found.stages if stage.kind == "unpool"]
    assert [stage.undone for stage in unpooled] == [("pool5",), ("pool2",), ("pool1",)]
    for stage in unpooled:
        assert stage.switches is not None
        maps = trace[stage.step].output[0].flatten(1)
        pooled = trace[stage.undone[0]].output[0]
        assert torch.equal(maps.gather(1, stage.switches.flatten(1)), pooled.flatten(1))
        won = torch.zeros_like(maps, dtype=torch.bool).scatter_(1, stage.switches.flatten(1), True)
        assert not stage.signal.flatten(1)[~won].any()


def test_rectified_signals_are_not_guided_by_what_the_network_had_rectified() -> None:
    trace = trace_of("zfnet")
    found = deconvolve(trace, "conv5", 3)
    stage = next(s for s in found.stages if s.undone == ("relu3",))
    before = next(s for s in found.stages if s.step == "relu3")
    silent = trace["conv3"].output[0] <= 0
    assert torch.equal(stage.signal, before.signal.clamp(min=0))
    assert stage.signal[silent].any()  # the gradient would be zero there
    assert (before.signal < 0).any()


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_a_network_without_relus_gives_the_gradient_times_the_value() -> None:
    torch.manual_seed(5)
    module = nn.Sequential(
        nn.Conv2d(3, 6, 5, stride=2, padding=1),
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 4, 3, padding=2, dilation=2, groups=2),
        nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False),
        nn.Conv2d(4, 4, 4, padding="same"),
        nn.Flatten(),
        nn.Linear(4 * 8 * 8, 5),
    )
    trace = ali5.trace(ali5.wrap(module, size=32), torch.randn(1, 3, 32, 32))
    image = trace.image.clone().requires_grad_()
    logits = module.eval()(image)
    for unit in range(5):
        found = deconvolve(trace, trace.steps[-1].inputs[0], unit)
        (gradient,) = torch.autograd.grad(logits[0, unit], image, retain_graph=True)
        assert_near(found.reconstruction, gradient[0] * logits[0, unit].detach())


def test_a_hand_worked_case() -> None:
    """[1 5; 2 3] | [4 0; 0 4]: a 1 x 1 filter of 2, ReLU, 2 x 2 maxima; the right one is a tie."""
    module = nn.Sequential(
        nn.Conv2d(1, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 2)
    )
    with torch.no_grad():
        module[0].weight.fill_(2)
        module[0].bias.fill_(1)
        module[4].weight.copy_(torch.tensor([[1.0, 3.0], [-1.0, 0.0]]))
        module[4].bias.zero_()
    picture = torch.tensor([[[[1.0, 5, 4, 0], [2, 3, 0, 4], [0, 0, 0, 0], [0, 0, 0, 0]]]])
    module[4] = _FirstRow(module[4])
    trace = ali5.trace(ali5.wrap(module, size=4), picture)
    names = [step.name for step in trace.steps]
    found = deconvolve(trace, "2", 0)
    assert (found.row, found.column, found.value) == (0, 0, 11)  # 2 * 5 + 1
    assert found.reconstruction.tolist() == [[[0, 22, 0, 0], [0] * 4, [0] * 4, [0] * 4]]
    tied = deconvolve(trace, "2", 0, 0, 1)
    assert tied.value == 9
    assert tied.reconstruction.tolist() == [[[0, 0, 18, 0], [0] * 4, [0] * 4, [0] * 4]]
    logit = deconvolve(trace, names[-2], 0)  # 11 + 3 * 9 = 38
    assert logit.value == 38
    assert logit.reconstruction[0, 0].tolist() == [0, 38 * 2, 38 * 3 * 2, 0]
    against = deconvolve(trace, names[-2], 1)  # -11: -1 of the left maximum
    assert against.value == -11
    assert against.reconstruction[0, 0].tolist() == [0, 11 * 2, 0, 0]


class _FirstRow(nn.Module):
    """A linear layer over the first two of four numbers."""

    def __init__(self, full: nn.Linear) -> None:
        super().__init__()
        weight = torch.zeros(2, 4)
        weight[:, :2] = full.weight.detach()
        self.full = nn.Linear(4, 2, bias=False)
        self.full.weight.data = weight

    def forward(self, vector: Tensor) -> Tensor:
        return self.full(vector)


class Loose(nn.Module):
    """Written down while it runs: sums, averages and reshapes that have no module."""

    def __init__(self, ending: str = "mean") -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6, affine=False)
        self.last = nn.Linear(6 if ending != "view" else 6 * 16, 4)
        self.ending = ending

    def forward(self, image: Tensor) -> Tensor:
        maps = self.norm(self.first(image))
        if maps.isnan().all():
            return maps
        maps = F.max_pool2d(F.relu(maps) + maps, 2)
        maps = maps + maps
        if self.ending == "bend":
            maps = F.gelu(maps)
        if self.ending == "view":
            vector = F.adaptive_max_pool2d(maps, 4).view(1, -1)
        else:
            vector = maps.mean((2, 3))
        return self.last(vector)


@pytest.mark.parametrize("ending", ["mean", "view"])
def test_a_visitors_own_network_has_a_way_back(ending: str) -> None:
    torch.manual_seed(5)
    module = Loose(ending)
    module.norm.running_mean.normal_()
    module.norm.running_var.uniform_(0.5, 2)
    network = ali5.wrap(module, size=16)
    assert not network.readable
    trace = ali5.trace(network, torch.randn(1, 3, 16, 16))
    found = deconvolve(trace, "last", 2)
    image = trace.image.clone().requires_grad_()

    def mirrored(maps: Tensor, inplace: bool = False) -> Tensor:
        return _Mirrored.apply(maps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(F, "relu", mirrored)
        logits = module.eval()(image)
    (gradient,) = torch.autograd.grad(logits[0, 2], image, logits[0, 2].detach())
    assert_near(found.reconstruction, gradient[0])


def refusal(trace: ali5.Trace, *unit: Any) -> str:
    with pytest.raises(ali5.Ali5Error) as error:
        deconvolve(trace, *unit)
    return str(error.value)


def test_what_has_no_way_back_is_named() -> None:
    lenet = ali5.trace(ali5.load("lenet5", device="cpu"), open_sample("digit-3"))
    for step in ("S2", "F6", "output"):
        with pytest.raises(NoWayBack, match=r"step 'tanh\d': it lets negative values through"):
            deconvolve(lenet, step, 0)
    assert deconvolve(lenet, "C1", 0).stages[-1].kind == "filter"  # only filters lie behind it
    with pytest.raises(NoWayBack, match="'softmax': every share depends on all scores"):
        deconvolve(trace_of("zfnet"), "softmax", 0)
    bent = ali5.trace(ali5.wrap(Loose("bend"), size=16), torch.randn(1, 3, 16, 16))
    with pytest.raises(NoWayBack, match=r"'gelu': the method knows of one bend only, the ReLU\. "):
        deconvolve(bent, "last", 0)
    module = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1, padding_mode="reflect"), nn.Flatten())
    reflecting = ali5.trace(ali5.wrap(module, size=8), torch.randn(1, 3, 8, 8))
    with pytest.raises(NoWayBack, match="step '0': it pads its maps with “reflect”"):
        deconvolve(reflecting, "0", 0)


def test_units_that_do_not_exist_are_refused_with_what_is_possible() -> None:
    trace = trace_of("zfnet")
    assert "channels 0 to 159, not 160" in refusal(trace, "conv5", 160)
    assert "rows 0 to 7 and columns 0 to 7" in refusal(trace, "conv5", 0, 8, 0)
    assert "row and column, or neither" in refusal(trace, "conv5", 0, 3)
    assert "Did you mean 'conv5'" in refusal(trace, "conv55", 0)


def test_values_that_are_no_numbers_break_nothing() -> None:
    network = ali5.load("zfnet", "compact", device="cpu")
    image = network.prepare(open_sample("cat"))
    image[0, 0, 10, 10] = math.nan
    image[0, 1, 40, 40] = math.inf
    trace = ali5.trace(network, image)
    found = deconvolve(trace, "conv2", 4)  # some units see neither
    assert math.isfinite(found.value)
    maps = trace["conv2"].output[0, 4]
    assert found.value == float(maps[maps.isfinite()].max())
    row, column = divmod(int(maps.isnan().flatten().int().argmax()), maps.shape[1])
    assert "not a finite number" in refusal(trace, "conv2", 4, row, column)


def test_the_strongest_unit_is_taken_and_a_silent_one_sends_nothing() -> None:
    trace = trace_of("zfnet")
    maps = trace["relu3"].output[0]
    channel, *silent = (maps == 0).nonzero()[0].tolist()
    found = deconvolve(trace, "relu3", channel)
    assert found.value == float(maps[channel].max())
    assert not deconvolve(trace, "relu3", channel, *silent).reconstruction.any()


def test_several_at_once_leave_the_network_as_it_is() -> None:
    trace = trace_of("resnet18")
    before: Mapping[str, Tensor] = {
        name: value.clone() for name, value in trace.network.module.state_dict().items()
    }
    alone = [deconvolve(trace, "layer3.0.conv1", channel).reconstruction for channel in range(6)]
    found: dict[int, Tensor] = {}

    def run(channel: int) -> None:
        found[channel] = deconvolve(trace, "layer3.0.conv1", channel).reconstruction

    threads = [threading.Thread(target=run, args=(channel,)) for channel in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[channel], alone[channel]) for channel in range(6))
    after = trace.network.module.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not any(value.requires_grad for value in trace.network.module.parameters())
