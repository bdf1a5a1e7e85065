"""A network ready to use: the module, its preprocessing and the names of its classes."""

from __future__ import annotations

import copy
import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import torch
from PIL import Image
from torch import Tensor, nn

from ali5.errors import Ali5Error, WeightsError
from ali5.graph.capture import captured_logits
from ali5.graph.plan import Plan, read_plan
from ali5.known.cards import Card, bundled_weights, read_card
from ali5.known.catalog import architecture
from ali5.known.chance import SEED
from ali5.known.fetching import fetched, place_in_words
from ali5.known.labels import read_labels
from ali5.known.records import Architecture, Edition
from ali5.networks.devices import (
    Result,
    is_out_of_memory,
    out_of_memory_note,
    pick_device,
    with_room,
)
from ali5.networks.initialise import initialise
from ali5.networks.weights import InMemory, load_weights
from ali5.pictures.preparation import prepare_pixels


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """One edition of one architecture with its weights; shared by all who look at it.

    Attributes:
        architecture: What is known about it.
        edition: The version that was built.
        module: In evaluation mode; gives logits, [N, classes]. It is only read.
        labels: Class names in the order of the logits.
        device: Where the module is.
        weights: "untrained", "bundled", "published", "step-400" for weights that were kept on the
            way, "taught" with a taught head, "own" in a user's module, or the path of the file
            that was given.
        card: The model card, for weights that ship; accuracy and checksum are those of these
            weights.
        names: What the steps of some modules are called, by the path of the module.
        notes: What a visitor should know about how it was loaded, one sentence each.
        readable: Whether its forward pass can be read as a graph before it runs.
    """

    architecture: Architecture
    edition: Edition
    module: nn.Module
    labels: tuple[str, ...]
    device: torch.device
    weights: str
    card: Card | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readable: bool = True

    def __repr__(self) -> str:
        names = f"{self.architecture.id}, {self.edition.name} edition"
        return f"<Network {names}, {self.weights}, on {self.device}>"

    def prepare(self, image: Image.Image) -> Tensor:
        """Turn a picture into this network's input.

        Args:
            image: An upright RGB picture of any size, as `open_image` gives it.

        Returns:
            Shape [1, C, H, W], normalised as `edition.preprocessing` says, on the CPU.
        """
        return torch.from_numpy(prepare_pixels(image, self.edition.preprocessing)[None])

    def __call__(self, image: Image.Image) -> Tensor:
        """Return the probability of every class, [1, classes], by a plain forward pass."""
        prepared = self.prepare(image)
        return with_room(lambda on: torch.softmax(on.logits(prepared), dim=1), self)

    def logits(self, prepared: Tensor) -> Tensor:
        """Return the logits of prepared pictures by a plain forward pass.

        A module of the user's own gets one picture at a time, as no more was promised it; where it
        ends with a softmax, its logits are what goes in there.

        Args:
            prepared: Shape [N, C, H, W], as `prepare` makes it, on any device.

        Returns:
            Shape [N, classes], an inference tensor on the network's device.
        """
        with torch.inference_mode():
            if not self.own:
                return cast(Tensor, self.module(prepared.to(self.device, self.dtype)))
            copied = prepared.to(
                self.device, self.dtype, copy=True
            )  # which the module may write into
            return torch.cat([self._logits_of_one(each) for each in torch.split(copied, 1)])

    def _logits_of_one(self, picture: Tensor) -> Tensor:
        if not self.readable:
            return captured_logits(self.module, picture)
        walked = {step.name: value for step, value in self.plan.execute(picture)}
        return cast(Tensor, walked[self.plan.steps[-1].inputs[0]])

    @functools.cached_property
    def plan(self) -> Plan:
        """The graph of the module, read once."""
        return read_plan(self.module, self.names)

    @property
    def own(self) -> bool:
        """Whether it is a module of the user's own, in whose forward pass any code can be."""
        return self.edition.name == "own"

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in: the type of its weights."""
        return next((each.dtype for each in self.module.parameters()), torch.float32)

    @property
    def trained(self) -> bool:
        """Whether its weights were learned from data."""
        return self.weights != "untrained"

    @functools.cached_property
    def on_cpu(self) -> Network:
        """The same network on the CPU, copied once, with a note; this one stays where it is."""
        # deepcopy takes the tensors it is given: nothing is copied within a full accelerator.
        memo: dict[int, Any] = {
            id(parameter): nn.Parameter(parameter.detach().cpu(), requires_grad=False)
            for parameter in self.module.parameters()
        }
        memo |= {id(buffer): buffer.cpu() for buffer in self.module.buffers()}
        return replace(
            self,
            module=copy.deepcopy(self.module, memo),
            device=torch.device("cpu"),
            notes=(*self.notes, out_of_memory_note(self.device)),
        )


def run_or_fall_back(network: Network, run: Callable[[Network], Result], failed: str) -> Result:
    """Return what `run` computes `with_room`; say what fails in a network of the user's own.

    Args:
        network: Only read.
        run: Computes something with the network it is given.
        failed: Begins the sentence for a user's own network, whose forward pass can hold any code.

    Raises:
        TooLarge: The computer's own memory is full.
        Ali5Error: `run` has raised it, or a user's own network failed.
    """

    def said(on: Network) -> Result:
        try:
            return run(on)
        except Exception as error:
            if isinstance(error, Ali5Error) or is_out_of_memory(error) or not network.own:
                raise
            raise Ali5Error(f"{failed}: {error}") from error

    return with_room(said, network)


def build(edition: Edition) -> nn.Module:
    """Build the module of an edition with zeros for weights, in training mode."""
    with torch.device("meta"):
        module = outline(edition)
    # `to_empty` would do, but loads all of SymPy to find out how a tensor lies in memory.
    state = {
        name: torch.zeros(value.shape, dtype=value.dtype)
        for name, value in module.state_dict().items()
    }
    module.load_state_dict(state, assign=True)
    return module


def outline(edition: Edition) -> nn.Module:
    """Build the module of an edition on the current default device."""
    home, function, *arguments = edition.builder.split(":")
    built = getattr(_architectures(home), function)(*arguments)
    assert isinstance(built, nn.Module)
    return built


def step_names(edition: Edition) -> Mapping[str, str]:
    """Return what the paper calls the modules of an edition that are named otherwise, by path."""
    home, _, *arguments = edition.builder.split(":")
    by_model: Mapping[str, Mapping[str, str]] = getattr(_architectures(home), "STEP_NAMES", {})
    return by_model.get(arguments[0], {}) if arguments else {}


def _architectures(home: str) -> ModuleType:
    return importlib.import_module(f"ali5.networks.architectures.{home}")


def load(
    name: str,
    edition: str | None = None,
    weights: str | Path | InMemory | None = None,
    device: str = "auto",
) -> Network:
    """Load a network of the catalog.

    Args:
        name: Its id, for example "vgg16".
        edition: "compact", "paper" or "torchvision"; the first one it has if not given.
        weights: None takes the weights that ship with ALI5 or were downloaded, or random ones if
            there are none; "untrained" always takes random ones, those that the training began with
            where trained ones ship; "published" always takes those that `ali5.download` fetches;
            "tiny-imagenet" takes the edition that learned from these 200 classes; "step-400" takes
            what was kept after so many steps of the training (`ali5.moments` lists them); a path
            takes that file (`.safetensors`, or a PyTorch checkpoint of plain tensors), and so does
            one in memory.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        UnknownName: There is no such network or edition.
        WeightsError: The weights cannot be read or do not fit.
        DeviceError: There is no such device here.
    """
    known = architecture(name)
    if weights == "tiny-imagenet":
        edition, weights = _edition_trained_on(known, edition, "tiny-imagenet"), None
    chosen = known.edition(edition)
    target = pick_device(device)
    module = build(chosen)
    shipped = _shipped(known, chosen)
    found = _find_weights(known, chosen, weights, shipped)
    if found.path is not None:
        load_weights(module, found.path, found.sha256_start, found.remedy)
    elif shipped is None:
        initialise(module, SEED)
    else:
        initialise(module, shipped.card.seed, shipped.card.recipe["first_scale"])
    module.eval().requires_grad_(False)
    network = Network(
        architecture=known,
        edition=chosen,
        module=module,
        labels=read_labels(chosen.labels),
        device=target,
        weights=found.kind,
        card=found.card,
        names=step_names(chosen),
    )
    return with_room(_placed, network)


def _placed(network: Network) -> Network:
    """Put the module where the network is said to be."""
    network.module.to(network.device)
    return network


@dataclass(frozen=True)
class _Found:
    """Which weights these are: their kind, their file if they have one, and what it must be."""

    kind: str
    path: Path | InMemory | None = None
    sha256_start: str = ""
    remedy: str = "Install ALI5 again."
    card: Card | None = None


@dataclass(frozen=True)
class _Shipped:
    """A file of weights that ships, and its card."""

    path: Path
    card: Card


def _shipped(known: Architecture, edition: Edition) -> _Shipped | None:
    path = bundled_weights(known.id, edition.name)
    return None if path is None else _Shipped(path, read_card(path))


def _find_weights(
    known: Architecture,
    edition: Edition,
    weights: str | Path | InMemory | None,
    shipped: _Shipped | None,
) -> _Found:
    if isinstance(weights, InMemory):
        return _Found(weights.name, weights)
    if weights == "untrained":
        return _Found("untrained")
    if weights is None and shipped is not None:
        return _Found("bundled", shipped.path, shipped.card.sha256, card=shipped.card)
    if weights in (None, "published"):
        path = None if edition.published is None else fetched(edition.published)
        if path is not None and edition.published is not None:
            remedy = f"Remove '{place_in_words(path.name)}' and try again."
            return _Found("published", path, edition.published.sha256_start, remedy)
        if weights is None:
            return _Found("untrained")
        raise WeightsError(
            f"Nobody has published weights that fit the {edition.name} edition of {known.title}. "
            'Take edition="torchvision".'
            if edition.published is None
            else f"The weights of {known.title} were not downloaded yet. "
            f'Call ali5.download("{known.id}") first; it fetches '
            f"{edition.published.mebibytes:.0f} MB."
        )
    if isinstance(weights, str) and weights.startswith("step-"):
        return _kept_on_the_way(known, edition, weights, shipped)
    return _Found(str(weights), Path(str(weights)))


def _kept_on_the_way(
    known: Architecture, edition: Edition, name: str, shipped: _Shipped | None
) -> _Found:
    kept = {f"step-{each.step}": each for each in shipped.card.snapshots} if shipped else {}
    if shipped is None or name not in kept:
        raise WeightsError(
            f"The training of {known.title} ({edition.name}) kept no weights called '{name}'. "
            f"There is: {', '.join(('untrained', *kept))}."
        )
    here = kept[name]
    remark = (
        f"These are the weights after {here.step:,} steps; the recipe and the time are those of "
        "the whole training."
    )
    card = replace(
        shipped.card,
        accuracy=here.accuracy,
        sha256=here.sha256,
        confusions=(),
        remarks=(remark, *shipped.card.remarks),
    )
    return _Found(name, shipped.path.with_name(here.file), here.sha256, card=card)


def _edition_trained_on(known: Architecture, wanted: str | None, labels: str) -> str:
    for edition in known.editions.values():
        fits = edition.labels == labels and wanted in (None, edition.name)
        if fits and bundled_weights(known.id, edition.name) is not None:
            return edition.name
    which = f"the {wanted} edition of {known.title}" if wanted else known.title
    raise WeightsError(f"No weights ship for {which} that learned from {labels}.")
