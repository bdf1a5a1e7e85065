"""The stacking lab's settings, their limits, and how the browser takes and sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ali5 import door
from ali5.door import Reader
from ali5.labs.stack.layers import (
    CHANNELS,
    KERNEL,
    MAX_LAYERS,
    POOL,
    STRIDE,
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
    first_networks,
    is_possible,
    normalised_networks,
    read_stack,
)

if TYPE_CHECKING:
    from ali5.pictures.changes import Change

TILES = (0, 1, 2, 4, 8, 16, 32)
"""Edges of the squares that a photo can be shuffled in; 0 for not at all."""

MAX_CHANNELS = 64
"""Of any layer in the lab: AlexNet's first convolution has that many."""

RANGES = {
    "size": (16, 128, 1),
    "right": (-16, 16, 1),
    "down": (-16, 16, 1),
    "turn": (-180, 180, 1),
    "blur": (0, 4, 0.5),
}
"""Smallest value, largest value and step of every number."""


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        stack: The layers, first to last.
        size: Edge of the photo in pixels.
        right: Pixels that the photo is moved to the right.
        down: Pixels that it is moved down.
        turn: Degrees that it is turned, counter-clockwise.
        blur: Deviation of its blur in pixels.
        grey: Whether it loses its colours.
        shuffle: Edge in pixels of the squares that swap places; 0 for none.
        layer: Number of the layer that is looked at, from 1; 0 if there is none.
        channel: Which of its maps is compared, from 0; the last one if there are not as many.
    """

    stack: tuple[Layer, ...] = read_stack("conv8k5p2,relu,max2,conv16k3p1,relu,max2")[0]
    size: int = 96
    right: int = 3
    down: int = 0
    turn: int = 0
    blur: float = 0
    grey: bool = False
    shuffle: int = 0
    layer: int = 1
    channel: int = 0


def reader_of(stack: tuple[Layer, ...]) -> str:
    """Return the network that the photo is prepared for: that of the first convolution, or ""."""
    for layer in stack:
        if isinstance(layer, Convolution):
            return ""
        if isinstance(layer, FirstConvolution):
            return layer.network
    return ""


def change_of(settings: Settings) -> Change:
    """Return what is done to the photo."""
    from ali5.pictures.changes import Change

    return Change(
        right=settings.right,
        down=settings.down,
        turn=settings.turn,
        blur=settings.blur,
        grey=settings.grey,
        tile=settings.shuffle,
    )


_KINDS: dict[str, type] = {
    "conv": Convolution,
    "first": FirstConvolution,
    "relu": Rectifier,
    "tanh": Squashing,
    "lrn": ResponseNorm,
    "bn": FirstBatchNorm,
    "pool": Pooling,
}
_KIND_OF = {record: kind for kind, record in _KINDS.items()}


def layer_as_sent(layer: Layer) -> dict[str, Any]:
    """Return a layer as the browser takes it. A pooling's own kind is called "keep" there."""
    fields = asdict(layer)
    if isinstance(layer, Pooling):
        fields["keep"] = fields.pop("kind")
    return {"kind": _KIND_OF[type(layer)], **fields}


def layer_of(sent: Mapping[str, Any]) -> Layer | None:
    """Return a layer that the browser has sent; None if it is not possible."""
    fields = dict(sent)
    record = _KINDS[fields.pop("kind")]
    if record is Pooling:
        fields["kind"] = fields.pop("keep")
    layer: Layer = record(**fields)
    return layer if is_possible(layer) else None


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    fields = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    return fields | {"stack": [layer_as_sent(layer) for layer in settings.stack]}


def number_of(name: str) -> Reader[float]:
    """Return what takes a number of `RANGES`: whole where its step is."""
    low, high, step = RANGES[name]
    return door.whole(int(low), int(high)) if step == 1 else door.number(low, high, step)


_BORDER = door.whole(0, KERNEL[1] - 1)
_FIELDS: dict[str, dict[str, Reader[Any]]] = {
    "conv": door.fields({"channels": CHANNELS, "kernel": KERNEL, "stride": STRIDE}, {})
    | {"padding": _BORDER},
    "first": door.fields({"stride": STRIDE}, {"network": first_networks()}) | {"padding": _BORDER},
    "relu": {},
    "tanh": {},
    "lrn": {},
    "bn": door.fields({}, {"network": normalised_networks()}),
    "pool": door.fields({"kernel": POOL, "stride": POOL}, {"keep": ("max", "average")})
    | {"padding": door.whole(0, POOL[1] // 2), "over": door.flag},
}
_LAYER = door.either(
    *(door.record({"kind": door.one_of((kind,)), **fields}) for kind, fields in _FIELDS.items())
)
SENT = door.json_of(
    door.record(
        {name: number_of(name) for name in RANGES}
        | {
            "stack": door.list_of(_LAYER, MAX_LAYERS),
            "grey": door.flag,
            "shuffle": door.one_of(TILES),
            "layer": door.whole(0, MAX_LAYERS),
            "channel": door.whole(0, MAX_CHANNELS - 1),
        }
    )
)
"""What the browser may send, while a control is dragged and when it is let go."""


def settings_of(sent: Mapping[str, Any]) -> Settings:
    """Return the settings that the lab has sent; a layer that is not possible is left out."""
    layers = [layer_of(each) for each in sent["stack"]]
    possible = tuple(layer for layer in layers if layer is not None)
    return Settings(**{**sent, "stack": possible})
