"""Layers that train quickly compute what PyTorch's own do."""

import torch

from ali5.graph.layers import LocalResponseNorm


def test_quick_response_normalisation_is_pytorchs() -> None:
    for size in (4, 5):
        ours = LocalResponseNorm(size, alpha=5e-2, beta=0.6, k=1.5).train()
        theirs = torch.nn.LocalResponseNorm(size, alpha=5e-2, beta=0.6, k=1.5)
        images = torch.randn(2, 12, 5, 7, dtype=torch.float32) * 3
        one, two = images.clone().requires_grad_(), images.clone().requires_grad_()
        upstream = torch.randn_like(images)
        ours(one).backward(upstream)
        theirs(two).backward(upstream)
        assert torch.allclose(ours(images), theirs(images), atol=1e-5)
        assert one.grad is not None
        assert two.grad is not None
        assert torch.allclose(one.grad, two.grad, atol=1e-5)
        assert torch.equal(ours.eval()(images), theirs(images))
