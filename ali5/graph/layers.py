"""Layers of the papers that PyTorch has not, or not in a form that trains quickly on a CPU."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """LeNet-5's squashing function, f(a) = 1.7159 tanh(2a/3).

    LeCun, Bottou, Bengio, Haffner 1998, https://doi.org/10.1109/5.726791, appendix A, equation 12.
    """

    amplitude = 1.7159
    slope = 2 / 3

    def forward(self, activation: Tensor) -> Tensor:
        """Squash every value into (-1.7159, 1.7159); the shape stays."""
        return self.amplitude * torch.tanh(self.slope * activation)


class LocalResponseNorm(nn.LocalResponseNorm):
    """x / (k + alpha / size * sum of x^2 over `size` neighbouring channels)^beta.

    Krizhevsky et al. 2012, section 3.3; PyTorch divides alpha by the size. In evaluation mode this
    is PyTorch's own. In training mode the sum is a 1x1 convolution with ones around the diagonal
    and the gradient is written out, which is several times as fast as the three-dimensional pooling
    that PyTorch uses; the results agree within rounding.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise maps, [N, C, H, W]."""
        if not self.training:
            return super().forward(maps)
        place = torch.arange(maps.shape[1], device=maps.device)
        # Channel c sums c - size // 2 to c + (size - 1) // 2, as PyTorch pads it.
        distance = place[None, :] - place[:, None]
        near = (distance >= -(self.size // 2)) & (distance <= (self.size - 1) // 2)
        settings = (self.alpha / self.size, self.beta, self.k)
        return _Normalise.apply(maps, near.float(), *settings)  # type: ignore[no-any-return]


class _Normalise(torch.autograd.Function):
    """y = x b^-beta with b = k + a sum(x^2); in 32 bits, whatever comes in."""

    @staticmethod
    def forward(
        context: Any, maps: Tensor, near: Tensor, a: float, beta: float, k: float
    ) -> Tensor:
        exact = _in_order(maps)
        base = _sum_near(exact * exact, near).mul_(a).add_(k)
        if beta == 0.75:  # as in all the papers: two roots are quicker than a power
            root = base.rsqrt()
            scale = root.mul_(root.sqrt())
        else:
            scale = base**-beta
        context.save_for_backward(exact, scale, base, near)
        context.factor = 2 * a * beta
        return (exact * scale).to(maps.dtype)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        exact, scale, base, near = context.saved_tensors
        scaled = _in_order(gradients[0]) * scale
        back = _sum_near((scaled * exact).div_(base), near.T).mul_(exact).mul_(context.factor)
        return (scaled - back).to(gradients[0].dtype), None, None, None, None


def _in_order(maps: Tensor) -> Tensor:
    return maps.float().contiguous(memory_format=torch.channels_last)


def _sum_near(maps: Tensor, near: Tensor) -> Tensor:
    with torch.autocast(maps.device.type, enabled=False):
        return F.conv2d(maps, near[:, :, None, None])
