"""The learning lab in the browser: its controls, what the network has become, its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...canvas.component import answer, component
from ...canvas.packing import pack
from .settings import BATCHES, RATES, Settings, settings_as_sent

if TYPE_CHECKING:
    from numpy.typing import NDArray

_controls = component(__file__, "training")
_inside = component(__file__, "learning")


def show_controls(
    settings: Settings, begun: dict[str, Any] | None, changed: Callable[[str], None]
) -> None:
    """Show what can be set; call `changed` with the settings as JSON when a control is let go.

    Args:
        settings: What is set.
        begun: What the training that has begun was set to, None if nothing has been learned yet.
        changed: Takes the settings.
    """
    header = {
        "settings": settings_as_sent(settings),
        "begun": begun,
        "rates": RATES,
        "batches": BATCHES,
    }

    _controls(
        key="training",
        data=pack(header),
        on_settings_change=answer("training", "settings", changed),
    )


def show_inside(
    header: dict[str, Any],
    kernels: NDArray[np.float32],
    maps: NDArray[np.float32],
    picture: NDArray[np.float32],
    changed: Callable[[str], None],
) -> None:
    """Show the kernels of the first layer and the maps of one picture.

    Args:
        header: What there is to say about them.
        kernels: [K, h, w].
        maps: [C, H, W].
        picture: [32, 32], as the network sees it.
        changed: Called with another choice of picture and stage, as JSON.
    """

    shapes = {
        "kernels": kernels.shape,
        "maps": maps.shape,
        "picture": picture.shape,
    }
    parts = (np.ascontiguousarray(each, np.float32).tobytes() for each in (kernels, maps, picture))
    _inside(
        key="inside",
        data=pack(header | shapes, *parts),
        on_settings_change=answer("inside", "settings", changed),
    )
