"""The part of the final layer's lab that asks a real network. No Streamlit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample

from ... import engine
from ...engine import Picture, Progress
from .comparison import Comparison, Limits, compared
from .offers import Offer, loading_code
from .settings import Settings

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace


def compare(trace: Trace, offer: Offer, picture: Picture, settings: Settings) -> Comparison:
    """Take the difference of two logits apart that a network gave a picture.

    Raises:
        Ali5Error: The logits are not finite.
    """
    return compared(trace, settings, loading_code(offer, picture))


def limits_of(comparison: Comparison, offer: Offer, progress: Progress | None = None) -> Limits:
    """Measure what the network does with noise, and with the same picture after it."""
    from ali5.labs.softmax import softmax

    trace = comparison.trace
    place = {step.name: number for number, step in enumerate(trace.steps)}
    arrows = [(place[source], place[step.name]) for step in trace.steps for source in step.inputs]
    answer = engine.once(trace, "after noise", lambda: _after_noise(offer, comparison, progress))
    return Limits(
        steps=len(trace.steps),
        arrows=len(arrows),
        backward=sum(source >= target for source, target in arrows),
        noise_name=answer[0],
        noise_share=answer[1],
        noise_total=answer[2],
        changed=answer[3],
        share=float(softmax(comparison.logits).shares.max()),
        share_at_two=float(softmax(comparison.logits, 2).shares.max()),
    )


def _after_noise(
    offer: Offer, comparison: Comparison, progress: Progress | None
) -> tuple[str, float, float, float]:
    """Show a network noise, then the picture again."""
    from ali5.tracing.trace import trace

    image = open_sample("noise")
    picture = Picture("noise", image, digest_of(image), "noise")
    noise = engine.traced(comparison.trace.network, offer.choice.weights, picture, progress)
    shares = noise.steps[-1].output[0].cpu().double()
    best = int(shares.argmax())
    network = comparison.trace.network
    with engine.slot():
        again = trace(network, comparison.trace.image)
    logits = again[comparison.logits_step].output[0].cpu().double()
    changed = float((logits - comparison.logits).abs().max())
    return comparison.names[best], float(shares[best]), float(shares.sum()), changed
