"""Every network that is known, oldest first. No torch.

Every number in the records is a claim that `tests/ali5/known/test_catalog.py` rebuilds and checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ali5.errors import UnknownName
from ali5.known.papers import alexnet, googlenet, lenet, resnet, vgg, zfnet
from ali5.known.records import Architecture

_PAPERS = (lenet, alexnet, zfnet, vgg, googlenet, resnet)

_CATALOG: Mapping[str, Architecture] = MappingProxyType(
    {network.id: network for paper in _PAPERS for network in paper.NETWORKS}
)


def catalog() -> dict[str, Architecture]:
    """Return every architecture by its id, oldest first."""
    return dict(_CATALOG)


def architecture(name: str) -> Architecture:
    """Return one architecture.

    Raises:
        UnknownName: There is no network of that id; offers the nearest one.
    """
    if name not in _CATALOG:
        raise UnknownName("network", name, _CATALOG)
    return _CATALOG[name]


def landmarks() -> dict[str, Architecture]:
    """Return one network of each family by its id, oldest first.

    It is the first of the family that has a compact edition, which ships with its weights.
    """
    found: dict[str, Architecture] = {}
    for known in catalog().values():
        if "compact" in known.editions:
            found.setdefault(known.family, known)
    return {known.id: known for known in found.values()}
