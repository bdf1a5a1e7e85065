"""What a node of the graph does, in the field's own words, with the settings that define it."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn
from torch.fx.operator_schemas import get_signature_for_torch_op, normalize_function

from ali5.graph.kinds import Operation, Settings
from ali5.graph.layers import ScaledTanh

_ACTIVATIONS = (
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.Hardtanh,
    nn.Softplus,
    nn.Mish,
)

_POOLING = (
    *("kernel_size", "stride", "padding", "dilation"),
    *("ceil_mode", "count_include_pad", "divisor_override"),
)

_SHAPES = ("negative_slope", "alpha", "beta", "threshold", "min_val", "max_val", "approximate")
"""Settings of the activations."""

MODULES: dict[type[nn.Module] | tuple[type[nn.Module], ...], tuple[Operation, tuple[str, ...]]] = {
    nn.Conv2d: (
        Operation.CONVOLUTION,
        ("kernel_size", "stride", "padding", "dilation", "groups", "padding_mode"),
    ),
    nn.Linear: (Operation.LINEAR, ()),
    nn.MaxPool2d: (Operation.MAX_POOLING, _POOLING),
    nn.AdaptiveMaxPool2d: (Operation.MAX_POOLING, ("output_size",)),
    nn.AvgPool2d: (Operation.AVERAGE_POOLING, _POOLING),
    nn.AdaptiveAvgPool2d: (Operation.AVERAGE_POOLING, ("output_size",)),
    nn.ReLU: (Operation.RELU, ()),
    (nn.Tanh, ScaledTanh): (Operation.TANH, ("amplitude", "slope")),
    _ACTIVATIONS: (Operation.ACTIVATION, _SHAPES),
    nn.BatchNorm2d: (Operation.BATCH_NORM, ("eps",)),
    nn.LocalResponseNorm: (Operation.LOCAL_RESPONSE_NORM, ("size", "alpha", "beta", "k")),
    nn.Flatten: (Operation.FLATTEN, ("start_dim", "end_dim")),
    (nn.Dropout, nn.Dropout2d, nn.AlphaDropout, nn.Identity): (Operation.DROPOUT, ("p",)),
    nn.Softmax: (Operation.SOFTMAX, ("dim",)),
}
"""What a leaf module does, by its class, and which of its attributes are its settings."""

FUNCTIONS: dict[Callable[..., Any] | str, Operation] = {
    F.conv2d: Operation.CONVOLUTION,
    torch.conv2d: Operation.CONVOLUTION,
    F.linear: Operation.LINEAR,
    F.max_pool2d: Operation.MAX_POOLING,
    torch.max_pool2d: Operation.MAX_POOLING,
    F.adaptive_max_pool2d: Operation.MAX_POOLING,
    F.avg_pool2d: Operation.AVERAGE_POOLING,
    F.adaptive_avg_pool2d: Operation.AVERAGE_POOLING,
    F.relu: Operation.RELU,
    torch.relu: Operation.RELU,
    "relu": Operation.RELU,
    torch.tanh: Operation.TANH,
    F.tanh: Operation.TANH,
    "tanh": Operation.TANH,
    torch.sigmoid: Operation.ACTIVATION,
    "sigmoid": Operation.ACTIVATION,
    F.gelu: Operation.ACTIVATION,
    F.silu: Operation.ACTIVATION,
    F.leaky_relu: Operation.ACTIVATION,
    F.elu: Operation.ACTIVATION,
    F.batch_norm: Operation.BATCH_NORM,
    F.local_response_norm: Operation.LOCAL_RESPONSE_NORM,
    operator.add: Operation.ADDITION,
    torch.add: Operation.ADDITION,
    "add": Operation.ADDITION,
    torch.cat: Operation.CONCATENATION,
    torch.concat: Operation.CONCATENATION,
    torch.flatten: Operation.FLATTEN,
    "flatten": Operation.FLATTEN,
    F.dropout: Operation.DROPOUT,
    F.softmax: Operation.SOFTMAX,
    torch.softmax: Operation.SOFTMAX,
    "softmax": Operation.SOFTMAX,
}
"""What a function does, or a method of a tensor by its name."""


_BY_NAME = {
    target if isinstance(target, str) else target.__name__.strip("_"): operation
    for target, operation in FUNCTIONS.items()
}


def describe_module(module: nn.Module) -> tuple[Operation, Settings]:
    """Return what a leaf module does and its settings."""
    for types, (operation, names) in MODULES.items():
        if isinstance(module, types):
            settings = {name: getattr(module, name) for name in names if name in dir(module)}
            if operation is Operation.ACTIVATION:
                settings["function"] = type(module).__name__
            return operation, settings
    return Operation.OTHER, {}


def describe_function(node: fx.Node) -> tuple[Operation, Settings]:
    """Return what a function or method node does and its settings (arguments that are no tensors).

    The node must not be in place any more.
    """
    operation = FUNCTIONS.get(node.target, Operation.OTHER)
    if isinstance(node.target, str):
        return operation, _settings(operation, node.target, node.kwargs, node.args)
    arguments = _by_name(node.target, node.args, node.kwargs)
    return operation, _settings(operation, node.target.__name__, arguments, node.args)


def describe_call(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Operation, Settings]:
    """Return what a call does, in place or not, and its settings (what is no tensor)."""
    operation = _BY_NAME.get(function.__name__.strip("_"), Operation.OTHER)
    arguments = _by_name(function, args, kwargs)
    return operation, _settings(operation, function.__name__, arguments, args)


def _by_name(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return all arguments by their name; only those given by name if the others have none."""
    given = tuple(args), dict(kwargs)
    try:
        found = normalize_function(function, *given, normalize_to_only_use_kwargs=True)
    except ValueError:  # methods of tensors have no signature
        return kwargs
    except RuntimeError:  # several fit, as for conv2d, whose padding may be a word
        for signature in get_signature_for_torch_op(function) or ():
            with contextlib.suppress(TypeError):
                return signature.bind(*given[0], **given[1]).arguments
        return kwargs
    return kwargs if found is None else found.kwargs


def _settings(
    operation: Operation, name: str, arguments: Mapping[str, Any], positional: Sequence[Any]
) -> Settings:
    """Return the arguments that are no tensors, and what no argument's name tells."""
    settings = {name: value for name, value in arguments.items() if _is_plain(value)}
    if operation is Operation.ACTIVATION:
        settings["function"] = name
    elif operation is Operation.ADDITION:
        settings.pop("other", None)
        given = (*positional, arguments.get("other"))[:2]
        numbers = [each for each in given if isinstance(each, int | float)]
        if numbers:
            settings["constant"] = numbers[0]
    return settings


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(part) for part in value)
    return value is None or isinstance(value, bool | int | float | str)
