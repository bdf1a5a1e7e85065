"""What a number really depends on: the gradient with respect to every pixel of the picture.

Luo, Li, Urtasun, Zemel: "Understanding the effective receptive field in deep convolutional neural
networks", NIPS 2016, https://arxiv.org/abs/1701.04128, section 2. They average over many inputs and
weights; this is one picture's, so it also shows which ReLUs are closed and which pixels won.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.explain.units.fields import Box
from ali5.explain.units.parts import check_place
from ali5.graph.capture import capture
from ali5.graph.plan import PlannedStep
from ali5.networks.networks import Network, run_or_fall_back
from ali5.tracing.trace import Trace


def effective_field(trace: Trace, step: str, channel: int, row: int = 0, column: int = 0) -> Tensor:
    """Return how strongly one number of a trace depends on each pixel.

    The network runs again up to the step, with gradients for the picture only. The network is only
    read. If the accelerator runs out of memory that is repeated on the CPU.

    Args:
        trace: Any picture's way through any network.
        step: Name of a step.
        channel: Number of a map, or of a unit of a vector.
        row: In the map; 0 for vectors.
        column: Likewise.

    Returns:
        |d number / d pixel| of the prepared picture, added up over its channels, [H, W], float32 on
        the CPU; zero outside the theoretical receptive field. Where several pixels share the
        largest value under a window, the first one is taken to be the winner, and a ReLU is taken
        to be flat at 0, as PyTorch does.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: There is no such channel, row or column, or no gradient comes back from it.
    """
    at = trace[step]
    check_place(at, channel, row, column)
    place = (0, channel, row, column)[: at.output.ndim]
    network = trace.network
    if trace.image.device.type != network.device.type:  # it ran on the CPU instead
        network = network.on_cpu
    return run_or_fall_back(
        network,
        lambda on: _gradient(on, trace.image, step, place),
        "No gradient can be computed here",
    )


def edge_holding(field: Tensor, box: Box, share: float = 0.9) -> int:
    """Return the edge of the smallest square that holds a share of an effective field.

    Args:
        field: From `effective_field`, [H, W].
        box: The theoretical receptive field; the squares grow around its middle.
        share: 0 to 1.

    Returns:
        Pixels, at most the longer edge of the box; 0 if the field is zero everywhere.
    """
    field = field.double().nan_to_num(0, 0, 0)
    if not field.any():
        return 0
    middle = (box.top + box.bottom - 1) / 2, (box.left + box.right - 1) / 2
    down, right = (
        (torch.arange(edge) - place).abs() for edge, place in zip(field.shape, middle, strict=True)
    )
    away = torch.maximum(down[:, None], right[None, :]).flatten()
    order = away.argsort()
    held = field.flatten()[order].cumsum(0)
    last = int((held < share * held[-1]).sum())
    return min(int(2 * float(away[order[last]])) + 1, max(box.height, box.width))


def _gradient(network: Network, image: Tensor, step: str, place: tuple[int, ...]) -> Tensor:
    with torch.inference_mode(False), torch.enable_grad():
        pixels = image.to(network.device, copy=True).requires_grad_()
        number = _value(network, pixels, step)[place]
        if not number.requires_grad:
            raise Ali5Error(
                f"No gradient comes back from step '{step}': the network cuts it off on the way, "
                "or counts and compares."
            )
        (gradient,) = torch.autograd.grad(number, pixels, allow_unused=True)
    if gradient is None:
        return torch.zeros(image.shape[2:])
    field: Tensor = gradient[0].abs().sum(0).float().cpu()
    return field


def _value(network: Network, pixels: Tensor, step: str) -> Tensor:
    """Run a network up to a step, and return what the step gives."""
    running: Iterable[tuple[PlannedStep, Any]]
    if network.readable:
        running = network.plan.execute(pixels)
    else:  # a copy, for the forward pass may write into what it is given
        running = zip(*capture(network.module, pixels.clone(), gradients=True), strict=True)
    for planned, value in running:
        if planned.name == step:
            found: Tensor = value
            return found
    raise Ali5Error(f"The network took another way this time: there was no step '{step}'.")
