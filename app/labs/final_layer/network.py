"""The part of the final layer's lab that asks a real network: which one, and what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error
from ali5.known.catalog import catalog
from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample
from ali5.site.exploring import own

from ... import address, engine
from ...choose.choice import OWN, Choice, own_choice
from ...choose.network import prepare
from ...choose.weights import kind_of
from ...engine import Picture
from ...words import number_in_words, share_in_words
from .view import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.labs.contributions import Contributions
    from ali5.tracing.trace import Trace

BEST = 5
"""Classes that softmax shows one by one; the rest is shown together."""

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
        for edition in known.editions.values():
            kind = kind_of(known, edition)
            title = f"{known.title}, {edition.name}, {_KINDS[kind]}"
            offer = Offer(f"{known.id}.{edition.name}", title, Choice(known, edition, kind))
            groups[kind].append(offer)
    return found | {offer.id: offer for group in groups.values() for offer in group}


def first_offer() -> str:
    """Return the id of the network that is chosen when the address names none."""
    return FIRST if own() is None else OWN


def chosen_offer() -> Offer:
    """Return the network that the address names."""
    known = offers()
    name, edition = address.text("network"), address.text("edition")
    if name in catalog() and not edition:
        edition = catalog()[name].edition().name
    return known.get(f"{name}.{edition}" if edition else name) or known[first_offer()]


def token_of(offer: Offer, picture: Picture) -> str:
    """Return a name for the logits of one network on one picture."""
    return f"{offer.id}.{picture.name if picture.is_sample else picture.digest[:8]}"


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a network answered, and the terms behind two of its logits.

    Attributes:
        trace: The picture's way through the network.
        logits: [classes], float64.
        order: Numbers of the classes, largest logit first.
        names: Of the classes, each only once.
        logits_step: Name of the step that gives the logits.
        why: The terms; None if there are none.
        refusal: Why there are none.
        loading_code: Lines of Python that make the trace.
    """

    trace: Trace
    logits: Tensor
    order: list[int]
    names: tuple[str, ...]
    logits_step: str
    why: Contributions | None
    refusal: str
    loading_code: tuple[str, ...]

    @property
    def best(self) -> list[int]:
        """Numbers of the classes with the largest logits."""
        return self.order[:BEST]

    @property
    def has_bias(self) -> bool:
        """Whether the last layer adds a bias."""
        return self.why is not None and self.trace[self.why.layer].bias is not None


def compare(offer: Offer, picture: Picture, settings: Settings) -> Comparison:
    """Ask a network about a picture, and take the difference of two logits apart.

    Raises:
        Ali5Error: The network cannot look at the picture, or its logits are not finite.
    """
    trace = prepare(offer.choice, picture)
    import torch

    from ali5.labs.contributions import contributions
    from ali5.labs.softmax import softmax

    logits_step = trace.steps[-1].inputs[0]
    logits = softmax(trace[logits_step].output[0]).logits
    order = torch.argsort(logits, descending=True, stable=True).tolist()
    names = _unique(trace.network.labels)
    a, b = _chosen_classes(settings, names, order)
    why, refusal = None, ""
    try:
        why = contributions(trace, a, b)
    except Ali5Error as error:
        refusal = str(error)
    return Comparison(
        trace=trace,
        logits=logits,
        order=order,
        names=names,
        logits_step=logits_step,
        why=why,
        refusal=refusal,
        loading_code=_loading_code(offer, picture),
    )


def _chosen_classes(
    settings: Settings, names: tuple[str, ...], order: list[int]
) -> tuple[int, int | None]:
    numbers = {name: number for number, name in enumerate(names)}
    a = numbers.get(settings.a, order[0])
    b = numbers.get(settings.b)
    if b is None or b == a:
        b = next((each for each in order if each != a), None)
    return a, b


def _unique(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return labels of which none is there twice."""
    count = Counter(labels)
    return tuple(
        label if count[label] == 1 else f"{label} ({number})" for number, label in enumerate(labels)
    )


def _loading_code(offer: Offer, picture: Picture) -> tuple[str, ...]:
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


@dataclass(frozen=True)
class Limits:
    """Numbers that show what a feed-forward network cannot answer.

    Attributes:
        steps: Of the network.
        arrows: From one step to another.
        backward: Of those, how many lead to an earlier step.
        noise_name: The class it takes pure noise for.
        noise_share: The share of that class.
        noise_total: All shares of the noise together.
        changed: Largest change of a logit when the picture is shown again after the noise.
        share: Of the winning class on the picture.
        share_at_two: The same after all logits were halved.
    """

    steps: int
    arrows: int
    backward: int
    noise_name: str
    noise_share: float
    noise_total: float
    changed: float
    share: float
    share_at_two: float


def limits_of(comparison: Comparison, offer: Offer, picture: Picture) -> Limits:
    """Measure what the network does with noise, and with the same picture after it."""
    from ali5.labs.softmax import softmax

    trace = comparison.trace
    place = {step.name: number for number, step in enumerate(trace.steps)}
    arrows = [(place[source], place[step.name]) for step in trace.steps for source in step.inputs]
    key = engine.key_of(*offer.choice.key, picture)
    answer = _after_noise(key, offer, picture, comparison)
    return Limits(
        steps=len(trace.steps),
        arrows=len(arrows),
        backward=sum(source >= target for source, target in arrows),
        noise_name=answer[0],
        noise_share=answer[1],
        noise_total=answer[2],
        changed=answer[3],
        share=float(softmax(comparison.logits).shares.max()),
        share_at_two=float(softmax(comparison.logits, 2).shares.max()),
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _after_noise(
    key: tuple[Hashable, ...], _offer: Offer, _picture: Picture, _comparison: Comparison
) -> tuple[str, float, float, float]:
    """Show a network noise, then the picture again; what is cached goes by `key`."""
    from ali5.tracing.trace import trace

    image = open_sample("noise")
    noise = prepare(_offer.choice, Picture("noise", image, digest_of(image), "noise"))
    shares = noise.steps[-1].output[0].cpu().double()
    best = int(shares.argmax())
    network = _comparison.trace.network
    with engine.slot():
        again = trace(network, _comparison.trace.image)
    logits = again[_comparison.logits_step].output[0].cpu().double()
    changed = float((logits - _comparison.logits).abs().max())
    return _comparison.names[best], float(shares[best]), float(shares.sum()), changed


def limits_in_words(limits: Limits, comparison: Comparison) -> list[tuple[str, str]]:
    """Return what such a network cannot do, each a heading and a sentence with its numbers."""
    title = comparison.trace.network.architecture.title
    back = "none leads back" if not limits.backward else f"{limits.backward} lead back"
    same = (
        "exactly the same logits"
        if limits.changed == 0
        else f"logits that differ by {limits.changed:.1e} at most, from rounding"
    )
    where = _where_in_words(comparison)
    return [
        (
            "One way, and no memory",
            f"Information goes from the picture to the shares: of the {limits.arrows} arrows "
            f"between the {limits.steps} steps of {title}, {back}. Shown noise and then this "
            f"picture again, it gave {same}. What it saw before, it cannot know.",
        ),
        (
            "It cannot say “none of these”",
            f"Shown nothing but noise, it answers “{limits.noise_name}” with "
            f"{share_in_words(limits.noise_share)}. The shares of its {len(comparison.names):,} "
            f"classes add up to {100 * limits.noise_total:.1f} % there too: softmax leaves no room "
            "for “something else”.",
        ),
        (
            "A share is not a certainty",
            f"Its largest share here is {share_in_words(limits.share)}. Half of every logit would "
            f"give {share_in_words(limits.share_at_two)} for the same class in the same place: the "
            "order of the classes is what the picture decides, how sharp the shares are depends on "
            "the scale of the logits.",
        ),
        ("It says neither where nor why", where),
    ]


def _where_in_words(comparison: Comparison) -> str:
    why = comparison.why
    end = "Words for a reason are nowhere in it: the terms above are all there is."
    if why is None:
        return f"Its answer is one number for each class, without a place. {end}"
    names = f"“{comparison.names[why.a]}” and “{comparison.names[why.b]}”"
    if why.averaged and why.maps is not None:
        turned = why.maps.flip(1, 2).mean((1, 2))
        total = float((turned * why.weights).sum()) + why.bias
        return (
            f"With its last maps turned upside down, the logits of {names} still differ by "
            f"{number_in_words(total)} (before: {number_in_words(why.total)}): the average has "
            f"forgotten the place. Only the maps themselves can be asked. {end}"
        )
    count = f"{why.features.numel():,}"
    if why.maps is None:
        return (
            f"The difference between {names} is made of {count} numbers, and each of them has seen "
            f"the picture as a whole: none has a place in it. {end}"
        )
    return f"The difference between {names} is made of {count} products. {end}"
