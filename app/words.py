"""What each kind of step does, in plain language."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ali5.tracing import Step

TITLES = {"linear": "fully connected layer", "input": "the picture"}
"""What to call the operations that have a plainer name."""

SENTENCES = {
    "input": "The picture as the network sees it: resized, cut to a square, and every number "
    "shifted and scaled so that typical values lie around zero.",
    "convolution": "A small window slides over its input. Wherever what lies under it looks like "
    "the kernel, the output is large; each kernel makes one feature map.",
    "linear": "Every output is a weighted sum of all inputs: each number can vote for or against "
    "each unit.",
    "max pooling": "A window keeps only the largest value under it. The map shrinks; what was "
    "found stays, where exactly is forgotten.",
    "average pooling": "A window is replaced by the average of the values under it. The map "
    "shrinks and becomes smoother.",
    "ReLU": "Negative values become zero, positive ones stay. Without such a bend, many layers "
    "could do no more than one.",
    "tanh": "Values are squashed into a fixed range: large ones saturate, small ones pass almost "
    "unchanged.",
    "activation": "A bend is applied to every value, so that many layers can do more than one.",
    "batch normalisation": "Each channel is shifted and scaled to the range that the next step "
    "expects.",
    "local response normalisation": "A unit is damped when its neighbours in other channels are "
    "strong: channels compete.",
    "addition": "Two sets of maps are added number by number: what the block found is added to "
    "what came in.",
    "concatenation": "The maps of all branches are stacked behind one another; no number changes.",
    "flatten": "The maps are written out as one long list of numbers.",
    "dropout": "Only active in training, where it silences random units; here it passes everything "
    "on unchanged.",
    "softmax": "The last scores become shares of one hundred percent.",
    "other": "A step of its own kind.",
}

COLOURS = {
    "input": "#64748b",
    "convolution": "#2563eb",
    "linear": "#7c3aed",
    "max pooling": "#0d9488",
    "average pooling": "#0d9488",
    "ReLU": "#ca8a04",
    "tanh": "#ca8a04",
    "activation": "#ca8a04",
    "batch normalisation": "#94a3b8",
    "local response normalisation": "#94a3b8",
    "addition": "#db2777",
    "concatenation": "#db2777",
    "flatten": "#64748b",
    "dropout": "#64748b",
    "softmax": "#ea580c",
    "other": "#64748b",
}
"""One colour for each family of operations."""


def settings_in_words(step: Step) -> str:
    """Say a step's window in words: "5 x 5 kernel, stride 1, padding 0"."""
    settings = step.settings
    if "output_size" in settings:
        return "one value per map" if step.shape[2:] == (1, 1) else "to a fixed size"
    if "kernel_size" not in settings:
        return ""
    kernel = settings["kernel_size"]
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    parts = [f"{height} × {width} {'kernel' if step.weight is not None else 'window'}"]
    for name in ("stride", "padding", "dilation", "groups"):
        value = settings.get(name)
        value = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        if value is not None and not (name in ("dilation", "groups") and value == 1):
            parts.append(f"{name} {value}")
    return ", ".join(parts)


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Say a shape: "64 × 55 × 55" for maps, "4,096" for a vector."""
    return " × ".join(f"{edge:,}" for edge in shape[1:])


def share_in_words(share: float) -> str:
    """Write a share of one as a percentage with as many digits as say something."""
    if math.isnan(share):
        return "not a number"
    percent = share * 100
    if percent >= 99.95:
        return "100 %" if share == 1 else "> 99.9 %"
    if percent >= 10:
        return f"{percent:.1f} %"
    return f"{percent:.2f} %" if percent >= 0.01 else "< 0.01 %"


def number_in_words(value: float) -> str:
    """Write a number with four digits and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def plain(text: str) -> str:
    """Take the meaning from every sign of Markdown, so that a file name is shown as it is."""
    return re.sub(r"([^\w\s.,()-])", r"\\\1", " ".join(text.split()))
