"""Heads of one's own."""

from __future__ import annotations

import threading

import pytest
import torch
from PIL import Image
from torch import nn

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.last_layer import trunk_of
from ali5.classifying.teach.teaching import Taught, teach
from ali5.errors import Ali5Error
from ali5.explain import attribution
from ali5.tracing.interventions import Intervention, intervene
from tests.ali5.classifying.teach.test_last_layer import own_module


def test_everything_else_works_on_it(taught: Taught, cat: Image.Image) -> None:
    network = taught.network
    trace = ali5.trace(network, cat)
    assert trace.predictions()[0].label in ("hearts", "stars", "arrows")
    for method in ("grad-cam", "occlusion", "integrated-gradients", "saliency"):  # need no ReLU
        assert torch.isfinite(attribution(trace, method, 1).map).all()
    muted = intervene(trace, [Intervention("output", "mute", channels=(0,))])
    assert float(muted["output"].output[0, 0]) == 0
    assert ali5.classify(network, [cat])[0].best.label == trace.predictions()[0].label
    assert ali5.compare([network], cat).answers[0].verdict.classes == 3
    unit = ali5.explain.unit(trace, "output", 2)
    assert unit.value == pytest.approx(float(trace["output"].output[0, 2]), abs=1e-4)


def test_features_that_are_no_numbers_are_refused(cat: Image.Image) -> None:
    module = own_module(nn.Linear(32, 7))
    with torch.no_grad():
        module[0].bias.fill_(torch.inf)  # type: ignore[union-attr, operator]
    with pytest.raises(Ali5Error, match="not all finite"):
        trunk_of(ali5.wrap(module, size=32, device="cpu")).look([cat])


def test_the_order_of_pictures_and_the_seed_change_nothing_of_the_head(
    lenet: ali5.Network, taught: Taught
) -> None:
    groups = {name: images[::-1] for name, images in example_groups("shapes").items()}
    again = teach(lenet, groups, seed=6)
    assert torch.equal(again.head.weight, taught.head.weight)
    assert torch.equal(again.head.bias, taught.head.bias)
    assert again.digest == taught.digest
    assert teach(lenet, groups).check.confusion == taught.check.confusion
    stars, *others = reversed(groups.items())
    turned = teach(lenet, dict([stars, *others]))
    assert turned.head.weight[0] == pytest.approx(taught.head.weight[2].numpy(), abs=1e-5)


def test_the_example_is_learned_from_what_the_backbone_sees(resnet: ali5.Network) -> None:
    taught = teach(resnet, example_groups("shapes"))
    assert taught.check.right >= 30
    assert taught.check.pixels_right <= 18
    for name, images in example_groups("shapes").items():
        for image in images:
            assert ali5.trace(taught.network, image).predictions()[0].label == name


def test_it_ends_where_progress_says_so(lenet: ali5.Network) -> None:
    class Enough(Exception):
        pass

    told: list[tuple[str, int, int]] = []

    def enough(stage: str, done: int, count: int) -> None:
        if stage == last:
            raise Enough

    last = "looking"
    with pytest.raises(Enough):
        teach(lenet, example_groups("shapes"), progress=enough)
    last = "checking"
    with pytest.raises(Enough):
        teach(lenet, example_groups("shapes"), progress=enough)
    teach(lenet, example_groups("shapes"), progress=lambda *each: told.append(each))
    assert [each[1] for each in told if each[0] == "looking"] == [0, 16, 32]
    assert [each[1] for each in told if each[0] == "checking"] == list(range(21))
    assert {each[2] for each in told if each[0] == "checking"} == {21}


def test_faults_are_raised_before_anything_is_computed(
    lenet: ali5.Network, cat: Image.Image
) -> None:
    with pytest.raises(Ali5Error, match=r"“a” has one picture.*“b” has no pictures"):
        teach(lenet, {"a": [cat], "b": []})


def test_visitors_side_by_side_teach_the_same_backbone(lenet: ali5.Network, taught: Taught) -> None:
    found: list[Taught] = []
    threads = [
        threading.Thread(target=lambda: found.append(teach(lenet, example_groups("shapes"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.digest for each in found] == [taught.digest] * 4
