"""What the page "What if" asks the engine.

No Streamlit; importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...choose.choice import Choice
from ...engine import Picture, Tell
from .findings import curve_of, find, job_of, ranks_of
from .settings import Settings, opening_of

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows.

    Attributes:
        packed: As `what_if.js` takes it.
        opening: The choices that the address need not say.
        lost: Why there is nothing to compare, a sentence; "" if there is.
        job: Words for what was asked for and takes a while; "" if nothing was.
    """

    packed: bytes
    opening: Mapping[str, str]
    lost: str
    job: str


def what_if_of(
    trace: Trace, settings: Settings, choice: Choice, picture: Picture, dragged: bool, colours: str
) -> Shown:
    """Return what becomes of the answer.

    Args:
        trace: The picture's way through the unchanged network.
        settings: What is changed.
        choice: The network as it was chosen.
        picture: As the network is given it.
        dragged: Whether a control is being dragged: then nothing that takes a while is begun.
        colours: Name of the colour map.

    Raises:
        Ali5Error: The changed network cannot answer.
    """
    from .sent import pack_what_if

    findings = find(settings, choice, picture, trace)
    job = None if dragged else job_of(settings, choice, picture, trace)
    packed = pack_what_if(
        choice.weights,
        settings,
        findings,
        curve_of(settings, choice, picture),
        ranks_of(settings, choice, picture),
        job is not None,
        colours,
    )
    return Shown(packed, opening_of(trace), findings.lost, "" if job is None else job.words)


def carry_out(
    trace: Trace, settings: Settings, choice: Choice, picture: Picture, tell: Tell
) -> None:
    """Work out what was asked for and takes a while; `what_if_of` has it from then on.

    Raises:
        Ali5Error: It cannot be done.
    """
    job = job_of(settings, choice, picture, trace)
    if job is not None:
        words = job.words
        job.run(lambda share: tell(share, f"{words}: {share:.0%}"))
