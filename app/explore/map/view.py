"""The map of the whole network on the page: what it shows is in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ali5.door import one_of, text

from ... import address
from ...canvas.component import component
from ...choose.colours import read_colours
from ..settings import STEP
from ..view import open_step
from .blocks import read_opened
from .settings import LENSES

if TYPE_CHECKING:
    from PIL import Image

    from ali5.tracing.trace import Step, Trace

_network_map = component(
    __file__,
    "network_map",
    sends={"select": STEP, "fold": text(4000), "lens": one_of(tuple(LENSES))},
)


def show_strip(trace: Trace, image: Image.Image, step: Step) -> None:
    """Show the network as a low strip around a step.

    Args:
        trace: The picture's way through the network.
        image: The picture as it was brought.
        step: The one the visitor is at.
    """
    from .sent import pack_map

    packed = pack_map(
        trace,
        image,
        chosen=step.name,
        opened=read_opened(trace, address.text("open"), step.name),
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
