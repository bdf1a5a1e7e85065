"""The recipes by name."""

import pytest

import ali5
from ali5.training.recipe import recipe_of


def test_an_unknown_recipe_offers_the_nearest() -> None:
    with pytest.raises(ali5.UnknownName, match="Did you mean 'vgg11 compact'"):
        recipe_of("vgg16")
