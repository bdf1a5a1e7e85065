"""What is known about the channels of a step, worked out once a trace, and ways to sort them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ali5.known.records import TAUGHT

from ... import engine
from ...engine import StepFacts
from ...tables import as_csv
from ...words import shape_in_words, so_far

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ali5.tracing.channels import Channels, Histogram
    from ali5.tracing.trace import Step, Trace

SORTS: Mapping[str, tuple[str, str]] = {
    "index": ("Index", "The order in which the network has them."),
    "strength": ("Strength", "The mean magnitude of a map's values."),
    "spread": ("Spread", "The standard deviation of a map's values."),
    "active": (
        "Activity",
        "The share of values above zero; where there are negative ones, of those larger in "
        "magnitude than a tenth of the step's largest.",
    ),
    "sparsity": (
        "Sparsity",
        "Few large values among many small ones: 0 if all magnitudes are equal, 1 if a single "
        "value is not zero (Hoyer 2004).",
    ),
    "similarity": (
        "Similarity",
        "A chain from the strongest channel on: each is followed by the most similar one of those "
        "left (cosine of the angle between the maps).",
    ),
    "contribution": (
        "Contribution",
        "What a channel adds to the logit of the predicted class, to first order: gradient × "
        "value, summed over the map (Molchanov et al. 2017). Those that speak for the class "
        "come first, those against it last.",
    ),
}
"""For each way to sort, what it is called and what it means."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Channels in an order.

    Attributes:
        order: Channels, first one first, [C].
        numbers: What they are sorted by, [C] by channel; None where it is no number.
    """

    order: NDArray[np.intp]
    numbers: NDArray[np.float32] | None


def sorts_of(step: StepFacts, readable: bool) -> dict[str, str]:
    """Return the ways in which the channels of a step can be sorted, and what to call them."""
    titles = {name: title for name, (title, _) in SORTS.items()}
    if step.shape[2:] == (1, 1):  # the same number in every sense, or none
        for name in ("spread", "sparsity", "active"):
            del titles[name]
    if not readable:
        del titles["contribution"]
    return titles


def sort_in_words(trace: Trace, sort: str) -> str:
    """Return what to call the number that channels are sorted by; "" if it is none or said."""
    if sort == "contribution":
        return f"contribution to “{trace.predictions(1)[0].label}”"
    return sort if sort in ("strength", "spread", "sparsity") else ""


def channels_of(trace: Trace, step: Step) -> Channels:
    """Return the numbers about each channel of a step."""
    from ali5.tracing.channels import describe_channels

    return engine.once(trace, (step.name, "channels"), lambda: describe_channels(trace, step))


def histogram_of(trace: Trace, step: Step) -> Histogram:
    """Return how the values of a step are distributed; of a vector, all units together."""
    from ali5.tracing.channels import count_values

    def work() -> Histogram:
        found = count_values(step)
        if step.output.ndim == 2:  # a line for each of many units would only hold memory
            found = replace(found, counts=found.counts.sum(0, keepdims=True))
        return found

    return engine.once(trace, (step.name, "histogram"), work)


def contributions_of(trace: Trace, step: Step) -> NDArray[np.float32]:
    """Return what each channel adds to the logit of the predicted class."""
    from ali5.tracing.channels import channel_contributions

    def work() -> NDArray[np.float32]:
        with engine.slot():
            return channel_contributions(trace, step)

    return engine.once(trace, (step.name, "contribution"), work)


def rank(trace: Trace, step: Step, sort: str) -> Ranking:
    """Return the channels of a step in the order of one of `SORTS`; only that is worked out."""
    import numpy as np

    from ali5.tracing.channels import order_by, order_by_similarity

    if sort == "index":
        return Ranking(np.arange(step.shape[1]), None)
    if sort == "similarity":
        return Ranking(
            engine.once(trace, (step.name, sort), lambda: order_by_similarity(step)), None
        )
    if sort == "contribution":
        numbers = contributions_of(trace, step)
    else:
        numbers = cast("NDArray[np.float32]", getattr(channels_of(trace, step), sort))
    return Ranking(order_by(numbers), numbers)


def rows_of(trace: Trace, name: str) -> list[dict[str, Any]]:
    """Return a line for each channel, or unit of a vector, with all that is known of it."""
    step = trace[name]
    known = channels_of(trace, step)
    adds = (
        contributions_of(trace, step)
        if trace.network.readable and step is not trace.steps[-1]
        else None
    )
    maps = step.output.ndim == 4 and step.shape[2:] != (1, 1)
    scores = (trace.steps[-1].name, *trace.steps[-1].inputs)
    rows: list[dict[str, Any]] = []
    for number in range(len(known)):
        row: dict[str, Any] = {"channel" if step.output.ndim == 4 else "unit": number}
        if step.name in scores:
            row["class"] = trace.network.labels[number]
        if maps:
            row |= {
                "strength": _plain(known.strength[number]),
                "spread": _plain(known.spread[number]),
                "active": _plain(known.active[number]),
                "sparsity": _plain(known.sparsity[number]),
                "strongest value": _plain(known.strongest[number]),
                "row": int(known.row[number]),
                "column": int(known.column[number]),
                "dead": bool(known.dead[number]),
            }
        else:
            row["value"] = _plain(step.output[0, number].reshape(-1)[0])
        if known.saturated is not None:
            row["saturated"] = _plain(known.saturated[number])
        if adds is not None:
            row["contribution"] = _plain(adds[number])
        rows.append(row)
    return rows


def table_as_csv(trace: Trace, name: str) -> str:
    """Return the lines of `rows_of` as comma-separated values; what is not defined stays empty."""
    rows = rows_of(trace, name)
    return as_csv(list(rows[0]), (list(row.values()) for row in rows))


def describe_source(trace: Trace, step: Step) -> str:
    """Say which network and which step numbers or pictures are from, on one line."""
    network = trace.network
    weights = {
        "untrained": "untrained",
        "published": "ImageNet weights of torchvision",
        TAUGHT: "with a last layer of one's own",
        "own": "a network of one's own",
    }
    if network.card is not None:
        learned = f"trained{so_far(network.weights)} on {network.card.data}"
    else:
        learned = weights.get(network.weights, "weights of one's own")
    edition = "" if network.own else f", {network.edition.name} edition"
    return (
        f"{network.architecture.heading}{edition}, {learned}. "
        f"Step {step.name}: {step.operation}, {shape_in_words(step.shape)}."
    )


def _plain(value: Any) -> float | None:
    number = float(value)
    return number if number == number else None
