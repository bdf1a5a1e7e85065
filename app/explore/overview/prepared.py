"""The first page that a visitor sees, ready before torch is there: no torch, no Streamlit.

It is what the engine makes of the sample and the network that the page opens on, kept in a file.
"""

from __future__ import annotations

import functools
import logging
import math
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ali5.paths import ASSETS

from ...canvas.packing import pack, unpack

FILE = ASSETS / "first-page.bin"

LEVELS, SHARE, LEAST = 1, 1e-3, 1e-4
"""Another processor rounds otherwise, over all layers: so far apart two of the 256 levels of a map
may be, and two numbers by their own size or, near zero, at all."""

_log = logging.getLogger(__name__)
_checking = threading.Lock()
_checked = False


@dataclass(frozen=True)
class Overview:
    """What the page shows of a picture and a network as a whole.

    Attributes:
        trail: Where the visitor is, as the trail is sent it.
        weights: A sentence on what the network has learned.
        notes: Of the trace, one sentence each.
        shares: The most likely classes, as the bars are sent them.
        map: Packed, as the map of the network is sent it.
    """

    trail: dict[str, Any]
    weights: str
    notes: tuple[str, ...]
    shares: dict[str, Any]
    map: bytes


def write_first_page(made: Overview, file: Path = FILE) -> None:
    """Keep what the engine has made of what the page opens on, but for how long that took."""
    about = {name: value for name, value in asdict(made).items() if name != "map"}
    file.write_bytes(zlib.compress(pack(about, _timeless(made).map), 9))


@functools.cache
def read_first_page(file: Path = FILE) -> Overview | None:
    """Return what was prepared; None if that cannot be read."""
    try:
        about, packed = unpack(zlib.decompress(file.read_bytes()))
        about["notes"] = tuple(about["notes"])
        return Overview(**about, map=packed)
    except (OSError, zlib.error, ValueError, TypeError, KeyError):
        _log.exception("The first page cannot be shown before PyTorch is there.")
        return None


def check_first_page(made: Overview) -> None:
    """Compare what was prepared with what the engine makes here, once; tell the log if it differs.

    Nobody is shown what was prepared any more once the engine is there.
    """
    global _checked
    with _checking:
        if _checked:
            return
        _checked = True
    prepared = read_first_page()
    if prepared is not None and (found := differences(prepared, made)):
        _log.warning("What was shown first is not what the engine makes: %s.", "; ".join(found[:5]))


def differences(prepared: Overview, made: Overview) -> list[str]:
    """Return where two of them are further apart than rounding can bring them: paths and values.

    Times are left out, they are never the same; so are words that only say a number again.
    """
    one, other = _timeless(prepared), _timeless(made)
    found: list[str] = []
    for name in (field.name for field in fields(Overview)):
        left, right = getattr(one, name), getattr(other, name)
        if name != "map":
            found += _apart(name, left, right)
            continue
        (header, body), (header_made, body_made) = unpack(left), unpack(right)
        found += _apart(name, header, header_made)
        if len(body) != len(body_made):
            found.append(f"map: {len(body)} bytes, {len(body_made)} made")
        else:
            levels = [np.frombuffer(each, np.uint8).astype(int) for each in (body, body_made)]
            wrong = int((abs(levels[0] - levels[1]) > LEVELS).sum())
            found += [f"map: {wrong} of {len(body)} levels"] if wrong else []
    return found


def _timeless(overview: Overview) -> Overview:
    """Return the same, its map without how long every step took."""
    header, body = unpack(overview.map)
    steps = [{**step, "costs": {**step["costs"], "time": None}} for step in header["steps"]]
    lenses = [lens for lens in header["lenses"] if lens["key"] != "time"]
    return replace(overview, map=pack({**header, "steps": steps, "lenses": lenses}, body))


def _apart(path: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        skipped = {"words"} if "share" in one else set()
        for name in sorted((one.keys() | other.keys()) - skipped):
            yield from _apart(f"{path}.{name}", one.get(name), other.get(name))
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            yield f"{path}: {len(one)} entries, {len(other)} made"
        for number, pair in enumerate(zip(one, other, strict=False)):
            yield from _apart(f"{path}[{number}]", *pair)
    elif isinstance(one, float) and isinstance(other, int | float):
        if not math.isclose(one, other, rel_tol=SHARE, abs_tol=LEAST):
            yield f"{path}: {one}, made {other}"
    elif one != other:
        yield f"{path}: {one!r}, made {other!r}"
