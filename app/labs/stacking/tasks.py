"""The stacking lab's questions, marked by the engine, and its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from ali5.labs.stack.layers import (
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
)

from ...engine import Picture, once
from ..questions import Question, options_around
from .findings import find, outlined, used_networks
from .settings import Settings, change_of, reader_of

if TYPE_CHECKING:
    from ali5.labs.stack.outline import Outline
    from ali5.networks.networks import Network
    from ali5.pictures.changes import Change


# --- Questions --------------------------------------------------------------------------------


def questions_of(settings: Settings, picture: Picture) -> list[Question]:
    """Return three questions about the stack, or about one convolution if nothing works."""
    about = "questions", settings.stack, settings.size  # nothing else of the settings is asked
    return once(picture.image, about, lambda: _questions_of(settings, picture))


def _questions_of(settings: Settings, picture: Picture) -> list[Question]:
    stack = settings.stack[: len(outlined(settings.stack, settings.size)[0])]
    if not stack:
        stack = (Convolution(padding=1),)
    outlines = outlined(stack, settings.size)[0]
    last = outlines[-1]
    return [
        _about_size(settings, stack, outlines),
        _about_field(settings, last),
        _about_shift(replace(settings, stack=stack), picture, last),
    ]


def _about_size(
    settings: Settings, stack: tuple[Layer, ...], outlines: tuple[Outline, ...]
) -> Question:
    edge = outlines[-1].shape[2]
    more = outlined((*stack, Pooling("max", 3, 2, 1)), settings.size)[0][-1]  # fits everything
    rows = more.shape[2]
    return Question(
        "One more 3 × 3 max pooling with stride 2 and a padding of 1 at the end: how many rows "
        "would its maps have?",
        options_around(rows, edge, rows + 1, rows - 1, edge // 3),
        f"{rows:,}",
        f"Maps of {edge} × {edge} come in: {more.formula}.",
    )


def _about_field(settings: Settings, last: Outline) -> Question:
    seen, stride = last.receptive_field.size, last.receptive_field.stride
    return Question(
        f"How many pixels of the photo, along one side, can one number of {last.name} see?",
        options_around(seen, last.shape[2], seen + stride, max(1, seen - stride), settings.size),
        f"{seen:,}",
        f"It sees {seen} × {seen} pixels, and its neighbour looks {stride} "
        f"{'pixel' if stride == 1 else 'pixels'} further.",
    )


def _about_shift(settings: Settings, picture: Picture, last: Outline) -> Question:
    moved = replace(Settings(), stack=settings.stack, size=settings.size, right=1)
    findings = find(moved, picture)
    measured = [
        (step, meter.equivariance)
        for step, meter in zip(findings.steps, findings.meters, strict=True)
        if meter.equivariance is not None
    ]
    if not measured:
        return _about_padding(settings, last)
    options = ("exactly", "nearly: by more than 50 %", "hardly: by less than 50 %")
    step, alike = measured[-1]
    stride, exact = step.receptive_field.stride, alike > 0.9999
    if stride == 1:
        why = "every number moves by a whole number of places"
    elif exact:
        why = "this photo is the same from pixel to pixel"
    else:
        why = f"one pixel is 1/{stride} of a place on these maps, and what lies between is lost"
    return Question(
        f"The photo moves by one pixel. Do the maps of {step.name} move along?",
        options,
        options[0] if exact else options[1] if alike > 0.5 else options[2],
        f"Measured: equivariance {100 * alike:.4g} %, for {why}.",
    )


def _about_padding(settings: Settings, last: Outline) -> Question:
    """Ask what is left without padding, where too little is left to compare."""
    rows = last.receptive_field.rows
    tops = [rows.offset + index * rows.stride for index in range(last.shape[2])]
    inside = sum(top >= 0 and top + rows.size <= settings.size for top in tops)
    return Question(
        f"How many rows of {last.name} see nothing of the padding?",
        options_around(inside, last.shape[2], inside + 1, inside + 2),
        f"{inside:,}",
        f"One number sees {rows.size} rows of pixels, and the photo has {settings.size}.",
    )


# --- The same in PyTorch ----------------------------------------------------------------------


def code_of(settings: Settings, picture: Picture) -> str:
    """Return PyTorch code that gives the maps of the last layer that works."""
    outlines = outlined(settings.stack, settings.size)[0]
    stack = settings.stack[: len(outlines)]
    reader, networks = reader_of(settings.stack), used_networks(stack)
    modules, filled = _modules_in_code(stack, 1 if reader == "lenet5" else 3, networks)
    arguments = f"{picture.opening_code}, {settings.size}" + (f', "{reader}"' if reader else "")
    change = change_of(settings)
    lines = ["from torch import nn"]
    if filled or not picture.is_sample:
        lines.append("import ali5")
    if "ScaledTanh" in modules:
        lines.append("from ali5.graph.layers import ScaledTanh")
    if not change.is_none:
        lines.append("from ali5.pictures.changes import Change")
    if picture.is_sample:
        lines.append(picture.opening_import)
    photo = f"take_photo({arguments})"
    if not change.is_none:
        photo = f"{_change_in_code(change)}({photo})"
    lines += [
        "from ali5.labs.stack.bank import fill_kernels",
        "from ali5.labs.stack.photo import normalise, take_photo",
        "",
        f"photo = {photo}  # [C, {settings.size}, {settings.size}], 0..1",
    ]
    lines += [f"stack = fill_kernels(nn.Sequential({modules}))", *filled]
    shape = f"  # {outlines[-1].name}: {list(outlines[-1].shape[1:])}" if outlines else ""
    lines.append(f"output = stack(normalise(photo)[None])[0]{shape}")
    return "\n".join(lines)


def _change_in_code(change: Change) -> str:
    set_ = {name: value for name, value in asdict(change).items() if value}
    return f"Change({', '.join(f'{name}={value!r}' for name, value in set_.items())})"


def _modules_in_code(
    stack: tuple[Layer, ...], channels: int, networks: Mapping[str, Network]
) -> tuple[str, list[str]]:
    """Return the modules of a stack, and the lines that give them a network's weights."""
    from torch import nn

    from ali5.graph.kinds import Operation
    from ali5.labs.stack.borrowed import first_module

    parts: list[str] = []
    filled: list[str] = []
    for index, layer in enumerate(stack):
        if isinstance(layer, FirstConvolution | FirstBatchNorm):
            convolution = isinstance(layer, FirstConvolution)
            operation = Operation.CONVOLUTION if convolution else Operation.BATCH_NORM
            module = first_module(networks[layer.network], operation)
            path = next(
                path
                for path, each in networks[layer.network].module.named_modules()
                if each is module
            )
            own = f'ali5.load("{layer.network}", "compact").module.{path}.state_dict()'
            filled.append(f"stack[{index}].load_state_dict({own})")
        if isinstance(layer, Convolution):
            parts.append(_convolution_in_code(channels, layer.channels, layer.kernel, layer))
            channels = layer.channels
        elif isinstance(layer, FirstConvolution):
            assert isinstance(module, nn.Conv2d)
            size, bias = module.kernel_size[0], module.bias is not None
            parts.append(
                _convolution_in_code(channels, module.out_channels, size, layer, bias=bias)
            )
            channels = module.out_channels
        elif isinstance(layer, Pooling):
            parts.append(_pooling_in_code(layer))
        elif isinstance(layer, FirstBatchNorm):
            parts.append(f"nn.BatchNorm2d({channels})")
        else:
            parts.append(_PLAIN_IN_CODE[type(layer)])
    return _wrapped(parts), filled


_PLAIN_IN_CODE = {
    Rectifier: "nn.ReLU()",
    Squashing: "ScaledTanh()",
    ResponseNorm: "nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)",
}


def _convolution_in_code(
    channels: int,
    filters: int,
    kernel: int,
    layer: Convolution | FirstConvolution,
    bias: bool = True,
) -> str:
    text = f"nn.Conv2d({channels}, {filters}, {kernel}"
    text += f", stride={layer.stride}" if layer.stride > 1 else ""
    text += f", padding={layer.padding}" if layer.padding else ""
    return text + (")" if bias else ", bias=False)")


def _pooling_in_code(layer: Pooling) -> str:
    text = f"nn.{'MaxPool2d' if layer.kind == 'max' else 'AvgPool2d'}({layer.kernel}"
    text += f", stride={layer.stride}" if layer.stride != layer.kernel else ""
    text += f", padding={layer.padding}" if layer.padding else ""
    return text + (", ceil_mode=True)" if layer.over else ")")


def _wrapped(parts: list[str]) -> str:
    """Write modules on one line if they fit, else on several, with a convolution in front."""
    joined = ", ".join(parts)
    if len(joined) < 60:
        return joined
    lines: list[str] = []
    for part in parts:
        last = lines[-1] if lines else None
        opens = part.startswith("nn.Conv2d") and last is not None and len(last) > 40
        if last is None or opens or len(last) + len(part) > 90:
            lines.append(part)
        else:
            lines[-1] = f"{last}, {part}"
    return "\n" + "".join(f"    {line},\n" for line in lines)
