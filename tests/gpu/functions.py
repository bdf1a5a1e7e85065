"""All that the engine does with tensors, each as one function that gives numbers to compare.

The device law (`tests/ali5/test_device_law.py`) runs them on a stand-in for a GPU, and
`python -m tests.gpu` on a GPU.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.classifying.comparing import answer
from ali5.classifying.features import feature_vectors, features_of, last_step
from ali5.explain.deconvolution.deconvolution import place_of
from ali5.graph.kinds import WEIGHTS, Operation
from ali5.labs.arithmetic import convolve, pool, pool_adaptively
from ali5.labs.contributions import contributions
from ali5.labs.equivariance import measure
from ali5.labs.learning.lesson import Lesson, Plan
from ali5.labs.stack.borrowed import first_stage
from ali5.labs.stack.photo import normalise, take_photo
from ali5.labs.stack.run import run_stack
from ali5.networks.networks import Network
from ali5.pictures.changes import Change
from ali5.pictures.samples import open_sample
from ali5.tracing.channels import (
    channel_contributions,
    count_values,
    describe_channels,
    order_by_similarity,
)
from ali5.tracing.filters import input_contributions
from ali5.tracing.gradients import logit_gradient
from ali5.tracing.interventions import Intervention, answers, effects, intervene, parts_of
from ali5.tracing.trace import Trace, trace
from ali5.tracing.walls import draw_kernels, draw_strongest, draw_wall, strongest_channels
from ali5.training.measure import accuracy, logits_of, restricted_top1
from ali5.training.pictures import Pictures
from ali5.training.recipe import recipe_of
from ali5.training.run import Run

KINDS = ("lenet5", "alexnet", "googlenet", "resnet18")
"""Networks with every kind of step, in their compact edition: tanh, a plain row, branches, sums."""

PICTURES = ("cat", "digit-3", "checkerboard")


@dataclass(frozen=True, eq=False)
class Scene:
    """A network on a device, and a picture."""

    network: Network
    image: Image.Image

    @functools.cached_property
    def trace(self) -> Trace:
        """The picture's way through it."""
        return trace(self.network, self.image)

    @property
    def middle(self) -> str:
        """The name of a step in the middle that has filters and maps."""
        steps = [
            step.name
            for step in self.trace.steps
            if step.operation is Operation.CONVOLUTION and step.output.ndim == 4
        ]
        return steps[len(steps) // 2]


@dataclass(frozen=True)
class Function:
    """One thing that the engine does.

    Attributes:
        run: Gives what is compared: tensors, arrays, numbers and records of them.
        covers: What it shows of `ali5.__all__` and `ali5.explain.__all__`.
        networks: On which networks.
        tolerance: How far a GPU may be from the CPU in 32 bits: the root mean square of the
            difference as a share of that of the numbers.
        when_full: "goes on" on the CPU if the device is full, "asks for nothing" there, or "ends".
    """

    run: Callable[[Scene], Any]
    covers: tuple[str, ...] = ()
    networks: tuple[str, ...] = KINDS
    tolerance: float = 1e-3
    when_full: Literal["goes on", "asks for nothing", "ends"] = "goes on"


FUNCTIONS: dict[str, Function] = {}


def function(*covers: str, **facts: Any) -> Callable[[Callable[[Scene], Any]], Any]:
    """Put a function into the table, under its name in words."""

    def put(run: Callable[[Scene], Any]) -> Callable[[Scene], Any]:
        FUNCTIONS[run.__name__.replace("_", " ")] = Function(run, covers, **facts)
        return run

    return put


@functools.cache
def known(name: str, edition: str = "compact") -> Network:
    """Load a network on the CPU; it is only read."""
    return ali5.load(name, edition, device="cpu")


def moved(network: Network, device: torch.device) -> Network:
    """Return the same network on a device, on weights of its own."""
    module = copy.deepcopy(network.module).to(device)
    return replace(network, module=module, device=device)


def numbers_of(result: Any) -> Iterator[NDArray[Any]]:
    """Yield all numbers in what a function gave, in an order that is always the same."""
    if isinstance(result, Tensor):
        yield result.detach().cpu().numpy()
    elif isinstance(result, np.ndarray | bool | int | float | str | bytes):
        yield np.asarray(result)
    elif isinstance(result, Mapping):
        for key, value in result.items():
            yield np.asarray(str(key))
            yield from numbers_of(value)
    elif dataclasses.is_dataclass(result):
        for each in dataclasses.fields(result):
            yield from numbers_of(getattr(result, each.name))
    elif result is not None:
        for each in result:
            yield from numbers_of(each)


# --- Running ----------------------------------------------------------------------------------


@function("trace")
def the_trace(scene: Scene) -> Any:
    """Every step's output, and what is said at the end."""
    return [step.output for step in scene.trace.steps], scene.trace.predictions()


@function("classify", "classify_batch")
def verdicts(scene: Scene) -> Any:
    """Several pictures at once, and a plain pass."""
    images = [open_sample(name) for name in PICTURES]
    batch = ali5.read_batch([("cat.png", _png(scene.image))])
    sorted_ = [each.verdict for each in ali5.classify_batch(scene.network, batch)]
    return ali5.classify(scene.network, images), sorted_, scene.network(scene.image)


@function("wrap", networks=("lenet5",))
def an_own_network_by_its_graph(scene: Scene) -> Any:
    """A user's module whose graph can be read."""
    return _own(scene, _Own())


@function("wrap", networks=("lenet5",))
def an_own_network_while_it_runs(scene: Scene) -> Any:
    """A user's module that looks at the values of its tensors."""
    own = _own(scene, _Odd())
    network = ali5.wrap(_Odd(), size=16, device=scene.network.device.type)
    traced = trace(network, scene.image)
    field = ali5.explain.effective_field(traced, "relu", 2, 3, 3)
    why = ali5.explain.attribution(traced, "saliency", 1)
    vectors = ali5.feature_vectors(network, [scene.image, open_sample("digit-3")])
    asked = answers(traced, torch.cat([network.prepare(scene.image)] * 2))
    return own, field, why.map, [each.steps for each in vectors], list(asked)


class _Own(nn.Module):
    """Two convolutions with all that is special: groups, padding modes, a norm, a bend."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.first = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)
        self.second = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.shift = nn.Parameter(torch.randn(8, 1, 1))
        self.last = nn.Linear(8, 5)

    def forward(self, image: Tensor) -> Tensor:
        maps = torch.sigmoid(self.norm(self.first(image)))
        maps = nn.functional.silu(self.second(maps)) + self.shift
        maps = nn.functional.avg_pool2d(maps, 3, 2, padding=1, count_include_pad=False)
        out: Tensor = self.last(maps.mean((2, 3)))
        return out


class _Odd(_Own):
    """The same, and its way depends on what it sees."""

    def forward(self, image: Tensor) -> Tensor:
        if image.mean() > 100:
            image = -image
        maps = torch.relu(self.first(image))
        out: Tensor = self.last(self.second(maps).add_(1).mean((2, 3)))
        return out


def _own(scene: Scene, module: nn.Module) -> Any:
    network = ali5.wrap(module, size=16, device=scene.network.device.type)
    traced = trace(network, scene.image)
    units = [_a_unit(traced, step.name) for step in traced.steps]
    channels = [describe_channels(traced, step) for step in traced.steps]
    return [step.output for step in traced.steps], units, channels


# --- Maps -------------------------------------------------------------------------------------


@function("draw_wall", "draw_kernels", networks=("lenet5", "alexnet", "resnet18"))
def walls(scene: Scene) -> Any:
    """Every wall, its kernels, and the strongest channels."""
    steps = scene.trace.steps
    return (
        [draw_wall(step) for step in steps],
        [draw_wall(step, "channel") for step in steps[:4]],
        draw_wall(steps[1], "network", scene.trace),
        [draw_kernels(step, 1) for step in steps],
        [(draw_strongest(step, 3, 16), strongest_channels(step, 3)) for step in steps[::4]],
    )


@function()
def channels_in_numbers(scene: Scene) -> Any:
    """Statistics, histograms and orders of channels."""
    return [
        (describe_channels(scene.trace, step), count_values(step))
        for step in scene.trace.steps[::3]
    ]


@function(networks=("lenet5", "alexnet"))
def channels_by_likeness(scene: Scene) -> Any:
    """A chain of channels that look alike."""
    return [order_by_similarity(step) for step in scene.trace.steps if step.output.ndim == 4]


@function()
def contributions_of_channels(scene: Scene) -> Any:
    """Gradients of a logit from a step in the middle, and what its channels add to it."""
    step = scene.trace[scene.middle]
    return (
        logit_gradient(scene.trace, step, 1),
        channel_contributions(scene.trace, step),
    )


@function(when_full="asks for nothing")
def contributions_of_kernels(scene: Scene) -> Any:
    """What each kernel adds to its map, for every step with filters."""
    return [
        input_contributions(scene.trace, step, 1)
        for step in scene.trace.steps
        if step.weight is not None and WEIGHTS[step.operation] == "filters"
    ]


@function(when_full="asks for nothing")
def contributions_to_a_difference(scene: Scene) -> Any:
    """Why one class and not another: the terms at the last layer."""
    found = contributions(scene.trace)
    return found, found.regions, found.by_channel


# --- Explaining -------------------------------------------------------------------------------


@function("explain.unit", "explain.path_of_winners")
def units(scene: Scene) -> Any:
    """One number of each kind of step, taken apart; and one folded."""
    last = {step.operation: step for step in scene.trace.steps}
    found = [_a_unit(scene.trace, step.name) for step in last.values()]
    norm = last.get(Operation.BATCH_NORM)
    fold = None if norm is None else ali5.explain.unit(scene.trace, norm.name, 1, fold=True)
    return found, None if fold is None else (fold.total, fold.contributions)


def _a_unit(traced: Trace, step: str) -> Any:
    place = tuple(count // 2 for count in traced[step].shape[1:])
    unit = ali5.explain.unit(traced, step, *place)
    path = ali5.explain.path_of_winners(traced, step, *place)
    return unit.value, unit.total, unit.patches, unit.ranking[:1], unit.seen, path


@function("explain.effective_field", "explain.edge_holding", "explain.growth")
def receptive_fields(scene: Scene) -> Any:
    """The gradient in the picture, and the boxes that it lies in."""
    step = scene.middle
    field = ali5.explain.effective_field(scene.trace, step, 1, 2, 2)
    grown = ali5.explain.growth(scene.trace, step, 2, 2)
    return field, ali5.explain.edge_holding(field, grown[-1].box)


@function("explain.deconvolve", networks=KINDS[1:])
def deconvolution(scene: Scene) -> Any:
    """A unit's way back to the picture, from the middle and from a score."""
    last = scene.trace.steps[-1].inputs[0]
    back = [ali5.explain.deconvolve(scene.trace, name, 1) for name in (scene.middle, last)]
    return place_of(scene.trace, last, 0), [
        [(stage.kind, stage.signal, stage.switches) for stage in each.stages] for each in back
    ]


@function(
    "explain.attribution", "explain.map_steps", networks=("alexnet", "resnet18"), tolerance=1e-2
)
def attributions(scene: Scene) -> Any:
    """The methods that go through the network once or twice."""
    quick = ("grad-cam", "grad-cam-plus", "saliency", "guided-backprop")
    found = [ali5.explain.attribution(scene.trace, method) for method in quick]
    early = ali5.explain.map_steps(scene.trace)[2]
    found.append(ali5.explain.attribution(scene.trace, "grad-cam", 1, early))
    return [(each.map, each.cells, each.score) for each in found]


@function("explain.attribution", "explain.attribute", networks=("lenet5",), tolerance=1e-2)
def attributions_with_many_passes(scene: Scene) -> Any:
    """The methods that go through the network many times."""
    found = ali5.explain.attribution(scene.trace, "integrated-gradients")
    return found.map, found.start, ali5.explain.attribute(scene.network, scene.image, "occlusion")


@function("explain.read_map", "explain.rank_correlation", networks=("lenet5",), when_full="ends")
def maps_in_numbers(scene: Scene) -> Any:
    """A map where it lies, in numbers."""
    one, other = scene.trace.steps[1].output[0, :2].clone()
    return (
        ali5.explain.read_map(one),
        ali5.explain.rank_correlation(one, other, signed=True),
    )


# --- Changing ---------------------------------------------------------------------------------


@function()
def interventions(scene: Scene) -> Any:
    """Channels and branches changed on the way, in one picture and in several."""
    changes = [Intervention(scene.middle, kind, (0, 2)) for kind in ("mute", "double", "invert")]
    changes += [part.intervention("mute") for part in parts_of(scene.trace)[:2]]
    after = intervene(scene.trace, changes)
    prepared = torch.cat([scene.network.prepare(scene.image)] * 2)
    asked = list(answers(scene.trace, prepared, changes[:1]))
    return [step.output for step in after.steps], asked


@function()
def effects_of_channels(scene: Scene) -> Any:
    """Channels muted one by one."""
    return [logits for _, logits in effects(scene.trace, scene.middle, channels=range(5))]


@function("compare")
def comparing(scene: Scene) -> Any:
    """Two answers side by side."""
    found = answer(scene.network, scene.image)
    also = ali5.compare([scene.network], scene.image)
    return [
        (each.verdict, [(stage.channel, stage.wall) for stage in each.stages])
        for each in (found, *also.answers)
    ]


@function("feature_vector", "feature_vectors", "likeness")
def features(scene: Scene) -> Any:
    """Feature vectors of several pictures, and how alike they are."""
    found = feature_vectors(scene.network, [scene.image, *map(open_sample, PICTURES)])
    last = last_step(scene.trace)
    alike = ali5.likeness(found)
    return (
        [each.steps for each in found],
        features_of(scene.trace).pixels,
        ali5.feature_vector(scene.trace[last]),
        alike.steps,
    )


@function("teach", "save_taught", "load_taught", networks=("lenet5", "resnet18"))
def teaching(scene: Scene) -> Any:
    """A head that is taught, used, kept and opened again."""
    kinds = {
        "odd": [open_sample(f"digit-{digit}") for digit in (1, 3, 5)],
        "even": [open_sample(f"digit-{digit}") for digit in (2, 4, 6)],
    }
    taught = ali5.teach(scene.network, kinds)
    with tempfile.TemporaryDirectory() as folder:
        ali5.save_taught(taught, Path(folder) / "head.safetensors")
        again = ali5.load_taught(Path(folder) / "head.safetensors", scene.network)
    traced = trace(again.network, scene.image)
    return taught.head, taught.check.right, traced.steps[-1].output, again.digest


# --- Labs and training ------------------------------------------------------------------------


@function("convolve", "pool", "pool_adaptively", networks=("alexnet",), when_full="ends")
def arithmetic(scene: Scene) -> Any:
    """Convolution and pooling of maps that lie on the device, and single numbers of them."""
    maps, layer = scene.trace.image[0].clone(), scene.trace[scene.trace.steps[1].name]
    assert layer.weight is not None
    moved_ = convolve(maps, layer.weight, layer.bias, stride=2, padding=1)
    pooled = [pool(moved_.output, kind, kernel=3, stride=2) for kind in ("max", "average", "l2")]
    shares = pool_adaptively(moved_.output, size=(3, 2))
    windows = [each.window(1, 1, 1) for each in (moved_, *pooled, shares)]
    return moved_.output, [each.output for each in (*pooled, shares)], windows


@function(networks=("alexnet",), when_full="ends")
def equivariance(scene: Scene) -> Any:
    """How maps answer to a change of the photograph."""
    photo = scene.trace.image[0]
    change = Change(right=4, turn=90, blur=1, tile=8)
    size = photo.shape[1]
    changed = trace(scene.network, change(photo.clone())[None])
    step = scene.trace.steps[1]
    return measure(
        step.output[0], changed[step.name].output[0], change, step.receptive_field, size
    ), change(photo.clone())


@function(networks=("alexnet", "resnet18"), when_full="asks for nothing")
def stacks_of_layers(scene: Scene) -> Any:
    """The first layers of a network that is on the device, run in the lab."""
    name = scene.network.architecture.id
    photo = normalise(take_photo(scene.image, 64))
    steps = run_stack(first_stage(scene.network), photo, {name: scene.network})
    return [step.output for step in steps]


@function(networks=("lenet5",), when_full="asks for nothing")
def a_lesson(scene: Scene) -> Any:
    """A step of the learning lab, which is the CPU's."""
    lesson = Lesson(Plan(few=True, batch=16))
    lesson.step()
    return lesson.validate(), lesson.last


@function(networks=("lenet5", "resnet18"), tolerance=5e-2, when_full="ends")
def a_training_step(scene: Scene) -> Any:
    """Losses of steps by the recipe, without what a device draws by chance."""
    name, device = scene.network.architecture.id, scene.network.device
    edition = scene.network.edition
    still = {
        "flip": False,
        "rotation_degrees": 0,
        "scaling": 0,
        "shift": 0,
        "colour": 0,
        "sharp": 0,
    }
    recipe = replace(
        recipe_of(name),
        **{"epochs": 2, "batch": 8, "precision": "fp32", "dropout": 0.0, **still},
        **{"snapshots": (), "sizes": ()},
    )
    random = torch.Generator().manual_seed(3)
    count, channels = 8, edition.preprocessing.channels
    inner = edition.preprocessing.size - 2 * edition.preprocessing.border
    images = torch.randint(0, 256, (count, channels, inner, inner), generator=random)
    labels = torch.arange(count) % len(scene.network.labels)
    pictures = Pictures(images.to(torch.uint8), labels).on(device)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(edition, recipe, device, Path(folder) / "weights.safetensors")
        run.prepare(pictures)
        losses = [*run.steps(pictures), *run.steps(pictures)]
        run.save(1.0)
        module = run.with_statistics(run.average, pictures, 1)
    logits = logits_of(module, pictures, edition.preprocessing)
    restricted = restricted_top1(logits, pictures.labels, scene.network.labels)
    return losses, logits, accuracy(logits, pictures.labels), restricted


def _png(image: Image.Image) -> bytes:
    import io

    buffer = io.BytesIO()
    image.save(buffer, "png")
    return buffer.getvalue()
