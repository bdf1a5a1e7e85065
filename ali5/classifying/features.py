"""The feature vector of a picture at every step of a network: what the network sees in it.

At a step with maps, [C, H, W], it is the mean of each map over all its places, C numbers: how much
of what a channel looks for is in the picture, wherever it stands (Lin, Chen, Yan, "Network in
network", 2014, section 3.2, who average the last maps only). At a step without places, a fully
connected one, it is the output as it is: by that AlexNet's authors found similar pictures
(Krizhevsky, Sutskever, Hinton, 2012, section 6.1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from ali5.classifying.grouping import Features, Vector
from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.networks.networks import Network, run_or_fall_back
from ali5.tracing.trace import Step, Trace, trace

PIXELS_EDGE = 64
"""Larger prepared pictures are averaged down to this many pixels an edge."""

AT_ONCE = 16
"""Pictures that go through a network together, at most."""

MOST_BYTES = 250_000_000
"""What all steps of the pictures that go through a network together may hold, about."""


@meets_full_memory
def feature_vector(step: Step) -> Tensor:
    """Return the feature vector of a traced picture at a step: maps [1, C, H, W] give [C].

    A vector [1, F] stays as it is, [F]. It is an inference tensor if the step's output is one.
    """
    return _without_places(step.output)[0]


@meets_full_memory
def features_of(trace: Trace) -> Features:
    """Return the feature vectors of a traced picture at every step."""
    steps = {step.name: _without_places(step.output) for step in trace.steps}
    return _split(trace.image, steps)[0]


def last_step(trace: Trace) -> str:
    """Return the name of the step whose feature vector the classifier at the end reads.

    Flattening single values and dropout change no number: the step before them is named.
    """
    logits = trace[trace.steps[-1].inputs[0]]
    step = trace[logits.inputs[0]]
    while step.operation in (Operation.FLATTEN, Operation.DROPOUT):
        before = trace[step.inputs[0]]
        if feature_vector(before).shape != feature_vector(step).shape:
            break
        step = before
    return step.name


def feature_vectors(network: Network, images: Sequence[Image.Image]) -> list[Features]:
    """Return what each picture is at every step of a network.

    The network is only read, so visitors may share it. Several pictures go through it together, but
    a module of the user's own gets one at a time: it was promised no more.

    Args:
        network: In evaluation mode.
        images: Upright RGB pictures of any size.

    Returns:
        One for each picture, `feature_vectors(...)[0]["conv5"]`, with the same steps; where those
        of a user's own network depend on the picture, with its own ones.

    Raises:
        Ali5Error: The network is in training mode, or the forward pass of a user's own one failed.
    """
    if not images:
        return []
    first = trace(network, images[0])
    found, rest = [features_of(first)], images[1:]
    if network.own:
        return found + [features_of(trace(network, image)) for image in rest]
    names = [step.name for step in first.steps]
    at_once = max(1, min(AT_ONCE, MOST_BYTES // first.nbytes))
    for start in range(0, len(rest), at_once):
        prepared = torch.cat([network.prepare(image) for image in rest[start : start + at_once]])
        found += _together(network, prepared, names)
    return found


def _together(network: Network, prepared: Tensor, names: Collection[str]) -> list[Features]:
    """Return what prepared pictures, [N, C, H, W], are at these steps."""

    def run(on: Network) -> list[Features]:
        with torch.inference_mode():
            walked = on.plan.execute(prepared.to(on.device))
            averaged = {s.name: _without_places(v) for s, v in walked if s.name in names}
        return _split(prepared, averaged)

    return run_or_fall_back(network, run, "The network's forward pass failed")


def _without_places(output: Tensor) -> Tensor:
    """Average maps, [N, C, H, W], over their places: [N, C]; leave vectors, [N, F], alone."""
    return output.float().mean((2, 3)) if output.ndim == 4 else output.float()


def _split(prepared: Tensor, steps: Mapping[str, Tensor]) -> list[Features]:
    """Sort what is known of N pictures together by picture."""
    height, width = (min(PIXELS_EDGE, edge) for edge in prepared.shape[2:])
    pixels = adaptive_avg_pool2d(prepared.float(), (height, width)).flatten(1)
    # Copies, so that no picture keeps the memory of all others.
    arrays = {name: _copied(values) for name, values in steps.items()}
    return [
        Features(own.copy(), {name: values[number].copy() for name, values in arrays.items()})
        for number, own in enumerate(_copied(pixels))
    ]


def _copied(values: Tensor) -> Vector:
    array: Vector = values.cpu().numpy()
    return array
