"""Kernels with a name: what each of them does to a picture can be said in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ali5.errors import Ali5Error, UnknownName


@dataclass(frozen=True)
class NamedKernel:
    """A kernel by its name.

    Attributes:
        title: What it is called.
        does: What it does to a picture, one sentence.
        core: Its weights, [h, w], where its size is fixed; None where it grows with the window.
    """

    title: str
    does: str
    core: tuple[tuple[float, ...], ...] | None = None


KERNELS = {
    "identity": NamedKernel("Identity", "Only the middle counts: the picture stays as it is."),
    "box": NamedKernel("Box blur", "Every pixel becomes the average of its neighbourhood."),
    "gaussian": NamedKernel(
        "Gaussian blur", "An average in which near pixels count more than far ones."
    ),
    "edge": NamedKernel(
        "Edges",
        "The middle minus its neighbourhood: flat areas give zero, edges of any direction stand "
        "out.",
        ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    ),
    "sobel-x": NamedKernel(
        "Sobel, x",
        "Right minus left: positive where it grows brighter to the right, zero along rows.",
        ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    ),
    "sobel-y": NamedKernel(
        "Sobel, y",
        "Below minus above: positive where it grows brighter downwards, zero along columns.",
        ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ),
    "laplacian": NamedKernel(
        "Laplacian",
        "How much a pixel differs from its four neighbours.",
        ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    ),
    "sharpen": NamedKernel(
        "Sharpen",
        "The picture plus its differences to the neighbours: edges grow steeper.",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ),
    "emboss": NamedKernel(
        "Emboss",
        "Light from the top left: edges look raised or sunken.",
        ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    ),
}


def named_kernel(name: str, size: int) -> NDArray[np.float32]:
    """Return a named kernel for a window of that size, [size, size].

    Kernels of a fixed size stand in the middle of a larger window, for even sizes in the middle
    towards the top left.

    Raises:
        UnknownName: There is no such kernel.
        Ali5Error: The window is too small for it.
    """
    if name not in KERNELS:
        raise UnknownName("kernel", name, KERNELS)
    weights = np.zeros((size, size), np.float32)
    core = KERNELS[name].core
    middle = (size - 1) // 2
    if core is not None:
        edge = len(core)
        if size < edge:
            raise Ali5Error(
                f"{KERNELS[name].title} needs a window of at least {edge} x {edge} pixels."
            )
        start = middle - (edge - 1) // 2
        weights[start : start + edge, start : start + edge] = core
    elif name == "identity":
        weights[middle, middle] = 1
    elif name == "box":
        weights[:] = 1 / size**2
    else:
        # The binomial row, whose square is close to a Gaussian of variance (size - 1) / 4.
        row = np.ones(1)
        for _ in range(size - 1):
            row = np.convolve(row, [1, 1])
        weights[:] = np.outer(row, row) / row.sum() ** 2
    return weights
