"""The device law: all that the engine does with tensors, it does where the network is.

There need be no GPU for it: `tests/gpu/standin.py` says what stands for one.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import ali5
from ali5.explain.attributions import saliency
from ali5.explain.attributions.question import Found
from ali5.pictures.samples import open_sample
from tests.conftest import EDITIONS, meta_input, on_meta
from tests.gpu.functions import FUNCTIONS, Scene, known, moved, numbers_of
from tests.gpu.standin import CUDA, OnCuda, standing_in

pytestmark = pytest.mark.usefixtures("rough_muon")

LEAVES = {
    "what is said to people: a few numbers": (
        "classifying.comparing:answer",
        "classifying.verdict:classify",
        "explain.attributions.attribution:attribution",
        "explain.attributions.integrated_gradients:integrated_gradients",
        "labs.arithmetic:Convolution.window",
        "labs.arithmetic:Pooling.window",
        "tracing.interventions:answers",
        "tracing.interventions:effects",
        "tracing.trace:Trace.predictions",
    ),
    "what is drawn: bytes, ranges and statistics of maps": (
        "explain.attributions.attribution:_explain",
        "tracing.channels:_numbers",
        "tracing.channels:count_values",
        "tracing.channels:describe_channels",
        "tracing.channels:order_by_similarity",
        "tracing.walls:_to_cpu",
        "tracing.walls:_quantise",
        "tracing.walls:_strengths",
    ),
    "sums in 64 bits, which not every accelerator has": (
        "explain.attributions.agreement:rank_correlation",
        "explain.attributions.agreement:read_map",
        "explain.attributions.grad_cam_plus:weigh",
        "explain.units.functions:local_response_norm",
        "explain.units.functions:softmax",
        "explain.units.functions:statistics",
        "explain.units.looking:cut_out",
        "explain.units.sums:linear",
        "explain.units.sums:weighted",
        "labs.contributions:_is_average",
        "labs.contributions:_maps_behind",
        "labs.contributions:contributions",
        "labs.equivariance:measure",
        "tracing.filters:_seen",
        "tracing.filters:input_contributions",
    ),
    "one number taken apart, with the numbers that it is made of": (
        "explain.units.functions:batch_norm",
        "explain.units.functions:picture",
        "explain.units.parts:number_at",
        "explain.units.sums:_constant",
        "explain.units.sums:addition",
        "explain.units.sums:convolution",
        "explain.units.unit:_fold",
    ),
    "a question that decides how it goes on": (
        "explain.attributions.grad_cam_plus:grad_cam_plus",
        "explain.deconvolution.deconvolution:deconvolve",
        "explain.deconvolution.deconvolution:place_of",
        "explain.deconvolution.ways_back:_same",
        "explain.deconvolution.ways_back:_share",
        "explain.deconvolution.ways_back:_split",
        "explain.units.fields:_branches",
        "explain.units.sums:hands_on",
        "explain.units.unit:_other",
        "tracing.channels:_bounds",
        "tracing.channels:channel_contributions",
        "tracing.own:_is_true",
    ),
    "what is kept in memory or in a file": (
        "classifying.features:_copied",
        "classifying.teach.last_layer:Trunk.look",
        "classifying.teach.last_layer:fingerprint",
        "explain.units.effective:_gradient",
        "labs.stack.run:_apply",
    ),
    "a training measures itself": (
        "training.measure:accuracy",
        "training.measure:logits_of",
        "training.measure:restricted_top1",
        "training.run:Run.steps",
        "torch.nn.modules.batchnorm:_BatchNorm.forward",
    ),
    "a user's own forward pass looks at its values": (
        "explain.attributions.question:Scores.forward",
        "explain.units.effective:_value",
    ),
}
"""The places that are made for leaving the device, by the reason: there Python waits for it."""

PLACES = frozenset(place for places in LEAVES.values() for place in places)

OUTSIDE = "outside the engine"

CASES = [(name, network) for name, function in FUNCTIONS.items() for network in function.networks]

WITHOUT_TENSORS = {
    "catalog": "reads what is known of the networks",
    "download": "fetches a file",
    "explore": "starts the site",
    "load": "every network here was loaded, and moved to the device",
    "moments": "reads a card",
    "open_image": "opens a picture",
    "read_batch": "lists pictures",
}
"""Public functions that the law says nothing of, and why."""


@functools.cache
def on_the_cpu(network: str) -> Scene:
    return Scene(known(network), open_sample("cat"))


@functools.cache
def numbers_on_the_cpu(name: str, network: str) -> list[NDArray]:
    return list(numbers_of(FUNCTIONS[name].run(on_the_cpu(network))))


@functools.cache
def on_the_stand_in(network: str) -> Scene:
    """To be asked for on the stand-in."""
    return Scene(moved(known(network), CUDA), open_sample("cat"))


def check(name: str, network: str) -> None:
    """Refuse other numbers than the CPU's, and places that were not made for leaving the device."""
    expected = numbers_on_the_cpu(name, network)
    with standing_in() as standin:
        found = list(numbers_of(FUNCTIONS[name].run(on_the_stand_in(network))))
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    left = {place: what for place, what in standin.waits if place not in {*PLACES, OUTSIDE}}
    assert not left, f"{left}: stay on the device, or add the place to LEAVES with the reason"


@pytest.mark.parametrize(("name", "network"), CASES)
def test_all_runs_on_the_device_and_gives_what_the_cpu_gives(name: str, network: str) -> None:
    check(name, network)


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_every_edition_is_traced_on_the_device(name: str, edition: str) -> None:
    network = on_meta(name, edition)
    picture = meta_input(network)
    with standing_in() as standin:
        for part in network.module.modules():
            for key, value in part._parameters.items():
                if value is not None:
                    part._parameters[key] = nn.Parameter(OnCuda(value.data), False)
            part._buffers |= {name: OnCuda(value) for name, value in part._buffers.items()}
        network = replace(network, device=CUDA)
        trace = ali5.trace(network, OnCuda(picture))
    assert len(trace.steps) > 10
    assert all(isinstance(step.output, OnCuda) for step in trace.steps)
    assert not standin.waits


def public_functions() -> Iterator[str]:
    for start, module in (("", ali5), ("explain.", ali5.explain)):
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)):
                yield start + name


def test_no_public_function_is_forgotten() -> None:
    covered = {name for function in FUNCTIONS.values() for name in function.covers}
    assert covered | WITHOUT_TENSORS.keys() == set(public_functions()), (
        "Put every public function that touches tensors into tests/gpu/functions.py"
    )


def test_the_places_that_are_made_for_leaving_are_there() -> None:
    for place in PLACES:
        module, _, name = place.partition(":")
        home = importlib.import_module(module if "torch" in module else f"ali5.{module}")
        assert callable(functools.reduce(getattr, name.split("."), home)), place


@pytest.mark.parametrize(
    "name", [name for name, function in FUNCTIONS.items() if function.when_full != "ends"]
)
def test_on_a_full_device_the_cpu_goes_on(name: str, nothing_kept: list[int]) -> None:
    function = FUNCTIONS[name]
    network = function.networks[-1]
    expected = numbers_on_the_cpu(name, network)
    with standing_in() as standin:
        there = on_the_stand_in(network)
        assert there.trace
        if name == "the trace":
            there = Scene(there.network, there.image)
        standin.full = True
        full = pytest.warns(RuntimeWarning, match="The memory of CUDA is full")
        with full if function.when_full == "goes on" else contextlib.nullcontext():
            found = list(numbers_of(function.run(there)))
    assert bool(nothing_kept) == (function.when_full == "goes on"), "something is let go of first"
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_tensor_that_is_made_on_the_cpu_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = saliency.saliency
    monkeypatch.setattr(
        saliency, "saliency", lambda question: Found(real(question).cells + torch.ones(64, 64))
    )
    with pytest.raises(RuntimeError, match="two devices, cuda and cpu"):
        check("attributions", "alexnet")


def test_a_detour_over_the_cpu_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from ali5.graph.layers import LocalResponseNorm

    real = LocalResponseNorm.forward

    def detour(self: LocalResponseNorm, maps: Tensor) -> Tensor:
        return real(self, maps.cpu()).to(maps.device)

    monkeypatch.setattr(LocalResponseNorm, "forward", detour)
    with standing_in() as standin:
        network = moved(known("alexnet"), CUDA)
        ali5.trace(network, open_sample("cat"))
    assert standin.waits


def test_numpy_and_64_bits_are_refused_as_an_accelerator_does() -> None:
    with standing_in():
        there = torch.ones(3, device="cuda")
        with pytest.raises(TypeError, match="numpy"):
            np.asarray(there)
        with pytest.raises(TypeError, match="64 bits"):
            there.double()


def test_a_wall_waits_three_times() -> None:
    """For the range, for the bytes and for the strengths; a network has a wall for each step."""
    with standing_in() as standin:
        trace = on_the_stand_in("resnet18").trace
        standin.waits.clear()
        maps = [step for step in trace.steps if step.output.ndim == 4]
        for step in maps:
            ali5.draw_wall(step)
    assert sum(standin.waits.values()) == 3 * len(maps) > 100
