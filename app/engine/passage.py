"""What a page knows of a network and of a picture's way through it: plain values, no tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ali5.errors import UnknownName
from ali5.graph.kinds import Operation
from ali5.known.cards import Card
from ali5.known.records import Architecture, Edition

from .picture import Picture

if TYPE_CHECKING:
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Step, Trace


@dataclass(frozen=True)
class Chosen:
    """A network as the engine is asked for it.

    Attributes:
        name: Its id.
        edition: Its edition.
        weights: A kind of weights, the digest of a visitor's file or of a taught head, or the key
            of the network that `ali5.explore` was called with.
        head: The file of a taught head that takes the place of the last layer; empty for none.
        backbone: What the head was taught on.
    """

    name: str
    edition: str
    weights: str
    head: bytes = field(default=b"", repr=False)
    backbone: Chosen | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What caches know it by."""
        return self.name, self.edition, self.weights


@dataclass(frozen=True, eq=False)
class Subject:
    """What a request is about: a network, and the picture that it looks at."""

    network: Chosen
    picture: Picture


@dataclass(frozen=True)
class NetworkFacts:
    """What there is to say of a network.

    Attributes:
        architecture, edition, weights, labels, card, readable, own, trained: As of a `Network`.
    """

    architecture: Architecture
    edition: Edition
    weights: str
    labels: tuple[str, ...]
    card: Card | None
    readable: bool
    own: bool
    trained: bool


@dataclass(frozen=True)
class StepFacts:
    """What there is to say of a step, whatever its values are.

    Attributes:
        name, operation, inputs, shape, parameters, multiply_adds: As of a `Step`.
        settings: Its window in words, "5 × 5 kernel, stride 1"; "" if it has none.
        sees: Edge of what one unit can see, in pixels.
        weight: Shape of its weight; None if it has none.
        has_colour_kernels: Whether its filters look at red, green and blue.
        shows_all_filters: Whether each of its filters is shown as one tile.
    """

    name: str
    operation: Operation
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    settings: str
    sees: int
    weight: tuple[int, ...] | None
    has_colour_kernels: bool
    shows_all_filters: bool

    @property
    def is_vector(self) -> bool:
        """Whether it gives one number for each unit and no maps."""
        return len(self.shape) == 2

    @property
    def noun(self) -> str:
        """What to call one of its channels."""
        return "unit" if self.is_vector else "channel"

    @property
    def has_kernels(self) -> bool:
        """Whether it has kernels, or weights for every unit."""
        dimensions = {"convolution": 4, "linear": 2}.get(self.operation, 0)
        return self.weight is not None and len(self.weight) == len(self.shape) == dimensions


@dataclass(frozen=True, eq=False)
class Passage:
    """A picture's way through a network, as a page knows it.

    Attributes:
        subject: What it is about.
        name: Of what the engine found: found again, it has the same one.
        network: What there is to say of the network.
        steps: In execution order: the prepared picture first, the softmax last.
        notes: What a visitor should know about this run, one sentence each.
    """

    subject: Subject
    name: str
    network: NetworkFacts
    steps: tuple[StepFacts, ...]
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> StepFacts:
        """Return the step of that name.

        Raises:
            UnknownName: There is no such step; offers the nearest one.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise UnknownName("step", name, [step.name for step in self.steps])


def facts_of(network: Network) -> NetworkFacts:
    """Return what there is to say of a network."""
    return NetworkFacts(
        network.architecture,
        network.edition,
        network.weights,
        network.labels,
        network.card,
        network.readable,
        network.own,
        network.trained,
    )


def steps_of(trace: Trace) -> tuple[StepFacts, ...]:
    """Return what there is to say of every step."""
    return tuple(map(_facts_of_step, trace.steps))


def _facts_of_step(step: Step) -> StepFacts:
    from ali5.tracing.walls import shows_all_filters, shows_colour_kernels

    return StepFacts(
        step.name,
        step.operation,
        step.inputs,
        step.shape,
        step.parameters,
        step.multiply_adds,
        _settings_in_words(step),
        step.receptive_field.size,
        None if step.weight is None else tuple(step.weight.shape),
        shows_colour_kernels(step),
        shows_all_filters(step),
    )


def _settings_in_words(step: Step) -> str:
    """Say a step's window in words: "5 x 5 kernel, stride 1, padding 0"."""
    settings = step.settings
    if "output_size" in settings:
        return "one value per map" if step.shape[2:] == (1, 1) else "to a fixed size"
    if "kernel_size" not in settings:
        return ""
    kernel = settings["kernel_size"]
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    parts = [f"{height} × {width} {'kernel' if step.weight is not None else 'window'}"]
    for name in ("stride", "padding", "dilation", "groups"):
        value = settings.get(name)
        value = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        if value is not None and not (name in ("dilation", "groups") and value == 1):
            parts.append(f"{name} {value}")
    return ", ".join(parts)
