"""Teach a network classes of one's own: a new last layer over features that stay as they are.

The backbone has learned to see from many thousands of photographs; only how to weigh what it sees is
learned anew, from a few pictures. That is a small convex problem (`ali5.logistic`), so the result
does not depend on luck: the same pictures always give the same head, in whatever order they come.

How good it is, is measured on pictures that it has not learned from: they are dealt into up to ten
hands, and each hand is asked of a head that learned from all the others (stratified k-fold
cross-validation, Stone 1974; with up to ten pictures each is a hand of its own). The head that is
kept learns from all pictures.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ali5.errors import Ali5Error
from ali5.heads import Head, Trunk, fingerprint, trunk_of, with_head
from ali5.images import digest_of
from ali5.logistic import Floats, Point, fit, loss_of, shares_of
from ali5.networks import Network
from ali5.preparation import fit_picture

FEWEST_GROUPS, MOST_GROUPS = 2, 10

FEWEST_PICTURES = 3
"""In a group: while one is held out, two are left to learn from."""

MOST_PICTURES = 200
"""In all groups together."""

LONGEST_NAME = 40
"""Letters of the name of a group."""

PENALTY = 0.1
"""On squared weights.

Measured on 20 draws of 3 to 10 classes of Tiny ImageNet's validation pictures, 5 to 15 of each, and
asked about 10 others: with ResNet-18 and AlexNet, anything from 0.01 to 0.3 is right in as many new
pictures to within one in 100; LeNet-5's weaker features want 0.1 or more. With this one, the loss on
new pictures is within 0.05 of its smallest.

Mirrored and cut copies of the pictures are not learned from: they changed how often ResNet-18 was
right by -1.3 to +2.3 in 100, up and down by chance, and would make "left" and "right" the same.
"""

HANDS = 10
"""Into so many the pictures are dealt, at most."""

SEED = 5
"""Decides how the pictures are dealt."""

PIXELS_EDGE = 32
"""For comparison, a head also learns from the picture itself at this size, in pixels."""

AT_ONCE = 16
"""Pictures that go through a network together."""

Stage = Literal["looking", "checking"]

Progress = Callable[[Stage, int, int], None]
"""Called with what is done, how many of it are done, and how many there are."""


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
class Held:
    """What was said of a picture by a head that had not learned from it.

    Attributes:
        group: The number of its group.
        place: Its place there.
        shares: Of all groups, 0..1.
    """

    group: int
    place: int
    shares: tuple[float, ...]

    @property
    def said(self) -> int:
        """The group with the largest share."""
        return self.shares.index(max(self.shares))

    @property
    def right(self) -> bool:
        """Whether that is the picture's own."""
        return self.said == self.group


@dataclass(frozen=True)
class Moment:
    """How the heads of all hands were doing after a number of steps.

    Attributes:
        step: How many.
        loss: Mean cross-entropy over the pictures they learn from, in nats.
        right: Share of those, 0..1.
        held_loss: The same over the pictures that were held out.
        held_right: Likewise.
    """

    step: int
    loss: float
    right: float
    held_loss: float
    held_right: float


@dataclass(frozen=True)
class Check:
    """How good a head is, on pictures that were held out.

    Attributes:
        hands: Into how many the pictures were dealt.
        confusion: How many pictures of each group (rows) were taken for which (columns).
        pixels_right: How many a head on raw pixels had right.
        held: What was said of each picture; empty for a head from a file.
        moments: While it learned, the first one before any step; likewise.
    """

    hands: int
    confusion: tuple[tuple[int, ...], ...]
    pixels_right: int
    held: tuple[Held, ...] = ()
    moments: tuple[Moment, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Pictures in each group."""
        return tuple(sum(row) for row in self.confusion)

    @property
    def count(self) -> int:
        """Pictures in all groups."""
        return sum(self.counts)

    @property
    def right(self) -> int:
        """Pictures that were taken for their own group."""
        return sum(row[number] for number, row in enumerate(self.confusion))

    @property
    def largest(self) -> int:
        """How many would be right by always naming the largest group."""
        return max(self.counts)


@dataclass(frozen=True, eq=False)
class Taught:
    """A head that was taught, on its backbone.

    Attributes:
        network: With the head; to be traced, explained and compared as any other.
        head: The layer alone.
        check: How good it is.
        backbone: What it was taught on.
        fingerprint: Checksum of all that makes the features.
    """

    network: Network
    head: Head
    check: Check
    backbone: Network
    fingerprint: str

    def __repr__(self) -> str:
        names = ", ".join(self.head.labels)
        return f"<Taught {names}: {self.check.right} of {self.check.count} held out were right>"

    @property
    def digest(self) -> str:
        """A name for what it does: the same head on the same backbone, the same name."""
        digest = hashlib.blake2b(self.fingerprint.encode(), digest_size=16)
        digest.update("\n".join(self.head.labels).encode())
        for part in (self.head.weight, self.head.bias):
            digest.update(part.contiguous().numpy().tobytes())
        return digest.hexdigest()


def teach(
    backbone: Network,
    groups: Mapping[str, Sequence[Image.Image]],
    *,
    penalty: float = PENALTY,
    seed: int = SEED,
    progress: Progress = lambda stage, done, count: None,
) -> Taught:
    """Teach a network to tell groups of pictures apart.

        taught = ali5.teach(ali5.load("resnet18"), {"cats": cats, "dogs": dogs})
        taught.network(image), taught.check.right, taught.check.count

    Args:
        backbone: Any network that ends with a fully connected layer; only read.
        groups: 2 to 10 groups by their names, each with 3 pictures or more, upright and in RGB; 200
            in all.
        penalty: On the squared weights; the larger, the more even the shares.
        seed: Decides how the pictures are dealt for the check; it does not change the head.
        progress: Called while it goes on; what it raises ends it.

    Raises:
        Ali5Error: Groups or backbone cannot be taught with; says why.
    """
    trunk = trunk_of(backbone)
    digests = {name: [digest_of(image) for image in images] for name, images in groups.items()}
    check_groups(list(digests.items()))
    images = [image for each in groups.values() for image in each]
    seen: list[Seen] = []
    while len(seen) < len(images):
        progress("looking", len(seen), len(images))
        seen += look(trunk, images[len(seen) :][:AT_ONCE])
    rest = iter(seen)
    ordered = {name: [next(rest) for _ in each] for name, each in groups.items()}
    return learn(trunk, ordered, penalty=penalty, seed=seed, progress=progress)


def faults_of(groups: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Say what is in the way of teaching groups, one sentence each.

    Args:
        groups: Name of each and the digests of its pictures.
    """
    faults = []
    if len(groups) < FEWEST_GROUPS:
        faults.append("There is nothing to tell apart yet: make at least two groups.")
    if len(groups) > MOST_GROUPS:
        faults.append(
            f"{len(groups)} groups are too many: at most {MOST_GROUPS} can be taught at a time."
        )
    names: dict[str, str] = {}
    homes: dict[str, str] = {}
    for place, (name, digests) in enumerate(groups, 1):
        key = " ".join(name.split()).casefold()
        called = f"“{name}”" if key else f"Group {place}"
        if not key:
            faults.append(f"{called} has no name. Give it one.")
        elif len(name) > LONGEST_NAME:
            faults.append(f"The name {called} is longer than {LONGEST_NAME} letters. Shorten it.")
        elif key in names:
            faults.append(f"Two groups are called {names[key]}. Give one of them another name.")
        names.setdefault(key, called)
        if len(digests) < FEWEST_PICTURES:
            faults.append(
                f"{called} has {_counted(len(digests))}: bring at least {FEWEST_PICTURES}, so that "
                "two teach while one is held out."
            )
        own = set(digests)
        if twice := len(digests) - len(own):
            faults.append(f"{called} holds {_counted(twice)} twice. Take out the copies.")
        for home in dict.fromkeys(homes[each] for each in digests if each in homes):
            shared = sum(homes.get(each) == home for each in own)
            verb = "is" if shared == 1 else "are"
            faults.append(
                f"{_counted(shared).capitalize()} {verb} both in {home} and in {called}. A picture "
                "can teach one group only: take it out of the other."
            )
        homes |= dict.fromkeys(own - homes.keys(), called)
    total = sum(len(digests) for _, digests in groups)
    if total > MOST_PICTURES:
        faults.append(f"{total} pictures are too many: at most {MOST_PICTURES} can teach.")
    return tuple(faults)


def check_groups(groups: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Raise an `Ali5Error` with everything that is in the way of teaching groups."""
    if faults := faults_of(groups):
        raise Ali5Error(" ".join(faults))


def look(trunk: Trunk, images: Sequence[Image.Image]) -> tuple[Seen, ...]:
    """Return what pictures have become for a backbone; they go through it together."""
    features = trunk.look(images).numpy()
    found = []
    for image, row in zip(images, features, strict=True):
        small = fit_picture(image, trunk.network.edition.preprocessing)
        small = small.resize((PIXELS_EDGE, PIXELS_EDGE), Image.Resampling.BILINEAR)
        found.append(Seen(digest_of(image), row, np.asarray(small, np.uint8).reshape(-1)))
    return tuple(found)


def learn(
    trunk: Trunk,
    groups: Mapping[str, Sequence[Seen]],
    *,
    penalty: float = PENALTY,
    seed: int = SEED,
    progress: Progress = lambda stage, done, count: None,
) -> Taught:
    """Learn a head from what pictures have become for a backbone; arguments as for `teach`."""
    check_groups([(name, [each.digest for each in seen]) for name, seen in groups.items()])
    labels = tuple(" ".join(name.split()) for name in groups)
    # Always in the same order, so that even the rounding does not depend on how they came.
    pictures = sorted(
        (
            (group, each.digest, place, each)
            for group, seen in enumerate(groups.values())
            for place, each in enumerate(seen)
        ),
        key=lambda picture: picture[:2],
    )
    truth = np.array([group for group, *_ in pictures])
    features = np.stack([each.features for *_, each in pictures])
    pixels = np.stack([each.pixels for *_, each in pictures]) / 255
    hand = _deal(truth, [digest for _, digest, *_ in pictures], seed)
    rounds = 2 * (int(hand.max()) + 1) + 1
    done = 0

    def told() -> None:
        nonlocal done
        progress("checking", done, rounds)
        done += 1

    classes = len(labels)
    ways: list[list[Floats]] = []
    logits = _cross_validate(features, truth, hand, classes, penalty, told, ways)
    from_pixels = _cross_validate(pixels, truth, hand, classes, penalty, told)
    told()
    line = fit(features, truth, classes, penalty)
    shares = shares_of(logits)
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (truth, logits.argmax(1)), 1)
    held = sorted(
        (
            Held(group, place, tuple(row.tolist()))
            for (group, _, place, _), row in zip(pictures, shares, strict=True)
        ),
        key=lambda each: (each.group, each.place),
    )
    check = Check(
        hands=int(hand.max()) + 1,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        pixels_right=int((from_pixels.argmax(1) == truth).sum()),
        held=tuple(held),
        moments=_moments(ways, truth, hand),
    )
    head = Head(labels, torch.tensor(line.weight).float(), torch.tensor(line.bias).float())
    return put_together(trunk, head, check)


def put_together(trunk: Trunk, head: Head, check: Check) -> Taught:
    """Put a head on its backbone."""
    return Taught(with_head(trunk, head), head, check, trunk.network, fingerprint(trunk))


def interval(right: int, count: int) -> tuple[float, float]:
    """Return between which shares, 0..1, the true one lies with 95 % confidence.

    Wilson's score interval (1927, "Probable inference, the law of succession, and statistical
    inference", as in Brown, Cai, DasGupta 2001, equation 4), as if the pictures were drawn
    independently from all there are of their kind.
    """
    z = 1.959964
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count)
    half *= math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _deal(truth: NDArray[np.integer], digests: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return into which hand each picture goes: every group is spread over all hands."""

    def shuffled(place: int) -> tuple[int, bytes]:
        mixed = hashlib.blake2b(f"{seed} {digests[place]}".encode(), digest_size=16)
        return int(truth[place]), mixed.digest()

    hands = min(HANDS, len(truth))
    hand = np.empty(len(truth), np.int64)
    for turn, place in enumerate(sorted(range(len(truth)), key=shuffled)):
        hand[place] = turn % hands
    return hand


def _cross_validate(
    features: NDArray[np.floating],
    truth: NDArray[np.integer],
    hand: NDArray[np.int64],
    classes: int,
    penalty: float,
    told: Callable[[], None],
    ways: list[list[Floats]] | None = None,
) -> Floats:
    """Return the logits of every picture while it was held out, [N, classes].

    Args:
        features: Of all pictures, [N, features].
        truth: The group of each.
        hand: The hand of each.
        classes: How many groups there are.
        penalty: As for `teach`.
        told: Called before each hand.
        ways: Takes, for each hand, the logits of all pictures after every step.
    """
    logits = np.empty((len(truth), classes))
    for number in range(int(hand.max()) + 1):
        told()
        learned = hand != number
        way: list[Floats] = []

        def note(point: Point, way: list[Floats] = way) -> None:
            way.append(point.line(features))

        line = fit(features[learned], truth[learned], classes, penalty, None if ways is None else note)
        logits[~learned] = line(features[~learned])
        if ways is not None:
            ways.append(way)
    return logits


def _moments(
    ways: Sequence[Sequence[Floats]], truth: NDArray[np.integer], hand: NDArray[np.int64]
) -> tuple[Moment, ...]:
    """Average over the hands; a head that has settled stays as it is."""
    moments = []
    for step in range(max(len(way) for way in ways)):
        learned, held = np.zeros(3), np.zeros(3)
        for number, way in enumerate(ways):
            logits, out = way[min(step, len(way) - 1)], hand == number
            learned += _tally(logits[~out], truth[~out])
            held += _tally(logits[out], truth[out])
        means = (*(learned[:2] / learned[2]).tolist(), *(held[:2] / held[2]).tolist())
        moments.append(Moment(step, *means))
    return tuple(moments)


def _tally(logits: Floats, truth: NDArray[np.integer]) -> tuple[float, int, int]:
    """Return the summed loss, how many are right, and how many there are."""
    right = int((logits.argmax(1) == truth).sum())
    return len(truth) * loss_of(logits, truth), right, len(truth)


def _counted(count: int) -> str:
    if count < 2:
        return ("no pictures", "one picture")[count]
    return f"{count} pictures"
