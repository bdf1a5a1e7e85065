"""The kernels of a visitor's own convolutions."""

from __future__ import annotations

import pytest
import torch

from ali5.labs.stack.bank import first_bank, stack_kernels


@pytest.mark.parametrize("size", range(1, 12))
def test_fixed_filters_are_balanced_and_do_what_their_names_say(size: int) -> None:
    bank = dict(first_bank(size))
    assert len(bank) == (6 if size == 1 else 32 if size > 2 else len(bank))
    for title, weights in bank.items():
        positive, negative = float(weights.clamp(min=0).sum()), float(weights.clamp(max=0).sum())
        assert max(positive, -negative) == pytest.approx(1, abs=1e-5)
        plain = title in ("bright", "dark")
        assert positive + negative == pytest.approx(
            {"bright": 1, "dark": -1}.get(title, 0), abs=1e-5
        ), (title, plain)
    ramp = torch.arange(float(size)).repeat(3, size, 1)
    if size > 1:
        assert float((bank["brighter to the right"] * ramp).sum()) > 0
        assert float((bank["brighter to the left"] * ramp).sum()) < 0
        assert float((bank["brighter downwards"] * ramp.mT).sum()) > 0
    red = torch.zeros(3, size, size)
    red[0] = 1
    assert float((bank["red, not green"] * red).sum()) == pytest.approx(1, abs=1e-5)
    if size >= 3:
        stripe = torch.zeros(3, size, size)
        stripe[:, :, size // 2 if size % 2 else slice(size // 2 - 1, size // 2 + 1)] = 1
        assert float((bank["a bright upright line"] * stripe).sum()) > 0.2
        lying = float((bank["a bright lying line"] * stripe).sum())
        assert lying == pytest.approx(0, abs=0.2 if size == 4 else 0.05)


def test_random_kernels_keep_the_size_of_the_numbers_and_are_always_the_same() -> None:
    kernels = stack_kernels(1, 32, 16, 5)
    assert kernels.shape == (32, 16, 5, 5)
    assert float(kernels.var()) == pytest.approx(2 / (16 * 25), rel=0.05)
    assert torch.equal(kernels, stack_kernels(1, 32, 16, 5))
    assert not torch.equal(kernels, stack_kernels(2, 32, 16, 5))
    maps = torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(1)).relu()
    after = torch.conv2d(maps, kernels)
    assert float(after.square().mean() / maps.square().mean() / 2) == pytest.approx(1, rel=0.15)
