"""What a real network answers, the terms behind two of its logits, and what it cannot answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ali5.errors import Ali5Error

from ...engine import once
from ...words import number_in_words, plain, share_in_words
from .settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.labs.contributions import Contributions
    from ali5.tracing.trace import Trace

BEST = 5
"""Classes that softmax shows one by one; the rest is shown together."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a network answered, and the terms behind two of its logits.

    Attributes:
        trace: The picture's way through the network.
        logits: [classes], float64.
        order: Numbers of the classes, largest logit first.
        names: Of the classes, each only once.
        logits_step: Name of the step that gives the logits.
        why: The terms; None if there are none.
        refusal: Why there are none.
        loading_code: Lines of Python that make the trace.
    """

    trace: Trace
    logits: Tensor
    order: list[int]
    names: tuple[str, ...]
    logits_step: str
    why: Contributions | None
    refusal: str
    loading_code: tuple[str, ...]

    @property
    def best(self) -> list[int]:
        """Numbers of the classes with the largest logits."""
        return self.order[:BEST]

    @property
    def has_bias(self) -> bool:
        """Whether the last layer adds a bias."""
        return self.why is not None and self.trace[self.why.layer].bias is not None


def compared(trace: Trace, settings: Settings, loading_code: tuple[str, ...] = ()) -> Comparison:
    """Take the difference of two logits of a network apart.

    Args:
        trace: A picture's way through it.
        settings: Name the two classes.
        loading_code: Lines of Python that make the trace.

    Raises:
        Ali5Error: The logits are not finite.
    """
    from ali5.labs.contributions import contributions

    logits_step = trace.steps[-1].inputs[0]
    logits, order, names = once(trace, "ranked", lambda: _ranked(trace, logits_step))
    a, b = _chosen_classes(settings, names, order)
    why, refusal = None, ""
    try:
        why = once(trace, ("contributions", a, b), lambda: contributions(trace, a, b))
    except Ali5Error as error:
        refusal = str(error)
    return Comparison(
        trace=trace,
        logits=logits,
        order=order,
        names=names,
        logits_step=logits_step,
        why=why,
        refusal=refusal,
        loading_code=loading_code,
    )


def _ranked(trace: Trace, logits_step: str) -> tuple[Tensor, list[int], tuple[str, ...]]:
    """Return the logits, the numbers of the classes from the largest one on, and their names."""
    import torch

    from ali5.labs.softmax import softmax

    logits = softmax(trace[logits_step].output[0]).logits
    order = torch.argsort(logits, descending=True, stable=True).tolist()
    return logits, order, _unique(trace.network.labels)


def _chosen_classes(
    settings: Settings, names: tuple[str, ...], order: list[int]
) -> tuple[int, int | None]:
    numbers = {name: number for number, name in enumerate(names)}
    a = numbers.get(settings.a, order[0])
    b = numbers.get(settings.b)
    if b is None or b == a:
        b = next((each for each in order if each != a), None)
    return a, b


def _unique(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return labels of which none is there twice."""
    count = Counter(labels)
    return tuple(
        label if count[label] == 1 else f"{label} ({number})" for number, label in enumerate(labels)
    )


# --- What it cannot answer ----------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Numbers that show what a feed-forward network cannot answer.

    Attributes:
        steps: Of the network.
        arrows: From one step to another.
        backward: Of those, how many lead to an earlier step.
        noise_name: The class it takes pure noise for.
        noise_share: The share of that class.
        noise_total: All shares of the noise together.
        changed: Largest change of a logit when the picture is shown again after the noise.
        share: Of the winning class on the picture.
        share_at_two: The same after all logits were halved.
    """

    steps: int
    arrows: int
    backward: int
    noise_name: str
    noise_share: float
    noise_total: float
    changed: float
    share: float
    share_at_two: float


def limits_in_words(limits: Limits, comparison: Comparison) -> list[tuple[str, str]]:
    """Return what such a network cannot do, each a heading and a sentence with its numbers."""
    title = comparison.trace.network.architecture.title
    back = "none leads back" if not limits.backward else f"{limits.backward} lead back"
    same = (
        "exactly the same logits"
        if limits.changed == 0
        else f"logits that differ by {limits.changed:.1e} at most, from rounding"
    )
    where = _where_in_words(comparison)
    return [
        (
            "One way, and no memory",
            f"Information goes from the picture to the shares: of the {limits.arrows} arrows "
            f"between the {limits.steps} steps of {title}, {back}. Shown noise and then this "
            f"picture again, it gave {same}. What it saw before, it cannot know.",
        ),
        (
            "It cannot say “none of these”",
            f"Shown nothing but noise, it answers “{plain(limits.noise_name)}” with "
            f"{share_in_words(limits.noise_share)}. The shares of its {len(comparison.names):,} "
            f"classes add up to {100 * limits.noise_total:.1f} % there too: softmax leaves no room "
            "for “something else”.",
        ),
        (
            "A share is not a certainty",
            f"Its largest share here is {share_in_words(limits.share)}. Half of every logit would "
            f"give {share_in_words(limits.share_at_two)} for the same class in the same place: the "
            "order of the classes is what the picture decides, how sharp the shares are depends on "
            "the scale of the logits.",
        ),
        ("It says neither where nor why", where),
    ]


def _where_in_words(comparison: Comparison) -> str:
    why = comparison.why
    end = "Words for a reason are nowhere in it: the terms above are all there is."
    if why is None:
        return f"Its answer is one number for each class, without a place. {end}"
    names = f"“{plain(comparison.names[why.a])}” and “{plain(comparison.names[why.b])}”"
    if why.averaged and why.maps is not None:
        turned = why.maps.flip(1, 2).mean((1, 2))
        total = float((turned * why.weights).sum()) + why.bias
        return (
            f"With its last maps turned upside down, the logits of {names} still differ by "
            f"{number_in_words(total)} (before: {number_in_words(why.total)}): the average has "
            f"forgotten the place. Only the maps themselves can be asked. {end}"
        )
    count = f"{why.features.numel():,}"
    if why.maps is None:
        return (
            f"The difference between {names} is made of {count} numbers, and each of them has seen "
            f"the picture as a whole: none has a place in it. {end}"
        )
    return f"The difference between {names} is made of {count} products. {end}"
