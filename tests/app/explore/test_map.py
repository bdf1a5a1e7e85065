"""What the map of a network is sent, and how it reads the address."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.explore.map import sent
from ali5.site.app.explore.map.blocks import blocks_of, read_opened
from ali5.site.app.explore.map.sent import LENSES
from ali5.tracing.walls import draw_strongest
from tests.conftest import COMPACT
from tests.pages import open_page, sent_to


class Twice(nn.Module):
    """One block that is used before and after a step between."""

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.conv(x)) + x

    def __init__(self) -> None:
        super().__init__()
        self.add_module("a,b", Twice.Block())
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        block = self.get_submodule("a,b")
        return self.head(block(self.pool(block(x))).mean((2, 3)))


class Looks(nn.Module):
    """A forward pass that depends on its values, with a map of NaN."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.conv(x)
        if maps.sum() > 1e9:
            maps = maps * 2
        return (maps / torch.zeros(1)).log().mean((2, 3))


def describe(network: ali5.Network, image: Image.Image) -> tuple[ali5.Trace, dict, bytes]:
    trace = ali5.trace(network, image)
    return trace, *sent._describe(trace, image)


@pytest.mark.parametrize("name", COMPACT)
def test_every_step_is_on_the_map_with_its_strongest_channels(name: str, cat: Image.Image) -> None:
    network = ali5.load(name, "compact", device="cpu")
    trace, about, body = describe(network, cat)
    assert [each["name"] for each in about["steps"]] == [step.name for step in trace.steps]
    edge = 24 if len(trace.steps) > 60 else 48
    for each, step in zip(about["steps"][1:], trace.steps[1:], strict=True):
        assert each["inputs"] == step.inputs
        wall = draw_strongest(step, each["thumb"]["count"], edge)
        at, size = each["thumb"]["at"], wall.codes.size
        assert body[at : at + size] == wall.codes.tobytes()
        assert each["thumb"]["scale"] == [wall.scales[0].minimum, wall.scales[0].maximum]
    costs = [each["costs"] for each in about["steps"]]
    assert sum(cost["parameters"] for cost in costs) == network.edition.parameters
    assert sum(cost["arithmetic"] for cost in costs) == network.edition.multiply_adds
    assert sum(cost["memory"] for cost in costs) == sum(step.output.nbytes for step in trace.steps)
    assert {each["operation"] for each in about["steps"]} == about["operations"].keys()
    assert all(each["sentence"].count(". ") == 0 for each in about["operations"].values())
    assert [lens["key"] for lens in about["lenses"]] == list(LENSES)


@pytest.mark.parametrize("name", COMPACT)
def test_blocks_are_runs_of_steps(name: str, cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load(name, "compact", device="cpu"), cat)
    order = [step.name for step in trace.steps]
    for block in blocks_of(trace):
        first = order.index(block.steps[0])
        assert tuple(order[first : first + len(block.steps)]) == block.steps


def test_a_block_that_is_used_twice_is_two_blocks_with_keys_fit_for_the_address() -> None:
    trace, about, _ = describe(ali5.wrap(Twice(), size=16), open_sample("cat"))
    first, second = blocks_of(trace)
    assert (first.name, first.key, second.key) == ("a,b", "a_b", "a_b_2")
    assert first.steps == ("a,b.conv", "a,b.relu", "a,b.add")
    assert [each["short"] for each in about["steps"]][1:4] == ["conv", "relu", "add"]
    assert read_opened(trace, "a_b_2") == ("a_b_2",)


def test_without_a_graph_there_are_no_times_and_nan_is_drawn() -> None:
    trace, about, body = describe(ali5.wrap(Looks(), size=16), open_sample("cat"))
    assert not trace.network.readable
    assert "time" not in [lens["key"] for lens in about["lenses"]]
    assert all(each["costs"]["time"] is None for each in about["steps"])
    log = next(each for each in about["steps"] if each["name"] == "log")
    assert 253 in body[log["thumb"]["at"] :][: 4 * 14 * 14]


def test_the_address_says_which_blocks_are_open(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("resnet18", "compact", device="cpu"), cat)
    keys = tuple(block.key for block in blocks_of(trace))
    assert keys == tuple(f"layer{i}.{j}" for i in range(1, 5) for j in range(2))
    assert read_opened(trace, "") == ()
    assert read_opened(trace, "", "layer2.1.conv1") == ("layer2.1",)
    assert read_opened(trace, "none", "layer2.1.conv1") == ()
    assert read_opened(trace, "all") == keys
    assert read_opened(trace, "layer3.0,layer1.1,nonsense") == ("layer1.1", "layer3.0")
    assert read_opened(trace, "<script>") == ()


def test_few_steps_and_few_blocks_are_not_folded(digit: Image.Image) -> None:
    trace = ali5.trace(ali5.wrap(Twice(), size=16), digit)
    assert read_opened(trace, "") == ("a_b", "a_b_2")
    assert read_opened(ali5.trace(ali5.load("lenet5", device="cpu"), digit), "all") == ()


def test_the_page_sends_what_its_address_says() -> None:
    at = open_page("explore", picture="cat", open="layer2.0", lens="memory")
    header, _ = sent_to(at, "network_map")
    assert (header["opened"], header["lens"], header["chosen"]) == (["layer2.0"], "memory", None)
    assert header["height"] == "tall"
    at = open_page("explore", picture="cat", step="layer3.0.add", lens="nonsense")
    header, _ = sent_to(at, "network_map")
    assert (header["opened"], header["lens"]) == (["layer3.0"], "none")
    assert (header["chosen"], header["height"]) == ("layer3.0.add", "strip")


def test_a_map_is_packed_without_a_page() -> None:
    image = open_sample("cat")
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), image)
    packed = sent.pack_map(
        trace, image, chosen="C1", opened="none", lens="memory", colours="grey", height="strip"
    )
    header, body = unpack(packed)
    about, thumbnails = sent._describe(trace, image)
    choices = {"chosen": "C1", "opened": [], "lens": "memory", "colours": "grey"}
    assert header == json.loads(json.dumps(about | choices | {"height": "strip"}))
    assert body == thumbnails


def test_a_map_is_described_once_for_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("explore", network="lenet5", picture="digit-4")

    def fail(*_: object) -> None:
        raise AssertionError("described again")

    monkeypatch.setattr(sent, "_describe", fail)
    at = open_page("explore", network="lenet5", picture="digit-4", step="C3")
    header, _ = sent_to(at, "network_map")
    assert header["chosen"] == "C3"
