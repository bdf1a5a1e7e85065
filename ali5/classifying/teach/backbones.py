"""What a picture has become for a backbone, and what a file says of the backbone. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ali5.known.records import WEIGHT_KINDS


@dataclass(frozen=True, eq=False)
class Seen:
    """What a picture has become for a backbone.

    Attributes:
        digest: Of the picture; the same picture has the same one.
        features: Shape [features], float32.
        pixels: The picture as the network gets it, at 32 x 32, [C * 32 * 32], 0..255.
    """

    digest: str
    features: NDArray[np.float32]
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Origin:
    """What a file says of the backbone.

    Attributes:
        network: Its id.
        edition: Its edition.
        weights: The kind of its weights.
        fingerprint: Checksum of all that makes the features.
    """

    network: str
    edition: str
    weights: str
    fingerprint: str

    @property
    def is_known(self) -> bool:
        """Whether it is a network of the catalog, with weights that everybody has."""
        return self.weights in WEIGHT_KINDS
