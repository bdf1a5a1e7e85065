"""The last fully connected layer of a network, taken off and replaced.

What stays is the backbone: it turns a picture into a list of numbers, its features, and is never
changed. A network with another head shares all other weights with the one it was made from.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from PIL import Image
from torch import Tensor, nn

from ali5.errors import Ali5Error
from ali5.graph.kinds import Operation
from ali5.graph.plan import PlannedStep
from ali5.known.records import TAUGHT, Departure
from ali5.networks.devices import meets_full_memory
from ali5.networks.networks import Network, run_or_fall_back


@dataclass(frozen=True, eq=False)
class Head:
    """A fully connected layer that ends a network.

    Attributes:
        labels: Names of the classes.
        weight: Shape [classes, features], float32, on the CPU.
        bias: Shape [classes], likewise.
    """

    labels: tuple[str, ...]
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, eq=False)
class Trunk:
    """A network without its last layer.

    Attributes:
        network: The whole of it.
        path: Of the last layer's module.
        step: What the last layer is called.
        features: How many numbers that layer reads.
        headless: What is left without that layer; its logits are the features. It shares the
            weights of the network.
    """

    network: Network
    path: str
    step: str
    features: int
    headless: Network

    @property
    def device(self) -> torch.device:
        """Where its network is."""
        return self.network.device

    @property
    def on_cpu(self) -> Trunk:
        """The same on the CPU, with a note; this one stays where it is."""
        network = self.network.on_cpu
        return replace(self, network=network, headless=_without_head(network, self.path))

    def look(self, images: Sequence[Image.Image]) -> Tensor:
        """Return the features of pictures, [N, features], float32, on the CPU.

        The network is only read. If the accelerator runs out of memory, the CPU does it.

        Args:
            images: Upright RGB pictures of any size.

        Raises:
            Ali5Error: The forward pass of a user's own network failed, or gave what are no numbers.
        """
        prepared = torch.cat([self.network.prepare(image) for image in images])

        def run(on: Network) -> Tensor:
            headless = self.headless if on is self.network else self.on_cpu.headless
            # One at a time: in a batch, the last digits depend on what else is in it.
            parts = torch.split(prepared, 1)
            return torch.cat([headless.logits(part).float().cpu() for part in parts])

        found = run_or_fall_back(self.network, run, "The network's forward pass failed").clone()
        if not torch.isfinite(found).all():
            raise Ali5Error(
                "The features of a picture are not all finite numbers: nothing can be learned from "
                "them. Take another network."
            )
        return found


def trunk_of(network: Network) -> Trunk:
    """Take the last layer off a network.

    Args:
        network: It must end with a fully connected layer, and be readable as a graph.

    Raises:
        Ali5Error: It does not, or is not.
    """
    name = network.architecture.title
    if not network.readable:
        raise Ali5Error(
            f"The forward pass of {name} depends on what is in its tensors: ALI5 cannot tell which "
            "layer is its last. Take a network that can be read as a graph."
        )
    last, path = _last_layer(network)
    layer = network.module.get_submodule(path)
    assert isinstance(layer, nn.Linear)
    return Trunk(network, path, last.name, layer.in_features, _without_head(network, path))


@meets_full_memory
def with_head(trunk: Trunk, head: Head) -> Network:
    """Return the network with another last layer; all its other weights are shared.

    Tracing, arithmetic, attribution, interventions and comparison work on it as on any other.

    Raises:
        Ali5Error: The head is for another number of features, or does not belong together.
    """
    network = trunk.network
    classes = len(head.labels)
    if head.weight.shape != (classes, trunk.features) or head.bias.shape != (classes,):
        raise Ali5Error(
            f"A head for {network.architecture.title} with {classes} classes has weights of shape "
            f"[{classes}, {trunk.features}], not {list(head.weight.shape)}."
        )
    module = _shared_copy(network.module)
    old = module.get_submodule(trunk.path)
    new = nn.Linear(trunk.features, classes, device="meta")
    kept = {"weight": head.weight, "bias": head.bias}
    new.load_state_dict(
        {name: value.to(network.device, torch.float32, copy=True) for name, value in kept.items()},
        assign=True,
    )
    module.set_submodule(trunk.path, new.eval().requires_grad_(False))
    edition = network.edition
    grown = _count(new) - _count(old)
    words = f"Its last layer was taught: {classes} classes that somebody has named."
    return replace(
        network,
        module=module,
        labels=head.labels,
        weights=TAUGHT,
        card=None,
        edition=replace(
            edition,
            labels="",
            parameters=edition.parameters + grown,
            multiply_adds=edition.multiply_adds + trunk.features * (classes - _classes(old)),
            departures=(*edition.departures, Departure(words, (trunk.step,))),
            published=None,
        ),
    )


def fingerprint(trunk: Trunk) -> str:
    """Return the SHA-256 checksum of everything that makes the features, as hexadecimal digits.

    Two networks with the same one give the same features, whatever their last layers are.
    """
    digest = hashlib.sha256()
    for name, value in sorted(trunk.headless.module.state_dict().items()):
        if name.endswith(".num_batches_tracked"):  # changes nothing
            continue
        digest.update(f"{name} {value.dtype} {list(value.shape)}\n".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    digest.update(repr(trunk.network.edition.preprocessing).encode())
    return digest.hexdigest()


def _last_layer(network: Network) -> tuple[PlannedStep, str]:
    """Return the step that gives the logits and the path of its module."""
    steps = {step.name: step for step in network.plan.steps}
    *_, softmax = steps.values()
    last = steps[softmax.inputs[0]]
    path = last.parameters[0].rpartition(".")[0] if last.parameters else ""
    module = network.module.get_submodule(path) if path else None
    uses = sum(step.parameters == last.parameters for step in steps.values())
    if last.operation is not Operation.LINEAR or not isinstance(module, nn.Linear) or uses > 1:
        raise Ali5Error(
            f"{network.architecture.title} ends with “{last.name}” ({last.operation}), not with a "
            "fully connected layer of its own that could be replaced. Take another network."
        )
    return last, path


def _without_head(network: Network, path: str) -> Network:
    module = _shared_copy(network.module)
    module.set_submodule(path, nn.Identity())
    return replace(network, module=module.eval())


def _shared_copy(module: nn.Module) -> nn.Module:
    """Copy a module but not its weights."""
    shared = {id(each): each for each in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, dict(shared))


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _classes(module: nn.Module) -> int:
    assert isinstance(module, nn.Linear)
    return module.out_features
