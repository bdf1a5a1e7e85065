"""The gradient of one number."""

import torch
from PIL import Image

import ali5
from ali5.explain import effective_field


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
