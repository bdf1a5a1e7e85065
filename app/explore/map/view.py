"""The map of the whole network on the page: what it shows is in the address."""

from __future__ import annotations

from ali5.door import one_of, text

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Passage, StepFacts
from ..settings import STEP
from ..view import open_step
from .settings import LENSES

_network_map = component(
    __file__,
    "network_map",
    sends={"select": STEP, "fold": text(4000), "lens": one_of(tuple(LENSES))},
)


def show_strip(passage: Passage, step: StepFacts) -> None:
    """Show the network as a low strip around a step.

    Args:
        passage: The picture's way through the network.
        step: The one the visitor is at.
    """
    from .sent import pack_map

    packed = engine.ask(
        pack_map,
        passage,
        passage.subject.picture.image,
        chosen=step.name,
        opened=address.text("open"),
        lens=address.read("lens", LENSES, "none"),
        colours=read_colours(),
        height="strip",
    )
    show_map(packed)


def show_map(packed: bytes) -> None:
    """Show a whole network on one canvas, as `pack_map` gives it."""
    _network_map(key="map", data=packed, select=open_step, fold=_fold, lens=_weigh)


def _fold(keys: str) -> None:
    """Have these blocks open: "all", "none" or keys."""
    address.write(open=keys)


def _weigh(lens: str) -> None:
    address.write(lens=None if lens == "none" else lens)
