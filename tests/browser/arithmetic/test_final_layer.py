"""The small layer and softmax: the browser works out, while they are dragged, what PyTorch does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from ali5.labs.softmax import softmax
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.labs.final_layer.sent import pack_final_layer
from ali5.site.app.labs.final_layer.settings import TEMPERATURES, Settings, settings_as_sent
from ali5.site.app.labs.final_layer.toy import toy_of
from tests.app.labs.test_final_layer import COFFEE, MOVES, PARTS
from tests.browser.arithmetic.together import Built, Law, Several, for_any, in_browser

FILE = "labs/final_layer/arithmetic.js"
SOFTMAX_TERMS = in_browser(FILE, "softmaxTerms")


@pytest.fixture(scope="module")
def header() -> dict[str, Any]:
    """What the lab is sent besides its settings."""
    return unpack(pack_final_layer(Settings(), "", COFFEE.image, None, "", "glow"))[0]


@for_any(chosen=Built(Settings, PARTS))
def test_the_small_layer_is_flattened_and_summed_alike(
    header: dict[str, Any], chosen: Settings
) -> Law:
    found = yield in_browser(FILE, "toyOf")(
        header["toy"], header["limits"], settings_as_sent(chosen)
    )
    toy = toy_of(chosen)
    shape = tuple(toy.maps.shape)
    assert found["vector"] == pytest.approx(toy.maps.flatten().tolist(), rel=1e-6)
    assert np.reshape(found["maps"], shape) == pytest.approx(toy.maps.numpy(), rel=1e-6)
    assert np.array(found["weights"]) == pytest.approx(toy.weight.numpy(), rel=1e-6)
    assert found["biases"] == pytest.approx(toy.bias.tolist(), rel=1e-6)
    products = toy.weight.double() * toy.maps.flatten().double()
    size = max(1.0, float((products.abs().sum(1) + toy.bias.abs()).max()))
    assert np.array(found["products"]) == pytest.approx(products.numpy(), abs=1e-6 * size)
    assert found["logits"] == pytest.approx(toy.logits.tolist(), abs=1e-6 * size)
    for place, cell in zip(found["places"], found["vector"], strict=True):
        assert float(toy.maps[tuple(place)]) == pytest.approx(cell, rel=1e-6)


LOGIT = st.floats(-40, 40)


@for_any(
    logits=Several(LOGIT, 1, 12),
    temperature=st.sampled_from(TEMPERATURES).map(float),
    moved=st.dictionaries(st.integers(0, 11).map(str), MOVES, max_size=4),
    constant=st.integers(-10, 10).map(lambda half: half / 2),
)
def test_softmax_has_the_same_terms(
    logits: tuple[float, ...], temperature: float, moved: dict[str, float], constant: float
) -> Law:
    rows = [{"key": str(key), "logits": [logit]} for key, logit in enumerate(logits)]
    found = yield SOFTMAX_TERMS(rows, temperature, moved, constant)
    dragged = [logit + moved.get(str(key), 0) + constant for key, logit in enumerate(logits)]
    terms = softmax(torch.tensor(dragged, dtype=torch.float64), temperature)
    for name in ("logits", "divided", "shifted", "exponentials", "shares"):
        expected = getattr(terms, name).tolist()
        assert found[name] == pytest.approx(expected, rel=1e-9, abs=1e-9), name
    assert found["largest"] == pytest.approx(terms.largest, rel=1e-9, abs=1e-9)
    assert found["total"] == pytest.approx(terms.total, rel=1e-9)


@for_any(
    logits=Several(LOGIT, 7, 40),
    temperature=st.sampled_from(TEMPERATURES).map(float),
    dragged=MOVES,
)
def test_many_classes_together_are_as_one(
    logits: tuple[float, ...], temperature: float, dragged: float
) -> Law:
    """The five largest logits and the rest, as one row: the shares are those of all."""
    most, rest = sorted(logits, reverse=True)[:5], sorted(logits, reverse=True)[5:]
    rows = [{"key": str(key), "logits": [logit]} for key, logit in enumerate(most)]
    rows.append({"key": "rest", "logits": rest})
    found = yield SOFTMAX_TERMS(rows, temperature, {"rest": dragged}, 0)
    moved = torch.tensor([*most, *(each + dragged for each in rest)], dtype=torch.float64)
    shares = softmax(moved, temperature).shares
    expected = [*shares[:5].tolist(), float(shares[5:].sum())]
    assert found["shares"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@for_any(
    products=Several(st.one_of(st.just(0.0), st.floats(-10, 10)), 1, 60),
    bias=st.floats(-5, 5),
    listed=st.integers(1, 10),
)
def test_the_terms_that_are_listed_add_up_to_the_difference(
    products: tuple[float, ...], bias: float, listed: int
) -> Law:
    speaks = sorted((each for each in products if each > 0), reverse=True)
    against = sorted(each for each in products if each < 0)
    why = {
        "names": ["A", "B"],
        "map": None,
        "count": len(products),
        "bias": bias,
        "for": [len(speaks), sum(speaks)],
        "against": [len(against), sum(against)],
        "rows": [
            {"number": number, "product": product, "feature": 1.0, "weight": product}
            for number, product in enumerate(speaks[:10] + against[:10])
        ],
    }
    terms = yield in_browser(FILE, "termsOf")(why, listed)
    shown = [each["product"] for each in terms if each["kind"] == "row"]
    assert shown == speaks[:listed] + against[:listed]
    running = np.cumsum([each["product"] for each in terms])
    assert [each["after"] for each in terms] == pytest.approx(running.tolist(), abs=1e-9)
    assert terms[-1]["after"] == pytest.approx(sum(products) + bias, abs=1e-9)
    assert terms[-1]["kind"] == "bias"
