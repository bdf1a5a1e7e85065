"""The settings of every training: with the data they decide the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import Literal

from ali5.errors import UnknownName


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result.

    Attributes:
        data: "mnist" or "tiny-imagenet".
        epochs: Passes over the training pictures.
        batch: Pictures per step.
        optimiser: "adamw", "sgd" with Nesterov momentum 0.9, or "muon" for the hidden layers.
        peak_rate: Highest learning rate of the one-cycle schedule.
        outer_rate: The same for what "muon" leaves to AdamW: first and last layer, biases and
            normalisations.
        warm_up: Share of the steps in which the rate rises; then it falls to zero.
        weight_decay: Of weights; biases and normalisations are not decayed.
        label_smoothing: Share of the target that is spread over all classes.
        averaging: Decay per step of the running average of the weights that is kept.
        flip: Whether pictures are mirrored left to right at random.
        rotation_degrees: Pictures are turned by up to this much, either way,
        scaling: made larger or smaller by up to this share,
        shift: moved by up to this share of their edge,
        colour: and made brighter, and fuller in contrast, by up to this share.
        sharp: Share of the pictures that are only moved, by whole pixels: turning and scaling make
            a picture softer, and a network that never saw sharp pixels is worse at them.
        auxiliary: Weight of the loss of each auxiliary head, for GoogLeNet.
        sizes: Edges of the training pictures in pixels, one for each equal part of the training;
            where there is none, the network's own size. Small pictures are quick, and a network
            that averages its last maps learns from them too (Touvron et al. 2019, "Fixing the
            train-test resolution discrepancy", explain why a last part at full size is needed).
        again: Epochs of further cycles at the network's own size. Each begins with the averaged
            weights in 16 bits and fresh optimisers (Loshchilov & Hutter 2017, "SGDR").
        again_rate: Their rates as a share of those of the first cycle.
        without_start: Whether the last cycle begins without what is left of the random start in the
            filters of the first layer. They stay as they are then, and show only what was learned.
        revival: Whether filters of the first layer that no picture excites begin the last cycle as
            the opposite of others (see `first_layer.revive`).
        imitation: Share of the loss of the last cycle that asks for the answers that the network
            gave before it (Furlanello et al. 2018, "Born-again neural networks").
        dropout: Share of units that dropout silences; None keeps the architecture's own.
        first_scale: Factor on the random start of the first layer. A small one keeps the start
            from showing through the kernels that are learned (AlexNet's paper starts with 0.01).
        first_decay: Weight decay of the first layer under AdamW; that of the others if None. A
            large one lets the random start fade, so that the kernels show what was learned.
        snapshots: Steps after which the weights are also kept, to show how a network learns.
        precision: Numbers that the steps are computed with, "fp32" or "bf16"; "auto" for those that
            are quicker on the computer at hand. A card names those that were taken.
        seed: Of the first weights, the order and the augmentation.
    """

    data: Literal["mnist", "tiny-imagenet"]
    epochs: int
    batch: int
    optimiser: Literal["adamw", "sgd", "muon"]
    peak_rate: float
    weight_decay: float
    outer_rate: float = 1e-3
    warm_up: float = 0.3
    label_smoothing: float = 0.0
    averaging: float = 0.998
    flip: bool = False
    rotation_degrees: float = 0.0
    scaling: float = 0.0
    shift: float = 0.0
    colour: float = 0.0
    sharp: float = 0.0
    auxiliary: float = 0.0
    sizes: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    again_rate: float = 0.25
    without_start: bool = False
    revival: bool = False
    imitation: float = 0.0
    dropout: float | None = None
    first_scale: float = 1.0
    first_decay: float | None = None
    snapshots: tuple[int, ...] = ()
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    seed: int = 5

    @property
    def all_epochs(self) -> int:
        """Passes over the training pictures in all cycles."""
        return self.ends[-1]

    @property
    def ends(self) -> tuple[int, ...]:
        """Passes over the training pictures until the end of each cycle."""
        return tuple(accumulate((self.epochs, *self.again)))

    @property
    def gentler(self) -> Recipe:
        """The same with the rates of the further cycles."""
        share = self.again_rate
        return replace(self, peak_rate=self.peak_rate * share, outer_rate=self.outer_rate * share)


_PHOTOGRAPHS = Recipe(
    data="tiny-imagenet",
    epochs=20,
    batch=128,
    optimiser="muon",
    peak_rate=4e-3,
    weight_decay=0.1,
    warm_up=0.2,
    label_smoothing=0.1,
    averaging=0.999,
    flip=True,
    scaling=0.2,
    shift=0.08,
    colour=0.1,
    sharp=0.5,
    first_scale=0.1,
    first_decay=0.5,
)

_PLAIN = replace(_PHOTOGRAPHS, epochs=12, peak_rate=2e-3, dropout=0.2)
"""For networks without batch normalisation, which take smaller steps."""

RECIPES: Mapping[tuple[str, str], Recipe] = MappingProxyType(
    {
        ("lenet5", "compact"): Recipe(
            data="mnist",
            epochs=30,
            batch=128,
            optimiser="adamw",
            peak_rate=4e-3,
            weight_decay=1e-2,
            rotation_degrees=12,
            scaling=0.12,
            shift=2 / 28,
            snapshots=(20, 60, 150, 469, 1500, 4690, 9380),
            precision="fp32",  # nothing to gain: it is done in minutes
        ),
        ("lenet5", "colour"): replace(
            _PHOTOGRAPHS,  # so small a network learns too little rather than too much by heart
            epochs=30,
            weight_decay=0.01,
            label_smoothing=0.0,
            scaling=0.1,
            shift=0.05,
            colour=0.0,
        ),
        ("alexnet", "compact"): _PLAIN,
        ("zfnet", "compact"): _PLAIN,
        ("vgg11", "compact"): replace(_PLAIN, epochs=16, again=(2,), revival=True),
        ("googlenet", "compact"): replace(
            _PLAIN, warm_up=0.7 / 3, sizes=(40, 40, 48, 48, 64), auxiliary=0.3
        ),
        ("resnet18", "compact"): replace(
            _PHOTOGRAPHS,
            sizes=(40, 40, 48, 48, 64),
            again=(5, 3),
            without_start=True,
            imitation=0.9,
            first_scale=1.0,
            snapshots=(400, 6000),
        ),
    }
)
"""The recipe of each edition that is trained, by the network's id and the edition's name."""


def recipe_of(network: str, edition: str = "compact") -> Recipe:
    """Return the recipe of an edition of a network.

    Raises:
        UnknownName: There is none; offers the nearest one.
    """
    if (network, edition) not in RECIPES:
        known = (" ".join(each) for each in RECIPES)
        raise UnknownName("recipe for", f"{network} {edition}", known)
    return RECIPES[network, edition]
