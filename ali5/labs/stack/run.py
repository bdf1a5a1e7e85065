"""Run a stack on a photograph: every map of every layer.

photo = take_photo(image, 128)
layers, _ = read_stack("conv8k5p2,relu,max2")
for step in run_stack(layers, normalise(photo)):
    step.name, step.shape, step.receptive_field.size
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ali5.errors import Ali5Error
from ali5.graph.kinds import Operation
from ali5.graph.layers import LocalResponseNorm, ScaledTanh
from ali5.labs.arithmetic import convolve, pool
from ali5.labs.stack.bank import stack_kernels
from ali5.labs.stack.borrowed import Networks, part_of
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
from ali5.labs.stack.outline import outline_stack
from ali5.tracing.trace import Step

_PLAIN_MODULES: dict[type, Callable[[], nn.Module]] = {
    Rectifier: nn.ReLU,
    Squashing: ScaledTanh,
    # Section 3.3 of AlexNet's paper; PyTorch divides alpha by the number of channels.
    ResponseNorm: lambda: LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
}


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
            module = part_of(layer, networks)
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
        norm = part_of(layer, networks)
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean, variance = norm.running_mean.cpu(), norm.running_var.cpu()
        weight, bias = norm.weight.cpu(), norm.bias.cpu()
        maps = F.batch_norm(maps[None], mean, variance, weight, bias, eps=norm.eps)[0]
        return maps, weight, bias
    output: Tensor = _PLAIN_MODULES[type(layer)]().eval()(maps[None])[0]
    return output, None, None
