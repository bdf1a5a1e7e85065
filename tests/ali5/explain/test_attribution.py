"""Attribution: laws that hold for every network, hand-worked cases, and what is refused."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.explain import METHODS, attribute, attribution, rank_correlation, read_map
from ali5.explain.attributions.attribution import default_step, map_steps
from ali5.explain.attributions.grad_cam_plus import weigh
from ali5.explain.attributions.occlusion import square_of
from ali5.explain.attributions.replica import Replica
from ali5.graph.kinds import Operation
from tests.ali5.tracing.test_own import Odd
from tests.ali5.tracing.test_tracing import assert_untouched
from tests.conftest import COMPACT, EDITIONS, ROOT, loaded, meta_input, on_meta

RELU_NETWORKS = [
    *((name, "compact") for name in COMPACT if name != "lenet5"),
    ("googlenet", "torchvision"),  # its ReLUs are functions
]


def best_of(trace: ali5.Trace) -> int:
    return int(trace[trace.steps[-1].inputs[0]].output.argmax())


def gradient_of(network: ali5.Network, image: Tensor, target: int) -> Tensor:
    """The plain gradient of a logit, [C, H, W], by PyTorch on the module itself."""
    image = image.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(network.module(image)[0, target], image)
    return gradient[0]


class Weighing(nn.Module):
    """Two classes, each a weighted sum of all pixels: everything can be worked out by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(3 * 24 * 24, 2)

    def forward(self, image: Tensor) -> Tensor:
        return self.last(image.flatten(1))


class Bright(nn.Module):
    """Looks for brightness, and keeps its place until the end."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1, bias=False)
        self.last = nn.Linear(1, 2, bias=False)
        with torch.no_grad():
            self.conv.weight.fill_(1 / 3)
            self.last.weight.copy_(torch.tensor([[1.0], [-1.0]]))

    def forward(self, image: Tensor) -> Tensor:
        return self.last(F.relu(self.conv(image)).mean((2, 3)))


# --- Laws over all networks ---------------------------------------------------------------------


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_every_relu_of_the_graph_is_a_module_of_its_own(name: str, edition: str) -> None:
    network = on_meta(name, edition)
    replica = Replica(network.plan)
    relus = [step for step in network.plan.steps if step.operation is Operation.RELU]
    called: list[nn.Module] = []
    for relu in replica.relus:
        relu.register_forward_hook(lambda module, *_: called.append(module))
    logits = replica(meta_input(network))
    assert len({id(module) for module in called}) == len(called) == len(relus)
    assert logits.shape == network.module(meta_input(network)).shape
    assert not list(replica.parameters())
    assert not {id(part) for part in replica.modules()} & {id(p) for p in network.module.modules()}


@pytest.mark.parametrize("name", COMPACT)
def test_the_replica_gives_the_logits_of_the_network(name: str, cat: Image.Image) -> None:
    network = loaded(name)
    image = network.prepare(cat)
    batch = torch.cat([image, image.flip(3)])
    with torch.no_grad():
        assert torch.equal(Replica(network.plan)(batch), network.module(batch))


@pytest.mark.parametrize("name", COMPACT)
def test_saliency_is_the_largest_gradient_among_the_colours(name: str, cat: Image.Image) -> None:
    trace = ali5.trace(loaded(name), cat)
    for target in (best_of(trace), 3):
        expected = gradient_of(trace.network, trace.image, target).abs().amax(0)
        found = attribution(trace, "saliency", target)
        assert torch.allclose(found.map, expected, rtol=1e-4, atol=1e-7)
        assert found.score == float(trace[trace.steps[-1].inputs[0]].output[0, target])


@pytest.mark.parametrize(("name", "edition"), RELU_NETWORKS)
def test_guided_backprop_is_not_the_plain_gradient(
    name: str, edition: str, cat: Image.Image
) -> None:
    network = ali5.load(name, edition, weights="untrained", device="cpu")
    trace = ali5.trace(network, cat)
    target = best_of(trace)
    guided = attribution(trace, "guided-backprop", target).map
    plain = gradient_of(network, trace.image, target).abs().amax(0)
    assert float((guided - plain).norm() / plain.norm()) > 0.1
    assert float(guided.max()) > 0


def test_guided_backprop_is_the_rule_of_its_paper() -> None:
    torch.manual_seed(1)
    module = nn.Sequential(
        *(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 5, 3), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(5 * 20 * 20, 4)),
    )
    network = ali5.wrap(module, size=24, device="cpu")
    image = torch.randn(1, 3, 24, 24)
    first, _, second, _, _, last = network.module
    with torch.no_grad():
        one = first(image)
        two = second(one.relu())
        signal = last.weight[2].reshape(two.shape)
        signal = signal.clamp(min=0) * (two > 0)  # what goes back, and what came in
        signal = F.conv_transpose2d(signal, second.weight).clamp(min=0) * (one > 0)
        expected = F.conv_transpose2d(signal, first.weight)[0].abs().amax(0)
    assert torch.allclose(attribute(network, image, "guided-backprop", 2), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_grad_cam_on_a_linear_head_is_the_class_activation_map(name: str, cat: Image.Image) -> None:
    trace = ali5.trace(loaded(name), cat)
    weights = next(step.weight for step in reversed(trace.steps) if step.weight is not None)
    for target in (best_of(trace), 11):
        found = attribution(trace, "grad-cam", target)
        assert found.step is not None
        maps = trace[found.step].output[0]
        cam = torch.einsum("c,chw->hw", weights[target], maps) / maps[0].numel()
        assert torch.allclose(found.cells, cam.clamp(min=0), rtol=1e-4, atol=1e-6)
        assert found.map.shape == trace.image.shape[2:]


def test_grad_cam_plus_weighs_by_the_derivatives_of_its_paper() -> None:
    torch.manual_seed(2)
    maps = torch.rand(3, 2, 2, dtype=torch.float64, requires_grad=True)
    hidden, last = torch.randn(5, 12, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    score = F.relu(hidden @ maps.flatten()) @ last / 5
    (slope,) = torch.autograd.grad(score, maps, retain_graph=True)
    weights = torch.zeros(3, dtype=torch.float64)
    for channel in range(3):
        for row in range(2):
            for column in range(2):
                derivatives = [score.exp()]  # and its derivatives by this one activation
                for _ in range(3):
                    (next_,) = torch.autograd.grad(derivatives[-1], maps, create_graph=True)
                    derivatives.append(next_[channel, row, column])
                _, one, two, three = derivatives
                alpha = two / (2 * two + maps[channel].sum() * three)
                weights[channel] += (alpha * one.clamp(min=0)).detach()
    weights = weights / score.detach().exp()
    expected = torch.einsum("c,chw->hw", weights, maps.detach()).clamp(min=0)
    assert torch.allclose(weigh(maps.detach(), slope).double(), expected, rtol=1e-5)


@pytest.mark.parametrize("name", COMPACT)
def test_integrated_gradients_add_up_to_the_difference(name: str, cat: Image.Image) -> None:
    network = loaded(name)
    trace = ali5.trace(network, cat)
    found = attribution(trace, "integrated-gradients")
    with torch.no_grad():
        start = network.module(network.prepare(Image.new("RGB", (99, 80))))[0, found.target]
    if not network.edition.preprocessing.light_on_dark:  # that turns black into white and back
        assert found.start == pytest.approx(float(start), rel=1e-4, abs=1e-5)
    assert found.start is not None
    rise = found.score - found.start
    assert float(found.map.sum()) == pytest.approx(rise, rel=0.1, abs=0.05)


# --- Hand-worked ---------------------------------------------------------------------------------


def test_on_a_weighted_sum_every_method_gives_the_weights() -> None:
    network = ali5.wrap(Weighing(), size=24, device="cpu")
    image = torch.randn(1, 3, 24, 24)
    weight = network.module.last.weight[1].detach().reshape(3, 24, 24)
    settings = network.edition.preprocessing
    black = torch.tensor([-m / s for m, s in zip(settings.mean, settings.std, strict=True)])
    assert torch.allclose(attribute(network, image, "saliency", 1), weight.abs().amax(0))
    integrated = (weight * (image[0] - black[:, None, None])).sum(0)
    assert torch.allclose(
        attribute(network, image, "integrated-gradients", 1), integrated, atol=1e-5
    )
    products = (weight * image[0]).sum(0)
    edge, stride = square_of(24)
    drops, covered = torch.zeros(24, 24), torch.zeros(24, 24)
    for top in range(0, 24 - edge + 1, stride):
        for left in range(0, 24 - edge + 1, stride):
            square = (slice(top, top + edge), slice(left, left + edge))
            drops[square] += products[square].sum()
            covered[square] += 1
    found = attribute(network, image, "occlusion", 1)
    assert torch.allclose(found, drops / covered, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_map_lies_over_its_picture_as_it_stands(method: str) -> None:
    network = ali5.wrap(Bright(), size=48, mean=[0] * 3, std=[1] * 3, device="cpu")
    image = torch.full((1, 3, 48, 48), -0.5)
    image[..., 4:10, 30:42] = 1.0  # wide, and in a corner
    found = attribute(network, image, method, 0)
    rows, columns = np.nonzero((found >= found.max() * 0.999).numpy())
    assert 4 <= rows.min() <= rows.max() < 10
    assert 30 <= columns.min() <= columns.max() < 42


# --- The network is only read ---------------------------------------------------------------------


class Enough(BaseException):
    """What a visitor's newer request raises."""


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_on_the_network_also_when_it_is_stopped(
    method: str, cat: Image.Image
) -> None:
    network = loaded("resnet18")
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    trace = ali5.trace(network, cat)

    def stop(done: int, count: int) -> None:
        if done == count // 2:
            raise Enough

    with pytest.raises(Enough):
        attribution(trace, method, progress=stop)
    with torch.inference_mode():  # whatever the caller has switched off
        attribution(trace, method)
    assert_untouched(network.module)
    for part in network.module.modules():
        assert not part._backward_hooks
        assert not part._backward_pre_hooks
    for parameter in network.module.parameters():
        assert not parameter.requires_grad
        assert parameter.grad is None
    for key, value in network.module.state_dict().items():
        assert torch.equal(before[key], value), key
    assert torch.equal(trace.image, network.prepare(cat))


def test_eight_threads_do_not_mix(cat: Image.Image) -> None:
    network = loaded("resnet18")
    traces = [ali5.trace(network, cat.rotate(45 * turn)) for turn in range(8)]
    methods = ("grad-cam", "grad-cam-plus", "saliency", "guided-backprop")
    questions = [(trace, method, turn) for turn, trace in enumerate(traces) for method in methods]
    expected = [attribution(*question).map for question in questions]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda question: attribution(*question).map, questions))
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-6)


def test_every_pass_takes_a_turn_and_is_counted(cat: Image.Image) -> None:
    trace = ali5.trace(loaded("lenet5"), cat)
    turns, seen = [], []

    class Turn:
        def __enter__(self) -> None:
            turns.append("in")

        def __exit__(self, *_: object) -> None:
            turns.append("out")

    attribution(trace, "occlusion", progress=lambda *pair: seen.append(pair), turn=Turn)
    assert seen == [(number, len(seen)) for number in range(len(seen))]
    assert len(seen) > 3
    assert turns == ["in", "out"] * len(seen)
    seen.clear()
    attribution(trace, "integrated-gradients", progress=lambda *pair: seen.append(pair))
    assert seen == [(number, len(seen)) for number in range(len(seen))]


def test_captum_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, ali5.explain, ali5.site.app.classify.why.view; "
        "before = 'torch' in sys.modules; "
        "import ali5.explain.attributions.attribution; "
        "sys.exit(before or bool({'captum', 'matplotlib'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- Steps, and what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"),
    [
        *(("lenet5", "tanh3"), ("alexnet", "relu5"), ("zfnet", "relu5"), ("vgg11", "relu5_2")),
        *(("googlenet", "inception5b.cat"), ("resnet18", "layer4.1.relu_2")),
    ],
)
def test_the_last_stage_ends_before_its_pooling(name: str, step: str, cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load(name, "compact", weights="untrained", device="cpu"), cat)
    assert default_step(trace) == step
    assert set(map_steps(trace)) == {
        each.name
        for each in trace.steps[1:]
        if each.output[0, 0].numel() > 1 < each.output.ndim - 2
    }


@pytest.mark.parametrize("step", ["conv1", "layer2.0.add", "layer4.1.relu_2"])
def test_any_step_with_maps_can_be_looked_at(step: str, cat: Image.Image) -> None:
    trace = ali5.trace(loaded("resnet18"), cat)
    found = attribution(trace, "grad-cam", 5, step)
    assert found.cells.shape == trace[step].shape[2:]
    assert found.step == step


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("no method 'gradcam'. Did you mean 'grad-cam'", ("gradcam",)),
        ("target must be 0 to 199, not 200", ("saliency", 200)),
        ("target must be 0 to 199, not -1", ("saliency", -1)),
        ("no step 'conv9'", ("grad-cam", 0, "conv9")),
        ("Step 'fc' has no maps", ("grad-cam", 0, "fc")),
        ("Step 'input' has no maps", ("grad-cam", 0, "input")),
        ("looks at the pixels, not at a step", ("occlusion", 0, "conv1")),
        ("Grad-CAM\\+\\+ needs maps without negative values", ("grad-cam-plus", 0, "conv1")),
    ],
)
def test_what_cannot_be_asked_is_refused(words: str, question: tuple, cat: Image.Image) -> None:
    trace = ali5.trace(loaded("resnet18"), cat)
    with pytest.raises(ali5.Ali5Error, match=words):
        attribution(trace, *question)


def test_a_network_without_relus_has_no_guided_backprop(digit: Image.Image) -> None:
    with pytest.raises(ali5.Ali5Error, match="LeNet-5 has no ReLUs"):
        attribute(loaded("lenet5"), digit, "guided-backprop")


def test_a_module_that_is_no_graph_can_be_asked_from_outside(cat: Image.Image) -> None:
    torch.manual_seed(3)
    network = ali5.wrap(Odd(), size=32, device="cpu")
    assert not network.readable
    trace = ali5.trace(network, cat)
    target = best_of(trace)
    plain = gradient_of(network, trace.image, target).abs().amax(0)
    assert torch.allclose(attribution(trace, "saliency", target).map, plain, rtol=1e-4, atol=1e-7)
    for method in ("integrated-gradients", "occlusion"):
        assert attribution(trace, method).map.abs().sum() > 0
    for method in ("grad-cam", "grad-cam-plus", "guided-backprop"):
        with pytest.raises(ali5.Ali5Error, match="cannot be read as one"):
            attribution(trace, method)
    assert_untouched(network.module)


class Sure(nn.Module):
    """Has no graph, and ends with a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, image: Tensor) -> Tensor:
        logits = self.fc(image.mean((2, 3)))
        return (logits if logits.sum() < 1e6 else -logits).softmax(1)


def test_of_a_module_that_ends_with_a_softmax_the_logits_are_explained(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.wrap(Sure(), size=16, device="cpu"), cat)
    assert not trace.network.readable
    weight = trace.network.module.fc.weight
    found = attribution(trace, "saliency", 2).map
    assert torch.allclose(found, (weight[2].abs().max() / 256).expand(16, 16), rtol=1e-4)
    found = attribution(trace, "integrated-gradients", 2)
    assert found.start is not None
    assert float(found.map.sum()) == pytest.approx(found.score - found.start, rel=1e-3)


def test_a_module_without_gradients_is_refused_with_a_sentence(cat: Image.Image) -> None:
    class Closed(Odd):
        def forward(self, image: Tensor) -> Tensor:
            with torch.no_grad():
                return super().forward(image)

    trace = ali5.trace(ali5.wrap(Closed(), size=32, device="cpu"), cat)
    with pytest.raises(ali5.Ali5Error, match=r"Saliency failed on Closed: .* needs no gradients"):
        attribution(trace, "saliency")
    attribution(trace, "occlusion")


def test_numbers_that_are_none_break_nothing(cat: Image.Image) -> None:
    network = ali5.wrap(Bright(), size=32, device="cpu")
    network.module.last.weight.copy_(torch.tensor([[float("nan")], [float("inf")]]))
    trace = ali5.trace(network, cat)
    for method in METHODS:
        missing = read_map(attribution(trace, method, 0).map).missing
        assert missing == attribution(trace, method, 0).map.isnan().sum() > 0


# --- What is said --------------------------------------------------------------------------------


def test_every_method_says_its_claim_and_its_limits_in_two_sentences() -> None:
    for method in METHODS.values():
        for text in (method.claim, method.limits):
            sentences = re.split(r"(?<=[^0-9 ][.]) (?=[A-Z])", text.replace("et al. ", ""))
            assert len(sentences) == 2, f"{method.id}: {text}"
        assert method.link.startswith("https://arxiv.org/abs/")
        assert re.search(r"\d{4}$", method.authors)


def test_every_method_has_a_file_of_its_own() -> None:
    files = {method.answer.__module__.rpartition(".")[2] for method in METHODS.values()}
    assert files == {name.replace("-", "_") for name in METHODS}
    assert all(method.answer.__doc__ for method in METHODS.values())


def test_a_map_is_read_by_hand() -> None:
    values = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, -3.0]])
    reading = read_map(values)
    assert (reading.row, reading.column, reading.value) == (1, 3, -3.0)
    assert reading.half == 1 / 8
    assert reading.negative == 0.75
    assert read_map(torch.ones(3, 4)).half == 0.5
    empty = read_map(torch.zeros(2, 2))
    assert (empty.value, empty.half, empty.negative) == (0, 0, 0)
    broken = read_map(torch.tensor([[float("nan"), 2.0], [float("inf"), 0.0]]))
    assert (broken.row, broken.column, broken.missing) == (0, 1, 2)


class OneAtATime(nn.Module):
    """Takes one picture only."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3 * 16 * 16, 4)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.fc(image.reshape(1, -1))


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_a_module_of_one_s_own_is_asked_about_one_picture_at_a_time(method: str) -> None:
    torch.manual_seed(1)
    network = ali5.wrap(OneAtATime(), size=16)
    found = attribution(ali5.trace(network, torch.rand(1, 3, 16, 16)), method)
    assert torch.isfinite(found.map).all()
    assert found.map.abs().max() > 0


def test_ranks_agree_with_those_of_a_statistics_book() -> None:
    one = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert rank_correlation(one, one.exp()) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(1)  # magnitudes
    assert rank_correlation(one, -one, signed=True) == pytest.approx(-1)
    assert rank_correlation(one, one.flip(1)) == pytest.approx(-1)
    tied = torch.tensor([[1.0, 2.0, 2.0, 3.0]])  # ranks 1, 2.5, 2.5, 4
    assert rank_correlation(one, tied) == pytest.approx(4.5 / (5 * 4.5) ** 0.5)
    assert np.isnan(rank_correlation(one, torch.ones(1, 4)))
    with pytest.raises(ali5.Ali5Error, match="same shape"):
        rank_correlation(one, torch.ones(2, 2))
