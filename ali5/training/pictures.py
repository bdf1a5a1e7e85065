"""The pictures of a training, as a network takes them."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ali5.known.records import Preprocessing
from ali5.training.recipe import Recipe


class Pictures(NamedTuple):
    """Pictures u8 [N, C, H, W], and their classes, int64 [N]."""

    images: Tensor
    labels: Tensor

    def on(self, device: torch.device) -> Pictures:
        """Return the same pictures on a device."""
        return Pictures(self.images.to(device), self.labels.to(device))


def to_input(images: Tensor, preprocessing: Preprocessing, size: int | None = None) -> Tensor:
    """Turn pixels 0..255, [N, C, H, W], into the input of a network of that preprocessing.

    Args:
        images: Square.
        preprocessing: Of the network.
        size: Edge that they are resized to (bilinear, antialiased); that of the network without its
            border, if not given.
    """
    border = preprocessing.border
    mean, std = (
        torch.tensor(part, device=images.device)[:, None, None]
        for part in (preprocessing.mean, preprocessing.std)
    )
    pixels = images.float() / 255
    inner = size or preprocessing.size - 2 * border
    if images.shape[-1] != inner:
        pixels = F.interpolate(pixels, size=(inner, inner), mode="bilinear", antialias=True)
    return (F.pad(pixels, (border,) * 4) - mean) / std


def augment(images: Tensor, recipe: Recipe, random: torch.Generator) -> Tensor:
    """Change every picture a little, each in its own way.

    Args:
        images: u8, [N, C, H, W].
        recipe: How much.
        random: Of the same device as the pictures.

    Returns:
        Grey levels or colours 0..255 as float, of the same shape. What comes in from outside is
        black for digits and the mirrored picture for photographs.
    """
    count, device = len(images), images.device

    def spread(limit: float) -> Tensor:
        return (torch.rand(count, generator=random, device=device) * 2 - 1) * limit

    angle = spread(math.radians(recipe.rotation_degrees))
    zoom = 1 + spread(recipe.scaling)
    side = torch.where(spread(1) < 0, -1, 1) if recipe.flip else torch.ones(count, device=device)
    across, down = spread(2 * recipe.shift), spread(2 * recipe.shift)
    if recipe.sharp:
        sharp = spread(1).abs() < recipe.sharp
        angle, zoom = torch.where(sharp, 0, angle), torch.where(sharp, 1, zoom)
        across, down = (
            torch.where(sharp, (move * edge / 2).round() * 2 / edge, move)
            for move, edge in ((across, images.shape[3]), (down, images.shape[2]))
        )
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = (
        torch.stack([cosine * side, -sine, across], 1),
        torch.stack([sine * side, cosine, down], 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    outside = "zeros" if recipe.data == "mnist" else "reflection"
    moved = F.grid_sample(images.float(), grid, padding_mode=outside, align_corners=False)
    if not recipe.colour:
        return moved
    contrast, light = 1 + spread(recipe.colour), 1 + spread(recipe.colour)
    contrast, light = contrast[:, None, None, None], light[:, None, None, None]
    mean = moved.mean((1, 2, 3), keepdim=True)
    return (((moved - mean) * contrast + mean) * light).clamp(0, 255)
