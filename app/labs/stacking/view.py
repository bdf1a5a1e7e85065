"""The stacking lab: its settings in the address, its maps and meters by the engine, its code."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from ali5.errors import StackBroken
from ali5.known.cards import bundled_weights
from ali5.labs.stack.layers import (
    MAX_LAYERS,
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
    read_stack,
    write_stack,
)

from ... import address, engine
from ...engine import Picture
from ...engine.cache import ByteCache
from ...words import plain

if TYPE_CHECKING:
    from ali5.labs.equivariance import Meter
    from ali5.labs.stack.outline import Outline
    from ali5.networks.networks import Network
    from ali5.pictures.changes import Change
    from ali5.tracing.trace import Step

TILES = (0, 1, 2, 4, 8, 16, 32)
"""Edges of the squares that a photo can be shuffled in; 0 for not at all."""

MAX_MULTIPLY_ADDS = 1_500_000_000
"""Of a stack in the lab: many visitors share its processor."""

MAX_CHANNELS = 64
"""Of any layer in the lab: AlexNet's first convolution has that many."""

FOUND_BYTES = 200_000_000
"""Maps kept in memory for all visitors together."""

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


@dataclass(frozen=True, eq=False)
class Findings:
    """What the engine made of a stack and a photo.

    Attributes:
        photo: What goes in, before it is changed, RGB, [S, S, 3].
        before: One step for each layer that works, with the maps of the photo.
        steps: Likewise, with the maps of the changed photo.
        meters: How each of them answers to the change.
        broken: What stops the stack, if something does.
    """

    photo: NDArray[np.uint8]
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    meters: tuple[Meter, ...]
    broken: StackBroken | None


# --- Settings ---------------------------------------------------------------------------------


def read_settings() -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in the address, and a sentence for what was not understood.

    What is missing or impossible is the default.
    """
    default = Settings()
    text = address.text("stack")
    stack, dropped = read_stack(text) if text else (default.stack, ())
    numbers = {name: _read_number(name) for name in RANGES}
    shuffle = address.read("shuffle", [str(each) for each in TILES], str(default.shuffle))
    layer = address.read_range("layer", 1, max(1, len(stack)), 1)
    settings = Settings(
        stack=stack,
        grey=address.read("grey", ("yes", "no"), "no") == "yes",
        shuffle=int(shuffle),
        layer=min(layer, len(stack)),
        channel=address.read_number("channel", MAX_CHANNELS),
        **numbers,
    )
    return settings, _dropped_in_words(dropped)


def _read_number(name: str) -> Any:
    default = getattr(Settings(), name)
    low, high, step = RANGES[name]
    text = address.text(name)
    try:
        value = float(text) if len(text) < 9 else default
    except ValueError:
        return default
    if not low <= value <= high or value / step != round(value / step):
        return default
    return value if step < 1 else int(value)


def _dropped_in_words(dropped: tuple[str, ...]) -> tuple[str, ...]:
    if not dropped:
        return ()
    shown = ", ".join(f"“{plain(part[:24])}”" for part in dropped[:3])
    more = f" and {len(dropped) - 3} more" if len(dropped) > 3 else ""
    return (
        f"This part of the stack in the address was left out: {shown}{more}. A stack has up to "
        f"{MAX_LAYERS} steps, written as in conv8k5s2p2,relu,max2: what follows k, s and p is the "
        "size of the window, its stride and its padding.",
    )


def write_settings(text: str) -> None:
    """Put the settings that the lab has sent, as JSON, into the address."""
    st.session_state.pop(PREVIEW, None)
    address.write(**_choices(settings_of(text)))


def _choices(settings: Settings) -> dict[str, str | int | None]:
    """Return what goes into the address: what is not as in the opening."""
    opening = _as_text(Settings())
    return {
        name: None if text == opening[name] else text for name, text in _as_text(settings).items()
    }


def _as_text(settings: Settings) -> dict[str, str]:
    return {
        "stack": write_stack(settings.stack),
        "shuffle": str(settings.shuffle),
        "grey": "yes" if settings.grey else "no",
        "layer": str(max(1, settings.layer)),
        "channel": str(settings.channel),
        **{name: f"{getattr(settings, name):g}" for name in RANGES},
    }


PREVIEW = "stacking-preview"
"""In the session, the settings of a control that is being dragged."""


def write_preview(text: str) -> None:
    """Remember what the lab has sent while a control is dragged; the address waits."""
    st.session_state[PREVIEW] = text


def previewed(settings: Settings) -> Settings:
    """Return what is being dragged now, or what the address says; forget the former."""
    text = st.session_state.pop(PREVIEW, None)
    return settings if text is None else settings_of(text)


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


def _layer_of(sent: Mapping[str, Any]) -> Layer | None:
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


def settings_of(text: str) -> Settings:
    """Return the settings that the lab has sent as JSON."""
    sent = json.loads(text)
    layers = (_layer_of(each) for each in sent.pop("stack"))
    return Settings(stack=tuple(layer for layer in layers if layer is not None), **sent)


# --- What the engine makes of it --------------------------------------------------------------


def used_networks(stack: tuple[Layer, ...]) -> dict[str, Network]:
    """Return the networks whose parts stand in a stack."""
    names = {
        layer.network for layer in stack if isinstance(layer, FirstConvolution | FirstBatchNorm)
    }
    return {name: engine.network(name, "compact", _weights(name)) for name in sorted(names)}


def _weights(name: str) -> str:
    return "untrained" if bundled_weights(name, "compact") is None else "bundled"


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


def outlined(stack: tuple[Layer, ...], size: int) -> tuple[tuple[Outline, ...], StackBroken | None]:
    """Return the outlines of the layers that work, and what stops the stack, if something does."""
    from ali5.labs.stack.outline import outline_stack

    channels = 1 if reader_of(stack) == "lenet5" else 3
    networks = used_networks(stack)
    broken = None
    try:
        outlines = outline_stack(stack, channels, size, networks)
    except StackBroken as error:
        broken = error
        outlines = outline_stack(stack[: error.layer], channels, size, networks)
    spent = 0
    for index, outline in enumerate(outlines):
        spent += outline.multiply_adds
        if spent > MAX_MULTIPLY_ADDS:
            words = (
                f"Up to {outline.name} this stack takes {spent:,} multiply–adds for one photo; the "
                f"lab computes no more than {MAX_MULTIPLY_ADDS:,}. Take fewer channels, smaller "
                "kernels, or let a layer before it shrink the maps."
            )
            return outlines[:index], StackBroken(words, index)
    return outlines, broken


def find(settings: Settings, picture: Picture) -> Findings:
    """Run the stack on the photo and on the changed photo, once for all visitors."""
    key = (replace(settings, layer=0, channel=0), picture.digest)
    return _findings.get(key, lambda: _find(settings, picture.image))


def _find(settings: Settings, image: Image.Image) -> Findings:
    from ali5.labs.equivariance import measure
    from ali5.labs.stack.photo import normalise, photo_preprocessing, take_photo
    from ali5.labs.stack.run import run_stack
    from ali5.pictures.preparation import fit_picture

    stack, size = settings.stack, settings.size
    outlines, broken = outlined(stack, size)
    working, networks = stack[: len(outlines)], used_networks(stack)
    reader = reader_of(stack)
    seen = fit_picture(image, photo_preprocessing(size, reader)).convert("RGB")
    photo, change = take_photo(image, size, reader), change_of(settings)
    with engine.slot():
        before = run_stack(working, normalise(photo), networks)
        after = before if change.is_none else run_stack(working, normalise(change(photo)), networks)
        meters = tuple(
            measure(one.output[0], other.output[0], change, one.receptive_field, size)
            for one, other in zip(before, after, strict=True)
        )
    return Findings(np.asarray(seen), before, after, meters, broken)


def _bytes_of(findings: Findings) -> int:
    return findings.photo.nbytes + 2 * sum(step.output.nbytes for step in findings.steps)


_findings: ByteCache[Findings] = ByteCache(FOUND_BYTES, _bytes_of)


@functools.cache
def known_networks() -> dict[str, dict[str, Any]]:
    """Return what the browser needs to know of the networks' first stages."""
    from torch import nn

    from ali5.graph.kinds import Operation
    from ali5.labs.stack.borrowed import first_module, first_stage

    found = {}
    for name in first_networks():
        network = engine.network(name, "compact", _weights(name))
        stage = first_stage(network)
        module = first_module(network, Operation.CONVOLUTION)
        assert isinstance(module, nn.Conv2d)
        norms = [layer for layer in stage if isinstance(layer, FirstBatchNorm)]
        found[name] = {
            "title": network.architecture.heading,
            "trained": network.trained,
            "channels": module.out_channels,
            "inputs": module.in_channels,
            "kernel": module.kernel_size[0],
            "parameters": sum(part.numel() for part in module.parameters()),
            "norm": 2 * module.out_channels if norms else 0,
            "size": network.edition.preprocessing.size,
            "stack": [layer_as_sent(layer) for layer in stage],
        }
    return found
