"""Compare without a browser: what is said of the answers, and what the page sends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import nn

import ali5
from ali5.classifying.comparing import Answer, answer, compare
from ali5.known.cards import bundled_weights, read_card
from ali5.known.catalog import landmarks
from ali5.paths import ASSETS
from ali5.pictures.preparation import fit_picture
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.canvas.seen import seen_picture
from ali5.site.app.choose.choice import Choice
from ali5.site.app.classify.compare import view as comparing
from ali5.site.app.classify.compare.cost import chart_of, measured
from ali5.site.app.classify.compare.sent import (
    PICTURE_PX,
    Column,
    facts_of,
    pack_comparison,
)
from ali5.site.app.classify.compare.view import default_edition
from ali5.site.app.classify.compare.words import agreement_in_words, voters
from ali5.site.app.engine import Picture
from ali5.tracing.own import as_picture
from tests.ali5.classifying.test_comparing import Broken
from tests.pages import open_page, sent_to


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    """What each landmark says of the cup of coffee, by its id."""
    networks = [
        ali5.load(name, default_edition(known), device="cpu") for name, known in landmarks().items()
    ]
    return dict(zip(landmarks(), compare(networks, open_sample("coffee")).answers, strict=True))


def column_of(found: Answer, weights: str = "bundled") -> Column:
    return Column(Choice(found.architecture, found.edition, weights), found, "", "done")


def test_not_a_number_is_said_as_such(answers: dict[str, Answer]) -> None:
    found = answer(ali5.wrap(Broken(), size=16), open_sample("cat"))
    said = agreement_in_words([found, answers["resnet18"]])
    assert said.startswith("**Only ResNet-18 has learned")
    rows = {row["label"]: row["cells"][0]["words"] for row in facts_of([column_of(found)])}
    assert (rows["Confidence"], rows["Entropy"]) == ("not a number", "not a number")


def test_a_taught_head_has_no_vote_whatever_it_was_taught_on(answers: dict[str, Answer]) -> None:
    known = ali5.catalog()["lenet5"]
    columns = [
        Column(Choice(known, known.edition(), digest), found, "", "done")
        for digest, found in (
            ("bundled", answers["lenet5"]),
            ("a head's", replace(answers["lenet5"], weights="taught")),
        )
    ]
    assert voters(columns) == [answers["lenet5"]]


def test_agreement_is_said_in_one_sentence(answers: dict[str, Answer]) -> None:
    lenet, alexnet, resnet = (answers[name] for name in ("lenet5", "alexnet", "resnet18"))
    assert agreement_in_words([alexnet, resnet]) == "**Both networks say espresso.**"
    assert agreement_in_words([lenet, alexnet, resnet]) == (
        "**Two of three networks say espresso.** LeNet-5 says pomegranate."
    )
    assert agreement_in_words([lenet, alexnet]) == "**No two of the two networks say the same.**"
    note = alexnet.verdict.best._replace(label="$5 *note*")
    odd = replace(alexnet, verdict=replace(alexnet.verdict, predictions=(note,)))
    assert agreement_in_words([odd, odd]) == r"**Both networks say \$5 \*note\*.**"


# --- The page -----------------------------------------------------------------------------------


def column_in(header: dict, network: str) -> dict:
    return next(column for column in header["columns"] if column["id"] == network)


def cells_of(header: dict, label: str) -> list[dict]:
    return next(row["cells"] for row in header["facts"] if row["label"] == label)


def test_every_shown_accuracy_is_that_of_the_model_card() -> None:
    at = open_page("compare", picture="cat")
    header, _ = sent_to(at, "compare")
    for name, cell in zip(landmarks(), cells_of(header, "Right"), strict=True):
        path = bundled_weights(name, default_edition(ali5.catalog()[name]))
        if path is None:
            assert cell["words"] == "not measured"
        else:
            accuracy = read_card(path).accuracy
            assert cell["words"] == f"{accuracy['top1'] * 100:.1f} %"
            assert cell["more"] == f"{accuracy['top5'] * 100:.1f} % within five"


def test_the_chart_shows_measured_networks_at_their_cost() -> None:
    found = measured()
    points = chart_of(found).data[0]
    assert len(found) >= 3
    for number, each in enumerate(found):
        assert points.x[number] == each.edition.multiply_adds
        assert points.y[number] == pytest.approx(100 * each.card.accuracy["top1"])
        assert str(each.architecture.year) in points.text[number]
    # Only what was measured on the same pictures can stand in one chart.
    assert len({each.card.data for each in found}) == 1
    assert {each.architecture.id for each in found} == {
        name
        for name in landmarks()
        if (ASSETS / "weights" / f"{name}-{default_edition(ali5.catalog()[name])}.json").exists()
    }


def test_the_picture_that_others_see_stays_as_large_as_it_was() -> None:
    known = ali5.catalog()["resnet18"]
    column = Column(Choice(known, known.edition("paper"), "untrained"), None, "", "waiting")
    picture, preprocessing = open_sample("barn"), column.choice.edition.preprocessing
    header, _ = unpack(pack_comparison([column], picture, "grey"))
    assert header["pictures"][0]["width"] == PICTURE_PX < preprocessing.size
    assert seen_picture(picture, preprocessing).width == preprocessing.size


def test_columns_are_aligned_by_resolution() -> None:
    header, body = sent_to(open_page("compare", picture="goldfish"), "compare")
    assert [column["id"] for column in header["columns"]] == list(landmarks())
    assert {column["state"] for column in header["columns"]} == {"done"}
    labels = [row["label"] for row in header["rows"]]
    edges = [int(label.split()[0]) for label in labels[:-1]]
    assert edges == sorted(edges, reverse=True)
    assert labels[-1] == "vector"
    for row in header["rows"]:
        assert len(row["cells"]) == len(landmarks())
        for cell in filter(None, row["cells"]):
            assert cell["at"] + cell["height"] * cell["width"] <= len(body)
    assert header["rows"][-1]["cells"][0]["step"] == "tanh6"


def test_editions_are_chosen_in_the_address() -> None:
    header, _ = sent_to(open_page("compare", lenet5="compact", picture="digit-7"), "compare")
    lenet = header["columns"][0]
    assert (lenet["edition"], lenet["classes"][0]["label"]) == ("compact", "7")
    assert cells_of(header, "Right")[0]["more"] == "of handwritten digits"
    header, _ = sent_to(open_page("compare", resnet18="nonsense"), "compare")
    assert column_in(header, "resnet18")["edition"] == "compact"


@pytest.mark.usefixtures("explored")
def test_a_network_of_the_users_own_stands_beside_the_landmarks() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = ali5.wrap(module, ["<b>a", "b", "c", "d"], size=32)
    prepared = torch.rand(1, 3, 32, 32)
    mine = exploring.Own(network, as_picture(prepared), prepared, "own-test-compare")
    exploring.show(mine)
    header, _ = sent_to(open_page("compare"), "compare")
    *known, own = header["columns"]
    assert [column["id"] for column in known] == list(landmarks())
    assert (own["title"], own["state"]) == ("Sequential", "done")
    shares = torch.softmax(network.module(prepared), 1)[0]  # the tensor itself, not its picture
    assert [each["share"] for each in own["classes"]] == pytest.approx(
        sorted(shares.tolist(), reverse=True), rel=1e-4
    )
    assert cells_of(header, "Right")[-1]["words"] == "not measured"


def test_a_network_that_fails_says_so_in_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = comparing.ready

    def refuse(choice: object) -> engine.Chosen:
        if choice.architecture.id == "vgg11":  # type: ignore[attr-defined]
            raise ali5.WeightsError("The file is not what its publisher describes.")
        return ready(choice)  # type: ignore[arg-type]

    monkeypatch.setattr(comparing, "ready", refuse)
    own = Image.new("RGB", (50, 40), "teal")
    at = open_page("compare", own=own)
    header, _ = sent_to(at, "compare")
    for column in header["columns"]:
        assert column["state"] == ("failed" if column["id"] == "vgg11" else "done")
    assert "publisher" in column_in(header, "vgg11")["words"]
    monkeypatch.setattr(comparing, "ready", ready)
    at.run()
    failed = column_in(sent_to(at, "compare")[0], "vgg11")
    assert failed["state"] == "failed"  # it is not asked for ever
    next(each for each in at.button if each.label == "Ask VGG-11 again").click().run()
    assert {each["state"] for each in sent_to(at, "compare")[0]["columns"]} == {"done"}
    assert not any("again" in each.label for each in at.button)


def test_what_is_stopped_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture("own", Image.new("RGB", (30, 30), "navy"), "stopped", "a photo")
    assert engine.wait_until_loaded(60)
    choices = comparing.choose_editions()
    monkeypatch.setattr(comparing, "QUICK", 0)
    assert {each.state for each in comparing.look(choices, picture)} == {"waiting"}
    comparing._stop(comparing._token(choices, picture))
    assert {each.state for each in comparing.look(choices, picture)} == {"stopped"}
    comparing._stop(None)
    assert {each.state for each in comparing.look(choices, picture)} == {"waiting"}


def test_a_click_on_a_map_leads_to_its_channel_in_explore() -> None:
    at = open_page("compare", picture="cat")
    at.session_state["compare-wish"] = "1/conv2/7"
    at.run()
    assert not at.exception
    trail = next(
        node.proto.json
        for node in at.get("bidi_component")
        if node.proto.component_name == "ali5_trail"
    )
    assert [place["label"] for place in json.loads(trail)["places"]] == [
        *("AlexNet", "conv2", "channel 7")
    ]
    assert dict(at.query_params)["network"] in ("alexnet", ["alexnet"])


def test_several_uploads_stay_to_go_back_to() -> None:
    at = open_page("compare", **{"from": "file"})
    files = [
        (f"{name}.jpg", (ASSETS / "photographs" / f"{name}.jpg").read_bytes(), "image/jpeg")
        for name in ("cat", "barn")
    ]
    at.file_uploader[0].set_value([*files, ("no.jpg", b"%PDF-1.7", "image/jpeg")]).run()
    assert not at.exception
    assert "PDF document" in at.error[0].value
    (group,) = sent_to(at, "picker")[0]["groups"]
    assert [item["title"] for item in group["items"]] == ["“cat.jpg”", "“barn.jpg”"]
    kept = at.session_state["own-pictures"]
    first = next(iter(kept))
    at.query_params["which"] = first
    at.run()
    header, body = sent_to(at, "compare")
    seen = header["pictures"][-1]
    shown = body[seen["at"] : seen["at"] + 3 * seen["height"] * seen["width"]]
    cat = open_sample("cat")
    fitted = fit_picture(cat, ali5.catalog()["resnet18"].edition().preprocessing)
    assert shown == fitted.tobytes()


def test_what_was_computed_for_a_picture_goes_with_the_last_who_holds_it() -> None:
    built = engine.network("lenet5", "colour", "bundled")
    picture = Picture("own", open_sample("barn"), "held by nobody", "a photo")
    engine.forget_with(picture)
    engine.answered(built, "bundled", picture)
    engine.traced(built, "bundled", picture)
    assert engine.kept.kept_answer("lenet5", "colour", "bundled", picture) is not None
    assert engine.is_kept("held by nobody")
    del picture
    other = Picture("own", open_sample("cat"), "somebody", "a photo")
    engine.answered(built, "bundled", other)
    engine.forget_what_is_gone()  # as at the start of every run of a page
    assert not engine.is_kept("held by nobody")
    assert engine.is_kept("somebody")
