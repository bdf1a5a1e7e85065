"""Which precision is chosen, by made-up times."""

import math
from collections.abc import Sequence

import pytest
import torch

from ali5.training.precision import ROUNDS, choose, computing_in


@pytest.mark.parametrize(
    ("fp32", "bf16", "chosen", "why"),
    [
        ([9, 4, 4, 4], [9, 1, 2, 3], "bf16", "1 s a step, fp32 4 s"),
        ([9, 4, 5, 6], [9, 3.9, 5, 5], "fp32", "4 s a step, bf16 3.9 s"),
        ([1.28], [21.3], "fp32", "1.3 s a step, bf16 21 s"),
        ([1.5], [math.inf], "fp32", "1.5 s a step, bf16 is not possible here"),
        ([math.inf] * 4, [2, 1, 1, 1], "bf16", "1 s a step, fp32 is not possible here"),
    ],
    ids=["quicker", "hardly quicker", "hopeless", "not here", "no room"],
)
def test_bf16_is_taken_where_it_is_clearly_quicker(
    fp32: Sequence[float], bf16: Sequence[float], chosen: str, why: str
) -> None:
    left = {"fp32": list(map(float, fp32)), "bf16": list(map(float, bf16))}
    choice = choose(lambda precision: left[precision].pop(0))
    assert (choice.precision, choice.why) == (chosen, why)
    assert left == {"fp32": [], "bf16": []}  # neither more steps nor fewer
    assert len(fp32) in (1, 1 + ROUNDS)


def test_a_step_is_computed_in_what_was_chosen() -> None:
    layer, pictures = torch.nn.Conv2d(3, 4, 3), torch.rand(1, 3, 5, 5)
    for precision, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        with computing_in(precision, torch.device("cpu")):
            assert layer(pictures).dtype == kind
        assert layer(pictures).dtype == torch.float32
