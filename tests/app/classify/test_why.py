"""The Why page without a browser: the address, what is sent, what is refused, what is kept."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

import ali5
from ali5.explain import METHODS, Attribution, attribution, rank_correlation
from ali5.known.records import TAUGHT
from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.choose.choice import Choice
from ali5.site.app.classify.why import question
from ali5.site.app.classify.why.python import code_of
from ali5.site.app.classify.why.question import Asked, Question, rival_of, twin_of
from ali5.site.app.classify.why.words import (
    class_verdict,
    place_in_words,
    random_verdict,
    reading_in_words,
)
from ali5.site.app.words import plain, unmarked
from tests.ali5.tracing.test_own import Odd
from tests.pages import open_page, sent_to


def tiles(at: AppTest) -> list[dict]:
    nodes = [each.proto for each in at.get("bidi_component")]
    return [unpack(each.bytes)[0] for each in nodes if each.component_name == "ali5_tile"]


def sent_map(at: AppTest) -> np.ndarray:
    header, body = sent_to(at, "overlay")
    size = header["map"]
    values = np.frombuffer(body, np.float32, size["height"] * size["width"])
    return values.reshape(size["height"], size["width"])


def ask_about(name: str, picture: str, method: str) -> Asked:
    built = engine.network(name, "compact", "bundled")
    image = open_sample(picture)
    seen = engine.Picture(picture, image, digest_of(image), picture)
    trace = engine.traced(built, "bundled", seen)
    known = ali5.catalog()[name]
    target = int(trace.steps[-1].output.argmax())
    choice = Choice(known, known.edition("compact"), "bundled")
    return Asked(Question(choice, seen, target, METHODS[method], None), trace)


def explained(asked: Asked) -> Attribution:
    return question.explained(asked, lambda share, words: None)


def test_the_address_restores_a_question() -> None:
    place = {"method": "occlusion", "class": "goldfish", "picture": "cat"}
    at = open_page("why", **place, opacity="35", look="cells", range="trim")
    header, _ = sent_to(at, "overlay")
    assert header["settings"] == {"opacity": 35, "look": "cells", "range": "trim"}
    assert header["caption"] == "Occlusion of “goldfish”"
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), open_sample("cat"))
    target = trace.network.labels.index("goldfish")
    expected = attribution(trace, "occlusion", target)
    assert sent_map(at) == pytest.approx(expected.map.numpy(), abs=1e-4)
    assert header["score"] == pytest.approx(expected.score, abs=1e-5)


def test_it_opens_on_the_winning_class_and_an_impossible_address_too() -> None:
    odd = {"method": "tea-leaves", "class": "<b>", "step": "conv99", "opacity": "900"}
    for at in (open_page("why"), open_page("why", **odd)):
        header, _ = sent_to(at, "overlay")
        assert header["caption"] == "Grad-CAM of “espresso”, maps of layer4.1.relu_2"
        assert header["settings"] == header["opening"]
        assert any("What Grad-CAM claims." in text.value for text in at.markdown)


def test_a_link_to_a_step_looks_there_and_random_weights_are_named() -> None:
    at = open_page("why", network="googlenet", weights="untrained", step="conv2")
    header, _ = sent_to(at, "overlay")
    assert (header["step"], header["cells"]) == ("conv2", {"height": 32, "width": 32})
    assert header["words"][0].startswith("These weights are random")
    at = open_page("why", network="googlenet", weights="untrained", sanity="open")
    assert any("random weights already" in text.value for text in at.info)


def test_six_methods_stand_side_by_side_with_their_refusals() -> None:
    at = open_page("why", network="lenet5", picture="digit-3", compare="open")
    found = tiles(at)
    assert [each["title"] for each in found] == [method.title for method in METHODS.values()]
    assert [each["title"] for each in found if each["map"] is None] == [
        "Grad-CAM++",
        "Guided backprop",
    ]
    assert sum(each["chosen"] for each in found) == 1
    assert all("rank correlation" in each["words"] for each in found[2:5])


def test_the_sanity_checks_ask_another_class_and_the_untrained_network() -> None:
    at = open_page("why", network="lenet5", picture="digit-3", sanity="open", method="saliency")
    second = ask_about("lenet5", "digit-3", "saliency").trace.predictions(2)[1].label
    assert [each["title"] for each in tiles(at)] == ["“3”", f"“{second}”", "Random weights"]
    assert sum("as it should" in text.value for text in at.markdown) == 2


def test_a_taught_head_has_no_twin_with_random_weights() -> None:
    asked = ask_about("lenet5", "digit-3", "saliency")
    assert twin_of(asked) is not None
    taught = replace(asked.trace, network=replace(asked.trace.network, weights=TAUGHT))
    assert twin_of(replace(asked, trace=taught)) is None


def test_opposite_maps_of_two_classes_are_not_called_alike() -> None:
    at = open_page(
        "why", network="lenet5", picture="digit-3", sanity="open", method="integrated-gradients"
    )
    asked = ask_about("lenet5", "digit-3", "integrated-gradients")
    rival = rival_of(asked)
    assert rival is not None
    one, other = (
        attribution(asked.trace, "integrated-gradients", each.target).cells
        for each in (asked, rival)
    )
    words = class_verdict(asked, rival, rank_correlation(one, other, signed=True))
    assert any(words in text.value for text in at.markdown)


def test_a_verdict_follows_from_the_rank_correlation() -> None:
    asked = ask_about("lenet5", "digit-3", "grad-cam")
    rival = rival_of(asked)
    assert rival is not None
    assert rival.target != asked.target
    assert "hardly tells why it is “3”" in class_verdict(asked, rival, 0.95)
    assert "as it should" in class_verdict(asked, rival, 0.6)
    assert "without any learning" in random_verdict(asked, 0.6)
    for words in (
        class_verdict(asked, rival, float("nan")),
        random_verdict(asked, float("nan")),
    ):
        assert "cannot be compared" in words
        assert "should" not in words


@pytest.mark.parametrize(
    "name", ["cost $5 *x*.jpg", "a_b [c](d) #1.png", "“é – ü” \\ ~.gif", "www.a.b -> c@d.jpg"]
)
def test_a_file_name_without_its_markdown_is_the_name(name: str) -> None:
    assert unmarked(plain(name)) == name
    assert "\\“" not in plain(name)


def test_a_method_that_cannot_look_into_a_network_says_so() -> None:
    at = open_page("why", network="lenet5", picture="digit-3", method="guided-backprop")
    assert "no ReLUs" in at.error[0].value


@pytest.mark.usefixtures("explored")
def test_a_module_of_the_users_own_is_asked_from_outside() -> None:
    torch.manual_seed(4)
    network = ali5.wrap(Odd(), size=32, device="cpu")
    prepared = torch.randn(1, 3, 32, 32)
    image = Image.new("RGB", (32, 32))
    own = exploring.Own(network, image, prepared, "own-of-this-test")
    exploring.show(own)
    at = open_page("why", method="saliency", sanity="open", code="open")
    expected = attribution(ali5.trace(network, prepared), "saliency")
    assert sent_map(at) == pytest.approx(expected.map.numpy(), abs=1e-6)
    assert sent_to(at, "overlay")[0]["photo"] == {"height": 32, "width": 32}
    assert any("cannot know how your module" in text.value for text in at.info)
    assert "ali5.wrap(module)" in at.code[0].value
    at = open_page("why")
    assert "cannot be read as one" in at.error[0].value


def test_a_map_is_computed_once_and_one_that_was_stopped_again() -> None:
    asked = ask_about("lenet5", "digit-8", "saliency")
    assert explained(asked) is explained(asked)
    assert explained(ask_about("lenet5", "digit-9", "saliency")) is not explained(asked)

    class Rerun(BaseException):
        pass

    occlusion = ask_about("lenet5", "digit-8", "occlusion")
    with pytest.MonkeyPatch.context() as patched:

        def stop() -> None:
            raise Rerun

        patched.setattr(engine, "slot", stop)
        with pytest.raises(Rerun):
            explained(occlusion)
    assert explained(occlusion).map.shape == (32, 32)


def test_the_code_on_the_page_gives_the_map_on_the_screen() -> None:
    asked = ask_about("lenet5", "digit-4", "occlusion")
    scope: dict = {}
    exec(code_of(asked.question, asked.name), scope)
    assert torch.equal(scope["found"].map, explained(asked).map)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        *((5, 50, "above and right of the middle"), (32, 10, "left of the middle")),
        *((60, 32, "below the middle"), (31, 33, "in the middle")),
    ],
)
def test_a_place_is_said_in_words(row: int, column: int, words: str) -> None:
    assert place_in_words(row, column, 64, 64) == words


def test_a_map_is_said_in_words() -> None:
    asked = ask_about("lenet5", "digit-3", "integrated-gradients")
    found = explained(asked)
    words = " ".join(reading_in_words(found, "3"))
    row, column = divmod(int(found.map.abs().argmax()), 32)
    assert f"row {row}, column {column}, " in words
    assert "Half of the weight lies in" in words
    assert "speaks against “3”" in words
    assert "The rest is the error of the sum" in words
