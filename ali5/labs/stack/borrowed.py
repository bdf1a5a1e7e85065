"""Parts of the networks, with what they have learned, as layers of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from torch import nn

from ali5.errors import Ali5Error, UnknownName
from ali5.graph.kinds import Operation
from ali5.graph.plan import PlannedStep
from ali5.labs.stack.layers import (
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
)
from ali5.networks.networks import Network

Networks = Mapping[str, Network]
"""The networks whose parts stand in a stack, by id, in their compact edition."""


def first_stage(network: Network) -> tuple[Layer, ...]:
    """Return the first steps of a network, up to and including its first pooling, as layers.

    They end before a step that no layer of a stack does.
    """
    name = network.architecture.id
    layers: list[Layer] = []
    for step in network.plan.steps[1:]:
        layer = _as_layer(step, name)
        if layer is None:
            break
        layers.append(layer)
        if isinstance(layer, Pooling):
            break
    return tuple(layers)


def _as_layer(step: PlannedStep, network: str) -> Layer | None:
    if step.operation is Operation.CONVOLUTION:
        return FirstConvolution(network, _edge(step, "stride"), _edge(step, "padding"))
    if step.operation is Operation.BATCH_NORM:
        return FirstBatchNorm(network)
    if step.operation in _POOLING_KINDS:
        return Pooling(
            _POOLING_KINDS[step.operation],
            _edge(step, "kernel_size"),
            _edge(step, "stride"),
            _edge(step, "padding"),
            bool(step.settings["ceil_mode"]),
        )
    return None if step.operation is None else _PLAIN_LAYERS.get(step.operation)


_POOLING_KINDS: dict[Operation | None, Literal["max", "average"]] = {
    Operation.MAX_POOLING: "max",
    Operation.AVERAGE_POOLING: "average",
}
_PLAIN_LAYERS: dict[Operation, Layer] = {
    Operation.RELU: Rectifier(),
    Operation.TANH: Squashing(),
    Operation.LOCAL_RESPONSE_NORM: ResponseNorm(),
}


def _edge(step: PlannedStep, setting: str) -> int:
    value = step.settings[setting]
    return int(value if isinstance(value, int) else value[0])


def first_module(network: Network, operation: Operation) -> nn.Module:
    """Return the first convolution, batch normalisation and so on of a network; it is shared.

    Raises:
        Ali5Error: It has none.
    """
    for step in network.plan.steps:
        if step.operation is operation and step.parameters:
            return network.module.get_submodule(step.parameters[0].rpartition(".")[0])
    raise Ali5Error(f"{network.architecture.title} has no {operation}.")


def part_of(layer: FirstConvolution | FirstBatchNorm, networks: Networks) -> nn.Module:
    """Return the module that a layer stands for; it is shared.

    Raises:
        UnknownName: The network is not among these.
        Ali5Error: It has no such module.
    """
    if layer.network not in networks:
        raise UnknownName("network for this stack", layer.network, networks)
    operation = (
        Operation.CONVOLUTION if isinstance(layer, FirstConvolution) else Operation.BATCH_NORM
    )
    return first_module(networks[layer.network], operation)
