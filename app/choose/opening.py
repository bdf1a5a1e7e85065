"""A visitor's file of weights becomes a network. No Streamlit; importing this loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ali5.errors import WeightsError

from .. import engine

if TYPE_CHECKING:
    from ali5.networks.networks import Network

MAX_MEBIBYTES = 256
"""Larger files of weights are not taken from visitors."""


def open_weights(content: bytes, file: str, name: str, edition: str, digest: str) -> None:
    """Build an edition with the weights in a file: the engine has it from then on.

    Args:
        content: Of the file.
        file: Its name.
        name: Id of the network.
        edition: Its edition.
        digest: Of the content; what the network is known by.

    Raises:
        Ali5Error: The weights do not fit, or the file is none that is taken.
    """

    def build() -> Network:
        from ali5.networks.networks import load
        from ali5.networks.weights import InMemory

        if len(content) > MAX_MEBIBYTES * 2**20:
            raise WeightsError(way_out(name, edition))
        # The visitor's name for it is only for their eyes.
        brought = InMemory(f"your file{Path(file).suffix.lower()}", content)
        return load(name, edition, brought, device=engine.device())

    with engine.slot():
        engine.own_network(name, edition, digest, build)


def way_out(name: str, edition: str) -> str:
    """Say how a file is opened that is too large for the browser."""
    return (
        f"Files of more than {MAX_MEBIBYTES} MB are not taken here. On your own computer, Python "
        f'opens them in this page: `ali5.explore(ali5.load("{name}", "{edition}", '
        'weights="your-file.safetensors"))`.'
    )
