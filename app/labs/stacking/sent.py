"""What the stacking lab is sent: the photo, the cards of the layers, and the maps of one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ali5.labs.stack.layers import CHANNELS, KERNEL, MAX_LAYERS, POOL, STRIDE

from ...canvas.packing import Written, pack, written
from ...engine import Picture, once
from ...words import COLOURS, SENTENCES
from .findings import MAX_MULTIPLY_ADDS, Findings, find, known_networks
from .settings import RANGES, TILES, Settings, change_of, settings_as_sent

if TYPE_CHECKING:
    from ali5.labs.equivariance import Meter
    from ali5.tracing.trace import Step

THUMBNAIL_PX = 40
WALL_PX = 160
"""Longest edge of a map in the wall: none of the lab's is larger, so that none is shrunk."""

OPERATIONS = {
    "conv": "convolution",
    "first": "convolution",
    "relu": "ReLU",
    "tanh": "tanh",
    "lrn": "local response normalisation",
    "bn": "batch normalisation",
    "max": "max pooling",
    "average": "average pooling",
}
"""What the browser's kinds of layer are called."""


def pack_stacking(settings: Settings, picture: Picture, colours: str) -> bytes:
    """Return what the stacking lab takes.

    Args:
        settings: What is set.
        picture: The photo; the engine runs the stack on it, once for all visitors.
        colours: The visitor's colour map.
    """
    findings = find(settings, picture)
    layers, body = once(findings, ("layers", settings), lambda: _written_layers(settings, findings))
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "layers": layers,
        "broken": None
        if findings.broken is None
        else {"layer": findings.broken.layer, "why": str(findings.broken)},
        "networks": _networks(),
        "most": MAX_MULTIPLY_ADDS,
        "limits": {
            "layers": MAX_LAYERS,
            "channels": CHANNELS,
            "kernel": KERNEL,
            "pool": POOL,
            "stride": STRIDE,
        },
        "photoColour": COLOURS["input"],
        "colours": colours,
        "ranges": RANGES,
        "tiles": TILES,
        "operations": {
            kind: {"name": name, "colour": COLOURS[name], "sentence": SENTENCES[name]}
            for kind, name in OPERATIONS.items()
        },
    }
    return pack(header, body)


@functools.cache
def _networks() -> Written:
    return written(known_networks())


def _written_layers(settings: Settings, findings: Findings) -> tuple[Written, bytes]:
    layers, body = _layers(settings, findings)
    return written(layers), body


def _layers(settings: Settings, findings: Findings) -> tuple[list[dict[str, Any]], bytes]:
    """Return what there is to say of every layer that works, and the bytes of its maps."""
    from ali5.tracing.walls import draw_kernels, draw_strongest, draw_wall, shows_all_filters

    body = [findings.photo.tobytes()]
    length = len(body[0])

    def put(codes: Any) -> int:
        nonlocal length
        body.append(codes.tobytes())
        length += len(body[-1])
        return length - len(body[-1])

    layers = []
    for number, (step, meter) in enumerate(
        zip(findings.steps, findings.meters, strict=True), start=1
    ):
        wall = draw_strongest(step, 4 if step.shape[1] >= 4 else 1, THUMBNAIL_PX)
        thumbnail = _tiles(wall.codes.shape, wall.scales[0], put(wall.codes))
        about = _about(step, meter) | {"thumb": thumbnail}
        if number == settings.layer:
            chosen = draw_wall(step, tile=WALL_PX)
            about["wall"] = _tiles(chosen.codes.shape, chosen.scales[0], put(chosen.codes))
            about["wall"]["titles"] = _titles(settings, number, step)
            if shows_all_filters(step):
                kernels = draw_kernels(step, 0)
                assert kernels is not None
                about["kernels"] = _tiles(
                    kernels.codes.shape, kernels.scales[0], put(kernels.codes)
                ) | {"colour": kernels.codes.ndim == 4}
            if not change_of(settings).is_none:
                about["pair"] = _pair(settings, findings.before[number - 1], step, put)
        layers.append(about)
    return layers, b"".join(body)


def _pair(
    settings: Settings, before: Step, after: Step, put: Callable[[Any], int]
) -> dict[str, Any]:
    """Compare one map of the changed photo with the changed map of the photo: f(g(x)) and g(f(x)).

    For a change of colours, which a map has not, with the map of the photo.
    """
    import torch

    from ali5.labs.equivariance import agreement, compared
    from ali5.tracing.walls import draw_wall

    change, field = change_of(settings), after.receptive_field
    channel = min(settings.channel, after.shape[1] - 1)
    one, other = after.output[0, channel], before.output[:1, channel]
    still, along = compared(change, field, one.shape, settings.size)
    seen = still if change.grey else along
    moved = other[0] if change.grey else change.on_maps(other, field, settings.size)[0]
    wall = draw_wall(
        replace(after, output=torch.stack([one, moved, one - moved])[None]), tile=WALL_PX
    )
    return _tiles(wall.codes.shape, wall.scales[0], put(wall.codes)) | {
        "channel": channel,
        "alike": agreement(one[seen][None], moved[seen][None]),
        "seen": put(seen.numpy()),
    }


def _tiles(shape: tuple[int, ...], scale: Any, at: int) -> dict[str, Any]:
    count, height, width = shape[:3]
    ends = [scale.minimum, scale.maximum]
    return {"at": at, "count": count, "height": height, "width": width, "scale": ends}


def _about(step: Step, meter: Meter) -> dict[str, Any]:
    rows = step.receptive_field.rows
    return {
        "name": step.name,
        "shape": step.shape[1:],
        "parameters": step.parameters,
        "multiplyAdds": step.multiply_adds,
        "field": [rows.size, rows.stride, rows.offset],
        "meter": {
            "equivariance": meter.equivariance,
            "invariance": meter.invariance,
            "compared": meter.compared,
        },
    }


def _titles(settings: Settings, number: int, step: Step) -> list[str]:
    """Say what the fixed filters of a first convolution look for."""
    from ali5.labs.stack.bank import first_bank
    from ali5.labs.stack.layers import Convolution, FirstConvolution

    before = settings.stack[: number - 1]
    layer = settings.stack[number - 1]
    first = not any(isinstance(each, Convolution | FirstConvolution) for each in before)
    if not (first and isinstance(layer, Convolution)):
        return []
    names = [title for title, _ in first_bank(layer.kernel)][: layer.channels]
    return names + ["random"] * (layer.channels - len(names))
