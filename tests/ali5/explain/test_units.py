"""Laws that hold for every number of every network, and cases worked by hand."""

import itertools
import math
import random
from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.explain import Box, Unit, effective_field, growth, path_of_winners, unit
from ali5.graph.kinds import Operation
from tests.ali5.graph.test_geometry import open_up
from tests.ali5.tracing.test_own import Odd
from tests.conftest import COMPACT, EDITIONS

KINDS = {
    Operation.INPUT: "picture",
    Operation.CONVOLUTION: "sum",
    Operation.LINEAR: "sum",
    Operation.ADDITION: "sum",
    Operation.AVERAGE_POOLING: "average",
    Operation.MAX_POOLING: "largest",
    Operation.CONCATENATION: "copy",
    Operation.FLATTEN: "copy",
    Operation.DROPOUT: "copy",
}


def trace_of(module: nn.Module, image: Tensor | None = None, size: int = 12) -> ali5.Trace:
    torch.manual_seed(7)
    network = ali5.wrap(module, size=size, device="cpu")
    return ali5.trace(network, torch.randn(1, 3, size, size) if image is None else image)


def random_place(step: ali5.Step, seed: random.Random) -> tuple[int, ...]:
    return tuple(seed.randrange(count) for count in step.shape[1:])


# --- Laws -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_the_parts_of_any_number_make_what_the_trace_holds(
    name: str, edition: str, cat: Image.Image
) -> None:
    network = ali5.load(name, edition, device="cpu")
    torch.manual_seed(3)
    for part in network.module.modules():
        if isinstance(part, nn.BatchNorm2d) and not network.trained:  # as if it had been trained
            for values in (part.running_mean, part.bias):
                values.normal_(0, 0.1)
            for values in (part.running_var, part.weight):
                values.uniform_(0.7, 1.4)
    trace, seed = ali5.trace(network, cat), random.Random(name + edition)
    for step in trace.steps:
        for _ in range(2):
            found = unit(trace, step.name, *random_place(step, seed))
            check_parts(trace, found)
            check_field(trace, found)
            if found.foldable:
                place = found.channel, found.row, found.column
                folded = unit(trace, step.name, *place, fold=True)
                check_parts(trace, folded)
                assert folded.kind == "sum"
                assert folded.bias is not None


def check_parts(trace: ali5.Trace, found: Unit) -> None:
    """The total is the traced value, the parts make the total, and nothing is made up."""
    step = trace[found.step]
    if not found.folded:
        assert found.kind == KINDS.get(found.operation, "function"), found
    size = abs(found.value) + float(found.contributions.abs().sum())
    assert abs(found.total - found.value) <= 1e-4 * abs(found.value) + 1e-6 * size, found

    assert len(found.terms) == len(found.contributions)
    for term in (*found.terms[:2], *found.ranked()[:2]):
        source = trace[term.source].output[0]
        assert term.patch.shape == (len(term.rows), len(term.columns))
        height, width = (*source.shape[1:], 1, 1)[:2]
        for i, row in enumerate(term.rows):
            for j, column in enumerate(term.columns):
                inside = 0 <= row < height and 0 <= column < width
                outside = -math.inf if found.kind == "largest" else 0.0
                place = (term.channel, row, column)[: source.ndim]
                assert float(term.patch[i, j]) == (float(source[place]) if inside else outside)
        if term.weights is not None:
            product = float((term.patch * term.weights).sum())
            assert term.contribution == pytest.approx(product, rel=1e-9, abs=1e-12)
    amounts = [abs(term.contribution) for term in found.ranked()]
    assert amounts == sorted(amounts, reverse=True)

    if found.kind in ("sum", "average"):
        assert found.running(found.ranked())[-1] == pytest.approx(found.total, rel=1e-6, abs=1e-9)
    elif found.kind == "largest":
        assert found.winner is not None
        winner = float(trace[step.inputs[0]].output[(0, found.channel, *found.winner)])
        assert winner == found.value == float(found.patches.max())
    elif found.kind == "copy":
        assert found.terms[0].contribution == found.value
    else:
        assert found.stages[-1].value == found.total
    if found.operation is Operation.CONVOLUTION or found.operation is Operation.LINEAR:
        assert step.weight is not None
        assert found.weights is not None
        assert torch.equal(found.weights.flatten(), step.weight[found.channel].flatten().double())
        assert (found.bias is None) == (step.bias is None)


def check_field(trace: ali5.Trace, found: Unit) -> None:
    """The field is that of the usual formula, or smaller where one unit's own way is known."""
    step = trace[found.step]
    usual = step.receptive_field.box(found.row, found.column)
    assert found.receptive_field.around(Box(*usual)) == usual
    before = trace.steps[: [each.name for each in trace.steps].index(step.name) + 1]
    joined = any(each.operation is Operation.CONCATENATION for each in before)
    if step.output.ndim == 4 and not joined:
        assert found.receptive_field == usual
    height, width = trace.image.shape[2:]
    inside = found.receptive_field.clip(height, width)
    assert found.seen.around(inside) == inside


@pytest.mark.parametrize("name", COMPACT)
def test_the_gradient_is_zero_outside_what_is_seen(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(ali5.load(name, "compact", device="cpu"), cat), random.Random(name)
    nonzero = 0
    for step in [trace.steps[0], *seed.sample(trace.steps[1:], 8)]:
        found = unit(trace, step.name, *random_place(step, seed))
        field = effective_field(trace, step.name, found.channel, found.row, found.column)
        nonzero += int(field.count_nonzero())
        top, left, bottom, right = found.seen
        field[top:bottom, left:right] = 0
        assert not field.any(), found
    assert nonzero > 100


@pytest.mark.parametrize("name", COMPACT)
def test_the_box_is_tight_where_every_path_is_open(name: str) -> None:
    network = ali5.load(name, "compact", weights="untrained", device="cpu")
    open_up(network.module.double())
    network.module.eval()
    size, channels = network.edition.preprocessing.size, network.edition.preprocessing.channels
    torch.manual_seed(1)
    image = torch.rand(1, channels, size, size, dtype=torch.double)
    trace, seed = ali5.trace(network, image), random.Random(name)
    joins = [step for step in trace.steps if step.operation is Operation.CONCATENATION]
    for step in [*seed.sample(trace.steps[:-1], 8), *joins[:2], trace["flatten"]]:
        check_tight(trace, step, seed)


def check_tight(trace: ali5.Trace, step: ali5.Step, seed: random.Random) -> None:
    found = unit(trace, step.name, *random_place(step, seed))
    field = effective_field(trace, step.name, found.channel, found.row, found.column)
    assert bounds(field) == found.seen, found


def bounds(field: Tensor) -> Box:
    places = field.nonzero()
    if not len(places):
        return Box(0, 0, 0, 0)
    top, left = places.amin(0).tolist()
    bottom, right = (places.amax(0) + 1).tolist()
    return Box(top, left, bottom, right)


even_padding = pytest.mark.filterwarnings("ignore:Using padding='same'")


class Everything(nn.Module):
    """Windows of every kind: groups, dilation, even kernels, oblong ones, uneven shares, joins."""

    def __init__(self, mode: str = "zeros") -> None:
        super().__init__()
        self.oblong = nn.Conv2d(3, 6, (3, 5), stride=(1, 2), padding=(1, 2), bias=False)
        self.grouped = nn.Conv2d(6, 9, 3, padding=2, dilation=2, groups=3, padding_mode=mode)
        self.same = nn.Conv2d(9, 4, (4, 2), padding="same", dilation=(1, 2))
        self.ceil = nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False)
        self.wide = nn.Conv2d(6, 4, 2, stride=2, padding=1)
        self.shares = nn.AdaptiveAvgPool2d((4, 3))
        self.largest = nn.AdaptiveMaxPool2d((3, 2))
        self.pick = nn.MaxPool2d(2, 1, dilation=(1, 2))
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)
        self.head = nn.Linear(8, 5)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.oblong(image)
        one = self.shares(self.ceil(self.same(self.grouped(maps))))
        two = self.shares(self.wide(maps))
        maps = self.norm(torch.cat((one, two), dim=1))
        maps = self.largest(self.pick(maps) + 1.5)
        return self.head(F.silu(maps).mean((2, 3)))


@even_padding
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_windows_of_every_kind_are_explained(mode: str) -> None:
    trace, seed = trace_of(Everything(mode), torch.randn(1, 3, 17, 13)), random.Random(mode)
    for step in trace.steps:
        for _ in range(12):
            found = unit(trace, step.name, *random_place(step, seed))
            assert found.kind != "other", found
            assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-6), found
            field = effective_field(trace, step.name, found.channel, found.row, found.column)
            field[slice(*found.seen[::2]), slice(*found.seen[1::2])] = 0
            assert not field.any(), found


@even_padding
def test_the_box_is_tight_for_windows_of_every_kind() -> None:
    network = ali5.wrap(Everything(), size=17, device="cpu")
    open_up(network.module.double())
    network.module.norm = nn.Identity()  # its statistics look at all of the map
    network.module.largest = nn.AdaptiveAvgPool2d((3, 2))
    network.module.eval()
    image, seed = torch.rand(1, 3, 17, 13, dtype=torch.double), random.Random(4)
    trace = ali5.trace(network, image)
    for step in trace.steps[:-1]:  # the softmax saturates
        for _ in range(12):
            check_tight(trace, step, seed)


@pytest.mark.parametrize("name", COMPACT)
def test_fields_grow_from_one_pixel_to_the_receptive_field(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(ali5.load(name, "compact", device="cpu"), cat), random.Random(name)
    for step in seed.sample(trace.steps, 6):
        channel, row, column = (*random_place(step, seed), 0, 0)[:3]
        way = growth(trace, step.name, row, column, channel)
        assert (way[0].step, way[-1].step) == ("input", step.name)
        assert (way[0].field.height, way[0].field.width) == (1, 1)
        assert way[-1].field == unit(trace, step.name, channel, row, column).receptive_field
        assert way[-1].box == Box(row, column, row + 1, column + 1)
        for earlier, later in itertools.pairwise(way):
            assert earlier.step in trace[later.step].inputs
            assert later.field.around(earlier.field) == later.field


@pytest.mark.parametrize("name", COMPACT)
def test_winners_lead_back_to_where_the_number_was_made(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(ali5.load(name, "compact", device="cpu"), cat), random.Random(name)
    for step in trace.steps:
        if step.operation is not Operation.MAX_POOLING:
            continue
        channel, row, column = random_place(step, seed)
        path = path_of_winners(trace, step.name, channel, row, column)
        source = trace[path[1].step].output
        settings = {**step.settings, "return_indices": True}
        _, index = F.max_pool2d(source, **settings)
        assert path[1].row * source.shape[3] + path[1].column == index[0, channel, row, column]
        assert path[1].value == path[0].value
        assert trace[path[-1].step].operation is Operation.CONVOLUTION
        for place in path:
            assert place.value == float(trace[place.step].output[(0, *place[1:4])])


def test_only_the_picture_gets_a_gradient(cat: Image.Image) -> None:
    network = ali5.load("resnet18", device="cpu")
    network.module.requires_grad_()
    trace = ali5.trace(network, cat)
    before = [value.clone() for value in network.module.state_dict().values()]
    with torch.inference_mode():  # as a page may be in
        effective_field(trace, "layer2.0.conv1", 3, 2, 2)
    assert all(value.grad is None for value in network.module.parameters())
    after = network.module.state_dict().values()
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    assert torch.equal(ali5.trace(network, cat).steps[-1].output, trace.steps[-1].output)


# --- Cases worked by hand -----------------------------------------------------------------------


def test_a_convolution_by_hand() -> None:
    conv = nn.Conv2d(3, 2, 3, padding=1)
    conv.weight.data = torch.arange(54.0).reshape(2, 3, 3, 3)
    conv.bias.data = torch.tensor([0.5, -1.0])
    module = nn.Sequential(conv, nn.Flatten(), nn.Linear(18, 2))
    trace = trace_of(module, torch.arange(27.0).reshape(1, 3, 3, 3), size=3)
    found = unit(trace, "0", 1, 0, 2)
    term = found.terms[0]
    assert (term.source, term.channel) == ("input", 0)
    assert (term.rows, term.columns) == ((-1, 0, 1), (1, 2, 3))
    assert term.patch.tolist() == [[0, 0, 0], [1, 2, 0], [4, 5, 0]]
    assert term.weights is not None
    assert term.weights.tolist() == [[27, 28, 29], [30, 31, 32], [33, 34, 35]]
    assert term.contribution == 30 + 62 + 132 + 170
    assert found.bias == -1
    # The second channel holds 9 more and has weights larger by 9, the third 18.
    others = [10 * 39 + 11 * 40 + 13 * 42 + 14 * 43, 19 * 48 + 20 * 49 + 22 * 51 + 23 * 52]
    assert found.total == found.value == 394 + sum(others) - 1
    assert [term.channel for term in found.ranked()] == [2, 1, 0]
    assert found.running(found.ranked()) == (others[1], sum(others), sum(others) + 394, found.total)
    assert found.receptive_field == (-1, 1, 2, 4)
    assert found.seen == (0, 1, 2, 3)


def test_a_fully_connected_layer_over_maps_has_a_term_for_each_map(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("alexnet", "compact", device="cpu"), cat)
    found = unit(trace, "fc6", 5)
    assert (len(found.terms), found.terms[0].source) == (192, "pool5")
    assert found.terms[7].channel == 7
    assert found.terms[7].patch.tolist() == trace["pool5"].output[0, 7].tolist()
    later = unit(trace, "fc7", 5)
    assert (len(later.terms), later.terms[0].source) == (640, "dropout7")
    assert later.terms[9].patch.shape == (1, 1)


def test_a_sum_of_branches_shows_both(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), cat)
    found = unit(trace, "layer2.1.add", 3, 2, 5)
    assert [term.source for term in found.terms] == ["layer2.1.bn2", "layer2.0.relu_2"]
    assert sum(term.contribution for term in found.terms) == pytest.approx(found.value, abs=1e-6)
    assert found.bias is None


def test_a_concatenation_tells_the_branch(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("googlenet", "compact", device="cpu"), cat)
    found = unit(trace, "inception3a.cat", 40 + 3, 1, 2)  # 64 · 5/8 channels of the 1 × 1 branch
    assert (found.terms[0].source, found.terms[0].channel) == ("inception3a.relu3x3", 3)
    one, three = (unit(trace, "inception3a.cat", channel, 1, 2) for channel in (39, 43))
    assert three.receptive_field.width == one.receptive_field.width + 8  # one pixel more each side


def test_a_normalisation_is_four_stages_or_folded() -> None:
    norm = nn.BatchNorm2d(1, eps=0.0)
    norm.running_mean.fill_(2.0)
    norm.running_var.fill_(4.0)
    norm.weight.data.fill_(3.0)
    norm.bias.data.fill_(0.5)
    conv = nn.Conv2d(3, 1, 1)
    conv.weight.data = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    conv.bias.data.fill_(1.0)
    layers = OrderedDict(conv=conv, norm=norm, flat=nn.Flatten(), head=nn.Linear(4, 2))
    trace = trace_of(nn.Sequential(layers), torch.ones(1, 3, 2, 2), size=2)
    found = unit(trace, "norm", 0, 1, 1)  # 1 + 2 + 3 + 1 = 7 comes in
    assert [stage.value for stage in found.stages] == [5.0, 2.5, 7.5, 8.0]
    assert found.stages[1].numbers == "5 / √(4 + 0)"
    assert (found.foldable, found.folded) == (True, False)
    folded = unit(trace, "norm", 0, 1, 1, fold=True)
    assert [term.contribution for term in folded.terms] == [1.5, 3.0, 4.5]
    assert folded.bias == (1 - 2) * 1.5 + 0.5
    assert folded.total == found.total == 8.0
    with pytest.raises(ali5.Ali5Error, match=r"nothing to fold at step 'conv' \(convolution\)"):
        unit(trace, "conv", 0, 1, 1, fold=True)


def test_large_numbers_that_nearly_cancel_are_still_explained() -> None:
    norm = nn.BatchNorm2d(3)
    norm.running_mean.fill_(1e5)
    norm.running_var.fill_(1e-3)
    image = 1e5 + torch.rand(1, 3, 8, 8)
    trace = trace_of(nn.Sequential(norm, nn.AvgPool2d(8), nn.Flatten()), image, size=8)
    assert unit(trace, "0", 1, 2, 3).kind == "function"
    assert unit(trace, "1", 1).kind == "average"


def test_functions_by_hand() -> None:
    layers = OrderedDict(
        norm=nn.LocalResponseNorm(3, alpha=3.0, beta=2.0, k=1.0),
        leaky=nn.LeakyReLU(0.5),
        flat=nn.Flatten(),
        soft=nn.Softmax(1),
    )
    trace = trace_of(nn.Sequential(layers), torch.tensor([1.0, -2.0, 3.0]).reshape(1, 3, 1, 1), 1)
    norm = unit(trace, "norm", 2)
    assert [term.channel for term in norm.terms] == [1, 2]
    assert [stage.value for stage in norm.stages] == [13.0, 14.0, 196.0, 3 / 196]
    leaky = unit(trace, "leaky", 1)
    assert leaky.stages[0].formula == "x if x > 0, otherwise a · x"
    assert leaky.stages[0].numbers == "x = −0.008889, a = 0.5"
    assert leaky.total == pytest.approx(-2 / 15**2 / 2)
    assert path_of_winners(trace, "flat", 1)[-1].step == "input"
    share = unit(trace, "soft", 2)
    assert share.stages[2].value == pytest.approx(float(share.contributions.sum()))
    assert share.total == pytest.approx(float(trace["soft"].output[0, 2]))


def test_the_first_of_equal_numbers_wins() -> None:
    image = torch.zeros(1, 3, 4, 4)
    image[0, 1, 0, 1] = image[0, 1, 1, 0] = 2.0
    module = nn.Sequential(nn.MaxPool2d(3, 2, padding=1), nn.Flatten(), nn.Linear(12, 2))
    found = unit(trace_of(module, image, size=4), "0", 1, 0, 0)
    assert found.winner == (0, 1)
    assert found.terms[0].patch[0].tolist() == [-math.inf] * 3
    assert effective_field(trace_of(module, image, size=4), "0", 1).nonzero().tolist() == [[0, 1]]


def test_a_pixel_tells_how_it_was_normalised(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), cat)
    found = unit(trace, "input", 0, 5, 6)
    assert 0 <= found.stages[0].value <= 1
    assert found.terms == ()
    assert found.receptive_field == found.seen == (5, 6, 6, 7)


# --- Networks of one's own ----------------------------------------------------------------------


@even_padding
@pytest.mark.parametrize("readable", [True, False])
def test_steps_that_were_written_down_are_explained_too(readable: bool) -> None:
    if readable:
        trace = trace_of(Everything())
    else:
        trace = trace_of(Odd(), size=16)
        assert not trace.network.readable
    seed = random.Random(1)
    for step in trace.steps:
        place = random_place(step, seed)
        found = unit(trace, step.name, *place)
        assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-6)
        field = effective_field(trace, step.name, *place)
        image = trace.image.clone().requires_grad_()
        if step.name == trace.steps[-1].inputs[0]:
            expected = torch.autograd.grad(trace.network.module(image)[(0, *place)], image)
            assert torch.allclose(field, expected[0][0].abs().sum(0), atol=1e-7)
        field[slice(*found.seen[::2]), slice(*found.seen[1::2])] = 0
        assert not field.any(), found
    assert unit(trace, "relu_2" if not readable else "silu", 0).kind == "function"


class Standardised(nn.Conv2d):
    """A convolution that does more than its weights say."""

    def forward(self, maps: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return F.conv2d(maps, weight * 3, self.bias)


class Cut(nn.Module):
    """Buffers and parameters that are added, what is unknown, and a gradient that is cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Standardised(3, 4, 3)
        self.offset = nn.Parameter(torch.randn(4, 1, 1))
        self.register_buffer("shift", torch.randn(1, 4, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        maps = self.conv(image)
        maps = torch.add(maps + self.offset, 3, alpha=2)
        maps = maps + self.shift
        maps = maps * 2
        maps = torch.add(maps, maps.detach(), alpha=0.5)
        return maps.detach().mean((2, 3))


def test_what_a_network_makes_of_its_weights_is_explained() -> None:
    trace = trace_of(Cut())
    module = trace.network.module
    found = unit(trace, "conv.conv2d", 1, 2, 3)
    weight = module.conv.weight[1]
    assert found.weights is not None
    assert torch.allclose(found.weights.float(), (weight - weight.mean()) * 3, atol=1e-6)
    assert found.kind == "sum"
    added = {"add": module.offset[1], "add_2": 6.0, "add_3": module.shift[0, 1]}
    written = ali5.trace(replace(trace.network, readable=False), trace.image.clone())
    for way in (trace, written):
        for name, value in added.items():
            sum_ = unit(way, name, 1, 2, 3)
            assert (sum_.kind, sum_.bias) == ("sum", pytest.approx(float(value)))
    twice = unit(trace, "add_4", 1, 2, 3).weights
    assert twice is not None
    assert twice.flatten().tolist() == [1.0, 0.5]
    assert unit(trace, "mean", 1).kind == "average"
    with pytest.raises(ali5.Ali5Error, match="No gradient comes back from step 'mean'"):
        effective_field(trace, "mean", 1)


def test_what_is_not_known_is_shown_without_a_sum() -> None:
    trace = trace_of(Cut())
    written = ali5.trace(replace(trace.network, readable=False), trace.image.clone())
    found = unit(written, "conv", 1, 2, 3)  # a convolution, but not of these weights
    assert (found.kind, found.terms, found.inputs) == ("other", (), ("input",))
    assert found.total == found.value == unit(trace, "conv.conv2d", 1, 2, 3).value
    assert (
        found.note == "Step 'conv' does more than convolution, so its number cannot be taken apart."
    )
    assert found.receptive_field == (2, 3, 5, 6)
    unknown = unit(trace, "mul", 1, 2, 3)
    assert unknown.note.startswith("What step 'mul' does is not known here")
    assert unknown.receptive_field == (0, 0, 12, 12)


class Exchanged(nn.Module):
    """Two halves of different sight, exchanged before they are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 5, padding=2)

    def forward(self, image: Tensor) -> Tensor:
        maps = torch.cat((self.near(image), self.far(image)), 1)
        one, two = maps.chunk(2, 1)
        maps = torch.cat((two, one), 1)
        return maps.mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_branches_that_were_exchanged_are_not_mixed_up(readable: bool) -> None:
    trace = trace_of(Exchanged())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    assert unit(trace, "cat", 0, 4, 4).seen == (4, 4, 5, 5)
    assert unit(trace, "cat", 2, 4, 4).seen == (2, 2, 7, 7)
    for channel in range(4):
        found = unit(trace, "cat_2", channel, 4, 4)
        assert found.kind == ("copy" if readable else "other")
        field = bounds(effective_field(trace, "cat_2", channel, 4, 4))
        assert found.seen.around(field) == found.seen


class Halves(nn.Module):
    """Two branches of different sight that stay apart; writes into the picture it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 5, padding=2)
        self.apart = nn.Conv2d(4, 6, 3, padding=1, groups=2)
        self.norm = nn.LocalResponseNorm(3)

    def forward(self, image: Tensor) -> Tensor:
        image.relu_()
        maps = self.norm(self.apart(torch.cat((self.near(image), self.far(image)), 1)))
        return maps.mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_a_group_sees_its_own_branch(readable: bool) -> None:
    trace = trace_of(Halves())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    widths = {
        "apart": [3, 3, 3, 7, 7, 7],
        "norm": [3, 3, 7, 7, 7, 7],
    }  # norm: a neighbour each side
    for name, expected in widths.items():
        for channel, width in enumerate(expected):
            found = unit(trace, name, channel, 5, 6)
            assert (found.seen.height, found.seen.width) == (width, width)
            assert bounds(effective_field(trace, name, channel, 5, 6)) == found.seen


ACTIVATIONS = [
    *(nn.LeakyReLU(0.3), nn.PReLU(3), nn.PReLU(), nn.ELU(0.7), nn.SELU(), nn.GELU()),
    *(nn.GELU(approximate="tanh"), nn.SiLU(), nn.Sigmoid(), nn.Hardswish(), nn.Hardsigmoid()),
    *(nn.Hardtanh(-0.2, 0.3), nn.ReLU6(), nn.Softplus(2, 0.5), nn.Mish(), nn.Tanh()),
]


class Bends(nn.Module):
    """Every activation, as a module and as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.bends = nn.ModuleList(ACTIVATIONS)

    def forward(self, image: Tensor) -> Tensor:
        for bend in self.bends:
            image = bend(image * 3)
        for function in (torch.sigmoid, F.silu, torch.tanh):
            image = function(image - 0.5)
        image = F.gelu(F.elu(F.leaky_relu(image, 0.2), alpha=0.4), approximate="tanh")
        return image.sigmoid().mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_every_activation_is_computed_again(readable: bool) -> None:
    trace = trace_of(Bends())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    seed, count = random.Random(5), 0
    for step in trace.steps:
        if step.operation in (Operation.ACTIVATION, Operation.TANH):
            for _ in range(4):
                check_parts(trace, unit(trace, step.name, *random_place(step, seed)))
            count += 1
    assert count == len(ACTIVATIONS) + 7


@even_padding
@pytest.mark.parametrize("kept", [None, 0.0, -1.0])
def test_numbers_that_are_none_break_nothing(kept: float | None) -> None:
    image = torch.randn(1, 3, 12, 12)
    image[0, 0, 3, 3], image[0, 1, 7, 7] = math.nan, math.inf
    module = (
        Everything()
        if kept is None
        else nn.Sequential(
            nn.BatchNorm2d(3, eps=0.0),
            nn.LocalResponseNorm(3, alpha=-9.0),
            nn.Flatten(),
            nn.Softmax(1),
        )
    )
    if kept is not None:
        module[0].running_var.fill_(kept)
    trace = trace_of(module, image)
    seed = random.Random(2)
    for step in trace.steps:
        for _ in range(4):
            channel, row, column = (*random_place(step, seed), 0, 0)[:3]
            found = unit(trace, step.name, channel, row, column)
            assert len(found.ranked()) == len(found.terms)
            assert found.running() is not None
            assert path_of_winners(trace, step.name, channel, row, column)


def test_what_does_not_exist_is_refused_with_a_sentence(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), cat)
    for ask in (unit, effective_field, path_of_winners):
        with pytest.raises(ali5.Ali5Error, match="channel may be 0 to 5 at step 'C1', not 6"):
            ask(trace, "C1", 6, 0, 0)
        with pytest.raises(ali5.Ali5Error, match="row may be 0 to 27 at step 'C1', not -1"):
            ask(trace, "C1", 0, -1, 0)
        with pytest.raises(ali5.Ali5Error, match="column may be 0 to 0 at step 'F6', not 1"):
            ask(trace, "F6", 0, 0, 1)
        with pytest.raises(ali5.UnknownName, match="Did you mean 'C1'"):
            ask(trace, "c1", 0, 0, 0)
    with pytest.raises(ali5.Ali5Error, match="row may be 0 to 27"):
        growth(trace, "C1", 28, 0)
    with pytest.raises(AttributeError, match="no attribute 'units_'"):
        ali5.explain.units_  # noqa: B018
    assert replace(trace.network).readable
