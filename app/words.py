"""What each kind of step does, in plain language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ali5.door import tidied
from ali5.figures import number_in_words as number_in_words
from ali5.figures import share_in_words as share_in_words
from ali5.figures import signed as signed

TITLES = {"linear": "fully connected layer", "input": "the picture"}
"""What to call the operations that have a plainer name."""

SENTENCES = {
    "input": "The picture as the network sees it, resized and cut to a square. Every number is "
    "shifted and scaled so that typical values lie around zero.",
    "convolution": "A small window slides over its input. Wherever what lies under it looks like "
    "the kernel, the output is large; each kernel makes one feature map.",
    "linear": "Every unit is a weighted sum of all numbers of its input. Each number can vote for "
    "or against each unit.",
    "max pooling": "A window keeps only the largest value under it. The map shrinks; what was "
    "found stays, where exactly is forgotten.",
    "average pooling": "A window is replaced by the average of the values under it. The map "
    "shrinks and becomes smoother.",
    "ReLU": "Negative values become zero, positive ones stay. Without such a bend, many layers "
    "could do no more than one.",
    "tanh": "Values are squashed into a fixed range: large ones saturate, small ones pass almost "
    "unchanged. Without such a bend, many layers could do no more than one.",
    "activation": "A bend is applied to every value. Without it, many layers could do no more than "
    "one.",
    "batch normalisation": "Each channel is shifted and scaled to the range that the next step "
    "expects. What stands out in a map stays as it is.",
    "local response normalisation": "A value is damped when its neighbours in other channels are "
    "strong. So the channels compete at every place.",
    "addition": "Two sets of maps are added number by number. What the block found is added to "
    "what came in.",
    "concatenation": "The maps of all branches are stacked behind one another. No number changes.",
    "flatten": "The maps are written out as one long list of numbers. From here on, places have no "
    "meaning of their own any more.",
    "dropout": "In training, random units are silenced here, so that no unit relies on a single "
    "other one. Now everything passes on unchanged.",
    "softmax": "The last scores become shares of one hundred percent. The largest score gets the "
    "largest share.",
    "other": "A step of its own kind. Its maps are what it gave for this picture.",
}
"""What each operation does, two sentences for a beginner."""

CURIOUS = {
    "input": "A pixel's levels 0..255 become 0..1 and then $(x - \\mu_c) / \\sigma_c$ with the "
    "mean and the standard deviation of each colour over the training pictures. So the first "
    "layer sees numbers around zero whatever the lighting, which makes it learn faster (LeCun, "
    "Bottou, Orr, Müller 1998, “Efficient BackProp”, section 4.3). The Pixels page shows every "
    "step of the way.",
    "convolution": "$y_{o,r,s} = b_o + \\sum_c \\sum_{i,j} w_{o,c,i,j} \\; "
    "x_{c,\\,rS+i-P,\\,sS+j-P}$ with stride $S$ and padding $P$: filter $o$ has a kernel for "
    "every input channel $c$, and their results are added. The same weights are used "
    "everywhere: a pattern is found wherever it stands, and a layer has as many weights for a "
    "large picture as for a small one. Strictly this is a cross-correlation, a convolution "
    "would turn the kernel upside down; since the weights are learned, it makes no difference. "
    "The Convolution page does it by hand.",
    "linear": "$y_o = b_o + \\sum_i w_{o,i} \\, x_i$. It is the same as a convolution with a "
    "kernel as large as the map. Most weights of AlexNet and VGG are here, though most of the "
    "arithmetic is in the convolutions.",
    "max pooling": "$y_{r,s} = \\max_{i,j} x_{rS+i,\\,sS+j}$, in every channel alone. It has "
    "nothing to learn. Going back, only the winner counts: its place is the “switch” that "
    "deconvolution needs (Zeiler and Fergus 2014, section 2.1). It keeps out dark specks, but "
    "carries bright ones on: try it on the Pooling page.",
    "average pooling": "$y_{r,s} = \\frac{1}{n} \\sum_{i,j} x_{rS+i,\\,sS+j}$, in every "
    "channel alone. Over the whole map it leaves one number for each channel (Lin, Chen, Yan "
    "2014, “Network in network”, section 3.2): GoogLeNet and ResNet end so instead of with "
    "large fully connected layers, and can read pictures of any size.",
    "ReLU": "$y = \\max(0, x)$, the rectified linear unit (Nair and Hinton 2010). Its slope is "
    "1 wherever it lets something through, so gradients do not fade in deep networks; a small "
    "network learned six times as fast with it as with tanh (AlexNet’s paper, figure 1). A "
    "channel that is negative for every picture is dead: it learns nothing any more.",
    "tanh": "$y = A \\tanh(S x)$ with $A = 1.7159$ and $S = 2/3$ in LeNet-5, so that $f(1) = "
    "1$ (LeCun et al. 1998, appendix A). Where it is flat, gradients vanish: the reason why "
    "later networks prefer the ReLU.",
    "activation": "Any function of one number that is not a straight line will do: sums of "
    "weighted sums are only weighted sums, however many layers there are.",
    "batch normalisation": "$y = \\gamma_c \\, (x - \\mu_c) / \\sqrt{\\sigma_c^2 + \\epsilon} "
    "+ \\beta_c$. In training $\\mu_c$ and $\\sigma_c$ are those of the present batch, here a "
    "running average of them; $\\gamma$ and $\\beta$ are learned (Ioffe and Szegedy 2015, "
    "algorithms 1 and 2). After a convolution it can be folded into its weights: at a single "
    "unit, you can.",
    "local response normalisation": "$b_i = a_i / (k + \\alpha \\sum_{j} a_j^2)^\\beta$ over "
    "the neighbouring channels $j$ (Krizhevsky et al. 2012, section 3.3); PyTorch divides "
    "$\\alpha$ by their number. VGG found no gain in it (its section 4.1), and it went out of "
    "use.",
    "addition": "$y = F(x) + x$: the block only has to learn what to change. The gradient "
    "reaches early layers through the sum undiminished, so a hundred layers can be trained (He "
    "et al. 2016, equation 1). Where sizes differ, the way past the block is a 1 × 1 "
    "convolution.",
    "concatenation": "In an inception block the branches look with windows of several sizes at the "
    "same maps, and the next layer chooses among all of them (Szegedy et al. 2015, section 4). "
    "Channel numbers tell where a map came from.",
    "flatten": "Maps [C, H, W] become a vector of C · H · W numbers, channel by channel, row "
    "by row.",
    "dropout": "In training each unit is silenced with probability $p$ and the others are "
    "scaled by $1 / (1 - p)$, so that nothing has to change afterwards (Srivastava et al. "
    "2014; AlexNet, section 4.2, halves the outputs in use instead).",
    "softmax": "$p_i = e^{z_i} / \\sum_j e^{z_j}$ over the scores $z$, called logits. Adding "
    "the same number to all of them changes nothing; doubling them makes the network surer. "
    "The shares are not how often it is right: trained networks are mostly too sure (Guo et "
    "al. 2017). The Final layer page shows every step.",
    "other": "ALI5 has no words for this operation. Its inputs are lit on the map.",
}
"""The same for the curious, in Markdown with formulas and sources."""

PARTS = {
    "kernels": ("kernel", "window", "filter", "weighted sum"),
    "maps": ("feature map", "output", "map", "channel", "unit", "share", "value"),
    "inputs": ("input", "picture", "branch", "block"),
}
"""What of the page a word of the sentences stands for."""

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


def linked(text: str) -> list[tuple[str, str]]:
    """Cut a text into pieces, each with the part of the page it stands for, or "" if for none."""
    part_of = {word: part for part, words in PARTS.items() for word in words}
    longest_first = sorted(part_of, key=len, reverse=True)
    found = re.split(rf"\b({'|'.join(longest_first)})(s?)\b", text)
    pieces = []
    for before, word, plural in zip(
        found[::3], [*found[1::3], ""], [*found[2::3], ""], strict=True
    ):
        pieces += [(before, ""), (word + plural, part_of.get(word, ""))]
    return [piece for piece in pieces if piece[0]]


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Say a shape: "64 × 55 × 55" for maps, "4,096" for a vector."""
    return " × ".join(f"{edge:,}" for edge in shape[1:])


def counted(count: int, noun: str) -> str:
    """Say how many: "one file" is "1 file", two are "2 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


_NUMERALS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def numeral(count: int) -> str:
    """Say how many in a sentence: "six"; in figures beyond twelve."""
    return _NUMERALS[count] if count < len(_NUMERALS) else f"{count:,}"


def so_far(weights: str) -> str:
    """Say how long weights like "step-400" had been trained, " for 400 steps"; "" for others."""
    steps = weights.removeprefix("step-")
    return f" for {int(steps):,} steps" if steps.isdecimal() else ""


def listed(words: Sequence[str]) -> str:
    """Say several words after one another: "one, two and three"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


_SIGN = r"([!-'*+/:-@\[-`{-~])"
"""Markdown takes a backslash only before these; elsewhere it would be shown."""

_JOINER = "\u2060"
"""A letter without width, at which no line ends."""

_JOINED = re.compile(
    r"(?<=www)(?=\.)|(?=://)|(?=@)|(?<=-)(?=[->])|(?<=<)(?=-)|(?<=[<>~])(?==)", re.IGNORECASE
)
"""Where backslashes do not help: what looks like an address becomes a link, and `->` an arrow."""


def plain(text: str) -> str:
    """Take the meaning from every sign of Markdown, so that a file name is shown as it is."""
    return re.sub(_SIGN, r"\\\1", _JOINED.sub(_JOINER, tidied(text)))


def unmarked(text: str) -> str:
    """Return a text as it was before `plain`, for places that know no Markdown."""
    return re.sub(r"\\" + _SIGN, r"\1", text.replace(_JOINER, ""))
