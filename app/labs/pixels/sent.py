"""The lab "A picture is numbers" as it goes to the browser: a patch, the way in, the costs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ali5.known.records import Preprocessing
from ali5.pictures.preparation import BRIGHTNESS, Rung

from ...canvas.packing import pack
from ...engine import Picture, once
from .numbers import colours_of, photo_of, rungs_of, start_of
from .settings import (
    COLOURS,
    MAX_PHOTO_PX,
    WEIGHING_RANGES,
    Settings,
    Weighing,
    limits_as_sent,
    settings_as_sent,
)


def pack_patch(settings: Settings, picture: Picture, preprocessing: Preprocessing) -> bytes:
    """Return a patch of the photograph as numbers."""
    photo = photo_of(picture)
    mean, std = colours_of(preprocessing)
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "limits": limits_as_sent(),
        "height": photo.shape[0],
        "width": photo.shape[1],
        "start": start_of(photo),
        "mean": mean.tolist(),
        "std": std.tolist(),
    }
    return pack(header, photo.tobytes())


def pack_rungs(picture: Picture, preprocessing: Preprocessing) -> bytes:
    """Return what a picture is after each step into a network."""
    about = "rungs", preprocessing
    return once(picture.image, about, lambda: _pack_rungs(picture, preprocessing))


def _pack_rungs(picture: Picture, preprocessing: Preprocessing) -> bytes:
    sent, body = rungs_as_sent(rungs_of(picture, preprocessing), preprocessing)
    header = {
        "rungs": sent,
        "size": preprocessing.size,
        "border": preprocessing.border,
        "mean": preprocessing.mean,
        "std": preprocessing.std,
    }
    return pack(header, body)


def pack_weighing(weighing: Weighing) -> bytes:
    """Return what two layers are compared for."""
    header = {
        "settings": asdict(weighing),
        "opening": asdict(Weighing()),
        "limits": WEIGHING_RANGES,
    }
    return pack(header)


_RUNG_TITLES = {
    "stored": "In the file",
    "opened": "Upright",
    "grey": "Grey",
    "cut": "The middle",
    "resized": "Resized",
    "inverted": "Inverted",
    "framed": "With a border",
    "scaled": "Divided by 255",
    "normalised": "Normalised",
}


def rungs_as_sent(
    rungs: list[Rung], preprocessing: Preprocessing
) -> tuple[list[dict[str, Any]], bytes]:
    """Return each rung as the browser takes it, and their pixels one after the other.

    Pictures go as bytes; the numbers after them follow from the last picture, and the browser works
    them out as `prepare_pixels` does.
    """
    sent: list[dict[str, Any]] = []
    body: list[bytes] = []
    for rung in rungs:
        about = {
            "name": rung.name,
            "title": _RUNG_TITLES[rung.name],
            "words": _rung_words(rung, rungs, preprocessing),
            "channels": preprocessing.channels,
        }
        if rung.picture is not None:
            small = rung.picture.convert("RGB")
            small.thumbnail((MAX_PHOTO_PX, MAX_PHOTO_PX))
            scale = small.width / rung.picture.width
            about |= {"height": small.height, "width": small.width, "kind": "picture"}
            about["box"] = None if rung.box is None else [edge * scale for edge in rung.box]
            body.append(small.tobytes())
        else:
            about |= {"kind": rung.name, "box": None}
        sent.append(about)
    return sent, b"".join(body)


def _rung_words(rung: Rung, rungs: list[Rung], preprocessing: Preprocessing) -> str:
    size = preprocessing.size
    if rung.picture is not None:
        width, height = rung.picture.size
        pixels = f"{width:,} × {height:,} pixels"
    if rung.name == "stored":
        return f"As the camera stored it: {pixels}. The file says how it has to be turned."
    if rung.name == "opened":
        turned = "turned as the file says" if rungs[0].name == "stored" else "nothing to turn"
        return f"{pixels}, {turned}: {width * height * 3:,} numbers from 0 to 255."
    if rung.name == "grey":
        shares = [f"{share} of {name}" for share, name in zip(BRIGHTNESS, COLOURS, strict=True)]
        return f"One number a pixel: {shares[0]}, {shares[1]} and {shares[2]}."
    if rung.name == "cut":
        assert rung.box is not None
        return f"A square of {rung.box[2] - rung.box[0]:,.0f} pixels; the rest is not seen."
    if rung.name == "resized":
        return f"{pixels}: each is an average of those under it."
    if rung.name == "inverted":
        return "Light on dark, as the digits it learned from."
    if rung.name == "framed":
        border = preprocessing.border
        return f"{border} black pixels on each side: {pixels}."
    assert rung.values is not None
    low, high = rung.values.min(), rung.values.max()
    spread = f"{low:.3g} to {high:.3g}".replace("-", "−")
    if rung.name == "scaled":
        return f"Values from {spread}; one plane a colour."
    return (
        f"Mean taken away, divided by the deviation: values from {spread}. "
        f"A tensor [1, {preprocessing.channels}, {size}, {size}]: {rung.values.size:,} numbers."
    )
