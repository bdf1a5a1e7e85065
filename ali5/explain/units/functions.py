"""Numbers that are computed from one number, or from a few that stand side by side."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ali5.explain.units.parts import Parts, Stage, from_one, number_at
from ali5.figures import number_in_words as say
from ali5.tracing.trace import Step, Trace


def picture(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts:
    """Tell how a pixel of the prepared picture was normalised."""
    value = float(step.output[0, channel, row, column])
    preprocessing = trace.network.edition.preprocessing
    mean, deviation = preprocessing.mean[channel], preprocessing.std[channel]
    pixel = value * deviation + mean
    stages = (
        Stage("Brightness, 0 to 1", "p", say(pixel), pixel),
        Stage(
            "Normalised",
            "(p − μ) / σ",
            f"({say(pixel)} − {say(mean)}) / {say(deviation)}",
            over(pixel - mean, deviation),
        ),
    )
    return Parts(kind="picture", total=stages[-1].value, stages=stages)


def _of_one(
    trace: Trace, step: Step, place: tuple[int, int, int], stages: Callable[[float], list[Stage]]
) -> Parts | None:
    """Explain a function of the number at the same place of the one input."""
    if len(step.inputs) != 1 or trace[step.inputs[0]].shape != step.shape:
        return None
    x = number_at(trace[step.inputs[0]], *place)
    return from_one("function", step.inputs[0], place, x, tuple(stages(x)))


def relu(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Explain max(0, x)."""

    def stages(x: float) -> list[Stage]:
        value = x if x > 0 or math.isnan(x) else 0.0
        return [Stage("Negative becomes zero", "max(0, x)", f"max(0, {say(x)})", value)]

    return _of_one(trace, step, (channel, row, column), stages)


def tanh(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Explain A tanh(S x); A and S are 1 for the plain hyperbolic tangent."""
    amplitude, slope = step.settings.get("amplitude", 1), step.settings.get("slope", 1)

    def stages(x: float) -> list[Stage]:
        scaled, found = slope * x, []
        if slope != 1:
            found.append(Stage("Scaled", "s · x", f"{say(slope)} · {say(x)}", scaled))
        squashed = math.tanh(scaled)
        inner = "s · x" if slope != 1 else "x"
        found.append(Stage("Squashed", f"tanh({inner})", f"tanh({say(scaled)})", squashed))
        if amplitude != 1:
            numbers = f"{say(amplitude)} · {say(squashed)}"
            value = amplitude * squashed
            found.append(Stage("Stretched", f"A · tanh({inner})", numbers, value))
        return found

    return _of_one(trace, step, (channel, row, column), stages)


@dataclass(frozen=True)
class _Bend:
    """An activation function: its name, its formula, and the function itself.

    `settings` are what it takes beside x: the symbol in the formula, PyTorch's name, the default.
    """

    name: str
    formula: str
    function: Callable[..., Tensor]
    settings: tuple[tuple[str, str, float], ...] = ()


_BENDS = {
    "leakyrelu": _Bend(
        "Leaky ReLU",
        "x if x > 0, otherwise a · x",
        F.leaky_relu,
        (("a", "negative_slope", 0.01),),
    ),
    "elu": _Bend("ELU", "x if x > 0, otherwise a · (e^x − 1)", F.elu, (("a", "alpha", 1.0),)),
    "selu": _Bend("SELU", "1.051 · (x if x > 0, otherwise 1.673 · (e^x − 1))", F.selu),
    "gelu": _Bend("GELU", "x · Φ(x), Φ the normal distribution", F.gelu),
    "gelutanh": _Bend(
        "GELU, approximated",
        "x / 2 · (1 + tanh(0.7979 · (x + 0.04472 · x³)))",
        functools.partial(F.gelu, approximate="tanh"),
    ),
    "silu": _Bend("SiLU", "x / (1 + e^−x)", F.silu),
    "sigmoid": _Bend("Sigmoid", "1 / (1 + e^−x)", torch.sigmoid),
    "hardswish": _Bend("Hard swish", "x · min(6, max(0, x + 3)) / 6", F.hardswish),
    "hardsigmoid": _Bend("Hard sigmoid", "min(6, max(0, x + 3)) / 6", F.hardsigmoid),
    "hardtanh": _Bend(
        "Hard tanh",
        "min(b, max(a, x))",
        F.hardtanh,
        (("a", "min_val", -1.0), ("b", "max_val", 1.0)),
    ),
    "relu6": _Bend("ReLU6", "min(6, max(0, x))", F.relu6),
    "softplus": _Bend(
        "Softplus",
        "x if b · x > t, otherwise ln(1 + e^(b · x)) / b",
        F.softplus,
        (("b", "beta", 1.0), ("t", "threshold", 20.0)),
    ),
    "mish": _Bend("Mish", "x · tanh(ln(1 + e^x))", F.mish),
}


def activation(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Explain an activation function other than ReLU and tanh."""
    name, settings = str(step.settings.get("function", "")), step.settings
    if name == "PReLU" and step.weight is not None:  # a leaky ReLU with a learned slope
        slope = float(step.weight[channel if len(step.weight) > 1 else 0])
        name, settings = "leakyrelu", {"negative_slope": slope}
    key = name.replace("_", "").lower() + str(settings.get("approximate", "")).replace("none", "")
    bend = _BENDS.get(key)
    if bend is None:
        return None
    given = [float(settings.get(setting, default)) for _, setting, default in bend.settings]

    def stages(x: float) -> list[Stage]:
        value = float(bend.function(torch.tensor(x, dtype=torch.float64), *given))
        symbols = ["x", *(symbol for symbol, _, _ in bend.settings)]
        numbers = [f"{s} = {say(v)}" for s, v in zip(symbols, [x, *given], strict=True)]
        return [Stage(bend.name, bend.formula, ", ".join(numbers), value)]

    return _of_one(trace, step, (channel, row, column), stages)


def batch_norm(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Explain (x - mean) / sqrt(variance + eps) * scale + shift.

    Ioffe, Szegedy: "Batch normalization", ICML 2015, https://arxiv.org/abs/1502.03167, algorithm 2.
    """
    found = statistics(trace, step, channel)
    if found is None:
        return None
    mean, variance = found
    eps = step.settings.get("eps", 1e-5)

    def stages(x: float) -> list[Stage]:
        centred = x - mean
        value = over(centred, power(variance + eps, 0.5))
        stages = [
            Stage(
                "Less the mean", "x − μ", f"{say(x)} − {say(mean)}".replace("− −", "+ "), centred
            ),
            Stage(
                "Over the deviation",
                "(x − μ) / √(σ² + ε)",
                f"{say(centred)} / √({say(variance)} + {say(eps)})",
                value,
            ),
        ]
        if step.weight is not None:
            scale = float(step.weight[channel])
            stages.append(
                Stage("Times the scale", "γ · x̂", f"{say(scale)} · {say(value)}", scale * value)
            )
        if step.bias is not None:
            value, shift = stages[-1].value, float(step.bias[channel])
            numbers = f"{say(value)} + {say(shift)}".replace("+ −", "− ")
            stages.append(Stage("Plus the shift", "γ · x̂ + β", numbers, value + shift))
        return stages

    return _of_one(trace, step, (channel, row, column), stages)


def statistics(trace: Trace, step: Step, channel: int) -> tuple[float, float] | None:
    """Return the mean and variance that a batch normalisation takes for a channel.

    They are those of training, or of this very map where none were kept.
    """
    mean, variance = step.buffers.get("running_mean"), step.buffers.get("running_var")
    if mean is not None and variance is not None:
        return float(mean[channel]), float(variance[channel])
    if step.buffers or len(step.inputs) != 1:
        return None
    values = trace[step.inputs[0]].output[0, channel].cpu().double()
    return float(values.mean()), float(values.var(unbiased=False))


def local_response_norm(
    trace: Trace, step: Step, channel: int, row: int, column: int
) -> Parts | None:
    """Explain x / (k + alpha / n * sum of squares over n neighbouring channels)^beta.

    Krizhevsky et al. 2012, section 3.3; PyTorch divides alpha by n.
    """
    source, settings = trace[step.inputs[0]], step.settings
    size = settings.get("size")
    if size is None or source.shape != step.shape or source.output.ndim != 4:
        return None
    alpha, beta = settings.get("alpha", 1e-4), settings.get("beta", 0.75)
    k = settings.get("k", 1.0)
    first = max(0, channel - size // 2)
    end = min(source.shape[1], channel + (size - 1) // 2 + 1)
    values = source.output[0, first:end, row, column].cpu().double()
    x = float(values[channel - first])
    squares = float(values.square().sum())
    base = k + alpha / size * squares
    divisor = power(base, beta)
    value = over(x, divisor)
    stages = (
        Stage("Sum of squares of the neighbours", "S = Σ x²", f"{end - first} channels", squares),
        Stage(
            "Base",
            "k + α / n · S",
            f"{say(k)} + {say(alpha)} / {size} · {say(squares)}",
            base,
        ),
        Stage("Divisor", "(k + α / n · S)^β", f"{say(base)}^{say(beta)}", divisor),
        Stage("Damped", "x / (k + α / n · S)^β", f"{say(x)} / {say(divisor)}", value),
    )
    return Parts(
        kind="function",
        total=stages[-1].value,
        stages=stages,
        sources=(source.name,) * len(values),
        channels=tuple(range(first, end)),
        patches=values[:, None, None],
        contributions=values.square(),
        rows=((row,),) * len(values),
        columns=((column,),) * len(values),
    )


def softmax(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Explain one share of a softmax over all classes, or over the channels at one place."""
    source = trace[step.inputs[0]]
    dim = step.settings.get("dim", 1)
    if source.shape != step.shape or dim not in (1, 1 - step.output.ndim):
        return None
    logits = source.output[0] if step.output.ndim == 2 else source.output[0, :, row, column]
    logits = logits.cpu().double()
    largest = float(logits.max())
    exponentials = (logits - largest).exp()
    x, sum_ = float(logits[channel]), float(exponentials.sum())
    own = float(exponentials[channel])
    stages = (
        Stage(
            "Less the largest",
            "x − max",
            f"{say(x)} − {say(largest)}".replace("− −", "+ "),
            x - largest,
        ),
        Stage("Exponential", "e^(x − max)", f"e^({say(x - largest)})", own),
        Stage("Sum of all exponentials", "Σ e^(x − max)", f"{len(logits)} numbers", sum_),
        Stage("Share", "e^(x − max) / Σ", f"{say(own)} / {say(sum_)}", over(own, sum_)),
    )
    return Parts(
        kind="function",
        total=stages[-1].value,
        stages=stages,
        sources=(source.name,) * len(logits),
        channels=tuple(range(len(logits))),
        patches=logits[:, None, None],
        contributions=exponentials,
        rows=((row,),) * len(logits),
        columns=((column,),) * len(logits),
    )


def over(x: float, y: float) -> float:
    """Divide as a network does: by zero, too."""
    return float(torch.tensor(x, dtype=torch.float64) / y)


def power(x: float, exponent: float) -> float:
    """Raise to a power as a network does: NaN for the root of a negative number."""
    return float(torch.tensor(x, dtype=torch.float64) ** exponent)


def copied(source: Step, place: tuple[int, int, int]) -> Parts:
    """Explain a number that is one number of an input, unchanged."""
    return from_one("copy", source.name, place, number_at(source, *place))


def concatenation(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Tell which channel of which branch a number is from."""
    sources = [trace[name] for name in step.inputs]
    if any(source.shape[2:] != step.shape[2:] for source in sources):
        return None
    if sum(source.shape[1] for source in sources) != step.shape[1]:
        return None
    for source in sources:
        if channel < source.shape[1]:
            return copied(source, (channel, row, column))
        channel -= source.shape[1]
    return None


def flatten(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Tell which channel, row and column of the maps a number is from."""
    source = trace[step.inputs[0]]
    if step.output.ndim != 2 or source.output.numel() != step.shape[1]:
        return None
    _, height, width = (*source.shape[1:], 1, 1)[:3]
    place = (channel // (height * width), channel // width % height, channel % width)
    return copied(source, place)


def dropout(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Tell that nothing happens to a number."""
    source = trace[step.inputs[0]]
    if source.shape != step.shape:
        return None
    return copied(source, (channel, row, column))
