"""The kernels of a visitor's own convolutions: fixed filters, then random ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ali5.known.chance import SEED

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
        number: Convolutions before it in the stack; it is added to the seed.
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
