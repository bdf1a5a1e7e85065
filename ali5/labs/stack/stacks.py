"""Stacks of layers on a photograph: what goes in, which kernels, how large, and every map.

photo = take_photo(image, 128)
layers, _ = read_stack("conv8k5p2,relu,max2")
for step in run_stack(layers, normalise(photo)):
    step.name, step.shape, step.receptive_field.size
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from PIL import Image
from torch import Tensor, nn

from ali5.errors import Ali5Error, StackBroken, UnknownName
from ali5.graph.costs import multiply_adds
from ali5.graph.geometry import PIXEL, ReceptiveField, field_after, move_along
from ali5.graph.kinds import Operation, Settings
from ali5.graph.layers import LocalResponseNorm, ScaledTanh
from ali5.graph.plan import PlannedStep
from ali5.known.catalog import GREY_LEVELS, IMAGENET_COLOURS, architecture
from ali5.known.records import Preprocessing
from ali5.labs.arithmetic import convolve, pool
from ali5.labs.stack.layers import (
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
)
from ali5.networks.networks import Network
from ali5.pictures.preparation import fit_picture, scale_pixels
from ali5.tracing.trace import Step

SEED = 5
"""Of the random kernels; each convolution of a stack adds its number."""

Networks = Mapping[str, Network]
"""The networks whose parts stand in a stack, by id, in their compact edition."""


# --- What goes in -----------------------------------------------------------------------------


def photo_preprocessing(size: int, network: str = "") -> Preprocessing:
    """Return how a photograph becomes `size` pixels square, for a stack or for a network's part.

    At the size of the network's own input it is what the compact edition does itself.

    Args:
        size: Edge in pixels.
        network: Id of the network whose first convolution reads it; "" for RGB.
    """
    own = architecture(network).edition("compact").preprocessing if network else None
    if own is None:
        return Preprocessing(size, size, *IMAGENET_COLOURS)
    return replace(own, size=size, resize=size - 2 * own.border)


def take_photo(image: Image.Image, size: int, network: str = "") -> Tensor:
    """Return the middle of a picture, [C, size, size], 0..1; C is 1 if `network` reads grey."""
    return torch.from_numpy(scale_pixels(fit_picture(image, photo_preprocessing(size, network))))


def normalise(photo: Tensor) -> Tensor:
    """Return what the layers see: (photo - mean) / deviation, as the compact editions do it.

    Args:
        photo: [3, H, W] or [1, H, W], 0..1.
    """
    mean, deviation = (
        torch.tensor(values, dtype=photo.dtype)[:, None, None]
        for values in (GREY_LEVELS if len(photo) == 1 else IMAGENET_COLOURS)
    )
    return (photo - mean) / deviation


# --- Kernels ----------------------------------------------------------------------------------

_BRIGHTNESS = (1 / 3, 1 / 3, 1 / 3)
_RED_GREEN = (1.0, -1.0, 0.0)
_BLUE_YELLOW = (-0.5, -0.5, 1.0)
_TOWARDS = {0: "to the right", 90: "downwards", 45: "to the lower right", 135: "to the lower left"}
_BACK = {0: "to the left", 90: "upwards", 45: "to the upper left", 135: "to the upper right"}
_ALONG = {0: "upright", 90: "lying", 45: "rising", 135: "falling"}


def first_bank(size: int) -> tuple[tuple[str, Tensor], ...]:
    """Return the fixed filters for a convolution that sees red, green and blue, with their names.

    Edges and lines in four directions, spots and contrasts of colours: derivatives of a Gaussian
    whose deviation is a fifth of the window (Young 1987, https://doi.org/10.1163/156856887X00222).
    Each is one weighted average minus another, or a plain average. Those that a small window cannot
    hold are left out: with 1 x 1 only colours are told apart.

    Args:
        size: Edge of the kernels.

    Returns:
        At most 32 pairs; filters are [3, size, size].
    """
    along = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    y, x = along[:, None], along[None, :]
    spread = size / 5
    bell = torch.exp(-(x**2 + y**2) / (2 * spread**2))

    def across(angle: int) -> Tensor:
        return x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))

    def edge(angle: int) -> Tensor:
        return across(angle) * bell

    def line(angle: int) -> Tensor:
        return _balanced((1 - across(angle) ** 2 / spread**2) * bell)

    spot = _balanced((1 - (x**2 + y**2) / (2 * spread**2)) * bell)
    angles = (0, 90, 45, 135)
    wanted = [
        *((f"brighter {_TOWARDS[a]}", edge(a), _BRIGHTNESS) for a in angles),
        ("a bright spot", spot, _BRIGHTNESS),
        ("red, not green", bell, _RED_GREEN),
        ("blue, not yellow", bell, _BLUE_YELLOW),
        ("bright", bell, _BRIGHTNESS),
        *((f"brighter {_BACK[a]}", -edge(a), _BRIGHTNESS) for a in angles),
        *((f"a bright {_ALONG[a]} line", line(a), _BRIGHTNESS) for a in angles),
        ("a dark spot", -spot, _BRIGHTNESS),
        ("green, not red", -bell, _RED_GREEN),
        ("yellow, not blue", -bell, _BLUE_YELLOW),
        ("dark", -bell, _BRIGHTNESS),
        *((f"redder {_TOWARDS[a]}", edge(a), _RED_GREEN) for a in angles),
        *((f"bluer {_TOWARDS[a]}", edge(a), _BLUE_YELLOW) for a in angles),
        *((f"a dark {_ALONG[a]} line", -line(a), _BRIGHTNESS) for a in angles),
    ]
    found = []
    for title, shape, colours in wanted:
        weights = torch.tensor(colours, dtype=torch.float64)[:, None, None] * shape
        strength = max(float(weights.clamp(min=0).sum()), -float(weights.clamp(max=0).sum()))
        if strength > 1e-9:
            found.append((title, (weights / strength).float()))
    return tuple(found)


def _balanced(weights: Tensor) -> Tensor:
    """Subtract the mean: flat areas give zero. What then is nothing but rounding is zero."""
    balanced = weights - weights.mean()
    return torch.where(balanced.abs() < 1e-12, 0, balanced)


def stack_kernels(number: int, filters: int, channels: int, size: int) -> Tensor:
    """Return the kernels of a visitor's own convolution, [filters, channels, size, size].

    The first one, if it sees red, green and blue, has the filters of `first_bank`; where these do
    not suffice, and in every deeper one, they are random with variance 2 / fan-in, which keeps the
    size of the numbers through ReLUs (He et al. 2015, https://arxiv.org/abs/1502.01852,
    equation 10), the same at every visit.

    Args:
        number: Convolutions before it in the stack.
        filters: Feature maps that it makes.
        channels: Feature maps that it sees.
        size: Edge of the kernels.
    """
    source = torch.Generator().manual_seed(SEED + number)
    kernels = torch.randn((filters, channels, size, size), generator=source)
    kernels *= math.sqrt(2 / (channels * size**2))
    if number == 0 and channels == 3:
        bank = [weights for _, weights in first_bank(size)][:filters]
        kernels[: len(bank)] = torch.stack(bank)
    return kernels


def fill_kernels(stack: nn.Sequential) -> nn.Sequential:
    """Give every convolution of a stack the kernels of `stack_kernels` and biases of zero.

    Returns:
        The same stack, changed, in evaluation mode.
    """
    convolutions = [part for part in stack if isinstance(part, nn.Conv2d)]
    stack.eval().requires_grad_(False)
    for number, part in enumerate(convolutions):
        filters, channels, size, _ = part.weight.shape
        part.weight.copy_(stack_kernels(number, filters, channels, size))
        if part.bias is not None:
            part.bias.zero_()
    return stack


# --- Parts of the networks --------------------------------------------------------------------


def first_stage(network: Network) -> tuple[Layer, ...]:
    """Return the first steps of a network, up to and including its first pooling, as layers."""
    name = network.architecture.id
    layers: list[Layer] = []
    for step in network.plan.steps[1:]:
        layers.append(_as_layer(step, name))
        if isinstance(layers[-1], Pooling):
            break
    return tuple(layers)


def _as_layer(step: PlannedStep, network: str) -> Layer:
    if step.operation is Operation.CONVOLUTION:
        return FirstConvolution(network, _edge(step, "stride"), _edge(step, "padding"))
    if step.operation is Operation.BATCH_NORM:
        return FirstBatchNorm(network)
    if step.operation in _POOLING_KINDS:
        return Pooling(
            _POOLING_KINDS[step.operation],
            _edge(step, "kernel_size"),
            _edge(step, "stride"),
            _edge(step, "padding"),
            bool(step.settings["ceil_mode"]),
        )
    return _PLAIN_LAYERS[step.operation]  # type: ignore[index]


_POOLING_KINDS: dict[Operation | None, Literal["max", "average"]] = {
    Operation.MAX_POOLING: "max",
    Operation.AVERAGE_POOLING: "average",
}
_PLAIN_LAYERS: dict[Operation, Layer] = {
    Operation.RELU: Rectifier(),
    Operation.TANH: Squashing(),
    Operation.LOCAL_RESPONSE_NORM: ResponseNorm(),
}


def _edge(step: PlannedStep, setting: str) -> int:
    value = step.settings[setting]
    return int(value if isinstance(value, int) else value[0])


def first_module(network: Network, operation: Operation) -> nn.Module:
    """Return the first convolution, batch normalisation and so on of a network; it is shared.

    Raises:
        Ali5Error: It has none.
    """
    for step in network.plan.steps:
        if step.operation is operation and step.parameters:
            return network.module.get_submodule(step.parameters[0].rpartition(".")[0])
    raise Ali5Error(f"{network.architecture.title} has no {operation}.")


def _part(layer: FirstConvolution | FirstBatchNorm, networks: Networks) -> nn.Module:
    if layer.network not in networks:
        raise UnknownName("network for this stack", layer.network, networks)
    operation = (
        Operation.CONVOLUTION if isinstance(layer, FirstConvolution) else Operation.BATCH_NORM
    )
    return first_module(networks[layer.network], operation)


_PLAIN_MODULES: dict[type, Callable[[], nn.Module]] = {
    Rectifier: nn.ReLU,
    Squashing: ScaledTanh,
    # Section 3.3 of AlexNet's paper; PyTorch divides alpha by the number of channels.
    ResponseNorm: lambda: LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
}


# --- How large, and what it costs -------------------------------------------------------------


@dataclass(frozen=True)
class Outline:
    """What can be said of a layer of a stack before it has computed anything.

    Attributes:
        name: Its kind and number: "conv1", "relu1", "pool1", "conv2".
        operation: What it does.
        settings: Kernel size, stride and padding, as PyTorch names them.
        shape: Of its maps, [1, C, H, W].
        formula: The edge of its maps as an equation with the numbers filled in; "" if it stays.
        parameters: How many numbers it has learned, or would learn.
        multiply_adds: Multiplications with additions for one picture.
        receptive_field: What one number sees of the photograph, in its pixels.
    """

    name: str
    operation: Operation
    settings: Settings
    shape: tuple[int, int, int, int]
    formula: str
    parameters: int
    multiply_adds: int
    receptive_field: ReceptiveField


_OPERATIONS: dict[type, Operation] = {
    Convolution: Operation.CONVOLUTION,
    FirstConvolution: Operation.CONVOLUTION,
    Rectifier: Operation.RELU,
    Squashing: Operation.TANH,
    ResponseNorm: Operation.LOCAL_RESPONSE_NORM,
    FirstBatchNorm: Operation.BATCH_NORM,
}
_SHORT = {
    Operation.CONVOLUTION: "conv",
    Operation.RELU: "relu",
    Operation.TANH: "tanh",
    Operation.LOCAL_RESPONSE_NORM: "norm",
    Operation.BATCH_NORM: "bn",
    Operation.MAX_POOLING: "pool",
    Operation.AVERAGE_POOLING: "pool",
}


def outline_stack(
    layers: Sequence[Layer], channels: int, size: int, networks: Networks | None = None
) -> tuple[Outline, ...]:
    """Work out sizes, parameters, cost and receptive field along a stack.

    Args:
        layers: The stack.
        channels: Of what goes in.
        size: Its edge in pixels; it is square.
        networks: Those whose parts stand in the stack.

    Raises:
        StackBroken: What comes into a layer does not fit it, or nothing would come out; its `layer`
            tells which one, its message why and what is possible.
    """
    picture = shape = (1, channels, size, size)
    field = PIXEL
    counts: dict[str, int] = {}
    found = []
    for index, layer in enumerate(layers):
        operation = _operation_of(layer)
        short = _SHORT[operation]
        counts[short] = counts.get(short, 0) + 1
        name = f"{short}{counts[short]}"
        before = shape
        weight, parameters = _weights_of(layer, before[1], networks or {})
        _check_channels(layer, index, name, before[1], weight, networks or {})
        settings, count, formula = _window_of(layer, index, name, before, weight)
        shape = (1, before[1] if weight is None else weight[0], count, count)
        field = field_after(operation, settings, [(field, before)], shape, picture)
        found.append(
            Outline(
                name=name,
                operation=operation,
                settings=settings,
                shape=shape,
                formula=formula,
                parameters=parameters,
                multiply_adds=multiply_adds(operation, weight, shape),
                receptive_field=field,
            )
        )
    return tuple(found)


def _operation_of(layer: Layer) -> Operation:
    if isinstance(layer, Pooling):
        return Operation.MAX_POOLING if layer.kind == "max" else Operation.AVERAGE_POOLING
    return _OPERATIONS[type(layer)]


def _weights_of(
    layer: Layer, channels: int, networks: Networks
) -> tuple[tuple[int, ...] | None, int]:
    """Return the shape of a layer's filters, if it has any, and how many parameters it has."""
    if isinstance(layer, Convolution):
        weight = (layer.channels, channels, layer.kernel, layer.kernel)
        return weight, math.prod(weight) + layer.channels
    if isinstance(layer, FirstConvolution | FirstBatchNorm):
        module = _part(layer, networks)
        parameters = sum(part.numel() for part in module.parameters())
        own = module.weight.shape if isinstance(module, nn.Conv2d) else None
        return None if own is None else tuple(own), parameters
    return None, 0


def _check_channels(
    layer: Layer,
    index: int,
    name: str,
    channels: int,
    weight: tuple[int, ...] | None,
    networks: Networks,
) -> None:
    """Refuse a network's part that looks at another number of channels than comes in."""
    if not isinstance(layer, FirstConvolution | FirstBatchNorm):
        return
    module = _part(layer, networks)
    wanted = weight[1] if weight is not None else int(module.num_features)  # type: ignore[arg-type]
    if wanted == channels:
        return
    title = networks[layer.network].architecture.title
    place = f"directly behind the first convolution of {title}"
    if weight is not None:
        place = "in front of all other convolutions"
    raise StackBroken(
        f"{name} is a part of {title} and looks at {_counted(wanted, 'channel')}, but "
        f"{_counted(channels, 'channel')} {'comes' if channels == 1 else 'come'} in. "
        f"Move it {place}, or take it out.",
        index,
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _window_of(
    layer: Layer,
    index: int,
    name: str,
    before: tuple[int, ...],
    weight: tuple[int, ...] | None,
) -> tuple[Settings, int, str]:
    """Return the settings of a layer's window, the edge of its maps, and how that comes about."""
    if not isinstance(layer, Convolution | FirstConvolution | Pooling):
        return {}, before[2], ""
    kernel = layer.kernel if isinstance(layer, Pooling) else weight[2] if weight else 0
    size, padding, stride = before[2], layer.padding, layer.stride
    if kernel > size + 2 * padding:
        raise StackBroken(_vanishing(layer, name, size, kernel), index)
    settings: dict[str, Any] = {
        "kernel_size": (kernel,) * 2,
        "stride": (stride,) * 2,
        "padding": (padding,) * 2,
    }
    if isinstance(layer, Pooling):
        nothing = torch.empty(before[1:], device="meta")
        rows = pool(
            nothing, layer.kind, kernel=kernel, stride=stride, padding=padding, ceil_mode=layer.over
        ).rows
        settings["ceil_mode"] = layer.over
    else:
        rows = move_along("H", size, kernel, stride, 1, padding, "zeros")
        settings["groups"] = 1
    return settings, rows.count, rows.formula


def _vanishing(
    layer: Convolution | FirstConvolution | Pooling, name: str, size: int, kernel: int
) -> str:
    """Say why a window does not fit, and what is possible."""
    border = f" with a border of {layer.padding}" if layer.padding else ""
    ways = []
    if not isinstance(layer, FirstConvolution):
        ways.append(f"take a window of at most {size + 2 * layer.padding}")
    needed = -(-(kernel - size) // 2)
    most = kernel // 2 if isinstance(layer, Pooling) else kernel - 1
    if needed <= most:
        ways.append(f"a padding of at least {needed}")
    ways.append("a larger photo, or layers before it that shrink less")
    return (
        f"The map vanishes at {name}: maps of {size} × {size} come in{border}, and a window of "
        f"{kernel} × {kernel} does not fit into them even once, so that there is nothing left to "
        f"compute. Possible: {', '.join(ways)}."
    )


# --- Every map --------------------------------------------------------------------------------


def run_stack(
    layers: Sequence[Layer], pixels: Tensor, networks: Networks | None = None
) -> tuple[Step, ...]:
    """Run a stack on one picture and keep the maps of every layer.

    Args:
        layers: The stack.
        pixels: What goes in, [C, H, H], as `normalise` gives it.
        networks: Those whose parts stand in the stack.

    Returns:
        One step for each layer, with outputs [1, C, H, W] in the unit of raw activations.

    Raises:
        StackBroken: As for `outline_stack`.
        Ali5Error: The picture is not square.
    """
    if pixels.ndim != 3 or pixels.shape[1] != pixels.shape[2]:
        raise Ali5Error(f"A stack takes a square picture [C, H, H], not {list(pixels.shape)}.")
    outlines = outline_stack(layers, pixels.shape[0], pixels.shape[1], networks)
    steps: list[Step] = []
    maps, before, convolutions = pixels, "input", 0
    with torch.inference_mode():
        for layer, outline in zip(layers, outlines, strict=True):
            maps, weight, bias = _apply(layer, maps, convolutions, networks or {})
            convolutions += outline.operation is Operation.CONVOLUTION
            steps.append(
                Step(
                    name=outline.name,
                    operation=outline.operation,
                    settings=outline.settings,
                    inputs=(before,),
                    block=None,
                    output=maps[None],
                    weight=weight,
                    bias=bias,
                    parameters=outline.parameters,
                    multiply_adds=outline.multiply_adds,
                    receptive_field=outline.receptive_field,
                )
            )
            before = outline.name
    return tuple(steps)


def _apply(
    layer: Layer, maps: Tensor, number: int, networks: Networks
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """Return the maps of a layer, its filters and its biases."""
    if isinstance(layer, Convolution | FirstConvolution):
        if isinstance(layer, Convolution):
            weight = stack_kernels(number, layer.channels, maps.shape[0], layer.kernel)
            bias: Tensor | None = torch.zeros(layer.channels)
        else:
            module = _part(layer, networks)
            assert isinstance(module, nn.Conv2d)
            weight = module.weight.detach().cpu()
            bias = None if module.bias is None else module.bias.detach().cpu()
        moved = convolve(maps, weight, bias, stride=layer.stride, padding=layer.padding)
        return moved.output, weight, bias
    if isinstance(layer, Pooling):
        pooled = pool(
            maps,
            layer.kind,
            kernel=layer.kernel,
            stride=layer.stride,
            padding=layer.padding,
            ceil_mode=layer.over,
        )
        return pooled.output, None, None
    if isinstance(layer, FirstBatchNorm):
        norm = _part(layer, networks)
        assert isinstance(norm, nn.BatchNorm2d)
        device = norm.weight.device
        return norm(maps[None].to(device))[0].cpu(), norm.weight.cpu(), norm.bias.cpu()
    output: Tensor = _PLAIN_MODULES[type(layer)]().eval()(maps[None])[0]
    return output, None, None
