"""Accuracy and confusions, by hand."""

import torch

from ali5.training.measure import Accuracy, Confusion, accuracy, confusions, restricted_top1


def test_accuracy_and_confusions_by_hand() -> None:
    logits = torch.tensor(
        [[3.0, 2, 1, 0, -1, -2], [0, 1, 2, 3, 4, 5], [9, 0, 0, 0, 0, 8], [1, 9, 0.5, 0.4, 0.3, 0.2]]
    )
    labels = torch.tensor([0, 0, 5, 5])
    assert accuracy(logits, labels) == Accuracy(0.25, 0.5)
    names = ["ant", "bee", "cow", "dog", "elk", "fox"]
    assert confusions(logits, labels, names) == (
        Confusion("ant", "fox", 0.5),
        Confusion("fox", "ant", 0.5),
        Confusion("fox", "bee", 0.5),
    )
    assert confusions(logits, labels, names, most=1) == (Confusion("ant", "fox", 0.5),)
    # Among ants and elks alone: the first picture is right, the second is taken for an elk.
    assert restricted_top1(logits, labels, names, ["ant", "elk"]) == 0.5
    assert restricted_top1(logits, labels, names, ["ant", "yak"]) is None
