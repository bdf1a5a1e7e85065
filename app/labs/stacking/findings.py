"""What the engine makes of a stack and a photo: maps, meters, and what stops the stack."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.errors import StackBroken
from ali5.known.cards import bundled_weights
from ali5.labs.stack.layers import FirstBatchNorm, FirstConvolution, Layer, first_networks

from ... import engine
from ...canvas.seen import seen_picture
from ...engine import Picture
from ...engine.cache import ByteCache
from .settings import Settings, change_of, layer_as_sent, reader_of

if TYPE_CHECKING:
    from ali5.labs.equivariance import Meter
    from ali5.labs.stack.outline import Outline
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Step

MAX_MULTIPLY_ADDS = 1_500_000_000
"""Of a stack in the lab: many visitors share its processor."""


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


def used_networks(stack: tuple[Layer, ...]) -> dict[str, Network]:
    """Return the networks whose parts stand in a stack."""
    names = {
        layer.network for layer in stack if isinstance(layer, FirstConvolution | FirstBatchNorm)
    }
    return {name: engine.network(name, "compact", _weights(name)) for name in sorted(names)}


def _weights(name: str) -> str:
    return "untrained" if bundled_weights(name, "compact") is None else "bundled"


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

    stack, size = settings.stack, settings.size
    outlines, broken = outlined(stack, size)
    working, networks = stack[: len(outlines)], used_networks(stack)
    reader = reader_of(stack)
    seen = seen_picture(image, photo_preprocessing(size, reader))
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


_findings: ByteCache[Findings] = ByteCache(_bytes_of)


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
