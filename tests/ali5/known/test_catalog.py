"""Every claim of the catalog, rebuilt and checked."""

import fnmatch
import itertools

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import ali5
from ali5.graph.kinds import Operation
from ali5.known.catalog import landmarks
from ali5.known.labels import read_labels
from tests.conftest import COMPACT, EDITIONS, meta_input, on_meta

TORCHVISION_PARAMETERS = {
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
}

PAPER_PARAMETERS = {"lenet5": 61_706, "zfnet": 62_357_608, "googlenet": 6_998_552}


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_parameters_and_multiply_adds_are_those_of_the_built_network(
    name: str, edition: str
) -> None:
    network = on_meta(name, edition)
    image = meta_input(network)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.module(image)
    trace = ali5.trace(network, image)
    claims = network.edition
    in_module = sum(parameter.numel() for parameter in network.module.parameters())
    assert claims.parameters == sum(step.parameters for step in trace.steps)
    assert claims.parameters + claims.auxiliary_parameters == in_module
    assert 2 * claims.multiply_adds == counter.get_total_flops()
    assert claims.multiply_adds == sum(step.multiply_adds for step in trace.steps)
    assert trace.steps[-1].shape == (1, len(read_labels(claims.labels)))
    assert claims.departures
    names = [step.name for step in trace.steps]
    for departure in claims.departures:
        for pattern in departure.steps:
            assert fnmatch.filter(names, pattern), f"there is no {pattern}"


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_the_records_know_where_a_batch_normalisation_follows(name: str, edition: str) -> None:
    steps = on_meta(name, edition).plan.steps
    first = next(n for n, each in enumerate(steps) if each.operation is Operation.CONVOLUTION)
    claimed = ali5.catalog()[name].edition(edition).batch_norm
    assert claimed is (steps[first + 1].operation is Operation.BATCH_NORM)


@pytest.mark.parametrize(("name", "parameters"), TORCHVISION_PARAMETERS.items())
def test_torchvision_editions_have_the_published_counts(name: str, parameters: int) -> None:
    assert ali5.catalog()[name].edition("torchvision").parameters == parameters


@pytest.mark.parametrize(("name", "parameters"), PAPER_PARAMETERS.items())
def test_paper_editions_have_the_published_counts(name: str, parameters: int) -> None:
    assert ali5.catalog()[name].edition("paper").parameters == parameters


FIRST_TEN = (
    *("lenet5", "alexnet", "zfnet", "vgg11", "vgg16", "vgg19"),
    *("googlenet", "resnet18", "resnet34", "resnet50"),
)


def test_networks_come_oldest_first_and_family_by_family() -> None:
    known = list(ali5.catalog().values())
    assert tuple(each.id for each in known if each.id in FIRST_TEN) == FIRST_TEN
    families = [family for family, _ in itertools.groupby(each.family for each in known)]
    assert len(families) == len(set(families)) >= 6
    assert [each.year for each in known] == sorted(each.year for each in known)
    assert all(each.link.startswith("https://") and each.authors for each in known)


def test_there_is_one_compact_edition_in_each_family() -> None:
    families = dict.fromkeys(each.family for each in ali5.catalog().values())
    assert [ali5.catalog()[name].family for name in COMPACT] == [*families]
    assert [*landmarks()] == COMPACT


@pytest.mark.parametrize("name", COMPACT)
def test_compact_editions_are_small_and_start_with_large_maps(name: str) -> None:
    network = on_meta(name, "compact")
    assert network.edition.parameters + network.edition.auxiliary_parameters <= 3_000_000
    trace = ali5.trace(network, meta_input(network))
    first = next(step for step in trace.steps if step.operation == "convolution")
    assert first.shape[2] >= (28 if name == "lenet5" else 32)
    preprocessing = network.edition.preprocessing
    expected = (32, 1, 10) if name == "lenet5" else (64, 3, 200)
    assert (preprocessing.size, preprocessing.channels, trace.steps[-1].shape[1]) == expected


@pytest.mark.parametrize(
    ("name", "kernel", "stride", "size"),
    [("alexnet", 11, 4, 227), ("zfnet", 7, 2, 224), ("googlenet", 7, 2, 224)],
)
def test_paper_editions_start_as_published(name: str, kernel: int, stride: int, size: int) -> None:
    network = on_meta(name, "paper")
    first = ali5.trace(network, meta_input(network))["conv1"]
    assert first.settings["kernel_size"] == (kernel, kernel)
    assert first.settings["stride"] == (stride, stride)
    assert network.edition.preprocessing.size == size


def test_the_maps_of_zfnet_have_the_sizes_of_its_figure_3() -> None:
    network = on_meta("zfnet", "paper")
    trace = ali5.trace(network, meta_input(network))
    names = ("conv1", "pool1", "conv2", "pool2", "conv5", "pool5")
    assert [trace[name].shape[2] for name in names] == [110, 55, 26, 13, 13, 6]


def test_googlenet_has_nine_modules_with_true_5x5_branches() -> None:
    network = on_meta("googlenet", "paper")
    trace = ali5.trace(network, meta_input(network))
    blocks = list(dict.fromkeys(step.block for step in trace.steps if step.block))
    assert blocks == [f"inception{n}" for n in "3a 3b 4a 4b 4c 4d 4e 5a 5b".split()]  # noqa: SIM905
    for block in blocks:
        assert trace[f"{block}.conv5x5"].settings["kernel_size"] == (5, 5)
        assert len(trace[f"{block}.cat"].inputs) == 4
    # Table 1 of the paper, column "output size".
    assert [trace[f"inception{n}.cat"].shape[1] for n in ("3a", "3b", "4a", "4e", "5b")] == [
        *(256, 480, 512, 832, 1024)
    ]


def test_the_strides_of_resnet50_are_where_the_editions_say() -> None:
    paper, torchvision = (on_meta("resnet50", edition) for edition in ("paper", "torchvision"))
    for network, strided in ((paper, "conv1"), (torchvision, "conv2")):
        trace = ali5.trace(network, meta_input(network))
        for conv in ("conv1", "conv2", "conv3"):
            assert trace[f"layer2.0.{conv}"].settings["stride"] == (1 + (conv == strided),) * 2


def test_the_imagenet_labels_are_torchvisions() -> None:
    from torchvision.models import ResNet18_Weights

    assert list(read_labels("imagenet")) == ResNet18_Weights.DEFAULT.meta["categories"]


@pytest.mark.parametrize(("name", "count"), [("digits", 10), ("imagenet", 1000)])
def test_labels_are_complete(name: str, count: int) -> None:
    assert len(read_labels(name)) == count


def test_tiny_imagenet_labels_are_two_hundred_different_names() -> None:
    assert len(set(read_labels("tiny-imagenet"))) == len(read_labels("tiny-imagenet")) == 200


@pytest.mark.parametrize("name", TORCHVISION_PARAMETERS)
def test_published_weights_are_torchvisions(name: str) -> None:
    from torchvision import models

    theirs = models.get_model_weights(name).IMAGENET1K_V1
    ours = ali5.catalog()[name].edition("torchvision").published
    assert ours is not None
    assert ours.url == theirs.url
    assert ours.mebibytes == theirs.meta["_file_size"]
    measured = theirs.meta["_metrics"]["ImageNet-1K"]
    assert (ours.top1 * 100, ours.top5 * 100) == pytest.approx(
        (measured["acc@1"], measured["acc@5"])
    )
    assert len(ours.sha256_start) == 8
    assert int(ours.sha256_start, 16) > 0
