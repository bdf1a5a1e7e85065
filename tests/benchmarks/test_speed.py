"""How much looking costs, as ratios measured in one run: `pytest tests/benchmarks -s`.

Nothing here fails for being slow: the figures depend on the machine. Rivals are measured if they
are installed (`pip install '.[benchmark]'`).
"""

from __future__ import annotations

import importlib.util
import platform
import statistics
import time
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import ali5
from ali5.pictures.samples import open_sample

ROUNDS = 9


def best_of_rounds(
    candidates: dict[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Time all candidates in turn, round after round; return each one's median, in seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if turn:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def with_hooks(module: nn.Module, image: Tensor) -> dict[str, Tensor]:
    """The usual way: a forward hook on every leaf, references kept."""
    kept: dict[str, Tensor] = {}
    handles = [
        part.register_forward_hook(lambda _m, _i, out, name=name: kept.__setitem__(name, out))
        for name, part in module.named_modules()
        if not list(part.children())
    ]
    try:
        with torch.inference_mode():
            module(image)
    finally:
        for handle in handles:
            handle.remove()
    return kept


def with_captum(module: nn.Module, image: Tensor) -> object:
    from captum.attr import LayerActivation

    leaves = [
        part
        for name, part in module.named_modules()
        if not list(part.children()) and not name.startswith("auxiliary")
    ]
    with torch.inference_mode():
        return LayerActivation(module, leaves).attribute(image)


def with_torchlens(module: nn.Module, image: Tensor) -> object:
    import torchlens

    with torch.no_grad():
        return torchlens.trace(module, image)


def report(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(line)


@pytest.fixture(scope="module", autouse=True)
def machine() -> None:
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.processor()
    print(f"\ntorch {torch.__version__}, {torch.get_num_threads()} threads, {where}")


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "googlenet", "resnet18", "resnet50"])
def test_trace_beside_a_plain_forward(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    network = ali5.load(name, "paper", weights="untrained")
    image = network.prepare(open_sample("cat")).to(network.device)

    def plain() -> Tensor:
        with torch.inference_mode():
            return torch.softmax(network.module(image), 1)

    candidates: dict[str, Callable[[], object]] = {
        "plain": plain,
        "ALI5": lambda: ali5.trace(network, image),
        "hooks": lambda: with_hooks(network.module, image),
    }
    if importlib.util.find_spec("captum"):
        candidates["Captum"] = lambda: with_captum(network.module, image)
    if importlib.util.find_spec("torchlens"):
        candidates["TorchLens"] = lambda: with_torchlens(network.module, image)
    seconds = best_of_rounds(candidates)
    ratios = ", ".join(
        f"{rival} {seconds[rival] / seconds['plain']:.2f}" for rival in seconds if rival != "plain"
    )
    report(f"\n{name}: plain forward {seconds['plain'] * 1e3:.1f} ms; ratio: {ratios}", capsys)


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_packed_walls_of_all_steps_beside_a_plain_forward(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network = ali5.load(name, "paper", weights="untrained")
    image = network.prepare(open_sample("cat")).to(network.device)
    trace = ali5.trace(network, image)

    def plain() -> Tensor:
        with torch.inference_mode():
            return network.module(image)

    seconds = best_of_rounds(
        {
            "plain": plain,
            "walls": lambda: [ali5.draw_wall(step) for step in trace.steps],
        }
    )
    ratio = seconds["walls"] / seconds["plain"]
    report(f"\n{name}: walls of {len(trace.steps)} steps, ratio {ratio:.2f}", capsys)
