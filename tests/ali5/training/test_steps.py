"""What the optimisers do to the weights."""

import torch

from ali5.training.recipe import Recipe
from ali5.training.steps import Stepper


def spread_of(filters: torch.Tensor | None) -> float:
    """Largest by smallest singular value of filters as a matrix."""
    assert filters is not None
    singular = torch.linalg.svdvals(filters.flatten(1))
    return float(singular.max() / singular.min())


def test_muon_changes_hidden_layers_by_matrices_of_equal_singular_values() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 16, 3, bias=False), torch.nn.Conv2d(16, 4, 1)
    )
    recipe = Recipe("tiny-imagenet", 1, 1, "muon", peak_rate=0.01, weight_decay=0.0, warm_up=0.5)
    stepper = Stepper(model, recipe)
    stepper.schedule(10)
    before = [value.detach().clone() for value in model.parameters()]
    for value in model.parameters():
        value.grad = torch.randn_like(value)
    before_ratio = spread_of(model[1].weight.grad)
    stepper.step()
    after_ratio = spread_of(model[1].weight.detach() - before[2])
    assert after_ratio < 1.8 < before_ratio  # Newton-Schulz brings them near one
    moved = [not torch.equal(a, b) for a, b in zip(model.parameters(), before, strict=True)]
    assert all(moved)
