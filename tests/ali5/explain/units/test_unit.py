"""The parts of any number make what the trace holds."""

import math
import random
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import nn

import ali5
from ali5.explain import Box, Unit, effective_field, growth, path_of_winners, unit
from ali5.graph.kinds import Operation
from ali5.known.cards import bundled_weights
from tests.ali5.explain.units.made import Everything, even_padding, random_place, trace_of
from tests.ali5.explain.units.test_sums import Cut
from tests.ali5.tracing.test_own import Odd
from tests.conftest import OF_EACH_KIND, filled_quickly

KINDS = {
    Operation.INPUT: "picture",
    Operation.CONVOLUTION: "sum",
    Operation.LINEAR: "sum",
    Operation.ADDITION: "sum",
    Operation.AVERAGE_POOLING: "average",
    Operation.MAX_POOLING: "largest",
    Operation.CONCATENATION: "copy",
    Operation.FLATTEN: "copy",
    Operation.DROPOUT: "copy",
}


@pytest.mark.parametrize(("name", "edition"), OF_EACH_KIND)
def test_the_parts_of_any_number_make_what_the_trace_holds(
    name: str, edition: str, cat: Image.Image
) -> None:
    ships = bundled_weights(name, edition) is not None
    network = ali5.load(name, edition) if ships else filled_quickly(name, edition)
    torch.manual_seed(3)
    for part in network.module.modules():
        if isinstance(part, nn.BatchNorm2d) and not network.trained:  # as if it had been trained
            for values in (part.running_mean, part.bias):
                values.normal_(0, 0.1)
            for values in (part.running_var, part.weight):
                values.uniform_(0.7, 1.4)
    trace, seed = ali5.trace(network, cat), random.Random(name + edition)
    for step in trace.steps:
        for _ in range(2 if edition == "compact" else 1):
            found = unit(trace, step.name, *random_place(step, seed))
            check_parts(trace, found)
            check_field(trace, found)
            if found.foldable:
                place = found.channel, found.row, found.column
                folded = unit(trace, step.name, *place, fold=True)
                check_parts(trace, folded)
                assert folded.kind == "sum"
                assert folded.bias is not None


def check_parts(trace: ali5.Trace, found: Unit) -> None:
    """The total is the traced value, the parts make the total, and nothing is made up."""
    step = trace[found.step]
    if not found.folded:
        assert found.kind == KINDS.get(found.operation, "function"), found
    size = abs(found.value) + float(found.contributions.abs().sum())
    assert abs(found.total - found.value) <= 1e-4 * abs(found.value) + 1e-6 * size, found

    assert len(found.terms) == len(found.contributions)
    for term in (*found.terms[:2], *found.ranked()[:2]):
        source = trace[term.source].output[0]
        assert term.patch.shape == (len(term.rows), len(term.columns))
        height, width = (*source.shape[1:], 1, 1)[:2]
        for i, row in enumerate(term.rows):
            for j, column in enumerate(term.columns):
                inside = 0 <= row < height and 0 <= column < width
                outside = -math.inf if found.kind == "largest" else 0.0
                place = (term.channel, row, column)[: source.ndim]
                assert float(term.patch[i, j]) == (float(source[place]) if inside else outside)
        if term.weights is not None:
            product = float((term.patch * term.weights).sum())
            assert term.contribution == pytest.approx(product, rel=1e-9, abs=1e-12)
    amounts = [abs(term.contribution) for term in found.ranked()]
    assert amounts == sorted(amounts, reverse=True)

    if found.kind in ("sum", "average"):
        assert found.running(found.ranked())[-1] == pytest.approx(found.total, rel=1e-6, abs=1e-9)
    elif found.kind == "largest":
        assert found.winner is not None
        winner = float(trace[step.inputs[0]].output[(0, found.channel, *found.winner)])
        assert winner == found.value == float(found.patches.max())
    elif found.kind == "copy":
        assert found.terms[0].contribution == found.value
    else:
        assert found.stages[-1].value == found.total
    if found.operation is Operation.CONVOLUTION or found.operation is Operation.LINEAR:
        assert step.weight is not None
        assert found.weights is not None
        assert torch.equal(found.weights.flatten(), step.weight[found.channel].flatten().double())
        assert (found.bias is None) == (step.bias is None)


def check_field(trace: ali5.Trace, found: Unit) -> None:
    """The field is that of the usual formula, or smaller where one unit's own way is known."""
    step = trace[found.step]
    usual = step.receptive_field.box(found.row, found.column)
    assert found.receptive_field.around(Box(*usual)) == usual
    before = trace.steps[: [each.name for each in trace.steps].index(step.name) + 1]
    joined = any(each.operation is Operation.CONCATENATION for each in before)
    if step.output.ndim == 4 and not joined:
        assert found.receptive_field == usual
    height, width = trace.image.shape[2:]
    inside = found.receptive_field.clip(height, width)
    assert found.seen.around(inside) == inside


@even_padding
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_windows_of_every_kind_are_explained(mode: str) -> None:
    trace, seed = trace_of(Everything(mode), torch.randn(1, 3, 17, 13)), random.Random(mode)
    for step in trace.steps:
        for _ in range(12):
            found = unit(trace, step.name, *random_place(step, seed))
            assert found.kind != "other", found
            assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-6), found
            field = effective_field(trace, step.name, found.channel, found.row, found.column)
            field[slice(*found.seen[::2]), slice(*found.seen[1::2])] = 0
            assert not field.any(), found


def test_a_pixel_tells_how_it_was_normalised(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), cat)
    found = unit(trace, "input", 0, 5, 6)
    assert 0 <= found.stages[0].value <= 1
    assert found.terms == ()
    assert found.receptive_field == found.seen == (5, 6, 6, 7)


@even_padding
@pytest.mark.parametrize("readable", [True, False])
def test_steps_that_were_written_down_are_explained_too(readable: bool) -> None:
    if readable:
        trace = trace_of(Everything())
    else:
        trace = trace_of(Odd(), size=16)
        assert not trace.network.readable
    seed = random.Random(1)
    for step in trace.steps:
        place = random_place(step, seed)
        found = unit(trace, step.name, *place)
        assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-6)
        field = effective_field(trace, step.name, *place)
        image = trace.image.clone().requires_grad_()
        if step.name == trace.steps[-1].inputs[0]:
            expected = torch.autograd.grad(trace.network.module(image)[(0, *place)], image)
            assert torch.allclose(field, expected[0][0].abs().sum(0), atol=1e-7)
        field[slice(*found.seen[::2]), slice(*found.seen[1::2])] = 0
        assert not field.any(), found
    assert unit(trace, "relu_2" if not readable else "silu", 0).kind == "function"


def test_what_is_not_known_is_shown_without_a_sum() -> None:
    trace = trace_of(Cut())
    written = ali5.trace(replace(trace.network, readable=False), trace.image.clone())
    found = unit(written, "conv", 1, 2, 3)  # a convolution, but not of these weights
    assert (found.kind, found.terms, found.inputs) == ("other", (), ("input",))
    assert found.total == found.value == unit(trace, "conv.conv2d", 1, 2, 3).value
    assert (
        found.note == "Step 'conv' does more than convolution, so its number cannot be taken apart."
    )
    assert found.receptive_field == (2, 3, 5, 6)
    unknown = unit(trace, "mul", 1, 2, 3)
    assert unknown.note.startswith("What step 'mul' does is not known here")
    assert unknown.receptive_field == (0, 0, 12, 12)


@even_padding
@pytest.mark.parametrize("kept", [None, 0.0, -1.0])
def test_numbers_that_are_none_break_nothing(kept: float | None) -> None:
    image = torch.randn(1, 3, 12, 12)
    image[0, 0, 3, 3], image[0, 1, 7, 7] = math.nan, math.inf
    module = (
        Everything()
        if kept is None
        else nn.Sequential(
            nn.BatchNorm2d(3, eps=0.0),
            nn.LocalResponseNorm(3, alpha=-9.0),
            nn.Flatten(),
            nn.Softmax(1),
        )
    )
    if kept is not None:
        module[0].running_var.fill_(kept)
    trace = trace_of(module, image)
    seed = random.Random(2)
    for step in trace.steps:
        for _ in range(4):
            channel, row, column = (*random_place(step, seed), 0, 0)[:3]
            found = unit(trace, step.name, channel, row, column)
            assert len(found.ranked()) == len(found.terms)
            assert found.running() is not None
            assert path_of_winners(trace, step.name, channel, row, column)


def test_what_does_not_exist_is_refused_with_a_sentence(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), cat)
    for ask in (unit, effective_field, path_of_winners):
        with pytest.raises(ali5.Ali5Error, match="channel may be 0 to 5 at step 'C1', not 6"):
            ask(trace, "C1", 6, 0, 0)
        with pytest.raises(ali5.Ali5Error, match="row may be 0 to 27 at step 'C1', not -1"):
            ask(trace, "C1", 0, -1, 0)
        with pytest.raises(ali5.Ali5Error, match="column may be 0 to 0 at step 'F6', not 1"):
            ask(trace, "F6", 0, 0, 1)
        with pytest.raises(ali5.UnknownName, match="Did you mean 'C1'"):
            ask(trace, "c1", 0, 0, 0)
    with pytest.raises(ali5.Ali5Error, match="row may be 0 to 27"):
        growth(trace, "C1", 28, 0)
    with pytest.raises(AttributeError, match="no attribute 'units_'"):
        ali5.explain.units_  # noqa: B018
    assert replace(trace.network).readable
