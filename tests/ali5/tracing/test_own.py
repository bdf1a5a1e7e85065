"""Networks of the user's own: wrapped, traced with or without a graph, and explored."""

import json
import threading
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import ExifTags, Image
from torch import Tensor, nn

import ali5
from ali5.graph.kinds import Operation
from ali5.pictures.preparation import fit_picture
from ali5.site import exploring
from ali5.site.app.choose.choice import Choice, own_choice
from ali5.site.app.words import share_in_words
from ali5.tracing.own import as_picture
from tests.app.test_app import open_page, sent


class Odd(nn.Module):
    """Control flow on values, in-place calls, parameters of its own, a split and a join."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.kernels = nn.Parameter(torch.randn(12, 8, 3, 3) / 8)
        self.last = nn.Linear(12, 5)

    def forward(self, image: Tensor) -> Tensor:
        maps = F.relu(self.first(image), inplace=True)
        if maps.mean() > -1:
            maps = F.max_pool2d(maps, 2)
        maps = self.second(maps)
        maps += 1
        maps = maps.relu_()
        maps = F.conv2d(maps, self.kernels, stride=2)
        one, two = maps.chunk(2, 1)
        return self.last(torch.cat([two, one], 1).mean((2, 3)))


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        *(("lenet5", "compact"), ("alexnet", "compact"), ("googlenet", "compact")),
        *(("resnet18", "compact"), ("googlenet", "torchvision"), ("resnet18", "torchvision")),
    ],
)
def test_steps_written_down_are_those_of_the_graph(
    name: str, edition: str, cat: Image.Image
) -> None:
    network = ali5.load(name, edition, device="cpu")
    graph = ali5.trace(network, cat)
    written = ali5.trace(replace(network, readable=False), cat)
    assert [step.operation for step in written.steps] == [step.operation for step in graph.steps]
    number = {step.name: place for place, step in enumerate(graph.steps)}
    own_number = {step.name: place for place, step in enumerate(written.steps)}
    for ours, theirs in zip(written.steps, graph.steps, strict=True):
        assert torch.equal(ours.output, theirs.output), theirs.name
        assert [own_number[name] for name in ours.inputs] == [number[n] for n in theirs.inputs]
        assert ours.block == theirs.block
        assert ours.parameters == theirs.parameters
        assert ours.multiply_adds == theirs.multiply_adds
        assert ours.receptive_field == theirs.receptive_field
        assert (ours.weight is None) == (theirs.weight is None)


def test_a_network_without_a_graph_is_traced_truly() -> None:
    module = Odd()
    network = ali5.wrap(module, list("abcde"), size=32)
    assert not network.readable
    image = torch.randn(1, 3, 32, 32)
    trace = ali5.trace(network, image)
    assert [step.name for step in trace.steps] == [
        *("input", "first", "relu", "max_pool2d", "second", "add", "relu_2", "conv2d", "cat"),
        *("mean_2", "last", "softmax"),
    ]
    assert torch.allclose(trace["last"].output, module.eval()(image), atol=1e-6)
    first = F.conv2d(image, module.first.weight, module.first.bias, padding=1)
    assert torch.allclose(trace["first"].output, first, atol=1e-6)  # before the ReLU over it
    assert torch.equal(trace["relu"].output, trace["first"].output.relu())
    assert torch.equal(trace["relu_2"].output, trace["add"].output.relu())
    convolution = trace["conv2d"]
    assert convolution.operation is Operation.CONVOLUTION
    assert convolution.weight is not None
    assert torch.equal(convolution.weight, module.kernels)
    assert torch.allclose(
        convolution.output,
        F.conv2d(trace["relu_2"].output, convolution.weight, stride=2),
        atol=1e-6,
    )
    assert convolution.multiply_adds == 12 * 7 * 7 * 8 * 9
    assert (convolution.receptive_field.size, convolution.receptive_field.stride) == (12, 4)
    assert network.edition.multiply_adds == sum(step.multiply_adds for step in trace.steps)
    assert network.edition.parameters == sum(value.numel() for value in module.parameters())


def test_threads_that_write_down_do_not_mix() -> None:
    network = ali5.wrap(Odd(), size=32)
    images = [torch.randn(1, 3, 32, 32) for _ in range(8)]
    alone = [ali5.trace(network, image) for image in images]
    results: dict[int, ali5.Trace] = {}

    def run(number: int) -> None:
        for _ in range(3):
            results[number] = ali5.trace(network, images[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, expected in enumerate(alone):
        for ours, theirs in zip(results[number].steps, expected.steps, strict=True):
            assert torch.equal(ours.output, theirs.output)


def test_the_users_module_stays_as_it_is() -> None:
    module = Odd().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    network = ali5.wrap(module, size=32)
    ali5.trace(network, torch.randn(1, 3, 32, 32))
    assert module.training
    assert all(value.requires_grad for value in module.parameters())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert not torch.nn.modules.module._global_forward_hooks
    assert not torch.nn.modules.module._global_forward_pre_hooks


class Other(nn.Module):
    def __init__(self, result: str, channels: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3)
        self.result = result

    def forward(self, image: Tensor) -> object:
        maps = self.conv(image)
        return {"maps": maps, "pair": (maps, maps), "vector": maps.mean((2, 3))}[self.result]


@pytest.mark.parametrize(
    ("make", "settings", "words"),
    [
        (lambda: Other("maps"), {}, r"logits of shape \[1, classes\], not \[1, 4, 222, 222\]"),
        (lambda: Other("pair"), {}, "not tuple"),
        (lambda: Other("vector", 5), {}, "takes 5 channels"),
        (lambda: Other("vector"), {"labels": ["a"]}, "1 labels for 4 logits"),
        (lambda: Other("vector"), {"size": 2}, r"cannot take a picture of shape \[1, 3, 2, 2\]"),
        (lambda: Other("vector"), {"mean": [0.5]}, "Give 3 numbers"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(48, 1)), {"size": 4}, "returns one logit"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(48, 2)), {"size": 9}, "Give the size of it"),
        (lambda: Other("vector"), {"size": 0}, "at least one pixel"),
        (lambda: Other("vector"), {"channels": 2}, "takes 2 channels"),
        (lambda: Other("vector"), {"size": 32, "resize": 30}, "too small for 32"),
        (lambda: "resnet18", {}, r"nn.Module, not 'resnet18'. .* ali5.load\("),
        (lambda: Other("vector").state_dict(), {}, "nn.Module, not OrderedDict"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(make, settings: dict, words: str) -> None:
    with pytest.raises(ali5.Ali5Error, match=words):
        ali5.wrap(make(), **settings)


def test_a_readable_network_is_read_and_grey_ones_work(digit: Image.Image) -> None:
    network = ali5.wrap(Other("vector", 1), size=28)
    assert network.readable
    assert network.labels == ("class 0", "class 1", "class 2", "class 3")
    trace = ali5.trace(network, digit)
    assert trace.image.shape == (1, 1, 28, 28)
    assert [step.operation for step in trace.steps][:2] == ["input", "convolution"]


@pytest.mark.usefixtures("explored")
@pytest.mark.parametrize("image", [None, torch.zeros(1, 1, 28, 28)])
def test_grey_networks_without_a_convolution_are_tried_out(
    image: Tensor | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = SimpleNamespace(running=True, stop=lambda: None)
    monkeypatch.setattr(exploring, "Site", lambda port: served)
    module = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    ali5.explore(module, image, range(10), size=28, open_browser=False, wait=False)
    mine = exploring.own()
    assert mine is not None
    assert mine.network.edition.preprocessing.channels == 1
    assert mine.network.labels == tuple("0123456789")


def test_the_stem_need_not_be_the_first_module() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head, self.stem = nn.Conv2d(6, 4, 1), nn.Conv2d(3, 6, 3)

        def forward(self, image: Tensor) -> Tensor:
            return self.head(self.stem(image)).mean((2, 3))

    assert ali5.wrap(Late(), size=16).edition.preprocessing.channels == 3


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_numbers_of_other_lengths_are_taken(dtype: torch.dtype) -> None:
    torch.manual_seed(4)
    module, image = Other("vector"), torch.rand(1, 3, 16, 16, dtype=torch.float64)
    network = ali5.wrap(module.to(dtype), size=16)
    assert next(module.parameters()).dtype == dtype
    found = ali5.trace(network, image)
    expected = module.float()(image.float())
    assert torch.allclose(found.steps[-2].output, expected, atol=1e-6)
    assert torch.equal(network.logits(image), found.steps[-2].output)
    lenet = ali5.load("lenet5", device="cpu")
    assert ali5.trace(lenet, torch.rand(1, 1, 32, 32).to(dtype)).predictions(1)


class Writes(nn.Module):
    """Writes into tensors that it reads again, without taking what the call returns."""

    def __init__(self, last: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.last = last

    def forward(self, image: Tensor) -> Tensor:
        maps = self.conv(image)
        identity = maps
        self.relu(maps)
        maps = F.leaky_relu(maps - 0.1, 0.2, True) + identity
        maps.mul_(2)
        if self.last == "view":
            maps.select(1, 0).add_(1)
        if self.last == "overwritten":
            maps.zero_()
        return maps.mean((2, 3))


@pytest.mark.parametrize("last", ["", "view", "overwritten"])
def test_what_is_written_into_a_tensor_is_read_from_it(last: str) -> None:
    torch.manual_seed(2)
    module, image = Writes(last).eval(), torch.randn(1, 3, 16, 16)
    network = ali5.wrap(module, size=16)
    assert network.readable is (not last)  # a graph does not tell what is a view of what
    trace = ali5.trace(network, image)
    steps = trace.steps
    assert torch.allclose(trace["mul"].output, 2 * trace["add"].output)
    assert torch.allclose(steps[-2].output, module(image), atol=1e-6)
    convolution = F.conv2d(image, module.conv.weight, module.conv.bias, padding=1)
    assert torch.allclose(steps[1].output, convolution, atol=1e-6)


@pytest.mark.usefixtures("explored")
def test_explore_serves_the_page_on_the_users_network(cat: Image.Image) -> None:
    site = ali5.explore(
        Odd(), cat, ["ant", "bee", "cow", "dog", "elk"], size=48, open_browser=False, wait=False
    )
    with urllib.request.urlopen(f"{site.url}_stcore/health") as answer:
        assert answer.read() == b"ok"
    at = open_page()
    header, _ = sent(at, "network_map")
    assert [step["name"] for step in header["steps"]][1] == "first"
    assert any("Odd looks at the given picture" in text.value for text in at.markdown)
    assert any("may be others for another picture" in text.value for text in at.caption)
    # Another network on the same site; the catalog is still there.
    again = ali5.explore(Other("vector"), size=32, open_browser=False, wait=False)
    assert again is site
    assert any(
        "Other looks at the photograph “Coffee cup”" in t.value for t in open_page().markdown
    )
    at = open_page(network="lenet5")
    assert any("LeNet-5 (1998) looks at" in text.value for text in at.markdown)
    site.stop()
    assert not site.running
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{site.url}_stcore/health")


@pytest.mark.usefixtures("explored")
def test_explore_takes_a_prepared_tensor_as_it_is() -> None:
    module = Odd()
    image = torch.randn(1, 3, 32, 32)
    ali5.explore(module, image, open_browser=False, wait=False)
    mine = exploring.own()
    assert mine is not None
    shown = fit_picture(as_picture(image), mine.network.edition.preprocessing)
    assert np.array_equal(np.asarray(shown), np.asarray(as_picture(image)))  # all of it
    at = open_page(step="softmax")
    expected = torch.softmax(module.eval()(image).detach(), 1)[0]
    trail = next(n for n in at.get("bidi_component") if n.proto.component_name == "ali5_trail")
    assert share_in_words(float(expected.max())) in json.loads(trail.proto.json)["said"]
    at = open_page(picture="cat")
    assert any("looks at the photograph “Cat”" in text.value for text in at.markdown)
    assert at.button[0].label == "Back to the given picture"
    at.button[0].click().run()
    assert any("looks at the given picture" in text.value for text in at.markdown)


def test_explore_refuses_what_is_no_picture() -> None:
    for tensor in (
        torch.zeros(3, 32, 32),
        torch.zeros(1, 3, 32, 30),
        torch.zeros(1, 3, 8, 8).int(),
    ):
        with pytest.raises(ali5.Ali5Error, match="one square picture"):
            ali5.explore(Odd(), tensor, open_browser=False, wait=False)
    assert exploring.own() is None


@pytest.mark.usefixtures("explored")
def test_a_port_that_is_taken_is_named() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ali5.Ali5Error, match=f"Port {port}"):
            ali5.explore(Odd(), size=32, open_browser=False, wait=False, port=port)


class Fussy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, image: Tensor) -> Tensor:
        if image.mean() > 0.5:
            raise ValueError("too light")
        return self.conv(image).mean((2, 3))


def test_a_forward_pass_that_fails_is_a_sentence() -> None:
    network = ali5.wrap(Fussy(), size=16)
    with pytest.raises(ali5.Ali5Error, match="forward pass failed: too light"):
        ali5.trace(network, torch.ones(1, 3, 16, 16))


class ByKeyword(nn.Module):
    """Looks at values, calls its layers by keyword, and may leave the tensors it is given."""

    def __init__(self, leaves: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4, 2)
        self.leaves = leaves

    def forward(self, image: Tensor) -> Tensor:
        maps = self.conv(input=image)
        if maps.mean() > -100:
            maps = maps.relu()
        logits = self.fc(input=maps.mean((2, 3)))
        return torch.tensor(logits.tolist()) if self.leaves else logits


def test_layers_that_are_called_by_keyword_are_steps() -> None:
    network = ali5.wrap(ByKeyword(), size=16)
    assert not network.readable
    trace = ali5.trace(network, torch.randn(1, 3, 16, 16))
    names = [step.name for step in trace.steps]
    assert names == ["input", "conv", "relu", "mean_2", "fc", "softmax"]
    assert trace.predictions()[0].label in ("class 0", "class 1")


def test_logits_that_nobody_can_follow_back_are_refused() -> None:
    with pytest.raises(ali5.Ali5Error, match="cannot be followed back to the picture"):
        ali5.wrap(ByKeyword(leaves=True), size=16)


def test_mean_and_std_may_be_arrays() -> None:
    network = ali5.wrap(Other("vector"), size=16, mean=np.zeros(3), std=np.full(3, 2.0))
    assert network.edition.preprocessing.mean == (0, 0, 0)
    assert network.edition.preprocessing.std == (2, 2, 2)


@pytest.mark.usefixtures("explored")
def test_explore_opens_pictures_as_a_file_is_opened(tmp_path: Path) -> None:
    turned = Image.new("RGB", (40, 20))
    exif = turned.getexif()
    exif[ExifTags.Base.Orientation] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)

    def shown(image: str | Path | Image.Image) -> Image.Image:
        ali5.explore(Other("vector"), image, size=16, open_browser=False, wait=False)
        mine = exploring.own()
        assert mine is not None
        assert mine.image is not None
        assert mine.image.mode == "RGB"
        return mine.image

    with Image.open(tmp_path / "turned.jpg") as lying:
        assert shown(lying).size == (20, 40)
    assert shown(tmp_path / "turned.jpg").size == shown(str(tmp_path / "turned.jpg")).size
    assert shown(Image.new("RGBA", (8, 8))).getpixel((0, 0)) == (255, 255, 255)
    grey = Image.fromarray(np.full((8, 8), 30000, np.uint16))
    assert shown(grey).getpixel((0, 0)) == (117, 117, 117)


@pytest.mark.parametrize(
    ("image", "settings", "words"),
    [
        (np.zeros((1, 1, 28, 28), np.float32), {}, "as a prepared torch.Tensor, not as ndarray"),
        ("no such file.jpg", {}, "cannot be read"),
        (torch.zeros(1, 3, 28, 28), {}, r"of shape \[1, 1, 32, 32\], not"),
        (torch.zeros(1, 1, 40, 40), {}, "does not fit step"),
        (None, {"labels": list("abcdefghij")}, "has its labels, size, mean and std already"),
    ],
)
def test_explore_refuses_what_a_network_cannot_take(image, settings: dict, words: str) -> None:
    network = ali5.load("lenet5", device="cpu")
    with pytest.raises(ali5.Ali5Error, match=words):
        ali5.explore(network, image, open_browser=False, wait=False, **settings)
    assert exploring.own() is None


@pytest.mark.usefixtures("explored")
def test_a_network_of_the_catalog_that_was_given_is_found_again() -> None:
    network = ali5.load("lenet5", weights="step-20", device="cpu")
    mine = exploring.Own(network, None, None, "own-1")
    exploring.show(mine)
    choice = own_choice(mine)
    assert choice.place == {"network": "own"}
    assert choice.code == 'ali5.load("lenet5", "compact", weights="step-20")'
    known = Choice(network.architecture, network.edition, "bundled")
    assert known.place == {"network": "lenet5", "edition": "compact"}
    assert any(
        "**Trained for 20 steps** on 60,000" in text.value and "50.9 % right" in text.value
        for text in open_page(picture="digit-3").markdown
    )
