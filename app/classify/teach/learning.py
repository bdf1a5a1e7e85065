"""What the page "Teach it yours" asks the engine. No Streamlit; importing this loads no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from ali5.site.exploring import own

from ... import engine
from ...choose.choice import Written
from ...engine import Tell

if TYPE_CHECKING:
    from ali5.classifying.teach.backbones import Origin
    from ali5.classifying.teach.backbones import Seen as Seen
    from ali5.classifying.teach.teaching import Taught
    from ali5.networks.networks import Network

AT_ONCE = 16
"""Pictures that a network looks at before others have their turn, at most."""


def seen_in(network: Network, images: Sequence[Image.Image]) -> tuple[Seen, ...]:
    """Return what pictures become for a network without its last layer.

    Raises:
        Ali5Error: It cannot be taught.
    """
    from ali5.classifying.teach.last_layer import trunk_of
    from ali5.classifying.teach.teaching import look

    with engine.slot():
        return look(trunk_of(network), images)


def learned_from(network: Network, groups: Mapping[str, Sequence[Seen]], tell: Tell) -> Written:
    """Return a head that tells groups apart.

    Args:
        network: What it is taught on.
        groups: What their pictures have become for it, by the names of the groups.
        tell: Told how far it is; what it raises ends the lesson.
    """
    from ali5.classifying.teach.last_layer import trunk_of
    from ali5.classifying.teach.teaching import learn

    def checking(stage: str, done: int, count: int) -> None:
        tell(done / count, "Learning, and checking with pictures that were held out")

    with engine.slot():
        return _written(learn(trunk_of(network), groups, progress=checking))


def origin_in(content: bytes) -> Origin:
    """Return what a file with a head says of the network that it was taught on.

    Raises:
        WeightsError: It is no such file, or is damaged; or only its owner has that network, and
            none was given to `ali5.explore`.
    """
    from ali5.classifying.teach.files import not_of_the_catalog, read_taught

    origin = read_taught(content)[1]
    if not origin.is_known and own() is None:
        raise not_of_the_catalog()
    return origin


def head_from(network: Network, content: bytes) -> Written:
    """Return the head in a file, on the network that it was taught on.

    Raises:
        WeightsError: It was taught on another one.
    """
    from ali5.classifying.teach.files import load_taught

    return _written(load_taught(content, network))


def _written(taught: Taught) -> Written:
    from ali5.classifying.teach.files import write_taught

    network = taught.network
    return Written(
        write_taught(taught),
        taught.digest,
        taught.head.labels,
        taught.check,
        network.architecture,
        network.edition,
    )
