"""The network that a visitor has chosen, as a plain value. No Streamlit, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ali5.known.cards import bundled_weights
from ali5.known.fetching import fetched
from ali5.known.records import TAUGHT, WEIGHT_KINDS, Architecture, Edition

if TYPE_CHECKING:
    from ali5.classifying.teach.held_out import Check
    from ali5.site.exploring import Own

OWN = "own"
"""In the address, the network that `ali5.explore` was called with."""

TAUGHT_START = "taught-"
"""In the address, what the name of a taught head begins with."""


@dataclass(frozen=True)
class Choice:
    """The network that a visitor has chosen.

    Attributes:
        architecture: What is known about it.
        edition: Which version.
        weights: A kind of weights, the digest of a visitor's file or of a taught head, or the key
            of the network that `ali5.explore` was called with.
        name: What the address calls a network that is not in the catalog; "" for one that is.
        own_kind: The kind of weights of the network that `ali5.explore` was called with; else "".
    """

    architecture: Architecture
    edition: Edition
    weights: str
    name: str = ""
    own_kind: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What caches know this network by."""
        return self.architecture.id, self.edition.name, self.weights

    @property
    def place(self) -> dict[str, str]:
        """What the address says where this network is chosen."""
        if self.name:
            return {"network": self.name}
        return {"network": self.architecture.id, "edition": self.edition.name}

    @property
    def kind(self) -> str:
        """The kind of its weights, also of a network that `ali5.explore` was called with."""
        return self.own_kind or self.weights

    @property
    def untrained(self) -> bool:
        """Whether its weights are random."""
        return self.kind == "untrained"

    @property
    def code(self) -> str:
        """How it is loaded in Python."""
        name, edition, weights = self.architecture.id, self.edition.name, self.kind
        if self.name.startswith(TAUGHT_START) or weights == TAUGHT:
            return 'ali5.load_taught("head.safetensors").network  # the file that you downloaded'
        if edition == OWN:
            return "ali5.wrap(module)  # your module, as you gave it to ali5.explore"
        if weights == "bundled":
            return f'ali5.load("{name}", "{edition}")'
        if self.name != OWN and weights not in WEIGHT_KINDS:
            weights = "your-file.safetensors"
        return f'ali5.load("{name}", "{edition}", weights="{weights}")'


@dataclass(frozen=True, eq=False)
class Written:
    """A head as the engine has taught it or read it.

    Attributes:
        content: As a file.
        digest: What caches go by.
        labels: Its classes.
        check: How good it is.
        architecture, edition: Of the network with the head.
    """

    content: bytes
    digest: str
    labels: tuple[str, ...]
    check: Check
    architecture: Architecture
    edition: Edition


def own_choice(mine: Own) -> Choice:
    """Return the choice of the network that `ali5.explore` was called with."""
    network = mine.network
    return Choice(network.architecture, network.edition, mine.key, OWN, network.weights)


def taught_name(digest: str) -> str:
    """Return the name of a taught head in the address."""
    return TAUGHT_START + digest[:8]


def kind_of(architecture: Architecture, edition: Edition) -> str:
    """Return the best weights that are here for an edition: what the engine knows them by."""
    if bundled_weights(architecture.id, edition.name) is not None:
        return "bundled"
    if edition.published is not None and fetched(edition.published) is not None:
        return "published"
    return "untrained"
