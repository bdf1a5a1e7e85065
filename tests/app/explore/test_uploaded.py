"""A photograph that a visitor brings, on its way through every network."""

from __future__ import annotations

import json
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

import ali5
from ali5.paths import ASSETS
from ali5.site.app import engine
from ali5.tracing.walls import step_scale
from tests.pages import open_page, sent_to

CAT = ASSETS / "photographs" / "cat.jpg"

EDITIONS = [(name, known.edition().name) for name, known in ali5.catalog().items()]


@pytest.fixture(scope="module")
def visitor() -> AppTest:
    """Somebody who has brought a photograph as a file."""
    at = open_page("explore", **{"from": "file"})
    at.file_uploader[0].set_value((CAT.name, CAT.read_bytes(), "image/jpeg")).run()
    assert any("“cat.jpg”" in text.value for text in at.markdown)
    return at


def go_on(at: AppTest, **choices: str) -> None:
    for name, value in choices.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception


@pytest.mark.parametrize(("name", "edition"), [*EDITIONS, ("alexnet", "paper")])
def test_every_network_answers_on_an_uploaded_photograph(
    visitor: AppTest, name: str, edition: str
) -> None:
    known = ali5.catalog()[name]
    go_on(visitor, network=name, edition=edition, step="")
    network = engine.network(name, edition, "bundled")
    trace = ali5.trace(network, ali5.open_image(CAT))
    said = [text.value for text in visitor.markdown]
    assert any(f"{known.title} ({known.year}) looks at “cat.jpg”" in each for each in said)
    assert sum("**Untrained.**" in each for each in said) == (not network.trained)
    bars = next(
        node.proto
        for node in visitor.get("bidi_component")
        if node.proto.component_name == "ali5_bars"
    )
    shown = [(each["label"], each["share"]) for each in json.loads(bars.json)["classes"]]
    near = partial(pytest.approx, rel=1e-3)
    assert shown == [(each.label, near(each.probability)) for each in trace.predictions()]
    first = next(step for step in trace.steps if step.operation == "convolution")
    last = [step for step in trace.steps if "pooling" in step.operation][-1]
    for step in (first, last):
        go_on(visitor, step=step.name)
        header, _ = sent_to(visitor, "wall")
        assert header["name"] == step.name
        scale = step_scale(step)
        assert header["stepScale"] == pytest.approx([scale.minimum, scale.maximum], rel=1e-4)
