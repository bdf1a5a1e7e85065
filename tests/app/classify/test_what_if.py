"""The page "What if" without a browser: address, answers, jobs, what is sent to the browser."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.pictures.edits import RANGES, Edits, Rectangle, Stroke, prepare_edited
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.site.app.choose.choice import Choice
from ali5.site.app.classify.what_if import findings as page
from ali5.site.app.classify.what_if.in_address import (
    MOST_LETTERS,
    read_changes,
    read_paint,
    write_change,
    write_channels,
    write_paint,
)
from ali5.site.app.classify.what_if.python import code_of
from ali5.site.app.classify.what_if.settings import NAMES, OPENING, Settings, settings_of
from ali5.site.app.classify.what_if.words import (
    answer_in_words,
    change_in_words,
    place_in_words,
    points_in_words,
    rows_of,
)
from ali5.site.app.engine import Picture
from ali5.tracing.interventions import Intervention, effects, intervene, parts_of
from ali5.tracing.own import wrap
from ali5.tracing.walls import Scale
from tests.ali5.pictures.test_edits import MARKS
from tests.pages import open_page, sent_to

COFFEE = Picture("coffee", open_sample("coffee"), f"coffee-{uuid.uuid4().hex}", "the coffee")


def trace_of(name: str) -> ali5.Trace:
    return ali5.trace(ali5.load(name, device="cpu"), COFFEE.image)


def choice_of(name: str) -> Choice:
    architecture = ali5.catalog()[name]
    return Choice(architecture, architecture.edition(), "bundled")


def read(before: ali5.Trace, **texts: str) -> Settings:
    found, left_out = settings_of(before, texts)
    assert left_out == ()
    return found


def found_for(before: ali5.Trace, name: str = "resnet18", **texts: str) -> page.Findings:
    return page.find(read(before, **texts), choice_of(name), COFFEE, before)


# --- The address ------------------------------------------------------------------------------


@given(channels=st.sets(st.integers(0, 30), min_size=1))
def test_channels_are_written_as_ranges(channels: set[int]) -> None:
    change = Intervention("relu", "mute", tuple(channels))
    code = write_change(change)
    assert read_changes(code, RESNET) == ((change,), ())
    assert len(write_channels(tuple(range(30)))) == len("0-29")


RESNET = trace_of("resnet18")


def test_every_part_and_kind_comes_back_from_the_address() -> None:
    for name in ("resnet18", "googlenet"):
        trace = trace_of(name)
        for part in parts_of(trace):
            for kind in ("mute", "keep", "double", "invert"):
                change = part.intervention(kind)
                assert read_changes(write_change(change), trace) == ((change,), ())


@settings(max_examples=60)
@given(paint=st.lists(MARKS, max_size=5).map(tuple))
def test_paint_comes_back_from_the_address(paint: tuple) -> None:
    text = write_paint(paint)
    if len(text) <= MOST_LETTERS:
        assert read_paint(text) == (paint, ())


@settings(max_examples=150)
@given(
    text=st.text(max_size=40)
    | st.text("mutekp:~>,-0123456789.rbrelu", max_size=60)
    | st.sampled_from(["mute:relu:99999999999", "mute:relu:0-999999", "mute:relu:9-3"])
)
def test_whatever_an_address_says_is_understood_or_left_out_with_a_sentence(text: str) -> None:
    changes, wrong = read_changes(text, RESNET)
    assert len(changes) + len(wrong) <= max(1, text.count("~") + 1)
    assert all(sentence.endswith(".") for sentence in wrong)
    intervene(RESNET, changes)
    marks, _ = read_paint(text)
    Edits(paint=marks)
    texts = dict.fromkeys(OPENING, text)
    settings_of(RESNET, texts)


def test_wrong_codes_say_what_is_wrong() -> None:
    text = "mute:relu:40~mute:nowhere~spin:relu~mute:relu:1~keep:relu~r.1"
    changes, wrong = read_changes(text, RESNET)
    assert changes == (Intervention("relu", "mute", (1,)),)
    assert len(wrong) == 5
    assert "'relu' has no channel 40" in wrong[0]
    assert "There is no step 'nowhere'" in wrong[1]
    marks, refused = read_paint("r.808080.0.0.50.50~r.zz.1~b.ff0000.4.1~r.808080.0.0.101.1")
    assert marks == (Rectangle(0, 0, 50, 50, (128, 128, 128)),)
    assert refused[0].startswith("Paint in the address was left out: 3 of 4 marks.")


def test_settings_out_of_range_are_the_opening() -> None:
    opening = read(RESNET)
    assert opening.edits.is_none
    assert (opening.step, opening.later) == ("relu", "layer4.1.relu_2")
    for name, (low, high, _) in RANGES.items():
        key = NAMES.get(name, name)
        assert getattr(read(RESNET, **{key: f"{low:g}"}).edits, name) == low
        for text in (f"{high + 1:g}", "nan", "1e9", "x", "0.1234"):
            assert read(RESNET, **{key: text}).edits == Edits()


# --- What the engine makes of it --------------------------------------------------------------


def test_when_all_is_taken_back_the_answer_is_the_very_same() -> None:
    before = trace_of("resnet18")
    kept = [step.output.clone() for step in before.steps]
    changed = found_for(before, change="mute:relu:0-3", turn="30", paint="r.808080.0.0.50.50")
    assert not torch.equal(changed.after.steps[-1].output, before.steps[-1].output)
    back = found_for(before)
    assert back.after is before
    assert np.array_equal(back.edited, back.seen)
    for step, output in zip(before.steps, kept, strict=True):
        assert torch.equal(step.output, output)
    assert answer_in_words(rows_of(before, before), before, before).startswith("Nothing is changed")


def test_picture_and_network_can_be_changed_together() -> None:
    before = trace_of("resnet18")
    both = found_for(before, change="invert:layer1.0.bn2>layer1.0.add", turn="30", grey="yes")
    edits = Edits(turn=30, grey=True)
    prepared = prepare_edited(COFFEE.image, before.network.edition.preprocessing, edits)
    edited = ali5.trace(before.network, prepared)
    expected = intervene(edited, [Intervention("layer1.0.bn2", "invert", None, "layer1.0.add")])
    assert torch.equal(both.after.steps[-1].output, expected.steps[-1].output)
    assert not np.array_equal(both.edited, both.seen)


def test_a_curve_is_the_answer_at_every_value_and_is_kept() -> None:
    before = trace_of("resnet18")
    choice = choice_of("resnet18")
    asked = read(before, half="picture", curve="blur", turn="10", blur="3", change="mute:relu:1")
    job = page.job_of(asked, choice, COFFEE, before)
    assert job is not None
    told: list[float] = []
    job.run(told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    curve = page.curve_of(asked, choice, COFFEE)
    assert curve is not None
    assert (curve.values[0], curve.values[-1]) == (0, 10)
    assert page.job_of(asked, choice, COFFEE, before) is None
    # Where the number is now makes no difference to the curve.
    assert (
        page.curve_of(replace(asked, edits=replace(asked.edits, blur=7)), choice, COFFEE) is curve
    )
    other = replace(asked, edits=replace(asked.edits, turn=11))
    assert page.curve_of(other, choice, COFFEE) is None
    best = torch.topk(before.steps[-1].output[0], 5).indices
    assert curve.classes == best.tolist()
    for value in (0.0, 3.0, 10.0):
        edits = replace(asked.edits, blur=value)
        alone = page.find(replace(asked, edits=edits), choice, COFFEE, before).after
        expected = alone.steps[-1].output[0, best].numpy()
        found = curve.shares[curve.values.index(value)]
        assert found == pytest.approx(expected, abs=1e-4)


def test_costly_networks_get_fewer_points() -> None:
    cheap, costly = (
        RESNET,
        replace(
            RESNET,
            network=replace(
                RESNET.network, edition=replace(RESNET.network.edition, multiply_adds=15 * 10**9)
            ),
        ),
    )
    assert page.stride_of("turn", cheap) < page.stride_of("turn", costly) == 30


def test_the_ranking_is_the_drop_of_the_predicted_class() -> None:
    before = trace_of("lenet5")
    choice = choice_of("lenet5")
    asked = read(before, step="C3", rank="yes")
    assert page.ranks_of(asked, choice, COFFEE) is None
    job = page.job_of(asked, choice, COFFEE, before)
    assert job is not None
    job.run(lambda share: None)
    drops = page.ranks_of(asked, choice, COFFEE)
    assert drops is not None
    shares = before.steps[-1].output[0]
    best = int(shares.argmax())
    rows = torch.cat([logits for _, logits in effects(before, "C3")]).softmax(1)
    assert drops == pytest.approx((shares[best] - rows[:, best]).numpy())
    assert len(drops) == 16
    assert page.job_of(asked, choice, COFFEE, before) is None


def test_the_code_gives_the_answer_on_the_page() -> None:
    before = trace_of("resnet18")
    for texts in (
        {},
        {"change": "mute:relu:0-3~keep:layer1.0.bn2>layer1.0.add"},
        {"turn": "30", "blur": "1.25", "grey": "yes"},
        {"crop": "50", "paint": "r.808080.0.0.50.50~b.ff0000.4.1.2.30.40", "change": "invert:bn1"},
    ):
        asked = read(before, **texts)
        told: list[tuple[ali5.Prediction, ...]] = []
        code = code_of(asked, choice_of("resnet18"), COFFEE)
        exec(code, {"print": told.append})
        after = page.find(asked, choice_of("resnet18"), COFFEE, before).after
        assert told == [after.predictions()]


# --- In words ---------------------------------------------------------------------------------


def small(shares: list[float], labels: tuple[str, ...]) -> ali5.Trace:
    network = replace(RESNET.network, labels=labels)
    logits = replace(RESNET["fc"], output=torch.tensor([shares]).log())
    softmax = replace(RESNET.steps[-1], output=torch.tensor([shares]))
    return ali5.Trace(network, (logits, softmax))


def test_rows_hold_the_first_five_before_and_after() -> None:
    labels = tuple("abcdefgh")
    before = small([0.4, 0.2, 0.15, 0.1, 0.08, 0.04, 0.02, 0.01], labels)
    after = small([0.1, 0.2, 0.05, 0.1, 0.02, 0.5, 0.02, 0.01], labels)
    rows = rows_of(before, after)
    assert [row.label for row in rows] == list("abcdef")
    assert rows[0].ranks == (1, 3)
    assert rows[5].ranks == (6, 1)
    assert rows[0].points == pytest.approx(-30)
    words = answer_in_words(rows, before, after)
    assert words.startswith(
        "a falls from 40.0 % to 10.0 % (−30.0 points) and is third now; f is first with 50.0 %."
    )
    assert "most that of f, by +2.526" in words
    after = small([0.4, 0.1, 0.15, 0.1, 0.08, 0.14, 0.02, 0.01], labels)
    words = answer_in_words(rows_of(before, after), before, after)
    assert words.startswith("a keeps its 40.0 % and stays first.")


def test_an_answer_that_is_no_number_is_said_to_be_none() -> None:
    labels = tuple("abcdef")
    before = small([0.5, 0.2, 0.1, 0.1, 0.06, 0.04], labels)
    after = small([float("nan")] * 6, labels)
    assert "not a number" in answer_in_words(rows_of(before, after), before, after)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (-74.23, "−74.2 points"),
        (3, "+3.0 points"),
        (-0.123, "−0.12 points"),
        (0.001, "< 0.01 points"),
        (0, "± 0 points"),
        (float("nan"), "not a number"),
    ],
)
def test_changes_of_shares_are_in_percentage_points(points: float, words: str) -> None:
    assert points_in_words(points) == words
    assert place_in_words(3) == "third"
    assert place_in_words(1234) == "number 1,234"


def test_changes_are_said_in_words() -> None:
    parts = parts_of(RESNET)
    for change, words in (
        (Intervention("relu", "mute", (3, 5, 6, 7)), "relu, channels 3, 5–7 muted"),
        (Intervention("fc", "double", (1,)), "fc, unit 1 doubled"),
        (Intervention("relu", "invert"), "all 32 channels of relu inverted"),
        (parts[0].intervention("mute"), "F(x) of layer1.0 muted"),
        (parts[1].intervention("keep"), "only the shortcut of layer1.0 kept"),
    ):
        assert change_in_words(change, parts, RESNET) == words


# --- The page ---------------------------------------------------------------------------------


def test_the_page_sends_what_is_so() -> None:
    before = trace_of("resnet18")
    header, body = sent_to(
        open_page(
            "what_if",
            picture="coffee",
            change="mute:relu:0-3",
            step="relu",
            later="layer4.1.relu_2",
        ),
        "what_if",
    )
    change = Intervention("relu", "mute", (0, 1, 2, 3))
    after = intervene(before, [change])
    assert header["changes"] == [{"code": "mute:relu:0-3", "words": "relu, channels 0–3 muted"}]
    assert header["answer"]["words"] == answer_in_words(rows_of(before, after), before, after)
    assert header["wall"]["changed"] == [0, 1, 2, 3]
    assert len(header["parts"]) == 16
    for maps, name in zip(header["maps"], ("relu", "layer4.1.relu_2"), strict=True):
        channels = maps["channels"]
        one, other = (trace[name].output[0, channels] for trace in (before, after))
        size = maps["height"] * maps["width"]
        codes = np.frombuffer(body, np.uint8, 3 * len(channels) * size, maps["at"])
        scale = Scale(*maps["scale"])
        values = scale.decode(codes).reshape(3, len(channels), maps["height"], maps["width"])
        half = (scale.high - scale.low) / 252 / 2 * 1.01
        for row, expected in zip(values, (one, other, other - one), strict=True):
            assert row == pytest.approx(expected.numpy(), abs=half)
    # Only what differs is shown, and those four do.
    assert header["maps"][0]["channels"] == [0, 1, 2, 3]


def test_a_curve_belongs_to_its_picture_and_network() -> None:
    def names(**choices: str) -> tuple[str, str]:
        header, _ = sent_to(open_page("what_if", **choices), "what_if")
        return header["network"], header["question"]

    network, question = names(picture="coffee")
    assert names(picture="coffee", change="mute:relu:0-3") == (network, question)
    assert names(picture="barn")[0] == network
    others = [names(picture="barn"), names(picture="coffee", network="vgg11")]
    others.append(names(picture="coffee", weights="untrained"))
    assert len({question, *(each for _, each in others)}) == 4


def test_the_page_opens_on_every_family_in_both_halves() -> None:
    for network, picture in (("lenet5", "digit-3"), ("alexnet", "cat"), ("googlenet", "cat")):
        for half in ("network", "picture"):
            at = open_page("what_if", network=network, picture=picture, half=half, turn="5")
            header, _ = sent_to(at, "what_if")
            assert not header["refusal"]
            assert (header["curve"] is not None) == (half == "picture")
            assert not header["answer"]["same"]


def test_what_the_address_says_wrongly_is_said() -> None:
    at = open_page("what_if", picture="coffee", change="mute:nowhere", paint="r.1")
    assert "There is no step" in at.warning[0].value
    assert "1 of 1 marks" in at.warning[1].value
    assert sent_to(at, "what_if")[0]["answer"]["same"]


class Asks(nn.Module):
    """Cannot be read as a graph, and takes the same way with all that it is shown here."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        nn.init.constant_(self.conv.bias, 10.0)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return (y if y.sum() > 0 else -y).mean((2, 3))


class Plain(nn.Module):
    """Can be read, but takes one picture at a time only, and answers what is no number."""

    def __init__(self, broken: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x).mean((2, 3)).view(1, -1)
        return y / 0 if self.broken else y


def take(module: nn.Module, prepared: Tensor | None = None) -> None:
    network = wrap(module, [f"<b>{i}</b>" for i in range(6)], size=16, device="cpu")
    image = Image.new("RGB", (20, 20), "teal") if prepared is not None else None
    exploring.show(exploring.Own(network, image, prepared, f"own-{uuid.uuid4().hex}"))


@pytest.mark.usefixtures("explored")
def test_a_captured_network_is_refused_but_its_picture_can_be_changed() -> None:
    take(Asks())
    at = open_page("what_if", picture="coffee", half="picture", turn="90")
    header, _ = sent_to(at, "what_if")
    assert "cannot be changed on the way" in header["refusal"]
    assert header["curve"]["values"][0] == -180
    assert not header["answer"]["same"]
    header, _ = sent_to(open_page("what_if", picture="coffee", rank="yes"), "what_if")
    assert not header["working"]  # a link asks for what cannot be worked out


class Bends(Asks):
    """Takes other steps for dark pictures."""

    def forward(self, x: Tensor) -> Tensor:
        bright = float(x.amax()) > 0
        y = self.conv(x)
        return (y.relu() if bright else y).mean((2, 3))


@pytest.mark.usefixtures("explored")
def test_other_steps_for_the_edited_picture_are_no_traceback() -> None:
    take(Bends())
    at = open_page("what_if", picture="coffee", half="picture", paint="r.000000.0.0.100.100")
    header, _ = sent_to(at, "what_if")
    assert header["answer"]["same"]
    assert "Bends takes other steps for this picture" in at.warning[0].value
    assert not header["pictureRefusal"]  # so that it can be taken back


@pytest.mark.usefixtures("explored")
@pytest.mark.parametrize("broken", [False, True])
def test_a_network_of_one_s_own_can_be_changed(broken: bool) -> None:
    take(Plain(broken))
    at = open_page("what_if", picture="coffee", change="mute:conv:0", step="conv", rank="yes")
    header, _ = sent_to(at, "what_if")
    assert header["wall"]["changed"] == [0]
    assert len(header["wall"]["drops"]) == 6
    header, _ = sent_to(open_page("what_if", picture="coffee", half="picture"), "what_if")
    assert len(header["curve"]["shares"]) == 5
    json.dumps(header, allow_nan=False)


@pytest.mark.usefixtures("explored")
def test_a_prepared_tensor_is_not_edited() -> None:
    take(Plain(False), torch.randn(1, 3, 16, 16))
    at = open_page("what_if", half="picture", turn="90")
    header, _ = sent_to(at, "what_if")
    assert "cannot be edited" in header["pictureRefusal"]
    assert header["answer"]["same"]
    assert header["curve"] is None


def test_a_stroke_with_many_points_fits_the_address() -> None:
    stroke = Stroke(tuple((i % 100, i % 100) for i in range(80)), 6, (1, 2, 3))
    assert read_paint(write_paint([stroke])) == ((stroke,), ())
