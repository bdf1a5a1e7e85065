"""Where the visitor is in a network, and the ways up, back and on, as the browser is sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...words import share_in_words

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace


@dataclass(frozen=True)
class Way:
    """A button of the trail.

    Attributes:
        key: Where it leads: "network", "step conv1", "channel 5".
        label: On the button.
        words: What it does, for its tip and for screen readers.
    """

    key: str
    label: str
    words: str


def trail_as_sent(
    trace: Trace, name: str | None, channel: int | None, large: bool
) -> dict[str, Any]:
    """Return what the trail is sent; there are no numbers in it, so it goes as JSON.

    Args:
        trace: The picture's way through the network.
        name: Of the step that the visitor is at; None above that.
        channel: The channel or unit of it that they are at; None above that.
        large: Whether the page is shown in large type.
    """
    network = trace.network.architecture.title
    places = [Way("network", network, f"Back to the whole of {network}")]
    beside: list[Way] = []
    said = ""
    if name is not None:
        step = trace[name]
        places.append(Way(f"step {step.name}", step.name, f"Back to all of {step.name}"))
        best = trace.predictions(1)[0]
        said = f"It says: {best.label}, {share_in_words(best.probability)}"
        if channel is None:
            beside = _steps_beside(trace, step)
        else:
            noun = _noun_of(step)
            places.append(Way("", f"{noun} {channel}", ""))
            beside = _channels_beside(step, channel, noun)
    return {
        "places": [vars(way) for way in places],
        "beside": [vars(way) for way in beside],
        "said": said,
        "large": large,
    }


def _noun_of(step: Step) -> str:
    return "unit" if step.output.ndim == 2 else "channel"


def _steps_beside(trace: Trace, step: Step) -> list[Way]:
    order = [each.name for each in trace.steps]
    at = order.index(step.name)
    return [
        Way(f"step {order[to]}", label.format(order[to]), words.format(order[to]))
        for to, label, words in (
            (at - 1, "◀ {}", "The step before: {}"),
            (at + 1, "{} ▶", "The step after: {}"),
        )
        if 0 <= to < len(order)
    ]


def _channels_beside(step: Step, channel: int, noun: str) -> list[Way]:
    return [
        Way(f"channel {to}", label, f"{noun} {to}")
        for to, label in ((channel - 1, f"◀ {noun}"), (channel + 1, f"{noun} ▶"))
        if 0 <= to < step.output.shape[1]
    ]
