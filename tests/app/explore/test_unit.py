"""What the browser is sent of a unit: the same numbers as the engine's and PyTorch's."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import ali5
from ali5.explain import edge_holding, effective_field, unit
from ali5.explain.units.fields import Box
from ali5.graph.kinds import Operation
from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.explore.unit.letters import pack_field, pack_growth, pack_sum
from ali5.site.app.explore.unit.sent import pack_unit, strongest
from ali5.site.app.explore.unit.settings import Look
from ali5.tracing.trace import Step, Trace
from ali5.tracing.walls import is_vector
from tests.app.test_app import open_page
from tests.pages import sent_to

NETWORKS = ("lenet5", "alexnet", "vgg11", "googlenet", "resnet18", "resnet50")

TYPES = {"f4": np.float32, "f8": np.float64, "i4": np.int32, "u1": np.uint8}


@functools.cache
def trace_of(name: str) -> Trace:
    picture = "digit-3" if name == "lenet5" else "cat"
    weights = "untrained" if name == "resnet50" else None
    return ali5.trace(ali5.load(name, weights=weights, device="cpu"), open_sample(picture))


def array(body: bytes, place: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(body, TYPES[place["type"]], place["count"], place["at"])


def one_of_each(trace: Trace) -> list[Step]:
    """The last step of every kind."""
    return list({step.operation: step for step in trace.steps}.values())


def letter(trace: Trace, step: Step, channel: int, place: tuple[int, int], fold: bool = False):
    header, body = unpack(pack_sum(trace, step.name, channel, Look(fold=fold), place))
    sums = header["sum"]
    for name in ("channels", "patches", "weights", "contributions"):
        if sums[name] is not None:
            sums[name] = array(body, sums[name])
    return header


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_sent_adds_up_to_the_number_in_the_map(name: str) -> None:
    trace = trace_of(name)
    for step in one_of_each(trace):
        channel = step.shape[1] // 2
        row, column = strongest(step, channel)
        found = letter(trace, step, channel, (row, column))
        exact = float(step.output[(0, channel, row, column)[: step.output.ndim]])
        assert found["value"] == exact
        assert found["total"] == pytest.approx(exact, rel=1e-4, abs=1e-5), step
        if found["kind"] in ("sum", "average"):
            added = found["sum"]["contributions"].sum() + (found["bias"] or 0)
            assert added == pytest.approx(exact, rel=1e-4, abs=1e-5), step


@pytest.mark.parametrize("name", NETWORKS)
def test_patches_and_kernels_are_those_of_the_convolution(name: str) -> None:
    trace = trace_of(name)
    step = [each for each in trace.steps if each.operation is Operation.CONVOLUTION][-1]
    row, column = strongest(step, 1)
    sums = letter(trace, step, 1, (row, column))["sum"]
    assert step.weight is not None
    weights = step.weight[1].numpy()
    assert sums["weights"].reshape(weights.shape) == pytest.approx(weights)
    settings = {key: step.settings[key] for key in ("kernel_size", "stride", "padding", "dilation")}
    source = trace[step.inputs[0]].output[:, sums["channels"].tolist()]  # those of its group
    unfolded = F.unfold(source, **settings)
    patches = unfolded.reshape(*weights.shape, *step.shape[2:])[..., row, column].numpy()
    assert np.array_equal(sums["patches"].reshape(weights.shape), patches)


@pytest.mark.parametrize("name", ["vgg11", "googlenet", "resnet50"])
def test_windows_hold_the_winner_of_every_pixel(name: str) -> None:
    trace = trace_of(name)
    for step in trace.steps:
        if step.operation is not Operation.MAX_POOLING:
            continue
        header, body = unpack(pack_unit(trace, step.name, 2, Look(), open_sample("cat"), ""))
        (source,) = header["sources"]
        values = array(body, source["values"]).reshape(source["height"], source["width"])
        assert np.array_equal(values, trace[source["name"]].output[0, 2].numpy())
        rows, columns = source["windows"]["rows"], source["windows"]["columns"]
        largest = [
            [values[max(0, top) : bottom, max(0, left) : right].max() for left, right in columns]
            for top, bottom in rows
        ]
        assert np.array_equal(largest, step.output[0, 2].numpy())


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_has_a_picture_of_its_map_and_of_what_it_looks_at(name: str) -> None:
    trace = trace_of(name)
    for step in one_of_each(trace):
        channel = step.shape[1] - 1
        header, body = unpack(
            pack_unit(trace, step.name, channel, Look(), open_sample("cat"), "text")
        )
        values = array(body, header["map"]["values"])
        if is_vector(step):
            assert np.array_equal(values[: step.shape[1]], step.output.flatten().numpy())
            assert header["classes"] == [] or header["classes"] == list(trace.network.labels)
            continue
        assert np.array_equal(values, step.output[0, channel].flatten().numpy())
        for row, column in ((0, 0), (step.shape[2] - 1, step.shape[3] - 1)):
            box = unit(trace, step.name, channel, row, column).receptive_field
            for axis, (name_, place) in enumerate((("rows", row), ("columns", column))):
                size, stride, offset = header["field"][name_]
                assert offset + place * stride == box[axis]
                assert size == box[axis + 2] - box[axis]


def test_a_folded_normalisation_is_one_sum_with_the_same_total() -> None:
    trace = trace_of("resnet18")
    step = trace["layer2.1.bn2"]
    plain, folded = (letter(trace, step, 3, (4, 5), fold=fold) for fold in (False, True))
    assert (plain["kind"], folded["kind"]) == ("function", "sum")
    assert plain["stages"][0]["name"] == "Less the mean"
    assert folded["value"] == plain["value"]
    total = folded["sum"]["contributions"].sum() + folded["bias"]
    assert total == pytest.approx(plain["value"], rel=1e-4)
    header, _ = unpack(pack_unit(trace, step.name, 3, Look(), open_sample("cat"), ""))
    assert header["foldable"] == "layer2.1.conv2"
    assert header["tiles"]["name"] == "layer2.1.relu"


def test_an_addition_tells_the_shortcut_from_the_block() -> None:
    trace = trace_of("resnet18")
    for step in trace.steps:
        if step.operation is Operation.ADDITION:
            header, _ = unpack(pack_unit(trace, step.name, 0, Look(), open_sample("cat"), ""))
            by_role = dict(zip(header["roles"], step.inputs, strict=True))
            assert by_role["F(x): "].endswith("bn2")
            assert not {"x: ", "x, fitted: "}.isdisjoint(by_role)
            assert len(header["sources"]) == 2


def test_the_branches_of_a_concatenation_are_all_its_channels() -> None:
    trace = trace_of("googlenet")
    step = trace["inception4c.cat"]
    header, _ = unpack(pack_unit(trace, step.name, 100, Look(), open_sample("cat"), ""))
    for branch in header["branches"]:
        part = step.output[:, branch["first"] : branch["first"] + branch["size"]]
        assert torch.equal(part, trace[branch["name"]].output)
    found = letter(trace, step, 100, (2, 3))
    home = next(b for b in header["branches"] if b["first"] <= 100 < b["first"] + b["size"])
    assert found["sum"]["sources"][0]["name"] == home["name"]
    assert found["sum"]["channels"].tolist() == [100 - home["first"]]


def test_the_way_back_of_a_winner_ends_where_it_was_made() -> None:
    trace = trace_of("vgg11")
    way = letter(trace, trace["pool2"], 3, (4, 9))["winners"]
    assert [place["step"] for place in way] == ["pool2", "relu2_1", "conv2_1"]
    values = {float(trace[p["step"]].output[0, 3, p["row"], p["column"]]) for p in way}
    assert len(values) == 1
    top, left, bottom, right = way[-1]["box"]
    assert (bottom - top, right - left) == (8, 8)


def test_the_layers_on_the_way_grow_from_one_pixel_to_the_field() -> None:
    trace = trace_of("resnet18")
    step = trace["layer2.0.conv2"]
    header, _ = unpack(pack_growth(trace, step.name, 0, Look(), (3, 3)))
    sizes = [layer["box"][2] - layer["box"][0] for layer in header["layers"]]
    assert sizes[0] == 1
    assert sizes[-1] == step.receptive_field.size
    assert sizes == sorted(sizes)


def test_the_effective_field_is_sent_as_the_engine_has_it() -> None:
    trace = trace_of("vgg11")
    step = trace["conv3_2"]
    header, body = unpack(pack_field(trace, step.name, 5, Look(), (7, 8)))
    field = effective_field(trace, "conv3_2", 5, 7, 8).numpy()
    assert np.array_equal(array(body, header["values"]).reshape(field.shape), field)
    assert header["scale"] == [0, float(field.max())]
    assert "90 % of the gradient" in header["words"]


def test_a_square_that_holds_a_share_of_a_field() -> None:
    field = torch.zeros(11, 11)
    field[5, 5], field[5, 7], field[0, 0] = 8, 1, 1
    box = Box(0, 0, 11, 11)
    assert [edge_holding(field, box, share) for share in (0.8, 0.9, 1.0)] == [1, 5, 11]
    assert edge_holding(torch.zeros(4, 4), Box(0, 0, 4, 4)) == 0


def test_numbers_that_are_not_finite_reach_the_browser() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.conv.weight.data[1] = float("nan")
            self.conv.weight.data[2] = float("inf")
            self.last = nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.conv(x).mean((2, 3)))

    network = ali5.wrap(Odd().eval(), size=12)
    trace = ali5.trace(network, open_sample("cat"))
    for step in trace.steps:
        for channel in range(step.shape[1]):
            place = strongest(step, channel)
            header, _ = unpack(pack_unit(trace, step.name, channel, Look(), open_sample("cat"), ""))
            found = letter(trace, step, channel, place)
            assert header["strongest"] == list(place)
            assert isinstance(found["value"], float | str)


@pytest.mark.parametrize("at", ["", "7", "7.", "1000.2", "-1.3", "1.2.3", "9" * 4000 + ".1", "²·³"])
def test_a_pixel_that_does_not_exist_becomes_the_strongest(at: str) -> None:
    page = open_page(
        network="lenet5", picture="digit-3", step="C1", channel="2", at=at, order="x", field="y"
    )
    header, _ = sent_to(page, "unit")
    settings = {"at": None, "order": "rank", "fold": "", "field": "theory", "scope": "step"}
    assert header["settings"] == settings
    found, _ = sent_to(page, "unit_sum")
    assert found["at"] == header["strongest"]


def test_the_address_says_how_a_unit_is_looked_at() -> None:
    page = open_page(
        network="resnet18", picture="cat", step="layer1.0.bn1", channel="0",
        at="3.7", order="index", fold="yes", field="gradient",
    )  # fmt: skip
    header, _ = sent_to(page, "unit")
    settings = {"at": [3, 7], "order": "index", "fold": "yes", "field": "gradient", "scope": "step"}
    assert header["settings"] == settings
    letters = [
        unpack(node.proto.bytes)[0]
        for node in page.get("bidi_component")
        if node.proto.component_name == "ali5_unit_sum"
    ]
    assert [each["letter"] for each in letters] == ["sum", "growth", "field"]
    assert all(each["at"] == [3, 7] and each["settings"] == settings for each in letters)
