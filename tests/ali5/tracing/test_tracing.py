"""Laws that hold for every network: what a trace keeps is what the network computes."""

import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.graph.kinds import Operation
from ali5.graph.plan import read_plan
from tests.conftest import COMPACT, OF_EACH_KIND, filled_quickly, meta_input, on_meta


def apply_again(step: ali5.Step, inputs: list[Tensor], buffers: dict[str, Tensor]) -> Tensor:
    """Compute a step from its inputs, settings and weights with `torch.nn.functional` alone."""
    s = step.settings
    x = inputs[0]
    match step.operation:
        case Operation.CONVOLUTION:
            window = s["stride"], s["padding"], s["dilation"], s["groups"]
            return F.conv2d(x, step.weight, step.bias, *window)
        case Operation.LINEAR:
            return F.linear(x, step.weight, step.bias)
        case Operation.MAX_POOLING:
            return F.max_pool2d(
                x, s["kernel_size"], s["stride"], s["padding"], s["dilation"], s["ceil_mode"]
            )
        case Operation.AVERAGE_POOLING if "output_size" in s:
            return F.adaptive_avg_pool2d(x, s["output_size"])
        case Operation.AVERAGE_POOLING:
            return F.avg_pool2d(x, s["kernel_size"], s["stride"], s["padding"], s["ceil_mode"])
        case Operation.RELU:
            return x.clamp(min=0)
        case Operation.TANH:
            return s["amplitude"] * torch.tanh(s["slope"] * x)
        case Operation.BATCH_NORM:
            mean, var = buffers["running_mean"], buffers["running_var"]
            return F.batch_norm(x, mean, var, step.weight, step.bias, False, 0, s["eps"])
        case Operation.LOCAL_RESPONSE_NORM:
            return F.local_response_norm(x, s["size"], s["alpha"], s["beta"], s["k"])
        case Operation.ADDITION:
            return inputs[0] + inputs[1]
        case Operation.CONCATENATION:
            return torch.cat(inputs, 1)
        case Operation.FLATTEN:
            return x.reshape(x.shape[0], -1)
        case Operation.DROPOUT:
            return x
        case Operation.SOFTMAX:
            return x.softmax(1)
    raise AssertionError(f"{step.name} is of an unknown kind: {step.operation}")


@pytest.mark.parametrize(("name", "edition"), OF_EACH_KIND)
def test_a_trace_is_the_forward_pass_step_by_step(
    name: str, edition: str, cat: Image.Image
) -> None:
    network = filled_quickly(name, edition)
    state = {key: value.clone() for key, value in network.module.state_dict().items()}
    trace = ali5.trace(network, cat)

    # The last step is the network's answer, bit for bit.
    given: list[Tensor] = []
    hook = network.module.register_forward_hook(lambda _, taken, made: given.extend((*taken, made)))
    assert torch.equal(trace.steps[-1].output, network(cat))
    hook.remove()
    prepared, logits = given
    assert torch.equal(trace[trace.steps[-1].inputs[0]].output, logits)
    assert torch.equal(trace.image, prepared)
    assert torch.equal(trace.image, network.prepare(cat))

    # Every step follows from its named inputs.
    paths = {step.name: step.parameters for step in network.plan.steps}
    for step in trace.steps[1:]:
        buffers = {}
        if step.operation == Operation.BATCH_NORM:
            home = network.module.get_submodule(paths[step.name][0].rpartition(".")[0])
            buffers = dict(home.named_buffers())
        inputs = [trace[source].output for source in step.inputs]
        assert torch.equal(apply_again(step, inputs, buffers), step.output), step.name

    # No in-place ReLU has overwritten a convolution.
    for step in trace.steps:
        if step.operation == Operation.CONVOLUTION:
            assert (step.output < 0).any(), step.name

    # Everything that was computed leads to the answer, and nothing on the model has changed.
    read = {source for step in trace.steps for source in step.inputs}
    assert read == {step.name for step in trace.steps[:-1]}
    assert len({step.name for step in trace.steps}) == len(trace.steps)
    assert state.keys() == network.module.state_dict().keys()
    for key, value in network.module.state_dict().items():
        assert torch.equal(state[key], value), key
    assert_untouched(network.module)


def assert_untouched(module: nn.Module) -> None:
    for part in module.modules():
        assert not part.training
        assert not part._forward_hooks
        assert not part._forward_pre_hooks
        assert "forward" not in part.__dict__


@pytest.mark.parametrize("name", COMPACT)
def test_steps_know_how_long_they_took(name: str, cat: Image.Image) -> None:
    network = ali5.load(name, "compact", device="cpu")
    start = time.perf_counter()
    trace = ali5.trace(network, cat)
    spent = time.perf_counter() - start
    seconds = [step.seconds for step in trace.steps]
    assert all(each is not None and each >= 0 for each in seconds)
    assert 0 < sum(seconds) < spent


def test_nothing_is_left_on_the_model_after_an_error(digit: Image.Image) -> None:
    network = ali5.load("lenet5")
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    with pytest.raises(ali5.Ali5Error):
        ali5.trace(network, torch.zeros(1, 1, 20, 20))  # fails at C5, half-way
    assert_untouched(network.module)
    for key, value in network.module.state_dict().items():
        assert torch.equal(before[key], value)
    assert ali5.trace(network, digit).predictions(1)[0].label == "3"


def test_a_picture_that_vanishes_names_the_step() -> None:
    network = ali5.load("alexnet", "paper")
    with pytest.raises(ali5.ImageTooSmall, match=r"40 x 40 pixels vanishes at step 'pool5'"):
        ali5.trace(network, torch.zeros(1, 3, 40, 40))


@pytest.mark.parametrize(
    "prepared",
    [
        torch.zeros(1, 1, 64, 64),
        torch.zeros(2, 3, 64, 64),
        torch.zeros(3, 64, 64),
        torch.zeros(1, 3, 64, 64, dtype=torch.uint8),
    ],
    ids=lambda tensor: f"{tensor.dtype} {list(tensor.shape)}",
)
def test_a_tensor_that_is_no_prepared_picture_is_refused(prepared: Tensor) -> None:
    with pytest.raises(ali5.Ali5Error, match=r"float tensor of shape \[1, 3, 64, 64\]"):
        ali5.trace(ali5.load("resnet18"), prepared)


def test_a_tensor_of_another_size_names_the_step_it_does_not_fit() -> None:
    with pytest.raises(ali5.Ali5Error, match="does not fit step 'fc6'"):
        ali5.trace(ali5.load("vgg11", "compact"), torch.zeros(1, 3, 96, 96))


def test_eight_threads_do_not_mix(cat: Image.Image) -> None:
    pictures = [cat.rotate(45 * turn) for turn in range(8)]
    networks = [ali5.load(name) for name in ("lenet5", "resnet18", "googlenet")]
    expected = [[network(picture) for picture in pictures] for network in networks]
    first = [[ali5.trace(n, p).steps[3].output for p in pictures] for n in networks]

    def visit(thread: int) -> int:
        wrong = 0
        for turn in range(100):
            which = 0 if turn % 10 else 1 + turn // 10 % 2
            trace = ali5.trace(networks[which], pictures[thread])
            wrong += not torch.equal(trace.steps[-1].output, expected[which][thread])
            wrong += not torch.equal(trace.steps[3].output, first[which][thread])
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(visit, range(8))) == 0


def test_reading_a_graph_does_not_disturb_the_others(cat: Image.Image) -> None:
    network = ali5.load("resnet18")
    other = ali5.load("googlenet")
    prepared, expected = network.prepare(cat), network(cat)
    stop, wrong = threading.Event(), []

    def visit() -> None:
        while not stop.is_set():
            if not torch.equal(network(cat), expected):
                wrong.append("values")

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            plan = read_plan(other.module)
            assert len(plan.steps) == 144
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert torch.equal(ali5.trace(network, prepared).steps[-1].output, expected)


def test_outputs_cannot_be_changed(digit: Image.Image) -> None:
    trace = ali5.trace(ali5.load("lenet5"), digit)
    with pytest.raises(RuntimeError, match="inference tensor"):
        trace["C1"].output.add_(1)


class Odd(nn.Module):
    """In-place operations of every kind, a reused ReLU, sizes, a parameter read directly."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.offset = nn.Parameter(torch.randn(4, 1, 1))
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        identity = x
        x = self.relu(x * 1.0)
        x += identity
        x = F.relu(x - 0.1, inplace=True)
        x = self.relu(x + self.offset)
        x = x.mul(2).add_(1)
        x = F.adaptive_avg_pool2d(x, 1)
        return self.head(x.view(x.size(0), -1))


def wrap(module: nn.Module) -> ali5.Network:
    return replace(
        ali5.load("vgg11", "compact"), module=module.eval().requires_grad_(False), names={}
    )


def test_in_place_operations_do_not_change_what_was_kept(cat: Image.Image) -> None:
    torch.manual_seed(0)
    network = wrap(Odd())
    trace = ali5.trace(network, cat)
    assert torch.equal(trace.steps[-1].output, network(cat))
    conv = F.conv2d(trace.image, network.module.conv.weight, network.module.conv.bias, padding=1)
    assert torch.allclose(trace["conv"].output, conv)
    assert trace["add"].inputs == ("relu", "conv")
    assert torch.equal(trace["add"].output, trace["conv"].output.relu() + trace["conv"].output)
    assert [name for name in ("relu", "relu_2", "relu_3") if trace[name]]
    assert trace["view"].inputs == ("adaptive_avg_pool2d",)
    assert network.module.relu.inplace  # the visitor's module is as it was


def test_a_network_that_asks_for_values_is_refused() -> None:
    class Asks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(ali5.Ali5Error, match="cannot be read as a graph"):
        read_plan(Asks().eval())


def test_a_network_in_training_mode_is_refused(digit: Image.Image) -> None:
    network = wrap(nn.Sequential(nn.Conv2d(3, 3, 1), nn.Flatten()))
    network.module.train()
    with pytest.raises(ali5.Ali5Error, match="training mode"):
        ali5.trace(network, digit)


def test_a_network_that_ends_in_a_softmax_gets_no_second_one(cat: Image.Image) -> None:
    layers = OrderedDict(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), last=nn.Softmax(1))
    trace = ali5.trace(wrap(nn.Sequential(layers)), cat)
    assert [step.name for step in trace.steps] == ["input", "pool", "flatten", "last"]


def test_predictions_are_sorted_and_carry_logits(digit: Image.Image) -> None:
    trace = ali5.trace(ali5.load("lenet5"), digit)
    predictions = trace.predictions(10)
    assert predictions[0].label == "3"
    shares = [prediction.probability for prediction in predictions]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-6)
    for prediction in predictions:
        assert prediction.logit == float(trace["output"].output[0, int(prediction.label)])
    assert len(trace.predictions(99)) == 10
    with pytest.raises(ali5.Ali5Error, match="one or more"):
        trace.predictions(0)


def test_an_unknown_step_offers_the_nearest(digit: Image.Image) -> None:
    trace = ali5.trace(ali5.load("lenet5"), digit)
    with pytest.raises(ali5.UnknownName, match="Did you mean 'C3'"):
        trace["c3"]


def test_torchvisions_numbered_layers_get_the_papers_names() -> None:
    both = [on_meta("vgg16", edition) for edition in ("torchvision", "paper")]
    trace, paper = (ali5.trace(network, meta_input(network)) for network in both)
    names = [step.name for step in trace.steps if step.name != "avgpool"]
    assert sorted(names) == sorted(step.name for step in paper.steps)
    assert trace["conv4_2"].shape == (1, 512, 28, 28)


@pytest.mark.parametrize("name", COMPACT)
def test_untrained_networks_are_the_same_every_time_and_have_no_opinion(
    name: str, cat: Image.Image
) -> None:
    torch.manual_seed(1)
    one = ali5.load(name, weights="untrained")
    torch.manual_seed(2)
    two = ali5.load(name, weights="untrained")
    assert torch.equal(one(cat), two(cat))
    assert one.weights == "untrained"
    assert not one.trained
    assert float(one(cat).max()) < 0.3


@pytest.mark.filterwarnings("ignore:The memory of")
def test_running_out_of_memory_goes_on_on_the_cpu(
    digit: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ali5.graph.plan import Plan

    network = ali5.load("lenet5")
    expected = network(digit)
    elsewhere = replace(network, device=torch.device("meta"))
    whole = Plan.execute

    def execute(self: Plan, image: Tensor):
        if image.device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(self, image)

    monkeypatch.setattr(Plan, "execute", execute)
    trace = ali5.trace(elsewhere, digit)
    assert torch.equal(trace.steps[-1].output, expected)
    assert trace.notes == ("The memory of META is full, so this ran on the CPU.",)
    assert ali5.trace(network, digit).notes == ()
