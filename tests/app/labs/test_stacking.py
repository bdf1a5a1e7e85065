"""The stacking lab without a browser: address, findings, questions marked by the engine, code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

import ali5
from ali5.labs.equivariance import agreement
from ali5.labs.stack.layers import Convolution, FirstConvolution, Layer, first_networks, read_stack
from ali5.labs.stack.photo import normalise, take_photo
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.stacking import findings as engine
from ali5.site.app.labs.stacking import settings as lab
from ali5.site.app.labs.stacking import view
from ali5.site.app.labs.stacking.settings import SENT, Settings
from ali5.site.app.labs.stacking.tasks import code_of, questions_of
from ali5.tracing.walls import Scale
from tests.ali5.labs.stack.drawn import ANY, OWN, as_modules
from tests.pages import heard, open_page, sent_to

COFFEE = Picture("coffee", open_sample("coffee"), "coffee-digest", "the coffee")


def open_lab(**choices: str) -> AppTest:
    return open_page("stacking", **choices)


def sent(at: AppTest) -> tuple[dict, bytes]:
    return sent_to(at, "stacking")


def settings_of(layers: st.SearchStrategy[Layer], most: int) -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        stack=st.lists(layers, max_size=most).map(tuple),
        size=st.integers(16, 128),
        right=st.integers(-16, 16),
        down=st.integers(-16, 16),
        turn=st.integers(-180, 180),
        blur=st.integers(0, 8).map(lambda half: half / 2),
        grey=st.booleans(),
        shuffle=st.sampled_from(lab.TILES),
        channel=st.integers(0, 63),
    ).map(lambda found: replace(found, layer=min(1, len(found.stack))))


# Narrow layers, so that hundreds of stacks can be computed.
NARROW = OWN.map(
    lambda layer: (
        replace(layer, channels=min(layer.channels, 4)) if isinstance(layer, Convolution) else layer
    )
)


@settings(max_examples=100, deadline=None)
@given(settings_of(ANY, 12), st.integers(1, 12))
def test_settings_survive_the_way_through_the_address(chosen: Settings, layer: int) -> None:
    chosen = replace(chosen, layer=min(layer, len(chosen.stack)))
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view.address, "write", lambda **choices: address.update(choices))
        view.write_settings(heard(SENT, lab.settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(view.address.st, "query_params", kept)
        assert view.read_settings() == (chosen, ())


def test_the_opening_has_an_address_without_settings() -> None:
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view.address, "write", lambda **choices: address.update(choices))
        view.write_settings(heard(SENT, lab.settings_as_sent(Settings())))
    assert not [value for value in address.values() if value is not None]


@settings(max_examples=40, deadline=None)
@given(settings_of(NARROW, 5))
def test_the_code_on_the_page_gives_what_is_on_the_screen(chosen: Settings) -> None:
    names: dict = {}
    code = code_of(chosen, COFFEE)
    exec(code, names)
    findings = engine.find(chosen, COFFEE)
    if findings.steps:
        assert torch.allclose(names["output"], findings.steps[-1].output[0], rtol=1e-3, atol=1e-4)
    else:
        assert names["output"].shape == (3, chosen.size, chosen.size)


@pytest.mark.parametrize("name", first_networks())
def test_the_code_of_a_network_s_first_stage_gives_its_maps(name: str) -> None:
    known = engine.known_networks()[name]
    stack = tuple(lab.layer_of(each) for each in known["stack"])
    chosen = Settings(stack=stack, size=known["size"], right=0)
    names: dict = {}
    code = code_of(chosen, COFFEE)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10 + len(stack)
    exec(code, names)
    network = ali5.load(name, "compact", device="cpu")
    real = ali5.trace(network, open_sample("coffee")).steps[len(stack)].output
    assert torch.allclose(names["output"][None], real, rtol=1e-4, atol=1e-5)
    assert torch.allclose(engine.find(chosen, COFFEE).steps[-1].output, real, rtol=1e-4, atol=1e-5)
    # With another stride it still has the network's kernels.
    other = (replace(stack[0], stride=3), *stack[1:])
    chosen = replace(chosen, stack=other)
    exec(code_of(chosen, COFFEE), names)
    steps = engine.find(chosen, COFFEE).steps
    assert torch.allclose(names["output"], steps[-1].output[0], rtol=1e-4, atol=1e-5)
    assert torch.equal(steps[0].weight, ali5.trace(network, open_sample("coffee")).steps[1].weight)


def test_the_code_opens_a_photo_of_one_s_own() -> None:
    code = code_of(Settings(), replace(COFFEE, name="own"))
    assert 'ali5.open_image("photo.jpg")' in code
    assert "import ali5" in code
    compile(code, "code", "exec")


@settings(max_examples=40, deadline=None)
@given(settings_of(NARROW, 5))
def test_questions_have_one_right_answer(chosen: Settings) -> None:
    questions = questions_of(chosen, COFFEE)
    assert len(questions) == 3
    for question in questions:
        assert len(question.options) >= 3
        assert question.options.count(question.answer) == 1


def test_answers_are_those_of_pytorch() -> None:
    for chosen in (Settings(), Settings(stack=read_stack("conv4k3s2,avg2,conv8k3")[0], size=61)):
        size, field, shift = questions_of(chosen, COFFEE)
        stack = as_modules(chosen.stack, 3, {})
        pixels = normalise(take_photo(COFFEE.image, chosen.size))[None]
        more = torch.nn.MaxPool2d(3, 2, 1)(stack(pixels))
        assert size.answer == str(more.shape[2])
        pixels.requires_grad_()
        maps = stack(pixels)
        # A maximum passes its gradient to one pixel only: average instead to see all of them.
        for index, part in enumerate(stack):
            if isinstance(part, torch.nn.MaxPool2d):
                stack[index] = torch.nn.AvgPool2d(part.kernel_size, part.stride, part.padding)
            if isinstance(part, torch.nn.ReLU):
                stack[index] = torch.nn.Identity()
        maps = stack(pixels)
        middle = maps.shape[2] // 2
        maps[0, :, middle, middle].sum().backward()
        rows = pixels.grad[0].abs().sum((0, 2)).nonzero()
        assert field.answer == str(int(rows.max() - rows.min()) + 1)
        assert shift.answer == "nearly: by more than 50 %"
    assert questions_of(Settings(stack=read_stack("conv4k3,relu")[0]), COFFEE)[2].answer == (
        "exactly"
    )


def test_questions_fit_what_there_is_to_ask() -> None:
    crowded = Settings(stack=read_stack("conv4k11s4p10")[0], size=16)
    question = questions_of(crowded, COFFEE)[2]
    assert "see nothing of the padding" in question.text
    ones, window = torch.ones(1, 1, 16, 16), torch.ones(1, 1, 11, 11)
    sums = torch.conv2d(ones, window, stride=4, padding=10)
    assert question.answer == str(int((sums[0, 0].amax(1) == 121).sum())) == "1"
    plain = replace(COFFEE, image=Image.new("RGB", (50, 50), "teal"), digest="teal")
    question = questions_of(Settings(), plain)[2]
    assert (question.answer, "same from pixel to pixel" in question.why) == ("exactly", True)
    single = Settings(stack=read_stack("max8,max8,max2p1")[0], size=64)
    assert questions_of(single, COFFEE)[0].answer == "1"


@pytest.mark.parametrize(
    "choices",
    [
        {"size": "999", "right": "17", "down": "x", "turn": "1e9", "blur": "nan"},
        {"blur": "0.3", "grey": "maybe", "shuffle": "3", "layer": "99"},
        {"stack": "nothing", "layer": "4"},
        {"stack": "conv32k11,conv32k11,conv32k11,conv32k11", "size": "128"},
        {"stack": "max8,max8,max8", "size": "16"},
        {"stack": "lenet5,resnet18,bnresnet18,relu"},
        {"stack": "bnresnet18", "shuffle": "32", "size": "16"},
        {"stack": "bnvgg11,lenet5p10,conv8k3", "channel": "999"},
        {"stack": "," * 5000, "turn": "-180"},
    ],
)
def test_an_impossible_address_opens_the_lab(choices: dict[str, str]) -> None:
    at = open_lab(**choices)
    assert at.title[0].value == "Stacking"
    assert len(at.radio) == 3
    header, _ = sent(at)
    assert set(header["networks"]) == set(first_networks())


def test_unreadable_parts_of_a_stack_are_named_and_left_out() -> None:
    at = open_lab(stack="conv8k3,<b>bold</b>,relu,conv99k3")
    words = at.warning[0].value
    assert "bold" in words
    assert "conv99k3" in words
    assert "<b>" not in words
    assert [layer["kind"] for layer in sent(at)[0]["settings"]["stack"]] == ["conv", "relu"]
    assert not open_lab(stack="conv8k3,relu").warning


def test_a_stack_that_breaks_keeps_what_works_and_says_why() -> None:
    header, _ = sent(open_lab(stack="conv8k5,max4,max4,max8,relu", size="64"))
    assert len(header["layers"]) == 3
    assert header["broken"]["layer"] == 3
    assert "vanishes at pool3" in header["broken"]["why"]


def test_what_would_take_too_long_is_refused_with_its_number() -> None:
    stack = read_stack("conv32k11p5,relu,conv32k11p5,relu")[0]
    outlines, broken = engine.outlined(stack, 128)
    assert broken is not None
    assert broken.layer == len(outlines) == 2
    products = 128**2 * 11**2 * 32 * (3 + 32)
    assert f"{products:,} multiply–adds" in str(broken)
    assert engine.outlined(stack, 64)[1] is None


def test_the_browser_is_sent_the_maps_and_meters_of_the_engine() -> None:
    at = open_lab(layer="3", turn="10")
    header, body = sent(at)
    chosen = Settings(layer=3, turn=10)
    findings = engine.find(chosen, Picture("coffee", open_sample("coffee"), "other", ""))
    assert bytes(findings.photo.tobytes()) == body[: findings.photo.nbytes]
    for about, step, meter in zip(header["layers"], findings.steps, findings.meters, strict=True):
        assert tuple(about["shape"]) == tuple(step.output.shape[1:])
        assert about["parameters"] == step.parameters
        assert about["field"][0] == step.receptive_field.size
        assert about["meter"]["equivariance"] == pytest.approx(meter.equivariance, abs=1e-6)
        assert about["meter"]["invariance"] == pytest.approx(meter.invariance, abs=1e-6)
        assert ("wall" in about) is (step.name == "pool1")
    wall = header["layers"][2]["wall"]
    maps = findings.steps[2].output[0]
    assert (wall["count"], wall["height"], wall["width"]) == tuple(maps.shape)
    codes = torch.frombuffer(bytearray(body[wall["at"] :]), dtype=torch.uint8)[: maps.numel()]
    values = Scale(*wall["scale"]).decode(codes.numpy()).reshape(maps.shape)
    half_a_level = max(abs(end) for end in wall["scale"]) / 252
    assert float((torch.from_numpy(values) - maps).abs().max()) <= half_a_level


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(layer=3, channel=5),
        Settings(layer=6, turn=30, shuffle=8, channel=63),
        Settings(layer=1, right=0, grey=True, channel=6),
    ],
)
def test_one_map_is_compared_with_its_counterpart(chosen: Settings) -> None:
    choices = {name: value for name, value in view._choices(chosen).items() if value is not None}
    header, body = sent(open_lab(**choices))
    pair = header["layers"][chosen.layer - 1]["pair"]
    findings = engine.find(chosen, COFFEE)
    before, after = (each[chosen.layer - 1] for each in (findings.before, findings.steps))
    channel = min(chosen.channel, after.shape[1] - 1)
    assert pair["channel"] == channel
    change, field = lab.change_of(chosen), after.receptive_field
    counterpart = before.output[0]
    if not chosen.grey:
        counterpart = change.on_maps(counterpart, field, chosen.size)
    one, other = after.output[0, channel], counterpart[channel]
    count = one.numel()
    codes = np.frombuffer(body, np.uint8, 3 * count, pair["at"])
    values = Scale(*pair["scale"]).decode(codes).reshape(3, *one.shape)
    half_a_level = max(abs(end) for end in pair["scale"]) / 252
    for found, known in zip(values, (one, other, one - other), strict=True):
        assert np.abs(found - known.numpy()).max() <= half_a_level
    seen = np.frombuffer(body, np.uint8, count, pair["seen"]).astype(bool)
    share = findings.meters[chosen.layer - 1].compared
    assert seen.mean() == pytest.approx(share, abs=1e-6)
    found = agreement(*(each.flatten()[seen][None] for each in (one, other)))
    assert pair["alike"] == pytest.approx(found, abs=1e-6)


def test_without_a_change_nothing_is_compared() -> None:
    header, _ = sent(open_lab(right="0"))
    assert "pair" not in header["layers"][0]


def test_fixed_filters_are_named_and_kernels_shown() -> None:
    header, _ = sent(open_lab(stack="conv8k5,relu"))
    about = header["layers"][0]
    assert about["wall"]["titles"][0] == "brighter to the right"
    assert about["kernels"]["count"] == 8
    header, _ = sent(open_lab(stack="conv9k1"))
    assert header["layers"][0]["wall"]["titles"][5:7] == ["dark", "random"]
    header, _ = sent(open_lab(stack="conv8k5,conv4k3", layer="2"))
    assert header["layers"][1]["wall"]["titles"] == []
    assert "kernels" not in header["layers"][1]


def test_networks_without_weights_are_called_untrained() -> None:
    from ali5.known.cards import bundled_weights

    for name, known in engine.known_networks().items():
        assert known["trained"] is (bundled_weights(name, "compact") is not None)
        stack = [lab.layer_of(each) for each in known["stack"]]
        assert isinstance(stack[0], FirstConvolution)
        assert stack[0].network == name


def test_a_right_answer_is_told() -> None:
    at = open_lab()
    assert "how many rows" in at.radio[0].label
    at.radio[0].set_value("12").run()
    assert "Right." in at.success[0].value


@pytest.mark.parametrize("size", [(4000, 8), (8, 4000), (1, 1)])
def test_thin_pictures_open_too(size: tuple[int, int]) -> None:
    at = open_page("stacking", Image.new("RGB", size, "teal"))
    assert not at.error
    assert len(at.radio) == 3
    assert all(each["meter"]["equivariance"] == 1 for each in sent(at)[0]["layers"])


def test_the_page_reads_the_same_photo_as_the_network(cat) -> None:
    assert lab.reader_of(read_stack("relu,lenet5,conv4k3")[0]) == "lenet5"
    assert lab.reader_of(read_stack("conv4k3,lenet5")[0]) == ""
    assert take_photo(cat, 40, "lenet5").shape == (1, 40, 40)
    assert take_photo(cat, 40).shape == (3, 40, 40)
