"""The pooling lab: its settings in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Picture
from .sent import pack_pooling
from .settings import RANGES, SENT, WORDS, Settings, made_possible

_pooling = component(__file__, "pooling", sends={"settings": SENT})


def show_pooling(settings: Settings, picture: Picture) -> None:
    """Show the lab; the settings go into the address when they are let go."""
    _pooling(
        key="pooling",
        data=engine.work_out(pack_pooling, settings, picture, read_colours()),
        settings=write_settings,
    )


def read_settings(photo: tuple[int, ...] = ()) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    return made_possible(Settings(**read_plain(Settings(), RANGES, WORDS)), photo)


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    address.write(**plain_choices(sent, Settings(), (*RANGES, *WORDS)))
