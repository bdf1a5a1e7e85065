"""The learning lab's settings, their limits, and the plan that they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ali5.door import either, fields, json_of, one_of, record
from ali5.known.fetching import fetched
from ali5.known.published import MNIST
from ali5.pictures.drawings import CLASSES

if TYPE_CHECKING:
    from ali5.labs.learning.plan import Plan

RATES = (
    *("0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005"),
    *("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"),
)
"""Learning rates that can be chosen."""

BATCHES = ("1", "2", "4", "8", "16", "32", "64", "128", "256")
"""Pictures a step that can be chosen."""

OPTIMISERS = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam"}

_NO_CELL = -1


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        data: "digits", "shapes" or "mnist".
        difficulty: Of the drawings, percent.
        pictures: "new" for drawings that never repeat, "same" for 200 again and again.
        stages: Convolution stages.
        pooling: "average" or "max".
        activation: "tanh" or "relu".
        optimiser: "sgd", "momentum" or "adam".
        rate: Learning rate, one of `RATES`.
        batch: Pictures a step, one of `BATCHES`.
        seed: Of weights and pictures.
        watch: The class whose picture is shown with its maps.
        maps: The stage whose maps are shown.
        truth: Row of the confusion matrix whose pictures are shown, -1 for all mistakes.
        taken: Its column.
    """

    data: str = "digits"
    difficulty: int = 50
    pictures: str = "new"
    stages: int = 2
    pooling: str = "average"
    activation: str = "tanh"
    optimiser: str = "sgd"
    rate: str = "0.05"
    batch: str = "32"
    seed: int = 1
    watch: int = 3
    maps: int = 1
    truth: int = _NO_CELL
    taken: int = _NO_CELL

    @property
    def classes(self) -> tuple[str, ...]:
        """What there is to tell apart."""
        return classes_of(self.data)


def classes_of(data: str) -> tuple[str, ...]:
    """Return what there is to tell apart in "digits", "shapes" or "mnist"."""
    return CLASSES["shapes" if data == "shapes" else "digits"]


RANGES = {"difficulty": (0, 100), "stages": (1, 3), "seed": (1, 99)}
VIEW_RANGES = {"watch": (0, 9), "maps": (1, 3), "truth": (0, 9), "taken": (0, 9)}
WORDS = {
    "data": ("digits", "shapes", "mnist"),
    "pictures": ("new", "same"),
    "pooling": ("average", "max"),
    "activation": ("tanh", "relu"),
    "optimiser": tuple(OPTIMISERS),
    "rate": RATES,
    "batch": BATCHES,
}

SENT = json_of(record(fields(RANGES, WORDS)))
"""What the browser may send of the training."""

VIEW_SENT = json_of(
    record(
        {
            name: either(reader, one_of((getattr(Settings(), name),)))
            for name, reader in fields(VIEW_RANGES, {}).items()
        },
        some=True,
    )
)
"""What it may send of the view."""

PLANNED = (*RANGES, *WORDS)
"""The settings of the training; the others are of the view."""

TITLES = {
    "data": "what it learns from",
    "difficulty": "the difficulty",
    "pictures": "whether the drawings repeat",
    "stages": "the convolution stages",
    "pooling": "the pooling",
    "activation": "the activation",
    "optimiser": "the optimiser",
    "seed": "the seed",
}
"""What to call settings that only a new training can take over."""


def made_possible(settings: Settings) -> Settings:
    """Return settings of which none contradicts another."""
    count = len(settings.classes)
    cell = (settings.truth, settings.taken)
    if min(cell) < 0 or max(cell) >= count:
        cell = (_NO_CELL, _NO_CELL)
    return replace(
        settings,
        watch=min(settings.watch, count - 1),
        maps=min(settings.maps, settings.stages),
        truth=cell[0],
        taken=cell[1],
    )


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings of the training as the browser takes them."""
    return {name: getattr(settings, name) for name in PLANNED}


def plan_of(settings: Settings) -> Plan:
    """Return what the engine needs to know."""
    from ali5.labs.learning.plan import Plan

    return Plan(
        settings.data,
        settings.difficulty / 100,
        settings.pictures == "same",
        settings.stages,
        settings.pooling,
        settings.activation,
        settings.optimiser,
        float(settings.rate),
        int(settings.batch),
        settings.seed,
    )


def settings_of(plan: Plan) -> dict[str, Any]:
    """Return the settings of the training that a plan was made from."""
    return {
        "data": plan.data,
        "difficulty": round(plan.difficulty * 100),
        "pictures": "same" if plan.few else "new",
        "stages": plan.stages,
        "pooling": plan.pooling,
        "activation": plan.activation,
        "optimiser": plan.optimiser,
        "seed": plan.seed,
    }


def postponed(settings: Settings, plan: Plan) -> list[str]:
    """Say which settings the training with that plan cannot take over any more."""
    drawn = settings.data != "mnist"
    return [
        TITLES[name]
        for name, value in settings_of(plan).items()
        if value != getattr(settings, name) and (drawn or name not in ("difficulty", "pictures"))
    ]


def mnist_folder() -> Path | None:
    """Return the folder of MNIST's files if all are there."""
    paths = [fetched(file) for file in MNIST]
    return paths[0].parent if paths[0] is not None and all(paths) else None
