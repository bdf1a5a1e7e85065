"""The numbers about channels, held to laws and to cases worked out by hand."""

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import Tensor, nn

import ali5
from ali5.errors import Ali5Error
from ali5.graph.kinds import Operation
from ali5.pictures.samples import open_sample
from ali5.tracing.channels import (
    Channels,
    channel_contributions,
    count_values,
    describe_channels,
    order_by,
    order_by_similarity,
)
from ali5.tracing.filters import input_contributions
from ali5.tracing.gradients import logit_gradient
from tests.conftest import COMPACT


@functools.cache
def any_trace() -> ali5.Trace:
    return ali5.trace(ali5.load("alexnet"), open_sample("cat"))


@pytest.fixture
def trace() -> ali5.Trace:
    return any_trace()


def described(trace: ali5.Trace, values: Tensor, name: str = "conv1") -> Channels:
    return describe_channels(trace, replace(trace[name], output=values))


def maps(*channels: list[list[float]]) -> Tensor:
    return torch.tensor(channels, dtype=torch.float32)[None]


def test_two_small_maps_by_hand(trace: ali5.Trace) -> None:
    found = described(trace, maps([[0, 3], [0, 0]], [[2, -2], [-2, 2]]))
    assert found.strength.tolist() == [0.75, 2]
    assert found.spread.tolist() == pytest.approx([math.sqrt(27) / 4, 2])
    assert found.active.tolist() == [0.25, 1]  # beyond a tenth of 3
    assert found.sparsity.tolist() == [1, 0]  # one value alone; all equal in magnitude
    assert found.dead.tolist() == [False, False]
    assert list(zip(found.row, found.column, found.strongest, strict=True)) == [
        (0, 1, 3),
        (0, 0, 2),
    ]
    assert found.saturated is None


def test_sparsity_is_hoyers(trace: ali5.Trace) -> None:
    # sqrt(4) = 2, L1 = 7, L2 = 5: (2 - 7 / 5) / (2 - 1)
    found = described(trace, maps([[3, 0], [4, 0]], [[3e30, 0], [4e30, 0]]))
    assert found.sparsity.tolist() == pytest.approx([0.6, 0.6])


def test_only_what_is_above_zero_is_active_after_a_relu(trace: ali5.Trace) -> None:
    found = described(trace, maps([[0, 1e-6], [0, 1000]]))
    assert found.active.tolist() == [0.5]
    found = described(trace, maps([[-1, 1e-6], [0, 1000]]))
    assert found.active.tolist() == [0.25]


def test_dead_channels_say_the_same_everywhere(trace: ali5.Trace) -> None:
    found = described(trace, maps([[0, 0]], [[2, 2]], [[0, 1]], [[math.inf, math.inf]]))
    assert found.dead.tolist() == [True, True, False, False]
    assert described(trace, torch.tensor([[0.0, 2.0]])).dead.tolist() == [True, False]
    assert math.isnan(found.sparsity[0])


def test_a_constant_map_has_no_spread(trace: ali5.Trace) -> None:
    assert described(trace, torch.full((1, 2, 7, 9), 914.3)).spread.tolist() == [0, 0]


def test_what_is_not_finite_is_left_out(trace: ali5.Trace) -> None:
    found = described(trace, maps([[math.nan, 1], [-3, math.inf]], [[math.nan] * 2] * 2))
    assert found.finite.tolist() == [0.5, 0]
    assert found.strength.tolist() == [2, 0]
    assert found.spread.tolist() == [2, 0]
    assert found.strongest.tolist() == [-3, 0]
    assert found.active.tolist() == [1, 0]
    assert not found.dead.any()


@settings(deadline=None, max_examples=50)
@given(values=hnp.arrays(np.float32, (3, 4, 5), elements=st.floats(-1e3, 1e3, width=32)))
def test_statistics_are_numpys(values: np.ndarray) -> None:
    found = described(any_trace(), torch.from_numpy(values)[None])
    flat = values.reshape(3, -1).astype(np.float64)
    assert found.strength == pytest.approx(np.abs(flat).mean(1), rel=1e-4, abs=1e-30)
    assert found.spread == pytest.approx(flat.std(1), rel=1e-3, abs=1e-18)
    assert (found.strongest == values[range(3), found.row, found.column]).all()
    assert (np.abs(found.strongest) == np.abs(flat).max(1)).all()
    assert ((found.sparsity >= 0) & (found.sparsity <= 1) | np.isnan(found.sparsity)).all()


def test_a_tanh_is_saturated_near_its_own_bounds(trace: ali5.Trace) -> None:
    tanh = replace(trace["conv1"], operation=Operation.TANH, settings={})
    values = maps([[0.96, -0.96], [0.94, 0]])
    found = describe_channels(trace, replace(tanh, output=values))
    assert found.saturated is not None
    assert found.saturated.tolist() == [0.5]
    lenet = ali5.trace(ali5.load("lenet5"), open_sample("digit-3"))
    step = next(step for step in lenet.steps if step.operation == "tanh")
    scaled = describe_channels(lenet, step).saturated
    amplitude = step.settings["amplitude"]
    expected = (step.output[0].abs() > 0.95 * amplitude).flatten(1).float().mean(1)
    assert scaled is not None
    assert scaled.tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    ("activation", "near"),
    [
        (nn.Sigmoid(), lambda v: (v > 0.975) | (v < 0.025)),
        (nn.Hardtanh(), lambda v: v.abs() > 0.95),
        (nn.ReLU(), None),
        (nn.GELU(), None),
    ],
)
def test_saturation_is_known_where_there_are_two_bounds(activation: nn.Module, near) -> None:
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.bend = nn.Conv2d(3, 4, 3), activation
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.bend(9 * self.conv(x)).mean((2, 3)))

    torch.manual_seed(3)
    trace = ali5.trace(ali5.wrap(Small(), size=16), open_sample("cat"))
    found = describe_channels(trace, trace["bend"]).saturated
    if near is None:
        assert found is None
    else:
        assert found is not None
        share = near(trace["bend"].output[0]).flatten(1).float().mean(1)
        assert 0 < share.sum() < 4
        assert found.tolist() == pytest.approx(share.tolist())


def test_largest_first_equal_ones_by_index_and_nan_last() -> None:
    assert order_by(np.float32([1, math.nan, 3, 1, 3])).tolist() == [2, 4, 0, 3, 1]


def test_similar_channels_become_neighbours(trace: ali5.Trace) -> None:
    values = maps([[1, 0, 0]], [[0, 0, 9]], [[0, 0, 0]], [[2, 1, 0]], [[0, 1, 8]], [[0, 3, 1]])
    step = replace(trace["conv1"], output=values)
    assert order_by_similarity(step).tolist() == [1, 4, 5, 3, 0, 2]


def test_the_chain_goes_on_to_the_most_similar_of_those_left(trace: ali5.Trace) -> None:
    step = trace["conv2"]
    order = order_by_similarity(step).tolist()
    assert sorted(order) == list(range(step.shape[1]))
    flat = step.output[0].flatten(1).double()
    for at, channel in enumerate(order[:-1]):
        likeness = F.cosine_similarity(flat[channel][None], flat[order[at + 1 :]])
        assert likeness[0] >= likeness.max() - 1e-5


@pytest.mark.parametrize("name", COMPACT)
def test_contributions_before_the_average_are_weight_times_mean(name: str) -> None:
    picture = open_sample("digit-3" if name == "lenet5" else "cat")
    trace = ali5.trace(ali5.load(name, "compact"), picture)
    last = trace[trace.steps[-1].inputs[0]]
    class_ = int(last.output[0].argmax())
    pooled = [s for s in trace.steps if s.operation == "average pooling" and s.shape[2:] == (1, 1)]
    step = trace[pooled[-1].inputs[0]] if pooled else trace[last.inputs[0]]
    means = step.output[0].reshape(step.shape[1], -1).mean(1)
    assert last.weight is not None
    expected = (last.weight[class_] * means).numpy()
    found = channel_contributions(trace, step)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    bias = 0.0 if last.bias is None else float(last.bias[class_])
    assert found.sum() + bias == pytest.approx(float(last.output[0, class_]), rel=1e-4)


@pytest.mark.parametrize("name", COMPACT)
def test_the_gradient_of_every_step_is_pytorchs(name: str) -> None:
    network = ali5.load(name, "compact")
    picture = open_sample("digit-3" if name == "lenet5" else "cat")
    trace = ali5.trace(network, picture)
    image = trace.image.clone().requires_grad_()
    values = {}
    with torch.enable_grad():
        for planned, value in network.plan.execute(image):
            if isinstance(value, Tensor) and value.requires_grad:
                values[planned.name] = value
        logits = values[trace.steps[-1].inputs[0]]
        chosen = [s for s in trace.steps[:-1] if s.name in values][:: max(1, len(trace.steps) // 5)]
        expected = torch.autograd.grad(logits[0, 1], [values[s.name] for s in chosen])
    for step, gradient in zip(chosen, expected, strict=True):
        found = logit_gradient(trace, step, 1)
        assert torch.allclose(found, gradient, rtol=1e-3, atol=1e-4 * float(gradient.abs().max()))
        assert not found.requires_grad
    assert all(p.grad is None and not p.requires_grad for p in network.module.parameters())


def test_what_cannot_be_run_again_is_refused_with_a_sentence(trace: ali5.Trace) -> None:
    with pytest.raises(Ali5Error, match="comes after the logits"):
        channel_contributions(trace, trace.steps[-1])
    with pytest.raises(Ali5Error, match="There is no class 999"):
        channel_contributions(trace, trace["conv1"], 999)

    class Moody(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 3)

        def forward(self, x: Tensor) -> Tensor:
            x = self.conv(x)
            return x.mean((2, 3)) if x.sum() > 0 else x.amax((2, 3))

    own = ali5.trace(ali5.wrap(Moody(), size=16), open_sample("cat"))
    with pytest.raises(Ali5Error, match="there are no gradients"):
        channel_contributions(own, own["conv"])
    found = input_contributions(own, own["conv"], 1)
    assert float(found.sum() + own["conv"].bias[1]) == pytest.approx(
        float(own["conv"].output[0, 1].mean()), rel=1e-4
    )


def test_a_branch_that_leads_nowhere_contributes_nothing() -> None:
    class Branch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(3, 2, 3), nn.Conv2d(3, 2, 3)

        def forward(self, x: Tensor) -> Tensor:
            self.one(x)
            return self.two(x).mean((2, 3))

    trace = ali5.trace(ali5.wrap(Branch(), size=16), open_sample("cat"))
    assert channel_contributions(trace, trace["one"]).tolist() == [0, 0]


def test_the_histogram_is_numpys(trace: ali5.Trace) -> None:
    for name in ("input", "conv1", "relu1", "fc6", "softmax"):
        step = trace[name]
        found = count_values(step, 20)
        flat = step.output[0].reshape(step.shape[1], -1).double().numpy()
        expected = [np.histogram(row, found.edges)[0] for row in flat]
        # A value within rounding of an edge may fall on either side of it.
        assert np.abs(found.counts - expected).sum() <= 1e-4 * flat.size
        assert found.counts.sum() == flat.size
        assert found.zeros == (flat == 0).sum()


def test_zero_is_an_edge_between_negative_and_positive_values(trace: ali5.Trace) -> None:
    values = maps([[-1, -1e-12, 0, 2.9]], [[math.nan, 0.5, 1e-12, math.inf]])
    found = count_values(replace(trace["conv1"], output=values), 4)
    zero = found.edges.tolist().index(0)
    assert found.counts[:, :zero].sum(1).tolist() == [2, 0]
    assert found.counts[:, zero:].sum(1).tolist() == [2, 2]
    assert (found.zeros, found.not_finite) == (1, 2)
    assert found.edges[0] <= -1
    assert found.edges[-1] >= 2.9


@pytest.mark.parametrize("value", [0.0, -2.0, 5.0])
def test_a_constant_step_has_one_bin(trace: ali5.Trace, value: float) -> None:
    found = count_values(replace(trace["conv1"], output=torch.full((1, 2, 2, 2), value)))
    assert found.counts.tolist() == [[4], [4]]
    assert found.edges[0] < value < found.edges[1]


@pytest.mark.parametrize("name", COMPACT)
def test_what_the_kernels_add_is_the_mean_of_the_map(name: str) -> None:
    picture = open_sample("digit-3" if name == "lenet5" else "cat")
    trace = ali5.trace(ali5.load(name, "compact"), picture)
    layers = [s for s in trace.steps if s.operation in ("convolution", "linear")]
    assert layers
    for step in layers:
        channel = step.shape[1] - 1
        found = input_contributions(trace, step, channel)
        bias = 0.0 if step.bias is None else float(step.bias[channel])
        mean = float(step.output[0, channel].double().mean())
        size = float(found.abs().sum()) + abs(bias)
        assert float(found.sum()) + bias == pytest.approx(mean, abs=1e-5 * size + 1e-6)


@pytest.mark.parametrize(
    "how",
    [
        {"stride": 2, "padding": 1},
        {"padding": "same", "dilation": 2, "kernel_size": (4, 2)},
        {"groups": 2, "padding": (2, 0), "kernel_size": (5, 1)},
        {"padding": 2, "padding_mode": "reflect"},
        {"padding": 1, "padding_mode": "circular", "stride": (1, 3), "bias": False},
    ],
)
def test_each_kernel_adds_the_mean_of_its_own_convolution(how: dict[str, object]) -> None:
    torch.manual_seed(1)
    conv = nn.Conv2d(**{"in_channels": 4, "out_channels": 6, "kernel_size": 3, **how})  # type: ignore[arg-type]
    conv.requires_grad_(False)

    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.conv = nn.Conv2d(3, 4, 1), conv

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(self.first(x)).mean((2, 3))

    trace = ali5.trace(ali5.wrap(Odd(), size=17), open_sample("cat"))
    step, given = trace["conv"], trace["first"].output.clone()
    groups = step.settings["groups"]
    for channel in (0, 5):
        found = input_contributions(trace, step, channel)
        for number, added in enumerate(found.tolist()):
            seen = channel // (6 // groups) * (4 // groups) + number
            alone = torch.zeros_like(given)
            alone[:, seen] = given[:, seen]
            with torch.no_grad():
                bare = conv(alone)[0, channel]
            expected = float(bare.mean()) - (0 if conv.bias is None else float(conv.bias[channel]))
            assert added == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_weights_that_are_not_what_is_multiplied_are_refused(trace: ali5.Trace) -> None:
    step = trace["conv2"]
    other = replace(step, weight=step.weight + 0.01)
    with pytest.raises(Ali5Error, match="no kernel's part in it is known"):
        input_contributions(trace, other, 0)
    with pytest.raises(Ali5Error, match="has no filters"):
        input_contributions(trace, trace["relu1"], 0)
    with pytest.raises(Ali5Error, match="There is no channel 999"):
        input_contributions(trace, step, 999)
