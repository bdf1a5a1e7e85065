"""What one number of a trace is made of."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.tracing.trace import Step

Kind = Literal["picture", "sum", "average", "largest", "function", "copy", "other"]
"""How a number follows from its terms.

- "picture": it is a pixel of the prepared picture and has none.
- "sum": contributions and bias add up to it.
- "average": the same, where each contribution is a share of an average.
- "largest": it is the largest number of the patch.
- "function": it is computed from one or several numbers, as the stages say.
- "copy": it is one number of an input, unchanged.
- "other": an operation that is not known here; it has no terms.
"""


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """What one channel of an input has to do with a number.

    Attributes:
        source: Name of the step that it is from.
        channel: Of the source: number of a map, or of a unit of a vector.
        patch: What is looked at, [h, w], float64 on the CPU; [1, 1] for one number.
        weights: What it is multiplied with, [h, w]; None if it is not.
        contribution: What it adds.
        rows: Rows of the source's map that the patch is from, [h]; those outside 0..H-1 are
            padding. (0,) for vectors.
        columns: Columns likewise, [w].
        winner: For max pooling, row and column in the source's map of the largest number; the first
            one if there are several.
    """

    source: str
    channel: int
    patch: Tensor
    weights: Tensor | None
    contribution: float
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    winner: tuple[int, int] | None = None


@dataclass(frozen=True)
class Stage:
    """One step of the way from a number to a function of it.

    Attributes:
        name: What happens, in a few words.
        formula: In symbols.
        numbers: The same with the numbers filled in.
        value: What comes out.
    """

    name: str
    formula: str
    numbers: str
    value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """What one number is made of, as arrays: one row for each of T terms.

    Attributes:
        kind: How the number follows from them.
        sources: Name of the step that each term is from, [T].
        channels: Channel of the source, [T].
        patches: What is looked at, [T, h, w], float64 on the CPU.
        weights: What it is multiplied with, [T, h, w], or None.
        contributions: What each term adds, [T], float64. They and the bias are the total of a sum
            or an average. A softmax and a local response normalisation add up on the way: theirs
            are the exponentials and the squares. Elsewhere they are the numbers looked at.
        rows: Rows of the source's map under each patch, [T][h].
        columns: Columns likewise, [T][w].
        bias: What is added at the end; None if there is nothing.
        total: The number, computed again from its parts.
        stages: For functions, the way from what comes in to the total, in order.
        winner: For max pooling, row and column of the winner in the source's map.
        note: A sentence for the visitor, where there is something to say.
    """

    kind: Kind
    total: float
    sources: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()
    patches: Tensor = field(default_factory=lambda: torch.empty(0, 0, 0).double())
    weights: Tensor | None = None
    contributions: Tensor = field(default_factory=lambda: torch.empty(0).double())
    rows: tuple[tuple[int, ...], ...] = ()
    columns: tuple[tuple[int, ...], ...] = ()
    bias: float | None = None
    stages: tuple[Stage, ...] = ()
    winner: tuple[int, int] | None = None
    note: str = ""

    @functools.cached_property
    def terms(self) -> tuple[Term, ...]:
        """One for each channel of each input, in their order."""
        count = len(self.sources)
        weights = (None,) * count if self.weights is None else self.weights.unbind()
        columns: tuple[Sequence[Any], ...] = (
            self.sources,
            self.channels,
            self.patches.unbind(),
            weights,
            self.contributions.tolist(),
            self.rows,
            self.columns,
            (self.winner,) * count,
        )
        return tuple(itertools.starmap(Term, zip(*columns, strict=True)))

    @functools.cached_property
    def ranking(self) -> Tensor:
        """Numbers of the terms, largest contribution first whatever its sign, [T]."""
        return torch.argsort(self.contributions.abs(), descending=True, stable=True)

    def ranked(self) -> tuple[Term, ...]:
        """Return the terms, largest contribution first, whatever its sign."""
        return tuple(self.terms[number] for number in self.ranking.tolist())

    def running(self, terms: tuple[Term, ...] | None = None) -> tuple[float, ...]:
        """Return the sum after each term, in the order given, and after the bias, if there is one.

        Args:
            terms: In any order; all of them in their own order if not given.
        """
        added = [term.contribution for term in (self.terms if terms is None else terms)]
        if self.bias is not None:
            added.append(self.bias)
        sums, so_far = [], 0.0
        for value in added:
            so_far += value
            sums.append(so_far)
        return tuple(sums)


def from_one(
    kind: Kind,
    source: str,
    place: tuple[int, int, int],
    number: float,
    stages: tuple[Stage, ...] = (),
) -> Parts:
    """Return the parts of a number that follows from one other, at a channel, row and column."""
    channel, row, column = place
    return Parts(
        kind=kind,
        total=stages[-1].value if stages else number,
        sources=(source,),
        channels=(channel,),
        patches=torch.full((1, 1, 1), number, dtype=torch.float64),
        contributions=torch.full((1,), number, dtype=torch.float64),
        rows=((row,),),
        columns=((column,),),
        stages=stages,
    )


def check_place(step: Step, channel: int, row: int, column: int) -> None:
    """Refuse what is no number of a step.

    Raises:
        Ali5Error: Names the valid range.
    """
    counts = (*step.shape[1:], 1, 1)[:3]
    for name, value, count in zip(
        ("channel", "row", "column"), (channel, row, column), counts, strict=True
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
            raise Ali5Error(f"{name} may be 0 to {count - 1} at step '{step.name}', not {value!r}.")


def number_at(step: Step, channel: int, row: int, column: int) -> float:
    """Return one number of a step; row and column do not matter for vectors."""
    return float(step.output[(0, channel, row, column)[: step.output.ndim]])
