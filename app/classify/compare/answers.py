"""What the page "Compare" asks the engine. No Streamlit; importing this module loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import engine
from ...engine import Picture, Progress

if TYPE_CHECKING:
    from ali5.classifying.comparing import Answer
    from ali5.networks.networks import Network


def answer_to(
    network: Network, weights: str, picture: Picture, progress: Progress | None = None
) -> Answer:
    """Return what a network makes of a picture, computed once for all visitors; no map is kept.

    Args:
        network: The network.
        weights: What it was asked for by, a kind of weights or the digest of a file.
        picture: What it looks at.
        progress: Told before each step.
    """
    return engine.answered(network, weights, picture, progress)
