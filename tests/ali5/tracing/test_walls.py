"""Bytes on the wall stand for the values of the tensor."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from torch import Tensor

import ali5
from ali5.tracing.walls import (
    LEVELS,
    MAX_WALL_BYTES,
    MINUS_INFINITY,
    NAN,
    PLUS_INFINITY,
    Scale,
    draw_kernels,
    draw_strongest,
    draw_wall,
    maps_of,
    network_scale,
    step_scale,
    vector_columns,
)


@pytest.fixture(scope="module")
def trace() -> ali5.Trace:
    from ali5.pictures.samples import open_sample

    return ali5.trace(ali5.load("alexnet"), open_sample("cat"))


def step_with(trace: ali5.Trace, output: Tensor) -> ali5.Step:
    return replace(trace["conv1"], output=output)


FLOATS = st.floats(-1e6, 1e6, width=32)


@settings(deadline=None, max_examples=200)
@given(
    values=hnp.arrays(np.float32, (3, 4, 5), elements=FLOATS),
    scope=st.sampled_from(["channel", "step"]),
)
def test_codes_give_back_the_values_to_half_a_level(trace, values, scope) -> None:
    wall = draw_wall(step_with(trace, torch.from_numpy(values)[None]), scope)
    for channel in range(3):
        scale = wall.scale_of(channel)
        part = values[channel] if scope == "channel" else values
        assert (scale.minimum, scale.maximum) == (part.min(), part.max())
        found = scale.decode(wall.codes[channel])
        step = (scale.high - scale.low) / LEVELS
        assert np.abs(found - values[channel]).max() <= step * 0.5001 + 1e-6 * scale.high
        assert wall.strengths[channel] == pytest.approx(np.abs(values[channel]).mean(), rel=1e-4)


def test_zero_is_in_the_middle_of_a_signed_scale(trace: ali5.Trace) -> None:
    values = torch.tensor([[[[-1.0, 0.0, 3.0]]]])
    wall = draw_wall(step_with(trace, values))
    assert wall.codes[0, 0].tolist() == [84, 126, 252]
    assert (wall.scales[0].low, wall.scales[0].high) == (-3, 3)


def test_zero_is_the_first_code_of_an_unsigned_scale(trace: ali5.Trace) -> None:
    wall = draw_wall(step_with(trace, torch.tensor([[[[0.0, 1.0, 2.0]]]])))
    assert wall.codes[0, 0].tolist() == [0, 126, 252]


@pytest.mark.parametrize("value", [-2.0, 0.0, 7.0])
def test_a_constant_map_is_in_the_middle(trace: ali5.Trace, value: float) -> None:
    wall = draw_wall(step_with(trace, torch.full((1, 2, 3, 3), value)))
    assert (wall.codes == LEVELS // 2).all()
    assert (wall.scales[0].decode(wall.codes) == value).all()


def test_nan_and_infinities_are_marked(trace: ali5.Trace) -> None:
    values = torch.tensor([[[[math.nan, math.inf, -math.inf, -1.0, 1.0]]]])
    wall = draw_wall(step_with(trace, values))
    assert wall.codes[0, 0].tolist() == [NAN, PLUS_INFINITY, MINUS_INFINITY, 0, 252]
    assert wall.scales == (Scale(-1, 1),)
    decoded = wall.scales[0].decode(wall.codes[0, 0])
    assert np.array_equal(decoded, values[0, 0, 0].numpy(), equal_nan=True)
    nothing = draw_wall(step_with(trace, torch.full((1, 1, 2, 2), math.nan)), "channel")
    assert (nothing.codes == NAN).all()
    assert nothing.strengths.tolist() == [0]


def test_an_infinity_does_not_drown_the_strength(trace: ali5.Trace) -> None:
    wall = draw_wall(step_with(trace, torch.tensor([[[[math.inf, 1.0, -3.0]]]])))
    assert wall.strengths.tolist() == [2]


def test_values_near_the_smallest_number_keep_their_codes(trace: ali5.Trace) -> None:
    wall = draw_wall(step_with(trace, torch.tensor([[[[0.0, 1e-44, 2e-44]]]])))
    assert wall.codes[0, 0].tolist() == [0, 126, 252]


def test_shrunk_pixels_average_the_rows_that_are_named(trace: ali5.Trace) -> None:
    values = torch.rand(1, 1, 227, 227)
    wall = draw_wall(step_with(trace, values), tile=112)
    edge = wall.codes.shape[1]
    found = wall.scales[0].decode(wall.codes)[0]
    for row, column in ((0, 0), (7, 30), (edge - 1, edge - 1)):
        rows, columns = (
            slice(place * 227 // edge, math.ceil((place + 1) * 227 / edge))
            for place in (row, column)
        )
        mean = float(values[0, 0, rows, columns].mean())
        assert abs(found[row, column] - mean) < wall.scales[0].high / LEVELS


def test_broken_weights_are_marked(trace: ali5.Trace) -> None:
    for name in ("conv1", "conv3", "fc8"):
        weight = trace[name].weight.clone()
        weight.view(-1)[:3] = torch.tensor([math.nan, math.inf, -math.inf])
        wall = draw_kernels(replace(trace[name], weight=weight), 0)
        assert wall is not None
        codes = wall.codes.transpose(0, 3, 1, 2) if name == "conv1" else wall.codes
        assert codes.ravel()[:3].tolist() == [NAN, PLUS_INFINITY, MINUS_INFINITY]
        assert math.isfinite(wall.scales[0].high)


def test_impossible_scopes_are_refused(trace: ali5.Trace) -> None:
    with pytest.raises(ali5.Ali5Error, match="needs its trace"):
        draw_wall(trace["conv1"], "network")
    with pytest.raises(ali5.UnknownName, match="Did you mean 'channel'"):
        draw_wall(trace["conv1"], "chanel")


def test_large_maps_are_averaged_by_area(trace: ali5.Trace) -> None:
    values = torch.rand(1, 4, 64, 64)
    wall = draw_wall(step_with(trace, values), tile=16)
    assert wall.codes.shape == (4, 16, 16)
    assert wall.size == (64, 64)
    means = values[0].reshape(4, 16, 4, 16, 4).mean((2, 4)).numpy()
    found = wall.scales[0].decode(wall.codes)
    assert np.abs(found - means).max() < wall.scales[0].high / LEVELS
    assert wall.scales[0].maximum == float(values.max())  # of the whole maps, not of the averages


@pytest.mark.parametrize("shape", [(1, 2048, 7, 7), (1, 512, 28, 28), (1, 64, 224, 224)])
def test_walls_stay_small(trace: ali5.Trace, shape: tuple[int, ...]) -> None:
    assert draw_wall(step_with(trace, torch.rand(shape))).codes.nbytes <= MAX_WALL_BYTES


def test_the_scale_of_a_step_is_the_range_of_its_tensor(trace: ali5.Trace) -> None:
    for step in trace.steps:
        scale = draw_wall(step).scales[0]
        assert scale == step_scale(step)
        assert scale.minimum == float(step.output.min())
        assert scale.maximum == float(step.output.max())


def test_the_scale_of_a_network_spans_all_steps(
    trace: ali5.Trace,
) -> None:
    wall = draw_wall(trace["conv1"], "network", trace)
    inner = [step.output for step in trace.steps]
    assert wall.scales == (network_scale(trace),)
    assert wall.scales[0].minimum == min(float(o.min()) for o in inner)
    assert wall.scales[0].maximum == max(float(o.max()) for o in inner)


@given(st.integers(1, 30_000))
def test_a_vector_fills_its_map_row_by_row(count: int) -> None:
    vector = torch.arange(count, dtype=torch.float32)[None]
    cells = maps_of(vector).flatten()
    assert torch.equal(cells[:count], vector[0])
    assert cells[count:].isnan().all()
    assert len(cells) - count < vector_columns(count)


def test_the_strongest_channels_come_first(trace: ali5.Trace) -> None:
    output = trace["relu5"].output[0]
    best = output.abs().mean((1, 2)).topk(4)
    wall = draw_strongest(trace["relu5"], 4, 48)
    assert np.allclose(wall.strengths, best.values.numpy(), rtol=1e-5)
    assert wall.channels is not None
    assert wall.channels.tolist() == best.indices.tolist()
    decoded = wall.scales[0].decode(wall.codes)
    half = wall.scales[0].high / LEVELS
    assert np.abs(decoded - output[best.indices].numpy()).max() <= half


def test_first_layer_filters_are_colour_pictures(trace: ali5.Trace) -> None:
    step = trace["conv1"]
    wall = draw_kernels(step, 0)
    assert wall is not None
    assert wall.codes.shape == (64, 7, 7, 3)
    weight = step.weight.permute(0, 2, 3, 1).numpy()
    half = wall.scales[0].high / LEVELS
    assert np.abs(wall.scales[0].decode(wall.codes) - weight).max() <= half * 1.001


def test_deeper_layers_show_the_kernels_of_one_filter(trace: ali5.Trace) -> None:
    step = trace["conv4"]
    wall = draw_kernels(step, 9)
    assert wall is not None
    assert wall.codes.shape == (128, 3, 3)  # two groups: half of the 256 channels
    half = wall.scales[0].high / LEVELS
    found = wall.scales[0].decode(wall.codes)
    assert np.abs(found - step.weight[9].numpy()).max() <= half * 1.001
    assert wall.scales[0].maximum == float(step.weight.max())


def test_a_fully_connected_layer_shows_the_weights_of_one_unit(trace: ali5.Trace) -> None:
    step = trace["fc8"]
    wall = draw_kernels(step, 3)
    assert wall is not None
    found = wall.scales[0].decode(wall.codes[0]).ravel()[:640]
    assert np.abs(found - step.weight[3].numpy()).max() <= wall.scales[0].high / LEVELS
    assert draw_kernels(trace["pool1"], 0) is None
    assert (
        draw_kernels(ali5.trace(ali5.load("resnet18"), Image.new("RGB", (9, 9)))["bn1"], 0) is None
    )


def test_a_grey_first_layer_shows_all_its_kernels(digit: Image.Image) -> None:
    step = ali5.trace(ali5.load("lenet5"), digit)["C1"]
    wall = draw_kernels(step, 5)
    assert wall is not None
    assert wall.codes.shape == (6, 5, 5)
