"""A network that joins the catalog is everywhere: nothing lists the networks a second time."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

import ali5
from ali5.classifying.comparing import Answer, answer
from ali5.known import catalog
from ali5.labs.stack.layers import FirstBatchNorm, FirstConvolution, read_stack, write_stack
from ali5.pictures.samples import open_sample
from ali5.site.app.classify.compare.words import agreement_in_words
from ali5.site.app.labs.stacking.findings import known_networks
from ali5.site.app.words import numeral
from tests.pages import open_page, sent_to


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a network of a seventh family; it is built like a ResNet."""
    known = catalog.architecture("resnet18")
    compact = known.edition("compact")
    new = replace(
        known,
        id="dinonet4",
        family="DinoNet",
        title="DinoNet-4",
        year=2031,
        editions=MappingProxyType({"compact": compact}),
    )
    together = MappingProxyType({**ali5.catalog(), new.id: new})
    monkeypatch.setattr(catalog, "_CATALOG", together)
    return new.id


def test_compare_asks_it_and_counts_it(newcomer: str) -> None:
    at = open_page("compare", picture="coffee")
    header, _ = sent_to(at, "compare")
    assert [column["id"] for column in header["columns"]][-1] == newcomer
    assert len(header["columns"]) == len(catalog.landmarks())
    said = [each.value for each in at.markdown]
    count = numeral(len(catalog.landmarks()))
    assert any(each.startswith(f"What {count} landmark networks say of one") for each in said)
    assert any("DinoNet-4 has random weights" in each for each in said)
    assert any("DinoNet-4 is not trained yet" in each.value for each in at.caption)


def test_it_stands_in_the_lists_of_networks_and_stacks(newcomer: str) -> None:
    at = open_page("explore", network=newcomer)
    chosen = next(each for each in at.selectbox if each.label == "Network")
    assert chosen.options[-1] == "DinoNet-4 (2031)"
    assert chosen.value == newcomer
    layers, dropped = read_stack(f"{newcomer}s2p1,bn{newcomer},bnalexnet")
    assert layers == (FirstConvolution(newcomer, 2, 1), FirstBatchNorm(newcomer))
    assert dropped == ("bnalexnet",)
    assert write_stack(layers) == f"{newcomer}s2p1,bn{newcomer}"
    sent = known_networks.__wrapped__()
    assert [*sent][-1] == newcomer
    assert sent[newcomer]["norm"] == 2 * sent[newcomer]["channels"]


@pytest.fixture(scope="module")
def sure() -> Answer:
    return answer(ali5.load("resnet18", device="cpu"), open_sample("coffee"))


@pytest.mark.parametrize("count", [2, 6, 7, 8, 13])
def test_however_many_agree_it_is_said(sure: Answer, count: int) -> None:
    # Seven families and one of the user's own are eight.
    all_of = "Both" if count == 2 else f"All {numeral(count)}"
    assert agreement_in_words([sure] * count) == f"**{all_of} networks say espresso.**"
    label = sure.verdict.best._replace(label="tea")
    other = replace(sure, verdict=replace(sure.verdict, predictions=(label,)))
    most = numeral(count).capitalize()
    said = agreement_in_words([*[sure] * count, other])
    assert said.startswith(f"**{most} of {numeral(count + 1)} networks say espresso.**")


def test_small_numbers_are_words() -> None:
    assert [numeral(n) for n in (0, 1, 6, 12, 13, 2000)] == [
        *("no", "one", "six", "twelve", "13", "2,000")
    ]
