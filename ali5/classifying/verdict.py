"""What a network says of pictures: the likeliest classes, and how sure it is of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from PIL import Image
from torch import Tensor

from ali5.classifying.answers import Verdict as Verdict
from ali5.errors import Ali5Error
from ali5.networks.networks import Network, run_or_fall_back
from ali5.pictures.batches import Member
from ali5.tracing.predictions import Prediction

AT_ONCE = 16
"""Pictures that go through a network together: enough to fill a computer, few in memory."""


@dataclass(frozen=True)
class Sorted:
    """What came of one member of a batch.

    Attributes:
        name: Of the member.
        verdict: What the network says; None if there was nothing to look at.
        refusal: Why there was not, one sentence; "" if there was.
    """

    name: str
    verdict: Verdict | None
    refusal: str = ""


def verdict_of(logits: Tensor, labels: Sequence[str]) -> Verdict:
    """Return what logits, [classes], say.

    The entropy is that of Shannon, "A mathematical theory of communication", 1948, section 6.
    """
    shares = torch.softmax(logits, 0)
    best = torch.topk(shares, min(5, len(shares))).indices.tolist()
    entropy = float(torch.special.entr(shares.cpu().double()).sum()) / math.log(2)
    return Verdict(
        tuple(Prediction(labels[i], float(shares[i]), float(logits[i])) for i in best),
        max(0.0, entropy) if not math.isnan(entropy) else entropy,
        len(shares),
    )


def classify(network: Network, images: Sequence[Image.Image]) -> tuple[Verdict, ...]:
    """Run pictures through a network together and return what it says of each.

    The network is only read. If the accelerator runs out of memory the run is repeated on the CPU.

    Args:
        network: In evaluation mode.
        images: Upright RGB pictures of any size; they are in memory all at once.

    Raises:
        Ali5Error: The forward pass of a user's own network failed.
    """
    if not images:
        return ()
    prepared = torch.cat([network.prepare(image) for image in images])
    logits = run_or_fall_back(
        network, lambda on: on.logits(prepared), "The network's forward pass failed"
    )
    return tuple(verdict_of(each, network.labels) for each in logits.cpu())


def classify_batch(
    network: Network,
    members: Iterable[Member],
    progress: Callable[[int], None] = lambda done: None,
    at_once: int = AT_ONCE,
) -> Iterator[Sorted]:
    """Open and classify many pictures, and yield what comes of each as soon as it is there.

    No more than `at_once` pictures are open at a time.

    Args:
        network: In evaluation mode.
        members: From `ali5.read_batch`.
        progress: Called after each group with the number of members that are done.
        at_once: Pictures that go through the network together.

    Yields:
        One for each member, in their order; those that cannot be opened with a refusal.
    """
    done, rest = 0, iter(members)
    while group := tuple(islice(rest, at_once)):
        opened: list[Image.Image | str] = []
        for member in group:
            try:
                opened.append(member.open())
            except Ali5Error as error:
                opened.append(str(error))
        verdicts = iter(classify(network, [each for each in opened if not isinstance(each, str)]))
        for member, each in zip(group, opened, strict=True):
            if isinstance(each, str):
                yield Sorted(member.name, None, each)
            else:
                yield Sorted(member.name, next(verdicts))
        done += len(group)
        progress(done)
