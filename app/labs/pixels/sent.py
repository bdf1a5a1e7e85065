"""The lab "A picture is numbers" in the browser: a patch, the way into a network, the costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from ali5.known.records import Preprocessing
from ali5.pictures.preparation import Rung

from ...canvas.component import answer, component
from ...canvas.packing import pack
from .view import Settings, Weighing, colours_of, rungs_as_sent, settings_as_sent, start_of

_pixels = component(__file__, "pixels")
_rungs = component(__file__, "rungs")
_weighing = component(__file__, "weighing")


def show_patch(
    settings: Settings,
    photo: NDArray[np.uint8],
    preprocessing: Preprocessing,
    changed: Callable[[str], None],
) -> None:
    """Show a patch as numbers; call `changed` with the settings as JSON when they are let go."""
    mean, std = colours_of(preprocessing)
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "height": photo.shape[0],
        "width": photo.shape[1],
        "start": start_of(photo),
        "mean": mean.tolist(),
        "std": std.tolist(),
    }

    _pixels(
        key="pixels",
        data=pack(header, photo.tobytes()),
        on_settings_change=answer("pixels", "settings", changed),
    )


def show_rungs(rungs: list[Rung], preprocessing: Preprocessing) -> None:
    """Show what a picture is after each step into a network."""
    sent, body = rungs_as_sent(rungs, preprocessing)
    header = {
        "rungs": sent,
        "size": preprocessing.size,
        "border": preprocessing.border,
        "mean": preprocessing.mean,
        "std": preprocessing.std,
    }
    _rungs(key="rungs", data=pack(header, body))


def show_weighing(weighing: Weighing, changed: Callable[[str], None]) -> None:
    """Show what two layers cost; call `changed` with the settings as JSON when they are let go."""
    header = {"settings": asdict(weighing), "opening": asdict(Weighing())}

    _weighing(
        key="weighing",
        data=pack(header),
        on_settings_change=answer("weighing", "settings", changed),
    )
