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


def show_map(trace: Trace, image: Image.Image, step: Step | None) -> None:
    """Show the whole network on one canvas; once a step is chosen, as a low strip around it.

    Args:
        trace: The picture's way through the network.
        image: The picture as it was brought.
        step: The one the visitor is at; None above that.
    """
    from .sent import pack_map

    chosen = None if step is None else step.name
    packed = pack_map(
        trace,
        image,
        chosen=chosen,
        opened=read_opened(trace, address.text("open"), chosen),
        lens=address.read("lens", LENSES, "none"),
        colours=read_colours(),
        height="tall" if step is None else "strip",
    )
    _network_map(
        key="map",
        data=packed,
        select=open_step,
        fold=_fold,
        lens=_weigh,
    )


def _fold(keys: str) -> None:
    """Have these blocks open: "all", "none" or keys."""
    address.write(open=keys)


def _weigh(lens: str) -> None:
    address.write(lens=None if lens == "none" else lens)
