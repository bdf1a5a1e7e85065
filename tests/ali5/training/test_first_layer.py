"""What is done to the first layer between two cycles."""

import torch

from ali5.training import first_layer


def test_dead_filters_become_opposites_and_the_answer_stays() -> None:
    torch.manual_seed(3)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 5, 3), torch.nn.ReLU(), torch.nn.Conv2d(5, 4, 3)
    )
    first = network[0]
    batches = [torch.rand(2, 3, 9, 9) for _ in range(3)]
    with torch.no_grad():
        first.weight[:] = torch.eye(27)[:5].view(5, 3, 3, 3)  # living ones look at one pixel each
        first.weight[4] = -first.weight[0]  # the opposite of this one is there already
        first.bias.fill_(0.1)
        first.bias[2] = -9.0
        first.weight[1, 0, 0] = torch.tensor([-0.6, 0.8, 0.0])  # half an opposite of the first too
    before = [network(each) for each in batches]
    revived = first_layer.revive(network, batches)
    assert revived == 1
    # Least like all others is the opposite of the fourth: at right angles to every other filter.
    assert torch.equal(first.weight[2], -first.weight[3])
    assert torch.equal(first.bias, torch.full((5,), 0.1))
    assert first(batches[0])[:, 2].max() > 0
    for images, answer in zip(batches, before, strict=True):
        assert torch.allclose(network(images), answer, atol=1e-6)
    assert first_layer.revive(network, batches) == 0
