"""The final layer's lab without a browser: address, questions, code and numbers against PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from torch import Tensor, nn

import ali5
from ali5.labs.softmax import softmax
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.canvas.seen import sharper_picture
from ali5.site.app.engine import Picture
from ali5.site.app.labs.final_layer import sent as packer
from ali5.site.app.labs.final_layer import view
from ali5.site.app.labs.final_layer.comparison import Comparison, limits_in_words
from ali5.site.app.labs.final_layer.network import compare, limits_of
from ali5.site.app.labs.final_layer.offers import offers, token_of
from ali5.site.app.labs.final_layer.settings import SENT, TEMPERATURES, Settings, settings_as_sent
from ali5.site.app.labs.final_layer.tasks import (
    code_of,
    logits_of,
    network_code_of,
    questions_of,
    shares_code_of,
)
from ali5.site.app.labs.final_layer.toy import toy_of
from tests.pages import heard, open_page, sent_to

COFFEE = Picture("coffee", open_sample("coffee"), "coffee for tests", "the coffee")
THREE = Picture("digit-3", open_sample("digit-3"), "three for tests", "the digit 3")
NOISE = Picture("noise", open_sample("noise"), "noise for tests", "noise")


def open_lab(**choices: str) -> AppTest:
    at = open_page("final_layer", **choices)
    assert at.title[0].value == "Final layer"
    assert len(at.radio) == 3
    return at


def sent(at: AppTest) -> tuple[dict, bytes]:
    return sent_to(at, "final_layer")


def comparison_of(name: str, picture: Picture = COFFEE, **more: object) -> Comparison:
    return compared_by(name, picture, Settings(network=name, **more))


def compared_by(name: str, picture: Picture, chosen: Settings) -> Comparison:
    offer = offers()[name]
    key = engine.Chosen(*offer.choice.key)
    trace = engine.traced(engine.network_of(key), offer.choice.weights, picture)
    return compare(trace, offer, picture, chosen)


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
CELLS = st.integers(0, 3**3 - 1).map(lambda k: f"{k // 9},{k // 3 % 3},{k % 3}")
WEIGHTS = st.builds("{},{}".format, st.integers(0, 3), CELLS | st.just("bias"))
MOVES = st.floats(-40, 40).map(lambda value: round(value, 1)).filter(bool)
PARTS = {
    "size": st.integers(2, 3),
    "channels": st.integers(1, 3),
    "classes": st.integers(2, 4),
    "seed": st.integers(1, 9),
    "edges": st.sampled_from(["weights", "products"]),
    "unit": st.integers(0, 1),
    "cells": st.dictionaries(CELLS, NUMBERS, max_size=4),
    "weights": st.dictionaries(WEIGHTS, NUMBERS, max_size=4),
    "source": st.sampled_from(["toy", "network"]),
    "temperature": st.sampled_from(TEMPERATURES),
    "constant": st.integers(-10, 10).map(lambda half: half / 2),
    "moved": st.dictionaries(st.sampled_from(["0", "1", "17", "193", "rest"]), MOVES, max_size=3),
    "network": st.sampled_from(["", "lenet5.compact", "vgg16.paper"]),
    "a": st.sampled_from(["", "espresso", "tailed frog"]),
    "b": st.sampled_from(["", "teapot"]),
    "listed": st.integers(1, 10),
    "cover": st.integers(0, 100),
    "look": st.sampled_from(["cells", "smooth"]),
}
SETTINGS = st.builds(Settings, **PARTS)


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
def test_the_toy_is_what_pytorch_makes_of_it(chosen: Settings) -> None:
    chosen = replace(chosen, source="toy")
    toy = toy_of(chosen)
    assert toy.maps.shape == (chosen.channels, chosen.size, chosen.size)
    module = nn.Sequential(nn.Flatten(), nn.Linear(toy.maps.numel(), chosen.classes))
    with torch.no_grad():
        module[1].weight.copy_(toy.weight)
        module[1].bias.copy_(toy.bias)
        expected = module(toy.maps[None])[0]
    size = float((toy.weight.abs() @ toy.maps.flatten().abs() + toy.bias.abs()).max())
    assert torch.allclose(toy.logits, expected, atol=1e-6 * max(1.0, size))
    names: dict = {}
    code = code_of(chosen, toy)
    exec(code, names)
    assert len([line for line in code.splitlines() if line]) <= 10
    shares = softmax(logits_of(chosen, toy, None), float(chosen.temperature)).shares
    loose = 1e-5 * max(1.0, size) / float(chosen.temperature)
    assert torch.allclose(names["shares"].double(), shares, atol=min(1.0, loose))


def test_the_toy_opens_with_small_maps_and_random_weights() -> None:
    toy = toy_of(Settings())
    assert toy.maps.shape == (2, 3, 3)
    assert toy.weight.shape == (3, 18)
    assert float(toy.weight.abs().max()) <= 0.5
    assert len({tuple(toy_of(Settings(seed=seed)).logits.tolist()) for seed in range(1, 10)}) == 9
    # By hand: only one cell and one weight are not zero.
    zeros = {f"{c},{y},{x}": 0.0 for c in range(2) for y in range(3) for x in range(3)}
    cells = zeros | {"1,2,0": 5.0}
    by_hand = toy_of(Settings(cells=cells, weights={"1,1,2,0": 0.5, "1,bias": -1.0}))
    assert float(by_hand.logits[1]) == 1.5


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
def test_settings_survive_the_way_through_the_address(chosen: Settings) -> None:
    token = "resnet18.compact.coffee"
    chosen = replace(chosen, token="toy" if chosen.source == "toy" else token)
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view.address, "write", lambda **choices: address.update(choices))
        view.write_settings(heard(SENT, settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(view.address.st, "query_params", kept)
        assert view.read_settings(chosen.network, token) == chosen
        offer = view.chosen_offer()
        assert offer.id == (chosen.network or "resnet18.compact")
        # What was dragged for one picture does not go along to another.
        if chosen.source == "network":
            assert view.read_settings(chosen.network, "resnet18.compact.cat").moved == {}


def test_the_opening_address_is_empty() -> None:
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view.address, "write", lambda **choices: address.update(choices))
        view.write_settings(heard(SENT, settings_as_sent(Settings())))
    assert set(address.values()) == {None}


@pytest.mark.parametrize(
    "choices",
    [
        {"size": "9", "channels": "0", "classes": "x", "seed": "-1", "unit": "3"},
        {"temperature": "0", "constant": "1e99", "source": "<b>", "edges": "nothing"},
        {"temperature": "nan", "constant": "0.3", "moved": "toy~0:99,rest:-41,::,x:1"},
        {"cells": "0.0:1,9.9.9:1,::,0.0.0:inf,²..:1", "weights": "0.bias:x,9.bias:1,0.0.0.0:nan"},
        {"network": "resnet19", "edition": "compact"},
        {"network": "lenet5", "edition": "torchvision"},
        {"a": "unicorn", "b": "espresso", "listed": "0", "cover": "101", "look": "?"},
        {"a": "espresso", "b": "espresso"},
        {"source": "network", "moved": "resnet18.compact.cat~0:3"},
    ],
)
def test_an_impossible_address_opens_the_lab(choices: dict[str, str]) -> None:
    at = open_lab(**choices)
    header, _ = sent(at)
    assert header["answer"]["title"] in ("ResNet-18", "LeNet-5")
    assert header["why"]["a"] != header["why"]["b"]
    assert header["settings"]["moved"] == {}
    assert not at.error


def test_the_lab_opens_on_the_winner_and_the_runner_up() -> None:
    header, _ = sent(open_lab())
    network = ali5.load("resnet18", device="cpu")
    first, second = ali5.trace(network, open_sample("coffee")).predictions(2)
    assert header["why"]["names"] == [first.label, second.label]
    assert header["why"]["logits"] == pytest.approx([first.logit, second.logit])
    assert len(header["answer"]["classes"]) == 200
    assert header["settings"]["network"] == ""


def test_classes_are_chosen_by_name_and_stay_with_another_network() -> None:
    for network in ("resnet18", "vgg11"):
        header, _ = sent(open_lab(network=network, edition="compact", a="teapot", b="goldfish"))
        assert header["why"]["names"] == ["teapot", "goldfish"]
    header, _ = sent(open_lab(network="lenet5", a="teapot"))
    assert set(header["why"]["names"]) <= set("0123456789")


def test_trained_networks_are_offered_first() -> None:
    kinds = [offer.choice.weights for offer in offers().values()]
    assert kinds == sorted(kinds)  # bundled, published, untrained
    assert kinds.count("bundled") >= 2
    assert len(kinds) == sum(len(known.editions) for known in ali5.catalog().values())


@pytest.mark.parametrize(
    ("name", "picture"),
    [("resnet18.compact", COFFEE), ("lenet5.compact", THREE), ("googlenet.compact", COFFEE)],
)
def test_what_the_browser_gets_adds_up(name: str, picture: Picture) -> None:
    comparison = comparison_of(name, picture)
    assert comparison.why is not None
    header, parts = packer._why(comparison, comparison.why, picture.image)
    total = header["for"][1] + header["against"][1] + header["bias"]
    assert total == pytest.approx(header["logits"][0] - header["logits"][1], abs=1e-5)
    assert header["total"] == pytest.approx(total, abs=1e-5)
    products = [row["product"] for row in header["rows"]]
    assert products[:10] == sorted(products[:10], reverse=True)
    assert products[10:] == sorted(products[10:])
    assert min(products[:10]) > 0 > max(products[10:])
    for row in header["rows"]:
        assert row["feature"] * row["weight"] == pytest.approx(row["product"], rel=1e-5)
    photo = np.frombuffer(parts[-1], np.uint8)
    assert len(photo) == header["photo"]["height"] * header["photo"]["width"] * 3
    if name == "lenet5.compact":
        assert header["map"] is None
        assert len(parts) == 1
        return
    shape = (header["map"]["height"], header["map"]["width"])
    regions, maps, places = (np.frombuffer(part, np.float32) for part in parts[:3])
    assert float(regions.sum()) + header["bias"] == pytest.approx(header["total"], abs=1e-4)
    places = places.reshape(-1, *shape)
    assert places.sum((1, 2)) == pytest.approx(products, abs=1e-5)
    assert maps.reshape(-1, *shape).mean((1, 2)) == pytest.approx(
        [row["feature"] for row in header["rows"]], abs=1e-5
    )


def test_the_picture_is_cut_as_the_network_cuts_it() -> None:
    network = ali5.load("resnet18", device="cpu")
    preprocessing = network.edition.preprocessing
    shown = sharper_picture(COFFEE.image, preprocessing)
    assert shown.shape == (320, 320, 3)
    mean, std = (np.array(each)[:, None, None] for each in (preprocessing.mean, preprocessing.std))
    seen = network.prepare(COFFEE.image)[0].numpy() * std + mean
    small = shown.reshape(64, 5, 64, 5, 3).mean((1, 3)).transpose(2, 0, 1) / 255
    assert float(np.abs(small - seen).mean()) < 0.01


@pytest.mark.parametrize(
    ("name", "picture"), [("resnet18.compact", COFFEE), ("lenet5.compact", THREE)]
)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"source": "network"},
        {"source": "network", "temperature": "2.5", "constant": -1.5},
        {"source": "network", "temperature": "0.4", "moved": {"3": 1.5, "193": -2.0, "rest": 0.7}},
    ],
)
def test_the_code_on_the_page_gives_what_is_on_the_screen(
    name: str, picture: Picture, more: dict
) -> None:
    chosen = Settings(network=name, **more)
    comparison = compared_by(name, picture, chosen)
    found = comparison.why
    assert found is not None
    code = network_code_of(comparison)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10
    names: dict = {}
    exec(code, names)
    assert torch.allclose(names["products"].double(), found.by_channel, atol=1e-5)
    assert float(names["difference"]) == pytest.approx(found.total, abs=1e-4)
    if found.regions is not None:
        assert torch.allclose(names["regions"].double(), found.regions, atol=1e-5)
    if chosen.source == "network":
        code = shares_code_of(chosen, comparison)
        dragged = len(chosen.moved or {}) and len(chosen.moved or {}) + 2
        assert 3 <= len([line for line in code.splitlines() if line]) <= 10 + dragged
        exec(code, names)
        logits = logits_of(chosen, toy_of(chosen), comparison)
        expected = torch.softmax(logits / float(chosen.temperature), 0)
        assert torch.allclose(names["shares"].double(), expected, atol=1e-5)


def test_logits_dragged_for_one_picture_are_not_those_of_another() -> None:
    offer = offers()["resnet18.compact"]
    pictures = [
        Picture(name, open_sample("cat"), digest, "")
        for name, digest in (("cat", "1" * 32), ("coffee", "2" * 32), ("own", "3" * 32))
    ]
    other = Picture("own", open_sample("coffee"), "4" * 32, "")
    assert len({token_of(offer, picture) for picture in (*pictures, other)}) == 4


def test_dragging_the_rest_moves_all_the_others_together() -> None:
    comparison = comparison_of("resnet18.compact")
    toy = toy_of(Settings())
    moved = logits_of(Settings(source="network", moved={"rest": 2.0, "193": 1.0}), toy, comparison)
    change = moved - comparison.logits
    best = comparison.best
    assert comparison.names[best[0]] == "espresso"
    assert float(change[best[0]]) == pytest.approx(1)
    assert change[best[1:]].abs().max() < 1e-9
    others = [each for each in range(200) if each not in best]
    assert torch.allclose(change[others], torch.full((195,), 2.0).double())


@settings(max_examples=100, deadline=None)
@given(SETTINGS, st.booleans())
def test_questions_have_one_right_answer(chosen: Settings, with_network: bool) -> None:
    comparison = comparison_of("resnet18.compact") if with_network else None
    toy = toy_of(chosen)
    questions = questions_of(chosen, toy, comparison)
    assert len(questions) == 3
    for question in questions:
        assert len(question.options) >= 3
        assert question.options.count(question.answer) == 1
        assert len(set(question.options)) == len(question.options)
    wide = nn.Linear(chosen.channels * (2 * chosen.size) ** 2, chosen.classes)
    assert questions[0].answer == f"{wide.weight.numel():,}"
    logits = logits_of(chosen, toy, comparison)
    now = torch.softmax(logits / float(chosen.temperature), 0).max()
    colder = torch.softmax(logits / float(chosen.temperature) * 2, 0).max()
    if abs(float(colder - now)) > 1e-8:
        assert questions[1].answer == ("it grows" if colder > now else "it shrinks")


def test_the_question_about_silence_is_answered_by_silencing_the_channel() -> None:
    for b in ("", "goldfish", "water jug"):
        comparison = comparison_of("resnet18.compact", b=b)
        found = comparison.why
        assert found is not None
        question = questions_of(Settings(), toy_of(Settings()), comparison)[2]
        best = int(found.by_channel.argmax())
        assert question.text.startswith(f"Channel {best} speaks most for espresso")
        network = comparison.trace.network
        maps = comparison.trace[found.source].output.clone()
        maps[:, best] = 0
        logits = network.module.fc(F.adaptive_avg_pool2d(maps, 1).flatten(1))[0]
        expected = found.a if logits[found.a] > logits[found.b] else found.b
        assert question.answer == comparison.names[expected]


def test_what_it_cannot_answer_is_measured() -> None:
    assert engine.wait_until_loaded(60)
    comparison = comparison_of("resnet18.compact")
    offer = offers()["resnet18.compact"]
    limits = limits_of(comparison, offer)
    network = ali5.load("resnet18", device="cpu")
    noise = network(NOISE.image)[0]
    assert limits.noise_name == network.labels[int(noise.argmax())]
    assert limits.noise_share == pytest.approx(float(noise.max()), abs=1e-6)
    assert limits.noise_total == pytest.approx(1, abs=1e-5)
    assert limits.changed < 1e-4
    assert limits.backward == 0
    assert limits.arrows >= limits.steps - 1
    logits = comparison.logits
    assert limits.share == pytest.approx(float(torch.softmax(logits, 0).max()))
    assert limits.share_at_two == pytest.approx(float(torch.softmax(logits / 2, 0).max()))
    words = " ".join(f"{each}" for pair in limits_in_words(limits, comparison) for each in pair)
    assert f"“{limits.noise_name}”" in words
    assert "100.0 %" in words
    assert "none leads back" in words


class Head(nn.Module):
    """A small network whose head can be anything."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.maps = nn.Conv2d(3, 6, 3, padding=1)
        self.full = nn.Linear(6 * 64, 3)
        self.last = nn.Conv2d(6, 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        maps = F.avg_pool2d(torch.relu(self.maps(image)), 2)
        if self.head == "convolution":
            return self.last(maps).mean((2, 3))
        if self.head == "broken":
            return self.full(maps.flatten(1)) / 0
        return self.full(maps.flatten(1))


def show_mine(head: str, labels: list[str]) -> AppTest:
    torch.manual_seed(3)
    network = ali5.wrap(Head(head), labels, size=16, device="cpu")
    image = open_sample("coffee")
    exploring.show(exploring.Own(network, image, None, f"own-test-{head}"))
    return open_lab()


@pytest.mark.usefixtures("explored")
def test_an_own_network_with_a_full_head_is_asked_by_place() -> None:
    header, body = sent(show_mine("flat", ["cup", "plate", "cup"]))
    assert header["networks"][0] == ["own", "Head, yours"]
    assert {name for _, name, _, _ in header["answer"]["classes"]} == {
        "cup (0)",
        "plate",
        "cup (2)",
    }
    assert header["why"]["map"] == {"height": 8, "width": 8}
    regions = np.frombuffer(body[: 4 * 64], np.float32)
    assert float(regions.sum()) + header["why"]["bias"] == pytest.approx(
        header["why"]["total"], abs=1e-5
    )
    assert header["why"]["rows"][0]["weight"] is None  # it has 64 of them


@pytest.mark.usefixtures("explored")
def test_an_own_network_without_a_last_sum_gets_a_sentence() -> None:
    at = show_mine("convolution", ["one", "two", "three"])
    header, _ = sent(at)
    assert header["why"] is None
    assert "not a fully connected layer" in header["refusal"]
    assert header["answer"]["title"] == "Head"
    assert any("none of these" in each.value for each in at.markdown)


@pytest.mark.usefixtures("explored")
def test_an_own_network_whose_logits_are_no_numbers_gets_a_sentence() -> None:
    at = show_mine("broken", ["one", "two", "three"])
    header, _ = sent(at)
    assert header["answer"] is None
    assert "finite" in header["refusal"]
    assert "finite" in at.error[0].value


def test_a_right_and_a_wrong_answer_are_told_apart() -> None:
    at = open_lab()
    assert "how many weights" in at.radio[0].label
    at.radio[0].set_value("216").run()
    assert "Right." in at.success[0].value
    at.radio[0].set_value("54").run()
    assert "It is 216" in at.warning[0].value


def test_the_code_panel_opens_with_the_layer_and_the_network() -> None:
    at = open_lab(code="open", source="network", picture="digit-3", network="lenet5")
    assert len(at.code) == 3
    assert 'ali5.load("lenet5", "compact")' in at.code[1].value
    assert "torch.softmax" in at.code[1].value
    assert "torch.softmax" not in at.code[0].value
