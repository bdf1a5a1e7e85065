"""The learning lab's questions, answered by training, and its code."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ... import engine
from ..questions import Question
from .settings import Settings, classes_of, mnist_folder, plan_of

if TYPE_CHECKING:
    from ali5.labs.learning.lesson import Plan

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
        opened = (
            "from ali5.known.fetching import checkpoint_folder\n"
            "from ali5.labs.learning.material import Mnist, as_input"
        )
        material = f'Mnist(checkpoint_folder() / "mnist", {plan.seed})'
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
