"""The networks that the final layer's lab can ask."""

from __future__ import annotations

from dataclasses import dataclass

from ali5.known.catalog import catalog
from ali5.site.classroom import CLASSROOM
from ali5.site.exploring import own

from ...choose.choice import OWN, Choice, kind_of, own_choice
from ...engine import Picture

FIRST = "resnet18.compact"
"""What is chosen when the address names no network."""

_KINDS = {"bundled": "trained", "published": "ImageNet", "untrained": "untrained"}


@dataclass(frozen=True)
class Offer:
    """One network that can be asked.

    Attributes:
        id: Its id and edition, "resnet18.compact".
        title: What to call it in the list.
        choice: The same as the engine takes it.
    """

    id: str
    title: str
    choice: Choice


def offers() -> dict[str, Offer]:
    """Return every network in every edition by its id: yours, then trained, then untrained ones."""
    found = {}
    mine = own()
    if mine is not None:
        known = mine.network.architecture
        choice = own_choice(mine)
        found[OWN] = Offer(OWN, f"{known.title}, yours", choice)
    groups: dict[str, list[Offer]] = {kind: [] for kind in _KINDS}
    for known in catalog().values():
        for edition in CLASSROOM.editions_of(known).values():
            kind = kind_of(known, edition)
            title = f"{known.title}, {edition.name}, {_KINDS[kind]}"
            offer = Offer(f"{known.id}.{edition.name}", title, Choice(known, edition, kind))
            groups[kind].append(offer)
    return found | {offer.id: offer for group in groups.values() for offer in group}


def first_offer() -> str:
    """Return the id of the network that is chosen when the address names none."""
    return FIRST if own() is None else OWN


def token_of(offer: Offer, picture: Picture) -> str:
    """Return a name for the logits of one network on one picture."""
    return f"{offer.id}.{picture.name if picture.is_sample else picture.digest[:8]}"


def loading_code(offer: Offer, picture: Picture) -> tuple[str, ...]:
    """Return lines of Python that make the trace of an offer on a picture."""
    choice = offer.choice
    if offer.id == OWN:
        network = "ali5.wrap(module)  # your module, as you gave it to ali5.explore"
    else:
        name, edition = choice.architecture.id, choice.edition.name
        network = f'ali5.load("{name}", "{edition}")'
    lines = ["import ali5"]
    if picture.is_sample:
        lines.append(picture.opening_import)
    traced = f"trace = ali5.trace(network, {picture.opening_code})"
    return (*lines, "", f"network = {network}", traced)
