"""Weights that were kept on the way: loaded truly, and shown on one scale."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from streamlit.testing.v1 import AppTest

import ali5
from ali5.known.cards import bundled_weights, moments, read_card
from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.engine import Picture, facts_of
from ali5.site.app.explore.snapshots.moments import points_of, show_to
from ali5.site.app.explore.snapshots.sent import pack_moments
from ali5.tracing.walls import Scale, maps_of
from ali5.training.recipe import Recipe
from ali5.training.run import Run
from tests.conftest import EDITIONS

KEPT = [
    (name, edition, point)
    for name, edition in EDITIONS
    for point in moments(name, edition)
    if point.step
]


def test_the_moments_are_those_of_the_model_card_in_order() -> None:
    for name, edition in EDITIONS:
        points = moments(name, edition)
        assert points[0].weights == "untrained"
        path = bundled_weights(name, edition)
        if path is None:
            assert len(points) == 1
            continue
        card = read_card(path)
        assert len(points) == len(card.snapshots) + 2
        assert [point.step for point in points[1:-1]] == [each.step for each in card.snapshots]
        epochs = [point.epoch for point in points if point.epoch is not None]
        assert epochs == sorted(epochs)
        assert points[-1].top1 == card.accuracy["top1"]
    assert {name for name, _, _ in KEPT} >= {"lenet5", "resnet18"}


@pytest.mark.parametrize(("name", "edition", "point"), KEPT)
def test_weights_of_the_way_are_those_of_their_file(name: str, edition: str, point) -> None:
    network = ali5.load(name, edition, weights=point.weights, device="cpu")
    assert network.weights == point.weights
    assert network.trained
    path = bundled_weights(name, edition)
    assert path is not None
    kept = load_file(path.with_name(f"{path.stem}-{point.weights}.safetensors"))
    state = network.module.state_dict()
    for key, value in kept.items():
        assert torch.equal(state[key], value.to(state[key].dtype)), key


@pytest.mark.parametrize(
    ("name", "edition"), [each for each in EDITIONS if bundled_weights(*each) is not None]
)
def test_untrained_is_where_the_training_began(name: str, edition: str, tmp_path: Path) -> None:
    start = ali5.load(name, edition, weights="untrained", device="cpu")
    path = bundled_weights(name, edition)
    assert path is not None
    kept = read_card(path).recipe
    settings = {key: tuple(each) if isinstance(each, list) else each for key, each in kept.items()}
    run = Run(start.edition, Recipe(**settings), torch.device("cpu"), tmp_path / "w.safetensors")
    state = start.module.state_dict()
    for key, value in run.model.state_dict().items():
        if key in state:  # an auxiliary head is only there in training
            assert torch.equal(value, state[key]), key


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_the_first_weights_that_were_kept_are_near_the_untrained_ones(name: str) -> None:
    begun, early = (
        next(ali5.load(name, weights=point.weights, device="cpu").module.parameters()).flatten()
        for point in moments(name)[:2]
    )
    assert torch.corrcoef(torch.stack([begun, early]))[0, 1] > 0.99
    assert float(early @ begun / (begun @ begun)) == pytest.approx(1, abs=0.1)


def test_weights_of_the_way_carry_their_own_accuracy_and_checksum() -> None:
    card = ali5.load("lenet5", weights="step-20", device="cpu").card
    whole = ali5.load("lenet5", device="cpu").card
    assert card is not None
    assert whole is not None
    kept = whole.snapshots[0]
    assert (card.accuracy, card.sha256, card.confusions) == (kept.accuracy, kept.sha256, ())
    assert card.accuracy["top1"] < 0.6 < whole.accuracy["top1"]
    assert card.remarks[0].startswith("These are the weights after 20 steps")


def test_the_answer_emerges() -> None:
    image = open_sample("digit-3")
    shares = []
    for point in moments("lenet5"):
        trace = ali5.trace(ali5.load("lenet5", weights=point.weights, device="cpu"), image)
        shares.append(float(trace.steps[-1].output[0, 3]))
    assert shares[0] < 0.2
    assert shares[-1] > 0.99
    assert sorted(shares[:6]) == shares[:6]


def test_weights_that_were_not_kept_are_refused_with_what_there_is() -> None:
    with pytest.raises(ali5.WeightsError, match="There is: untrained, step-400, step-6000"):
        ali5.load("resnet18", weights="step-401", device="cpu")
    with pytest.raises(ali5.WeightsError, match=r"VGG-16 \(paper\) kept no weights"):
        ali5.load("vgg16", "paper", weights="step-1", device="cpu")


def test_a_kept_file_that_was_changed_is_refused(monkeypatch, tmp_path) -> None:
    path = bundled_weights("lenet5", "compact")
    assert path is not None
    for file in path.parent.glob("lenet5-compact*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    changed = tmp_path / "lenet5-compact-step-20.safetensors"
    changed.write_bytes((tmp_path / "lenet5-compact-step-60.safetensors").read_bytes())
    monkeypatch.setattr(
        "ali5.networks.networks.bundled_weights", lambda *names: tmp_path / path.name
    )
    with pytest.raises(ali5.WeightsError, match="checksum differs"):
        ali5.load("lenet5", weights="step-20", device="cpu")


def test_other_weights_than_those_that_ship_have_two_ends(tmp_path) -> None:
    from safetensors.torch import save_file

    file = tmp_path / "mine.safetensors"
    save_file(ali5.load("lenet5", device="cpu").module.state_dict(), file)
    mine = ali5.load("lenet5", weights=file, device="cpu")
    assert [point.weights for point in points_of(facts_of(mine))] == ["untrained", str(file)]
    header, _ = shown("lenet5", "digit-3", "C1", str(file))
    assert header["moments"][0]["words"] == "Untrained: random weights"
    untrained = ali5.load("lenet5", weights="untrained", device="cpu")
    assert points_of(facts_of(untrained)) == moments("lenet5")
    assert len(points_of(facts_of(ali5.load("lenet5", "paper", device="cpu")))) == 1


def _page(name: str, sample: str, step: str, file: str = "") -> None:
    import ali5
    from ali5.pictures.images import digest_of
    from ali5.pictures.samples import open_sample
    from ali5.site.app import address, engine
    from ali5.site.app.explore.snapshots.view import show_snapshots

    address.follow("page")
    image = open_sample(sample)
    picture = engine.Picture(sample, image, digest_of(image), sample)
    if file:
        engine.own_network(name, "compact", file, lambda: ali5.load(name, "compact", file))
    chosen = engine.Chosen(name, "compact", file or "bundled")
    passage = engine.look(engine.Subject(chosen, picture))
    show_snapshots(passage, passage[step])


def shown(name: str, sample: str, step: str, file: str = "", **choices: str) -> tuple[dict, bytes]:
    at = AppTest.from_function(_page, default_timeout=60, args=(name, sample, step, file))
    for key, value in ({"learned": "open"} | choices).items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    (node,) = at.get("bidi_component")
    return unpack(node.proto.bytes)


@pytest.mark.parametrize(
    ("name", "sample", "step"),
    [("lenet5", "digit-3", "C1"), ("lenet5", "digit-3", "F6"), ("resnet18", "cat", "layer2.0.add")],
)
def test_what_is_shown_of_every_moment_is_what_its_network_gives(
    name: str, sample: str, step: str
) -> None:
    header, body = shown(name, sample, step)
    maps, channels = header["maps"], header["channels"]
    size = maps["count"] * maps["height"] * maps["width"]
    points = moments(name)
    assert len(header["moments"]) == len(maps["scales"]) == len(points)
    for number, point in enumerate(points):
        network = ali5.load(name, weights=point.weights, device="cpu")
        trace = ali5.trace(network, open_sample(sample))
        output = trace[step].output
        if output.ndim == 4:
            strengths = output[0].abs().mean((1, 2))
            output = output[:, channels]
            if point.step is None:  # the trained network chooses which are shown
                assert channels == torch.argsort(strengths, descending=True)[:16].tolist()
        wanted = maps_of(output)
        scale = Scale(*maps["scales"][number])
        codes = torch.frombuffer(
            bytearray(body[number * size : (number + 1) * size]), dtype=torch.uint8
        )
        values = torch.from_numpy(scale.decode(codes.numpy())).view(wanted.shape)
        level = (scale.high - scale.low) / 252
        assert torch.allclose(values, wanted, atol=level, rtol=0, equal_nan=True)
        told = header["moments"][number]
        top = trace.predictions()
        assert [each[0] for each in told["classes"]] == [each.label for each in top]
        assert [each[1] for each in told["classes"]] == [each.probability for each in top]
        assert told["right"] == point.top1
    best = header["moments"][-1]["classes"][0]
    assert header["followed"] == best[0]
    assert header["moments"][-1]["followed"] == best[1]


def test_kernels_are_shown_of_a_first_layer_only() -> None:
    header, body = shown("resnet18", "cat", "conv1")
    kernels = header["kernels"]
    assert (kernels["count"], kernels["height"], kernels["width"]) == (16, 5, 5)
    assert kernels["colour"]
    maps = header["maps"]
    length = maps["count"] * maps["height"] * maps["width"] * 4
    assert len(body) == length + 4 * 16 * 5 * 5 * 3
    assert shown("resnet18", "cat", "layer1.0.conv1")[0]["kernels"] is None


def test_the_address_says_the_moment_and_the_span() -> None:
    header, _ = shown("resnet18", "cat", "bn1", snapshot="step-400", span="own")
    assert header["chosen"] == {"moment": "step-400", "span": "own"}
    header, _ = shown("resnet18", "cat", "bn1", snapshot="step-7", span="none")
    assert header["chosen"] == {"moment": "trained", "span": "all"}


def test_moments_are_packed_without_a_page() -> None:
    image = open_sample("digit-3")
    picture = Picture("digit-3", image, digest_of(image), "digit-3")
    network = ali5.load("lenet5", device="cpu")
    trace = ali5.trace(network, image)
    found = [show_to(trace, point, picture) for point in points_of(facts_of(network))]
    assert found[-1].trace is trace
    header, body = unpack(pack_moments(found, "C1", "trained", "all", "glow"))
    assert (header, body) == shown("lenet5", "digit-3", "C1")


def test_nothing_is_computed_before_it_is_opened() -> None:
    at = AppTest.from_function(_page, default_timeout=60, args=("lenet5", "digit-3", "C1")).run()
    assert at.expander[0].label == "While it learned: untrained, trained, and 7 moments between"
    assert not at.get("bidi_component")


def test_a_taught_head_has_no_moments_before_it() -> None:
    def page() -> None:
        import torch

        import ali5
        from ali5.classifying.teach.last_layer import Head, trunk_of, with_head
        from ali5.pictures.samples import open_sample
        from ali5.site.app import address
        from ali5.site.app.engine import Chosen, Passage, Picture, Subject, facts_of
        from ali5.site.app.engine.passage import steps_of
        from ali5.site.app.explore.snapshots.view import show_snapshots

        address.follow("page")
        head = Head(("cats", "cups"), torch.zeros(2, 84), torch.zeros(2))
        network = with_head(trunk_of(ali5.load("lenet5", device="cpu")), head)
        image = open_sample("digit-3")
        picture = Picture("digit-3", image, "x", "a digit")
        subject = Subject(Chosen("lenet5", "compact", "bundled"), picture)
        steps = steps_of(ali5.trace(network, image))
        passage = Passage(subject, "", facts_of(network), steps, ())
        show_snapshots(passage, passage["C1"])

    at = AppTest.from_function(page, default_timeout=60).run()
    assert not at.exception
    assert not at.expander
