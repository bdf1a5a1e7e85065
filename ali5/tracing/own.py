"""A network of the user's own: any `nn.Module` that turns a picture into logits."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import torch
from PIL import Image
from torch import Tensor, nn

from ali5.door import tidied
from ali5.errors import Ali5Error, UnreadableNetwork
from ali5.graph.plan import read_plan
from ali5.known.chance import SEED
from ali5.known.inputs import IMAGENET_COLOURS
from ali5.known.records import Architecture, Edition, Preprocessing
from ali5.networks.devices import (
    Place,
    is_out_of_memory,
    meets_full_memory,
    out_of_memory_note,
    pick_device,
    with_room,
)
from ali5.networks.networks import Network
from ali5.tracing.trace import Trace, trace

GREY = ((0.5,), (0.5,))
"""Maps grey levels 0..1 to -1..1."""


def wrap(
    module: nn.Module,
    labels: Sequence[str] | None = None,
    *,
    size: int = 224,
    resize: int | None = None,
    channels: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: str = "auto",
) -> Network:
    """Make a network of any module, so that it can be traced and explored like those that ship.

    The module is copied, and the copy put in evaluation mode and in 32 bits: yours stays as it is.

    Args:
        module: Takes one tensor [1, C, size, size] with C = 1 or 3, and returns logits
            [1, classes]. Its forward pass is read as a graph; if it depends on the values of
            tensors, its steps are written down while it runs.
        labels: Names of the classes in the order of the logits; "class 0" and so on, if not given.
        size: Edge of its input, in pixels.
        resize: The shorter edge of a picture is resized to this before the centre is cut out;
            256 / 224 of the size, if not given.
        channels: 1 for grey pictures, 3 for colours; tried out, if not given.
        mean: Subtracted from each channel of a picture 0..1; ImageNet's for colours and 0.5 for
            grey levels, if not given.
        std: Each channel is then divided by this; likewise.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        Ali5Error: It is no module, it takes neither one nor three channels, it does not return
            logits, at least two, they cannot be followed back to the picture, or there are more or
            fewer labels than logits.
    """
    _check(module, size, resize)
    target = pick_device(device)
    count = len(mean) if mean is not None else 3

    def placed(place: Place) -> tuple[nn.Module, Place, int, int]:
        copied = _copied(module, place.device)
        possible = _possible(copied, count, channels)
        return copied, place, *_try_out(copied, possible, size, place.device)

    module, here, channels, classes = with_room(placed, Place(target))
    preprocessing = _preprocessing(channels, size, resize, mean, std)
    labels = (
        [f"class {k}" for k in range(classes)]
        if labels is None
        else [tidied(str(label)) for label in labels]
    )
    if len(labels) != classes:
        raise Ali5Error(f"There are {len(labels)} labels for {classes} logits. Give {classes}.")
    architecture = _architecture(module, preprocessing)
    network = Network(
        architecture=architecture,
        edition=architecture.edition(),
        module=module,
        labels=tuple(labels),
        device=here.device,
        weights="own",
        notes=() if here.device == target else (out_of_memory_note(target),),
    )
    picture = torch.rand(1, channels, size, size, generator=torch.Generator().manual_seed(SEED))
    network, first = _read(network, picture)
    total = sum(step.multiply_adds for step in first.steps)
    return replace(network, edition=replace(network.edition, multiply_adds=total))


def _check(module: object, size: int, resize: int | None) -> None:
    if not isinstance(module, nn.Module):
        raise Ali5Error(
            f"Give an nn.Module, not {_called(module)}. A network of the catalog is "
            'ali5.load("resnet18"); weights alone need the module that they belong to.'
        )
    if resize is not None and resize < size:
        raise Ali5Error(f"Pictures resized to {resize} pixels are too small for {size}.")
    if size < 1:
        raise Ali5Error(f"The edge of the input has at least one pixel, not {size}.")


def _copied(module: nn.Module, device: torch.device) -> nn.Module:
    """Return a copy to look at: in evaluation mode, in 32 bits, without gradients."""
    try:
        module = copy.deepcopy(module)
    except Exception as error:  # a module can hold anything
        if is_out_of_memory(error):
            raise
        raise Ali5Error(
            f"{type(module).__name__} cannot be copied ({error}). Detach what cannot, or build it "
            "anew and load its weights."
        ) from error
    return module.eval().requires_grad_(False).to(device, torch.float32)


def _preprocessing(
    channels: int,
    size: int,
    resize: int | None,
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> Preprocessing:
    colours = IMAGENET_COLOURS if channels == 3 else GREY
    found = Preprocessing(
        size,
        round(size * 256 / 224) if resize is None else resize,
        tuple(colours[0] if mean is None else map(float, mean)),
        tuple(colours[1] if std is None else map(float, std)),
    )
    if not len(found.mean) == len(found.std) == channels:
        raise Ali5Error(f"Give {channels} numbers as mean and as std, one for each channel.")
    return found


def _architecture(module: nn.Module, preprocessing: Preprocessing) -> Architecture:
    """Return what is known of it: no paper, and one edition, whose cost is not yet known."""
    parameters = sum(value.numel() for value in module.parameters())
    edition = Edition("own", "", preprocessing, "", parameters=parameters, multiply_adds=0)
    editions = MappingProxyType({"own": edition})
    return Architecture("own", "", type(module).__name__, None, "", "", "", "", editions)


def _read(network: Network, picture: Tensor) -> tuple[Network, Trace]:
    """Return a network that knows whether its graph can be read, and its way of a picture."""
    try:
        read_plan(network.module)
        first = trace(network, picture)
        if _is_true(first, picture):
            return network, first
    except UnreadableNetwork:
        pass
    note = (
        "The forward pass of this network depends on what is in its tensors: its steps were "
        "written down while it ran, and may be others for another picture."
    )
    network = replace(network, readable=False, notes=(*network.notes, note))
    return network, trace(network, picture)


@meets_full_memory
def _is_true(trace: Trace, picture: Tensor) -> bool:
    """Tell whether the graph gives what the module gives.

    It does not if the module writes into a view of a tensor that it reads again.
    """
    last = trace.steps[-1]
    with torch.inference_mode():
        logits = trace.network.module(picture.to(trace.network.device, copy=True))
    return any(
        trace[name].shape == logits.shape
        and torch.allclose(trace[name].output, logits, 1e-3, 1e-5, equal_nan=True)
        for name in (last.name, *last.inputs)
    )


def _possible(module: nn.Module, likely: int, wanted: int | None) -> tuple[int, ...]:
    """Return the numbers of channels that a module may take, the likeliest first."""
    if wanted is not None:
        if wanted not in (1, 3):
            raise Ali5Error(_CHANNELS.format(name=type(module).__name__, count=wanted))
        return (wanted,)
    first = next((each for each in module.modules() if isinstance(each, nn.Conv2d)), None)
    if first is not None and first.in_channels in (1, 3):
        likely = first.in_channels
    return (1, 3) if likely == 1 else (3, 1)


_CHANNELS = (
    "{name} takes {count} channels. A picture has one (grey) or three (red, green and blue)."
)


def _try_out(
    module: nn.Module, possible: Sequence[int], size: int, device: torch.device
) -> tuple[int, int]:
    """Run a module on a blank picture; return how many channels it takes and classes it knows."""
    failed: Exception | None = None
    for channels in possible:
        blank = torch.zeros(1, channels, size, size, device=device)
        try:
            with torch.inference_mode():
                logits = module(blank)
        except Exception as error:  # any code can be in a forward pass
            if is_out_of_memory(error):
                raise
            failed = failed or error
        else:
            return channels, _classes(type(module).__name__, logits)
    name = type(module).__name__
    convolutions = [each for each in module.modules() if isinstance(each, nn.Conv2d)]
    if convolutions and not {each.in_channels for each in convolutions} & {1, 3}:
        count = convolutions[0].in_channels
        raise Ali5Error(_CHANNELS.format(name=name, count=count)) from failed
    shape = [1, possible[0], size, size]
    raise Ali5Error(
        f"{name} cannot take a picture of shape {shape} ({failed}). Give the size of its input, "
        "for example size=64; and channels=1, if it takes grey pictures."
    ) from failed


def _classes(name: str, logits: object) -> int:
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = list(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise Ali5Error(f"{name} must return logits of shape [1, classes], not {shape}.")
    if logits.shape[1] < 2:
        raise Ali5Error(
            f"{name} returns one logit, and the softmax of one number is always 1. Return two: "
            "zero and that logit, whose softmax is the logit's sigmoid."
        )
    return int(logits.shape[1])


def _called(thing: object) -> str:
    return repr(thing) if isinstance(thing, str) else type(thing).__name__


def check_prepared(prepared: Tensor) -> int:
    """Return the edge of a prepared picture.

    Raises:
        Ali5Error: It is not one square picture of one or three channels.
    """
    shape = list(prepared.shape)
    square = prepared.ndim == 4 and shape[0] == 1 and shape[1] in (1, 3) and shape[2] == shape[3]
    if not square or not prepared.is_floating_point():
        raise Ali5Error(
            "A prepared picture is one square picture as floats, of shape [1, 3, S, S] or "
            f"[1, 1, S, S], not {prepared.dtype} {shape}."
        )
    return int(shape[2])


def as_picture(prepared: Tensor) -> Image.Image:
    """Turn a prepared tensor, [1, C, S, S], into a picture to look at, over its own range."""
    values = prepared[0].detach().float().cpu()
    low, high = float(values.min()), float(values.max())
    levels = ((values - low) / ((high - low) or 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(levels.squeeze(-1) if levels.shape[2] == 1 else levels).convert("RGB")
