"""The kernels of a step: all filters of a first layer, or those of one filter, or of one unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from ... import address
from ...canvas.component import component
from ...choose.colours import read_colours
from ...words import number_in_words, shape_in_words
from ..settings import CHANNEL
from ..view import open_channel, open_channel_of

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace

_kernels = component(__file__, "kernels", sends={"select": CHANNEL})


def has_kernels(step: Step) -> bool:
    """Tell whether a step has kernels, or weights for every unit."""
    kinds = {"convolution": 4, "linear": 2}
    dimensions = kinds.get(step.operation, 0)  # of its weight and of what it gives
    return step.weight is not None and step.weight.ndim == step.output.ndim == dimensions


def show_filters(trace: Trace, step: Step) -> None:
    """Show every filter of a step whose filters can be shown as one tile each."""
    from ali5.tracing.walls import shows_colour_kernels

    weight = step.weight
    assert weight is not None
    size = shape_in_words((1, *weight.shape[1:]))
    if shows_colour_kernels(step):
        st.markdown(f"**Its {weight.shape[0]:,} filters**")
        st.caption(f"Each sees red, green and blue ({size} weights), so it is shown in colour.")
    else:
        st.markdown(f"**Its {weight.shape[0]:,} kernels**")
        st.caption(f"Kernel 3 ({size} weights) makes feature map 3, and so on.")
    _show(trace, step, None, "index", open_channel)


def show_kernels(trace: Trace, step: Step, channel: int) -> None:
    """Show all kernels of the filter of one channel, or all weights of one unit."""
    from .sent import adds_of

    assert step.weight is not None
    adds, refusal = adds_of(trace, step, channel)
    choose = _choose_products if step.weight.ndim == 2 else _choose_order
    by = choose(step, channel, adds is not None)
    source = step.inputs[0]
    _show(trace, step, channel, by, lambda number: open_channel_of(source, number))
    if refusal:
        st.caption(refusal)


def _choose_products(step: Step, unit: int, known: bool) -> str:
    """Say what the weights of a unit are; let the visitor choose what is coloured."""
    assert step.weight is not None
    st.markdown(f"**The {step.weight.shape[1]:,} weights of unit {unit}**")
    st.caption(
        "One weight for each input: positive ones vote for this unit, negative ones against."
        + _sum_in_words(step, unit, known)
    )
    if not known:
        return "weights"
    choices = {"weights": "Weights", "products": "Weight × input"}
    return address.choose("Show", choices, name="kernels", default="weights")


def _choose_order(step: Step, channel: int, known: bool) -> str:
    """Say what the kernels of a filter are; let the visitor choose their order."""
    assert step.weight is not None
    count = step.weight.shape[1]
    st.markdown(f"**The {'kernel' if count == 1 else f'{count:,} kernels'} of filter {channel}**")
    size = shape_in_words((1, *step.weight.shape[1:]))
    each = "One for each input channel it sees" if count > 1 else "It sees one input channel"
    st.caption(f"{each} ({size} weights).{_sum_in_words(step, channel, known)}")
    if not known or count == 1:
        return "contribution"
    return address.choose(
        "Kernels by",
        {"contribution": "Contribution", "index": "Index"},
        name="kernels",
        default="contribution",
        explanation="What a kernel adds to its feature map, on average over the map: the "
        "mean of all it is laid over, times the kernel.",
    )


def _show(
    trace: Trace, step: Step, channel: int | None, by: str, choose: Callable[[int], None]
) -> None:
    from .sent import pack_kernels

    _kernels(
        key="kernels",
        data=pack_kernels(trace, step, channel, by, read_colours()),
        select=choose,
    )


def _sum_in_words(step: Step, channel: int, known: bool) -> str:
    """Say what the kernels of a filter, or the weights of a unit, add up to."""
    bias = "" if step.bias is None else number_in_words(float(step.bias[channel]))
    if not known:
        return f" Its bias is {bias}." if bias else ""
    total = number_in_words(float(step.output[0, channel].double().mean()))
    with_bias = f" and the bias of {bias}" if bias else ""
    if step.output.ndim == 2:
        return f" The weights times the inputs{with_bias} add up to its value, {total}."
    return f" Averaged over the map, the kernels{with_bias} add up to its mean, {total}."
