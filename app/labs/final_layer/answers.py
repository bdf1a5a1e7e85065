"""What the final layer's lab asks the engine. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ... import engine
from ...engine import Picture, Progress
from ..questions import Question
from .comparison import limits_in_words
from .network import compare, limits_of
from .offers import Offer
from .settings import Settings
from .tasks import code_of, network_code_of, questions_of, shares_code_of
from .toy import toy_of

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace


@dataclass(frozen=True, eq=False)
class Lab:
    """What the page shows.

    Attributes:
        packed: As `final_layer.js` takes it.
        questions: About what is on the screen.
    """

    packed: bytes
    questions: list[Question]


def lab_with(
    trace: Trace, settings: Settings, token: str, offer: Offer, picture: Picture, colours: str
) -> Lab:
    """Return the lab with a network.

    Args:
        trace: The picture's way through the network.
        settings: As the address has them.
        token: Of the network on this picture.
        offer: The network.
        picture: As it was brought.
        colours: Name of the colour map.

    Raises:
        Ali5Error: The logits are not finite.
    """
    from .sent import pack_final_layer

    comparison = compare(trace, offer, picture, settings)
    packed = pack_final_layer(settings, token, picture.image, comparison, "", colours)
    return Lab(packed, questions_of(settings, toy_of(settings), comparison))


def lab_without(
    settings: Settings, token: str, picture: Picture, refusal: str, colours: str
) -> Lab:
    """Return the lab where the network cannot answer.

    Args:
        settings: As the address has them.
        token: Of the network on this picture.
        picture: As it was brought.
        refusal: Why the network cannot.
        colours: Name of the colour map.
    """
    from .sent import pack_final_layer

    packed = pack_final_layer(settings, token, picture.image, None, refusal, colours)
    return Lab(packed, questions_of(settings, toy_of(settings), None))


def toy_code(settings: Settings) -> str:
    """Return PyTorch code that gives what the small layer shows."""
    return code_of(settings, toy_of(settings))


def network_codes(
    trace: Trace, settings: Settings, offer: Offer, picture: Picture
) -> tuple[str, str]:
    """Return PyTorch code that gives the network's shares, and why A and not B; as `lab_with`."""
    comparison = compare(trace, offer, picture, settings)
    return shares_code_of(settings, comparison), network_code_of(comparison)


def limits_said(
    trace: Trace, settings: Settings, offer: Offer, picture: Picture, progress: Progress
) -> list[tuple[str, str]]:
    """Return what such a network cannot do, each a heading and a sentence; as `lab_with`.

    Args:
        trace, settings, offer, picture: As there.
        progress: Told while the network is shown noise.
    """
    comparison = compare(trace, offer, picture, settings)
    return engine.once(
        trace,
        ("limits", settings.a, settings.b),
        lambda: limits_in_words(limits_of(comparison, offer, progress), comparison),
    )
