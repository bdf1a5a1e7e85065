"""Why class A and not class B: the terms at the last layer that add up to the logit difference.

The last layer of a classifier is a weighted sum for each class, so the difference of two logits is
one too: every feature times the difference of its two weights, and the difference of the biases.
Nothing is estimated. Where the features are averages of maps, the same terms can be laid out over
the picture: the class activation map of Zhou, Khosla, Lapedriza, Oliva, Torralba: "Learning deep
features for discriminative localization", CVPR 2016, https://arxiv.org/abs/1512.04150.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace

_TOLERANCE = 1e-3
"""How far the recomputed sums may be from the logits, relative to what is added up: accelerators
round products to ten bits, and wrong steps are further off than that."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """The difference of two logits, taken apart. All tensors are float64 on the CPU.

    Attributes:
        a: Number of the class that is asked for.
        b: Number of the class that it is compared with.
        layer: Name of the last layer, a fully connected one.
        source: Name of the step that its features are from: the maps, where there are any.
        features: What the last layer multiplies, [F].
        weights: Weights of class A minus weights of class B, [F].
        bias: Bias of class A minus bias of class B; 0 without biases.
        total: Logit of class A minus logit of class B.
        maps: The maps that the features are made of, [C, h, w]: averaged over each map, or written
            out one after the other. None where the features have no place in the picture.
        averaged: Whether each feature is the average of one map.
    """

    a: int
    b: int
    layer: str
    source: str
    features: Tensor
    weights: Tensor
    bias: float
    total: float
    maps: Tensor | None
    averaged: bool

    @property
    def products(self) -> Tensor:
        """Every feature times its weight, [F]; they and the bias add up to the total."""
        return self.features * self.weights

    @property
    def places(self) -> Tensor | None:
        """What each channel contributes at each place, [C, h, w], if features have a place."""
        if self.maps is None:
            return None
        if self.averaged:
            return self.maps * self.weights[:, None, None] / self.maps[0].numel()
        return self.maps * self.weights.reshape(self.maps.shape)

    @property
    def by_channel(self) -> Tensor:
        """What each channel contributes, [C], or each unit, [F], if features have no place."""
        places = self.places
        return self.products if places is None else places.sum((1, 2))

    @property
    def regions(self) -> Tensor | None:
        """What each place contributes, [h, w]; it and the bias add up to the total."""
        places = self.places
        return None if places is None else places.sum(0)


@meets_full_memory
def contributions(trace: Trace, a: int | None = None, b: int | None = None) -> Contributions:
    """Take the difference of two logits apart.

    Args:
        trace: Any picture's way through any network whose last layer is fully connected.
        a: Number of a class; the most likely one if not given.
        b: Number of another class; the most likely of the others if not given.

    Raises:
        Ali5Error: There is no such class, both are the same, or the last layer is not a fully
            connected one.
    """
    layer = _last_layer(trace)
    logits = layer.output[0].cpu().double()
    assert layer.weight is not None
    weight = layer.weight.cpu().double()
    bias = torch.zeros(len(weight)) if layer.bias is None else layer.bias.cpu().double()
    features = trace[layer.inputs[0]].output[0].cpu().double()
    _check_sums(layer, weight, bias, features, logits)
    a, b = _classes(logits, a, b)
    source, maps, averaged = _maps_behind(trace, trace[layer.inputs[0]])
    return Contributions(
        a=a,
        b=b,
        layer=layer.name,
        source=source.name,
        features=features,
        weights=weight[a] - weight[b],
        bias=float(bias[a] - bias[b]),
        total=float(logits[a] - logits[b]),
        maps=maps,
        averaged=averaged,
    )


def _last_layer(trace: Trace) -> Step:
    """Return the fully connected layer that gives the logits."""
    step = trace[trace.steps[-1].inputs[0]]
    while step.operation is Operation.DROPOUT and len(step.inputs) == 1:  # hands on what it gets
        step = trace[step.inputs[0]]
    fits = (
        step.operation is Operation.LINEAR
        and step.weight is not None
        and step.weight.ndim == 2
        and len(step.inputs) == 1
        and trace[step.inputs[0]].shape == (1, step.weight.shape[1])
    )
    if not fits:
        raise Ali5Error(
            f"The logits of {trace.network.architecture.title} come from step '{step.name}' "
            f"({step.operation}), which is not a fully connected layer over a list of features: "
            "there is no one weight for each feature and class. Choose another network."
        )
    return step


def _classes(logits: Tensor, a: int | None, b: int | None) -> tuple[int, int]:
    count = len(logits)
    if count < 2:
        raise Ali5Error("This network knows one class only: there is none to compare it with.")
    for name, value in (("a", a), ("b", b)):
        if value is not None and not 0 <= value < count:
            raise Ali5Error(f"{name} must be the number of a class, 0 to {count - 1}, not {value}.")
    order = torch.argsort(logits, descending=True, stable=True).tolist()
    if a is None:
        a = next(number for number in order if number != b)
    if b is None:
        b = next(number for number in order if number != a)
    if a == b:
        raise Ali5Error("a and b are the same class. Choose two different ones.")
    return a, b


def _check_sums(
    layer: Step, weight: Tensor, bias: Tensor, features: Tensor, logits: Tensor
) -> None:
    """Refuse what is not the plain sum that its weights promise, as after a hook."""
    size = weight.abs() @ features.abs() + bias.abs()
    if not bool(torch.isfinite(logits).all()):
        raise Ali5Error(
            "Some logits of this picture are not finite numbers: their difference has no terms."
        )
    if bool(((weight @ features + bias - logits).abs() > _TOLERANCE * size + 1e-6).any()):
        raise Ali5Error(
            f"What step '{layer.name}' gives is not the sum of its inputs times its weights: it "
            "does more than a fully connected layer. Choose another network."
        )


def _maps_behind(trace: Trace, step: Step) -> tuple[Step, Tensor | None, bool]:
    """Return the step that the features are from, its maps, and whether they were averaged.

    Goes back over steps that only hand the features on, such as flatten and dropout. The graph says
    which steps to look at, and their numbers decide what they did.
    """
    features = step.output.flatten()
    while True:
        if step.output.ndim == 4 and step.shape[2:] != (1, 1):
            return step, step.output[0].cpu().double(), False
        before = trace[step.inputs[0]] if len(step.inputs) == 1 else None
        if before is None:
            return step, None, False
        values = before.output
        if torch.equal(values.flatten(), features):
            step = before
        elif _is_average(step, values, features):
            return before, values[0].cpu().double(), True
        else:
            return step, None, False


def _is_average(step: Step, maps: Tensor, features: Tensor) -> bool:
    """Tell whether each feature is the average of one of these maps."""
    # A call of torch.mean is a step of "other" kind.
    kinds = (Operation.AVERAGE_POOLING, Operation.OTHER)
    if step.operation not in kinds or maps.ndim != 4 or maps.shape[1] != len(features):
        return False
    values = maps[0].cpu().double()
    size = values.abs().mean((1, 2))
    off = (values.mean((1, 2)) - features.cpu().double()).abs()
    return bool((off <= 1e-4 * size + 1e-9).all())
