"""The map of the whole network on the page: what it shows is in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import address
from ...canvas.component import answer, component
from ...choose.colours import read_colours
from ..view import open_step
from .blocks import read_opened

if TYPE_CHECKING:
    from PIL import Image

    from ali5.tracing.trace import Step, Trace

_network_map = component(__file__, "network_map")


def show_map(trace: Trace, image: Image.Image, step: Step | None) -> None:
    """Show the whole network on one canvas; once a step is chosen, as a low strip around it.

    Args:
        trace: The picture's way through the network.
        image: The picture as it was brought.
        step: The one the visitor is at; None above that.
    """
    from .sent import LENSES, pack_map

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
        on_select_change=answer("map", "select", open_step),
        on_fold_change=answer("map", "fold", _fold),
        on_lens_change=answer("map", "lens", _weigh),
    )


def _fold(keys: str) -> None:
    """Have these blocks open: "all", "none" or keys."""
    address.write(open=keys)


def _weigh(lens: str) -> None:
    address.write(lens=None if lens == "none" else lens)
