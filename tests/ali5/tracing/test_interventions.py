"""Laws of changing a network on its way: what is muted weighs nothing, what is undone is undone."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.graph.kinds import Operation
from ali5.tracing import interventions
from ali5.tracing.interventions import (
    MAX_INTERVENTIONS,
    Intervention,
    Part,
    answers,
    effects,
    intervene,
    parts_of,
)
from ali5.tracing.own import wrap
from tests.conftest import COMPACT, loaded

KINDS = ("mute", "keep", "double", "invert")


def trace_of(name: str, image: Image.Image) -> ali5.Trace:
    return ali5.trace(loaded(name), image)


def outputs_of(trace: ali5.Trace) -> dict[str, Tensor]:
    return {step.name: step.output for step in trace.steps}


def assert_same(one: ali5.Trace, other: ali5.Trace) -> None:
    assert outputs_of(one).keys() == outputs_of(other).keys()
    for name, output in outputs_of(one).items():
        assert torch.equal(output, other[name].output), name


def first(trace: ali5.Trace, operation: Operation) -> ali5.Step:
    return next(step for step in trace.steps if step.operation is operation)


def with_weights(trace: ali5.Trace, change: object) -> ali5.Network:
    """A copy of the network whose module `change` was called with."""
    module = copy.deepcopy(trace.network.module)
    with torch.no_grad():
        change(module)  # type: ignore[operator]
    return replace(trace.network, module=module)


@pytest.mark.parametrize("name", COMPACT)
def test_nothing_is_left_behind(name: str, cat: Image.Image) -> None:
    trace = trace_of(name, cat)
    kept = {key: output.clone() for key, output in outputs_of(trace).items()}
    state = {key: value.clone() for key, value in trace.network.module.state_dict().items()}
    assert intervene(trace, ()) is trace
    for step in trace.steps[:-1:5]:
        for kind in KINDS:
            intervene(trace, [Intervention(step.name, kind, (0,))])
    for part in parts_of(trace):
        intervene(trace, [part.intervention("mute")])
    for key, output in outputs_of(trace).items():
        assert torch.equal(output, kept[key]), key
    for key, value in trace.network.module.state_dict().items():
        assert torch.equal(value, state[key]), key
    assert_same(ali5.trace(trace.network, cat), trace)


@pytest.mark.parametrize("name", COMPACT)
def test_a_change_is_what_the_definition_says_and_goes_on_from_there(
    name: str, cat: Image.Image
) -> None:
    trace = trace_of(name, cat)
    step = first(trace, Operation.CONVOLUTION)
    before = step.output
    for kind, expected in (
        ("mute", lambda x: x * 0),
        ("double", lambda x: x + x),
        ("invert", lambda x: -x),
    ):
        changed = intervene(trace, [Intervention(step.name, kind, (1, 3))])
        output = changed[step.name].output
        assert torch.equal(output[:, [1, 3]], expected(before[:, [1, 3]]))
        rest = [i for i in range(before.shape[1]) if i not in (1, 3)]
        assert torch.equal(output[:, rest], before[:, rest])
        # The rest of the way is that of a network whose step gives this.
        assert not torch.equal(changed.steps[-1].output, trace.steps[-1].output)
        names = [each.name for each in trace.steps]
        for earlier in names[: names.index(step.name)]:
            assert changed[earlier] is trace[earlier]


@pytest.mark.parametrize("name", COMPACT)
def test_muting_a_filter_s_map_is_setting_its_weights_and_bias_to_zero(
    name: str, cat: Image.Image
) -> None:
    trace = trace_of(name, cat)
    step = [each for each in trace.steps if each.operation is Operation.CONVOLUTION][1]
    path = next(p for p in trace.network.plan.steps if p.name == step.name).parameters[0]
    home = path.rpartition(".")[0]

    def silence(module: nn.Module) -> None:
        convolution = module.get_submodule(home)
        for part in (convolution.weight, convolution.bias):
            if part is not None:
                part[2].zero_()  # type: ignore[operator, index]

    muted = intervene(trace, [Intervention(step.name, "mute", (2,))])
    assert_same(muted, ali5.trace(with_weights(trace, silence), cat))


@pytest.mark.parametrize("name", COMPACT)
def test_consumers_of_muted_channels_are_as_if_their_weights_for_these_were_zero(
    name: str, cat: Image.Image
) -> None:
    trace = trace_of(name, cat)
    reader = next(
        step
        for step in trace.steps[2:]
        if step.operation is Operation.CONVOLUTION and step.inputs != ("input",)
    )
    path = next(p for p in trace.network.plan.steps if p.name == reader.name).parameters[0]

    def cut(module: nn.Module) -> None:
        weight = module.get_parameter(path)
        group = len(weight) // reader.settings["groups"]  # the first one sees channels 0 and 2
        weight[:group, [0, 2]] = 0

    source = reader.inputs[0]
    muted = intervene(trace, [Intervention(source, "mute", (0, 2), into=reader.name)])
    expected = ali5.trace(with_weights(trace, cut), cat)
    torch.testing.assert_close(muted[reader.name].output, expected[reader.name].output)
    torch.testing.assert_close(muted.steps[-1].output, expected.steps[-1].output)
    assert muted[source] is trace[source]  # others still see it


@pytest.mark.parametrize("name", ["alexnet", "zfnet", "vgg11", "googlenet"])
def test_doubling_a_map_behind_a_relu_is_doubling_the_filter(name: str, cat: Image.Image) -> None:
    trace = trace_of(name, cat)
    relu = first(trace, Operation.RELU)
    path = next(p for p in trace.network.plan.steps if p.name == relu.inputs[0]).parameters[0]
    home = path.rpartition(".")[0]

    def double(module: nn.Module) -> None:
        convolution = module.get_submodule(home)
        convolution.weight[4] *= 2  # type: ignore[index]
        convolution.bias[4] *= 2  # type: ignore[index]

    doubled = intervene(trace, [Intervention(relu.name, "double", (4,))])
    expected = ali5.trace(with_weights(trace, double), cat)
    assert torch.equal(doubled[relu.name].output, expected[relu.name].output)
    assert torch.equal(doubled.steps[-1].output, expected.steps[-1].output)


@pytest.mark.parametrize("name", COMPACT)
def test_to_keep_some_is_to_mute_the_others_and_both_together_mute_all(
    name: str, cat: Image.Image
) -> None:
    trace = trace_of(name, cat)
    step = first(trace, Operation.CONVOLUTION)
    some = (0, 2, 5)
    others = tuple(i for i in range(step.shape[1]) if i not in some)
    keep, mute = Intervention(step.name, "keep", some), Intervention(step.name, "mute", some)
    rest = Intervention(step.name, "mute", others)
    assert_same(intervene(trace, [keep]), intervene(trace, [rest]))
    assert_same(intervene(trace, [keep, mute]), intervene(trace, [Intervention(step.name, "mute")]))
    kept, muted = (intervene(trace, [each])[step.name].output for each in (keep, mute))
    assert torch.equal(kept + muted, step.output)


def test_the_order_of_changes_makes_no_difference(cat: Image.Image) -> None:
    trace = trace_of("resnet18", cat)
    several = [
        Intervention("relu", "double", (1, 2)),
        Intervention("relu", "invert", (2, 3)),
        Intervention("layer1.0.bn2", "mute", None, "layer1.0.add"),
        Intervention("layer2.0.conv1", "keep", (0, 1, 2)),
    ]
    one, other = intervene(trace, several), intervene(trace, several[::-1])
    assert_same(one, other)
    assert torch.equal(one["relu"].output[:, 2], -2 * trace["relu"].output[:, 2])
    assert torch.equal(one["layer1.0.add"].output, one["maxpool"].output)
    twice = [Intervention("relu", "invert", (7,))] * 2
    assert_same(intervene(trace, twice), trace)


def test_muting_what_a_block_adds_leaves_the_shortcut_bit_for_bit(cat: Image.Image) -> None:
    trace = trace_of("resnet18", cat)
    parts = parts_of(trace)
    assert [part.role for part in parts] == ["residual", "shortcut"] * 8
    for one, other in zip(parts[::2], parts[1::2], strict=True):
        assert one.into == other.into
        assert one.step.endswith("bn2")
        adding = trace[one.into]
        only_x = intervene(trace, [one.intervention("mute")])
        assert torch.equal(only_x[adding.name].output, trace[other.step].output)
        assert torch.equal(only_x[one.step].output, trace[one.step].output)
        only_f = intervene(trace, [other.intervention("mute")])
        assert torch.equal(only_f[adding.name].output, trace[one.step].output)
        # To keep one is to mute the other.
        assert_same(intervene(trace, [one.intervention("keep")]), only_f)
        assert_same(intervene(trace, [other.intervention("keep")]), only_x)


def test_a_shortcut_that_is_muted_still_goes_into_the_block(cat: Image.Image) -> None:
    trace = trace_of("resnet18", cat)
    cut = intervene(trace, [Intervention("maxpool", "mute", None, "layer1.0.add")])
    assert torch.equal(cut["layer1.0.bn2"].output, trace["layer1.0.bn2"].output)
    silent = intervene(trace, [Intervention("maxpool", "mute")])
    assert not torch.equal(silent["layer1.0.bn2"].output, trace["layer1.0.bn2"].output)


def test_a_branch_is_its_channels_of_the_concatenation(cat: Image.Image) -> None:
    trace = trace_of("googlenet", cat)
    parts = parts_of(trace)
    assert len(parts) == 9 * 4
    assert {part.role for part in parts} == {"branch"}
    for part in parts[:8]:
        assert part.channels is not None
        for kind in KINDS:
            whole = intervene(trace, [part.intervention(kind)])
            channels = intervene(trace, [Intervention(part.into, kind, tuple(part.channels))])
            assert torch.equal(whole[part.into].output, channels[part.into].output)
            assert torch.equal(whole.steps[-1].output, channels.steps[-1].output)


def test_effects_are_interventions_one_by_one(cat: Image.Image) -> None:
    for name, step in (("resnet18", "layer1.0.relu"), ("googlenet", "inception3a.relu3x3")):
        trace = trace_of(name, cat)
        logits = trace.steps[-1].inputs[0]
        found = list(effects(trace, step, "mute", range(0, 32, 7)))
        assert [channel for channels, _ in found for channel in channels] == list(range(0, 32, 7))
        for channels, rows in found:
            for channel, row in zip(channels, rows, strict=True):
                alone = intervene(trace, [Intervention(step, "mute", (channel,))])
                torch.testing.assert_close(row, alone[logits].output[0], rtol=1e-4, atol=1e-4)
        assert sum(len(channels) for channels, _ in effects(trace, step)) == trace[step].shape[1]


@pytest.mark.parametrize("name", COMPACT)
def test_answers_are_those_of_one_picture_at_a_time(
    name: str, cat: Image.Image, digit: Image.Image
) -> None:
    trace = trace_of(name, cat)
    network = trace.network
    pictures = [cat, digit, cat.rotate(90)]
    prepared = torch.cat([network.prepare(image) for image in pictures])
    change = [Intervention(first(trace, Operation.CONVOLUTION).name, "mute", (0,))]
    for changes in ((), change):
        found = torch.cat(list(answers(trace, prepared, changes)))
        for image, row in zip(pictures, found, strict=True):
            alone = intervene(ali5.trace(network, image), changes)
            expected = alone[alone.steps[-1].inputs[0]].output[0]
            torch.testing.assert_close(row, expected, rtol=1e-4, atol=1e-4)
    assert torch.equal(prepared[0], trace.image[0])


@pytest.mark.filterwarnings("ignore:The memory of")
def test_running_out_of_memory_goes_on_on_the_cpu(
    cat: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = trace_of("alexnet", cat)
    step = first(before, Operation.RELU).name
    change = Intervention(step, "mute", (1,))
    prepared = before.network.prepare(cat)
    expected = intervene(before, [change])
    (logits,) = answers(before, prepared, [change])
    elsewhere = replace(before, network=replace(before.network, device=torch.device("meta")))
    run = interventions._run

    def full(plan: object, *arguments: object) -> object:
        if plan is elsewhere.network.plan:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return run(plan, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(interventions, "_run", full)
    after = intervene(elsewhere, [change])
    assert_same(after, expected)
    assert after.notes == ("The memory of META is full, so this ran on the CPU.",)
    ((_, one),) = effects(elsewhere, step, channels=[1])
    assert torch.allclose(one, logits, atol=1e-5)


def test_eight_at_once_do_not_notice_each_other(cat: Image.Image) -> None:
    trace = trace_of("resnet18", cat)
    wanted = [[Intervention("relu", kind, (i,))] for i in range(8) for kind in KINDS]
    alone = [intervene(trace, each).steps[-1].output for each in wanted]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda each: intervene(trace, each).steps[-1].output, wanted * 3))
    for one, other in zip(alone * 3, together, strict=True):
        assert torch.equal(one, other)


def test_what_is_no_number_is_muted_too(cat: Image.Image) -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.pool = nn.AdaptiveAvgPool2d(1)
            with torch.no_grad():
                self.conv.bias[1] = float("nan")  # type: ignore[index]
                self.conv.bias[2] = float("inf")  # type: ignore[index]

        def forward(self, x: Tensor) -> Tensor:
            return self.pool(self.conv(x)).flatten(1)

    trace = ali5.trace(wrap(Broken(), size=16), cat)
    assert torch.isnan(trace.steps[-1].output).any()
    muted = intervene(trace, [Intervention("conv", "mute", (1, 2))])
    assert torch.isfinite(muted.steps[-1].output).all()
    assert torch.equal(muted["conv"].output[:, 1:3], torch.zeros(1, 2, 14, 14))


def test_a_network_that_reads_a_shape_or_adds_to_itself_can_be_changed(cat: Image.Image) -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.shift = nn.Parameter(torch.randn(1, 4, 1, 1))

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            y = y + y
            y = torch.cat([y, y], 1) + self.shift.repeat(1, 2, 1, 1)
            y = y.view(y.size(0), -1)
            return y[:, :10]

    trace = ali5.trace(wrap(Odd(), size=8), cat)
    assert parts_of(trace) == ()
    muted = intervene(trace, [Intervention("conv", "mute")])
    assert not torch.equal(muted.steps[-1].output, trace.steps[-1].output)
    assert_same(intervene(muted, ()), muted)
    assert len(torch.cat(list(answers(trace, trace.image.expand(3, -1, -1, -1))))) == 3
    assert [len(rows) for _, rows in effects(trace, "conv")] == [1] * 4


def test_a_captured_network_is_refused_but_still_answers(cat: Image.Image) -> None:
    class Asks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            return (y if y.sum() > 0 else -y).mean((2, 3))

    trace = ali5.trace(wrap(Asks(), size=8), cat)
    assert not trace.network.readable
    assert parts_of(trace) == ()
    with pytest.raises(ali5.Ali5Error, match="Asks cannot be changed on the way"):
        intervene(trace, [Intervention("conv", "mute")])
    prepared = torch.cat([trace.image, trace.image / 2])
    found = torch.cat(list(answers(trace, prepared)))
    for picture, row in zip(prepared, found, strict=True):
        torch.testing.assert_close(row, trace.network.module(picture[None])[0])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Intervention("conv9", "mute"), "no step 'conv9'"),
        (Intervention("conv1", "squash"), "no kind of change 'squash'"),  # type: ignore[arg-type]
        (Intervention("conv1", "mute", ()), "No channel of 'conv1'"),
        (Intervention("conv1", "mute", (3, 32)), "no channel 32: its 32 are numbered 0 to 31"),
        (Intervention("conv1", "mute", (-1,)), "no channel -1"),
        (Intervention("conv1", "keep"), "changes nothing"),
        (Intervention("softmax", "mute", (0,)), "the answer itself"),
        (Intervention("conv1", "mute", None, "relu"), "'relu' does not read 'conv1'"),
        (Intervention("conv1", "keep", None, "bn1"), "reads nothing but 'conv1'"),
        (Intervention("conv1", "mute", None, "nowhere"), "no step 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    wrong: Intervention, words: str, cat: Image.Image
) -> None:
    trace = trace_of("resnet18", cat)
    with pytest.raises(ali5.Ali5Error, match=words):
        intervene(trace, [wrong])
    with pytest.raises(ali5.Ali5Error, match=words):
        list(answers(trace, trace.image, [wrong]))


def test_too_many_changes_are_refused(cat: Image.Image) -> None:
    trace = trace_of("lenet5", cat)
    doubled = [Intervention("C1", "double")] * MAX_INTERVENTIONS
    assert torch.isfinite(intervene(trace, doubled).steps[-1].output).all()
    with pytest.raises(ali5.Ali5Error, match="too many"):
        intervene(trace, [*doubled, Intervention("C1", "double")])


def test_channels_are_sorted_and_named_once() -> None:
    assert Intervention("a", "mute", (3, 1, 3)).channels == (1, 3)
    part = Part("residual", None, "a", "b")
    assert part.intervention("double") == Intervention("a", "double", None, "b")
