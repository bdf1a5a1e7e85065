"""What the wall and the kernels are sent, and the numbers that can be saved."""

import csv
import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ali5
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.site.app.address import INSIDE
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.explore.kernels.sent import pack_kernels
from ali5.site.app.explore.wall.measures import SORTS, rank, rows_of, table_as_csv
from ali5.site.app.explore.wall.sent import SCOPE_WORDS, pack_wall
from ali5.site.app.explore.wall.settings import Look
from ali5.tracing.channels import NEAR_BOUND, channel_contributions, count_values, describe_channels
from ali5.tracing.filters import input_contributions
from ali5.tracing.walls import Scope, draw_wall, step_scale
from tests.app.test_app import open_page, sent

PLACE = {"network": "alexnet", "picture": "cat", "step": "relu2"}


@pytest.fixture(scope="module")
def trace() -> ali5.Trace:
    return ali5.trace(ali5.load("alexnet"), open_sample("cat"))


def numbers_of(header: dict[str, Any], body: bytes) -> dict[str, np.ndarray]:
    """Take the body of a wall apart."""
    count = header["count"]
    found = {"order": np.frombuffer(body, np.int32, count)}
    at = 4 * count
    for name in header["columns"]:
        found[name] = np.frombuffer(body, np.float32, count, at)
        at += 4 * count
    bins = len(header["edges"]) - 1
    found["counts"] = np.frombuffer(body, np.float64, bins, at)
    at += 8 * bins
    kind = {2: np.uint16, 4: np.uint32}[header["countBytes"]]
    found["each"] = np.frombuffer(body, kind, count * bins, at).reshape(count, bins)
    at += header["countBytes"] * count * bins
    size = count * header["height"] * header["width"]
    found["codes"] = np.frombuffer(body, np.uint8, size, at)
    assert at + size == len(body)
    return found


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("scope", SCOPE_WORDS)
def test_packing_keeps_everything(trace: ali5.Trace, scope: Scope, sort: str) -> None:
    step = trace["conv1"]
    look = Look(sort, scope, "light", (3, 17), "A cat")
    header, body = unpack(pack_wall(trace, step.name, look))
    found = numbers_of(header, body)
    wall = draw_wall(step, scope, trace)
    assert np.array_equal(found["codes"], wall.codes.ravel())
    assert (header["count"], header["height"], header["width"]) == wall.codes.shape
    assert (header["mapHeight"], header["mapWidth"]) == step.shape[2:]
    assert header["scales"] == [[each.minimum, each.maximum] for each in wall.scales]
    assert header["stepScale"] == [step_scale(step).minimum, step_scale(step).maximum]
    ranking, known = rank(trace, step, sort), describe_channels(trace, step)
    assert found["order"].tolist() == ranking.order.tolist()
    for name in header["columns"]:
        numbers = ranking.numbers if name == sort else getattr(known, name)
        assert np.array_equal(found[name], numbers.astype(np.float32), equal_nan=True), name
    assert (sort in header["columns"]) == (ranking.numbers is not None)
    histogram = count_values(step)
    assert header["edges"] == histogram.edges.tolist()
    assert np.array_equal(found["each"], histogram.counts)
    assert np.array_equal(found["counts"], histogram.counts.sum(0))
    assert (header["name"], header["noun"], header["cells"]) == ("conv1", "channel", 0)
    assert (header["pins"], header["colours"], header["sort"]) == ([3, 17], "light", sort)
    assert header["limits"] == {"nearBound": NEAR_BOUND}
    assert header["positions"] == step.output[0, 0].numel()
    assert header["caption"][1].startswith("Picture: A cat.")
    assert ("Sorted by" in header["caption"][1]) == (sort != "index")


def test_the_wall_is_sent_what_the_engine_knows(trace: ali5.Trace) -> None:
    header, body = sent(open_page(**PLACE, sort="contribution", pins="3.17.3.x.999"), "wall")
    found, step = numbers_of(header, body), trace["relu2"]
    known = describe_channels(trace, step)
    for name in ("strength", "active", "row", "column", "strongest", "dead"):
        assert np.allclose(found[name], getattr(known, name), rtol=1e-5), name
    adds = channel_contributions(trace, step)
    assert np.allclose(found["contribution"], adds, rtol=1e-3, atol=1e-6)
    assert (np.diff(found["contribution"][found["order"]]) <= 0).all()
    assert header["pins"] == [3, 17]
    assert found["counts"].sum() == step.output.numel()
    assert (found["each"].sum(1) == step.output[0, 0].numel()).all()
    assert "Sorted by contribution to “" in header["caption"][1]
    assert header["file"] == "ali5-alexnet-relu2-wall.png"


@pytest.mark.parametrize("pins", ["", "1.2.3.4.5.6.7.8.9.10", "..", "9" * 5000, "1.-2.3"])
def test_at_most_eight_channels_that_exist_are_pinned(pins: str) -> None:
    header, _ = sent(open_page(**PLACE, pins=pins), "wall")
    assert len(header["pins"]) == len(set(header["pins"])) <= 8
    assert all(0 <= pin < header["count"] for pin in header["pins"])


def test_pins_are_forgotten_with_their_step() -> None:
    assert "pins" in INSIDE


def test_an_unknown_colour_map_is_the_usual_one() -> None:
    assert sent(open_page(**PLACE, colours="grey"), "wall")[0]["colours"] == "grey"
    assert sent(open_page(**PLACE, colours="__proto__"), "wall")[0]["colours"] == "glow"


def test_a_vector_has_a_histogram_and_no_order() -> None:
    lenet = ali5.trace(ali5.load("lenet5"), open_sample("digit-3"))
    header, body = unpack(pack_wall(lenet, "F6", Look()))
    assert (header["cells"], header["columns"], header["countBytes"]) == (84, [], 0)
    bins = len(header["edges"]) - 1
    assert np.frombuffer(body, np.float64, bins, 4).sum() == 84


def test_kernels_are_sent_exactly_and_ranked_by_what_they_add(trace: ali5.Trace) -> None:
    step = trace["conv2"]
    assert step.weight is not None
    adds = input_contributions(trace, step, 5).numpy()
    for by in ("contribution", "index"):
        header, body = unpack(pack_kernels(trace, step.name, 5, by, "glow"))
        count = header["count"]
        order = np.frombuffer(body, np.int32, count)
        weights = np.frombuffer(body, np.float32, step.weight[5].numel(), 4 * count)
        assert (weights == step.weight[5].flatten().numpy()).all()
        assert np.allclose(np.frombuffer(body, np.float32, count, 4 * count + weights.nbytes), adds)
        expected = np.argsort(-adds, kind="stable") if by == "contribution" else np.arange(count)
        assert (order == expected).all()
    page = open_page(**PLACE | {"step": "conv2"}, channel="5", kernels="index")
    assert sent(page, "kernels")[0]["ranked"] is False


def test_all_filters_and_the_weights_of_a_unit_are_sent_exactly(trace: ali5.Trace) -> None:
    step = trace["conv1"]
    assert step.weight is not None
    header, body = unpack(pack_kernels(trace, step.name, None, "index", "glow"))
    assert (header["kind"], header["count"], header["depth"]) == ("filters", *step.weight.shape[:2])
    assert body[4 * header["count"] :] == step.weight.numpy().tobytes()
    step = trace["fc8"]
    assert step.weight is not None
    adds = input_contributions(trace, step, 5).numpy()
    for by, shown in (("weights", step.weight.numpy()), ("products", adds)):
        header, body = unpack(pack_kernels(trace, step.name, 5, by, "glow"))
        assert (header["kind"], header["ranked"]) == ("weights", by == "products")
        assert header["scale"] == [float(shown.min()), float(shown.max())]
        weights, found, inputs = np.frombuffer(body, np.float32, offset=4).reshape(3, -1)
        assert (weights == step.weight[5].numpy()).all()
        assert np.allclose(found, adds)
        assert (inputs == trace[step.inputs[0]].output.flatten().numpy()).all()


def test_the_saved_numbers_are_those_of_the_engine(trace: ali5.Trace) -> None:
    step = trace["relu2"]
    rows = list(csv.DictReader(io.StringIO(table_as_csv(trace, step.name))))
    known = describe_channels(trace, step)
    assert [int(row["channel"]) for row in rows] == list(range(len(known)))
    for name in ("strength", "spread", "active", "sparsity"):
        found = [float(row[name] or "nan") for row in rows]
        assert np.array_equal(np.float32(found), getattr(known, name), equal_nan=True)
    classes = rows_of(trace, trace.steps[-1].name)
    assert [row["class"] for row in classes] == list(trace.network.labels)
    assert sum(row["value"] for row in classes) == pytest.approx(1, rel=1e-5)


def test_every_way_to_sort_gives_every_channel_once(trace: ali5.Trace) -> None:
    step = trace["pool5"]
    for sort in SORTS:
        order = rank(trace, step, sort).order
        assert sorted(order.tolist()) == list(range(step.shape[1])), sort


class Wild(nn.Module):
    """Its forward pass cannot be read, and it gives NaN and infinities."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 6, 3), nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if x.sum() != 0:
            x = torch.cat([x[:, :3], x[:, 3:4] / 0, x[:, 4:5] * math.nan, x[:, 5:] * 0], 1)
        return self.head(x.nan_to_num(0, 0, 0).mean((2, 3)))


@pytest.mark.usefixtures("explored")
def test_a_network_that_cannot_be_read_is_shown_without_contributions() -> None:
    network = ali5.wrap(Wild(), size=32)
    assert not network.readable
    own = exploring.Own(network, open_sample("cat"), None, "own-wild")
    exploring.show(own)
    at = open_page(step="cat", sort="contribution")
    header, body = sent(at, "wall")
    found = numbers_of(header, body)
    assert header["sort"] == "index"
    assert found["finite"].tolist() == [1, 1, 1, 0, 0, 1]
    assert found["dead"].tolist() == [0, 0, 0, 0, 0, 1]
    assert any("there are no gradients" in text.value for text in at.caption)
    for sort in SORTS:
        open_page(step="cat", sort=sort, channels="open", scope="channel")
    kernels, _ = sent(open_page(step="conv", channel="2"), "kernels")
    assert (kernels["kind"], kernels["adds"]) == ("kernels", True)
