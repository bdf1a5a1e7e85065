"""The learning lab: its settings in the address, its questions answered by training, its code."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from ali5.known.fetching import fetched
from ali5.known.published import MNIST
from ali5.pictures.drawings import CLASSES

from ... import address, engine
from ...address import plain_choices, read_plain
from ..questions import Question

if TYPE_CHECKING:
    from ali5.labs.learning.lesson import Plan

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


_RANGES = {"difficulty": (0, 100), "stages": (1, 3), "seed": (1, 99)}
_VIEW_RANGES = {"watch": (0, 9), "maps": (1, 3), "truth": (0, 9), "taken": (0, 9)}
_WORDS = {
    "data": ("digits", "shapes", "mnist"),
    "pictures": ("new", "same"),
    "pooling": ("average", "max"),
    "activation": ("tanh", "relu"),
    "optimiser": tuple(OPTIMISERS),
    "rate": RATES,
    "batch": BATCHES,
}

PLANNED = (*_RANGES, *_WORDS)
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


def read_settings() -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    When the visitor comes back from another page, the settings of the training that went on
    meanwhile are put into the address again.
    """
    if address.has_arrived() and not any(address.text(name) for name in PLANNED):
        address.write(**st.session_state.get(_KNOWN, {}))
    found = read_plain(Settings(), _RANGES | _VIEW_RANGES, _WORDS)
    settings = made_possible(Settings(**found))
    st.session_state[_KNOWN] = {
        name: str(value)
        for name, value in asdict(settings).items()
        if name in PLANNED and value != getattr(Settings(), name)
    }
    return settings


_KNOWN = "learning-settings"


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


def write_settings(text: str) -> None:
    """Put the settings of the training, as JSON, into the address."""
    _, choices = plain_choices(text, Settings(), _RANGES, _WORDS)
    address.write(**choices)


def write_view(text: str) -> None:
    """Put some settings of the view, as JSON, into the address."""
    sent = json.loads(text)
    address.write(
        **{
            name: str(value) if value != getattr(Settings(), name) else None
            for name, value in sent.items()
            if name in _VIEW_RANGES
        }
    )


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings of the training as the browser takes them."""
    return {name: getattr(settings, name) for name in PLANNED}


def plan_of(settings: Settings) -> Plan:
    """Return what the engine needs to know."""
    from ali5.labs.learning.lesson import Plan

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


# --- The questions ------------------------------------------------------------------------------

TRIAL_STEPS = 20
TRIAL_BATCH = 32


def questions_of(settings: Settings) -> list[Question]:
    """Return three questions about the training that is set, answered by doing it."""
    plan = plan_of(settings)
    folder = mnist_folder() if plan.data == "mnist" else None
    return [_start_question(plan, folder), _rate_question(plan, folder), _stage_question(plan)]


def _start_question(plan: Plan, folder: Path | None) -> Question:
    before, _ = losses_after_trial(replace(plan, rate=0.0), folder)
    classes = len(classes_of(plan.data))
    options = sorted({f"{value:.2f}" for value in (0.1, 1.0, before, classes)}, key=float)
    return Question(
        "Before the first batch the weights are random. What is the mean loss, −ln of the share "
        f"of the right one of {classes} classes?",
        tuple(options),
        f"{before:.2f}",
        f"Measured: {before:.3f}. A network without an opinion gives each class 1/{classes}, and "
        f"−ln(1/{classes}) = ln {classes} = {math.log(classes):.3f}.",
    )


def _rate_question(plan: Plan, folder: Path | None) -> Question:
    _, mine = losses_after_trial(plan, folder)
    _, larger = losses_after_trial(replace(plan, rate=10 * plan.rate), folder)
    options = ("lower", "about as high", "higher")
    if not math.isfinite(larger) or larger > 1.05 * mine:
        answer = options[2]
    else:
        answer = options[0] if larger < mine / 1.05 else options[1]
    return Question(
        f"With a learning rate of {10 * plan.rate:g} instead of {plan.rate:g}, would the loss "
        f"after {TRIAL_STEPS} batches be lower or higher?",
        options,
        answer,
        f"Both were tried just now, from the same start with {TRIAL_BATCH} pictures a batch: "
        f"validation loss {larger:.3f} with {10 * plan.rate:g}, {mine:.3f} with {plan.rate:g}.",
    )


def _stage_question(plan: Plan) -> Question:
    from ali5.labs.learning.network import build_network, layers_of, parameters_of

    classes = len(classes_of(plan.data))
    other = plan.stages + 1 if plan.stages < 3 else 2
    now, then = (
        build_network(stages, plan.pooling, plan.activation, classes)
        for stages in (plan.stages, other)
    )
    change = parameters_of(then) - parameters_of(now)
    deeper = max(now, then, key=len)
    name = list(layers_of(deeper))[max(plan.stages, other) - 1]
    stage = parameters_of(layers_of(deeper)[name])
    naive = stage if other > plan.stages else -stage
    more = "more" if other > plan.stages else "less"
    return Question(
        f"One convolution stage {more}: how does the number of weights change?",
        tuple(_signed(value) for value in sorted({change, naive, -change})),
        _signed(change),
        f"{parameters_of(now):,} become {parameters_of(then):,}. The stage itself has {stage:,}, "
        "but each pooling leaves smaller maps, so the layer that sees all of them needs fewer "
        "weights.",
    )


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−")


@functools.lru_cache(maxsize=256)
def losses_after_trial(plan: Plan, folder: Path | None) -> tuple[float, float]:
    """Return the validation loss before and after a short training with a plan.

    It is a training of its own; with rate 0, nothing is learned and both are the loss before.
    """
    from ali5.labs.learning.lesson import Lesson

    with engine.slot():
        lesson = Lesson(plan, folder)
    before = lesson.validations[0].loss
    if plan.rate == 0:
        return before, before
    for _ in range(TRIAL_STEPS):
        with engine.slot():
            lesson.step(batch=TRIAL_BATCH)
    with engine.slot():
        return before, lesson.validate().loss


# --- The code -----------------------------------------------------------------------------------

_OPTIMISER_CODE = {
    "sgd": "torch.optim.SGD(network.parameters(), lr={})",
    "momentum": "torch.optim.SGD(network.parameters(), lr={}, momentum=0.9)",
    "adam": "torch.optim.Adam(network.parameters(), lr={})",
}


def code_of(settings: Settings) -> str:
    """Return PyTorch code that does the first batch of the training that is set."""
    plan = plan_of(settings)
    if plan.data == "mnist":
        opened = "from ali5.labs.learning.material import Mnist, as_input"
        material = f'Mnist("{mnist_folder() or "mnist"}", {plan.seed})'
    else:
        opened = "from ali5.labs.learning.material import Drawn, as_input"
        few = ", few=True" if plan.few else ""
        material = f'Drawn("{plan.data}", {plan.difficulty:g}, {plan.seed}{few})'
    network = (
        f'{plan.stages}, "{plan.pooling}", "{plan.activation}", '
        f"{len(settings.classes)}, seed={plan.seed}"
    )
    return "\n".join(
        [
            "import torch",
            opened,
            "from ali5.labs.learning.network import build_network",
            "",
            f"material = {material}",
            f"network = build_network({network})",
            f"optimiser = {_OPTIMISER_CODE[plan.optimiser].format(settings.rate)}",
            f"images, labels = material.batch(epoch=0, start=0, count={plan.batch})",
            "",
            "loss = torch.nn.functional.cross_entropy(network(as_input(images)), labels)",
            "loss.backward()  # the gradient of the loss, for every weight",
            "optimiser.step()  # every weight moves a little against its gradient",
        ]
    )
