"""Everything ALI5 refuses, as one tree: catch `Ali5Error` and show its sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class Ali5Error(Exception):
    """Something a visitor asked for that cannot be done; the message says what to do instead."""


class ImageError(Ali5Error):
    """The file is not a picture that can be opened."""


class ImageTooSmall(Ali5Error):
    """The picture would vanish inside the network; names the step."""


class StackBroken(Ali5Error):
    """A layer of a stack that what comes in does not fit; says which one, why and what is possible.

    Attributes:
        layer: Number of the layer, from 0.
    """

    def __init__(self, message: str, layer: int) -> None:
        super().__init__(message, layer)  # as it is pickled
        self.layer = layer

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownName(Ali5Error, KeyError):
    """A network, edition, step or sample that does not exist; offers the nearest one."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = list(known)
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"Did you mean '{near[0]}'?" if near else f"There is: {', '.join(known)}."
        super().__init__(f"There is no {kind} '{name}'. {hint}")

    def __reduce__(self) -> tuple[type[Ali5Error], tuple[str]]:
        return Ali5Error, (str(self),)  # the sentence is all that another process needs

    def __str__(self) -> str:  # KeyError would show the sentence in quotation marks
        return str(self.args[0])


class NoWayBack(Ali5Error):
    """A unit whose activation cannot be sent back to the picture; names the step in the way."""


class WeightsError(Ali5Error):
    """A weights file that does not fit the network, or is not what its checksum says."""


class DownloadError(Ali5Error):
    """Published weights that could not be fetched."""


class UnreadableNetwork(Ali5Error):
    """A module whose forward pass cannot be read as a graph."""


class DataError(Ali5Error):
    """A data folder for training that is missing or not laid out as expected."""


class Busy(Ali5Error):
    """Something that would take this computer from others for too long; says when it can go on."""


class TooLarge(Ali5Error):
    """Something that needs more memory than there is for it; says how much."""


class DeviceError(Ali5Error):
    """A device that was asked for and is not there."""
