"""The final layer's lab on its page: its settings in the address, and the lab itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ali5.door import in_text
from ali5.known.catalog import catalog

from ... import address
from ...address import plain_choices, read_plain
from ...canvas.component import component
from .offers import Offer, first_offer, offers
from .settings import (
    CONSTANT,
    LARGEST_MOVE,
    LARGEST_NUMBER,
    RANGES,
    SENT,
    WORDS,
    Settings,
    is_cell,
    is_class,
    is_weight,
    numbers_in_words,
    numbers_of,
    shortest,
)

_final_layer = component(__file__, "final_layer", sends={"settings": SENT})


def show_final_layer(packed: bytes) -> None:
    """Show the lab; what is chosen in it goes into the address."""
    _final_layer(key="final_layer", data=packed, settings=write_settings)


def chosen_offer() -> Offer:
    """Return the network that the address names."""
    known = offers()
    name, edition = address.text("network"), address.text("edition")
    if name in catalog() and not edition:
        edition = catalog()[name].edition().name
    return known.get(f"{name}.{edition}" if edition else name) or known[first_offer()]


def read_settings(network: str, token: str) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        network: The chosen network and edition, which `chosen_offer` reads.
        token: Of that network on the chosen picture: logits that were dragged for another one stay
            as they were computed.
    """
    found = Settings(**read_plain(Settings(), RANGES, WORDS), network=network)
    token = "toy" if found.source == "toy" else token
    dragged, _, moved = address.text("moved").partition("~")
    return replace(
        found,
        unit=min(found.unit, found.classes - 1),
        cells=numbers_of(address.text("cells"), is_cell, LARGEST_NUMBER),
        weights=numbers_of(address.text("weights"), is_weight, LARGEST_NUMBER),
        constant=address.read_as("constant", in_text(CONSTANT), 0.0),
        moved=numbers_of(moved, is_class, LARGEST_MOVE) if dragged == token else {},
        token=token,
        a=address.text("a"),
        b=address.text("b"),
    )


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    choices = plain_choices(sent, Settings(), (*RANGES, *WORDS))
    choices["constant"] = shortest(sent["constant"]) if sent["constant"] else None
    for name in ("cells", "weights"):
        choices[name] = numbers_in_words(sent[name]) or None
    moved = numbers_in_words(sent["moved"])
    choices["moved"] = f"{sent['token']}~{moved}" if moved else None
    network, _, edition = sent["network"].partition(".")
    choices["network"], choices["edition"] = network or None, edition or None
    for name in ("a", "b"):
        choices[name] = sent[name] or None
    address.write(**choices)
