"""The kernels of a step: all filters of a first layer, or those of one filter, or of one unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Passage, StepFacts
from ...words import number_in_words, shape_in_words
from ..settings import CHANNEL
from ..view import open_channel, open_channel_of

if TYPE_CHECKING:
    from .sent import Sum

_kernels = component(__file__, "kernels", sends={"select": CHANNEL})


def show_filters(passage: Passage, step: StepFacts) -> None:
    """Show every filter of a step whose filters can be shown as one tile each."""
    assert step.weight is not None
    size = shape_in_words((1, *step.weight[1:]))
    if step.has_colour_kernels:
        st.markdown(f"**Its {step.weight[0]:,} filters**")
        st.caption(f"Each sees red, green and blue ({size} weights), so it is shown in colour.")
    else:
        st.markdown(f"**Its {step.weight[0]:,} kernels**")
        st.caption(f"Kernel 3 ({size} weights) makes feature map 3, and so on.")
    _show(passage, step, None, "index", open_channel)


def show_kernels(passage: Passage, step: StepFacts, channel: int) -> None:
    """Show all kernels of the filter of one channel, or all weights of one unit."""
    from .sent import sum_of

    found = engine.ask(sum_of, passage, step.name, channel)
    choose = _choose_products if step.is_vector else _choose_order
    by = choose(step, channel, found)
    source = step.inputs[0]
    _show(passage, step, channel, by, lambda number: open_channel_of(source, number))
    if found.refusal:
        st.caption(found.refusal)


def _choose_products(step: StepFacts, unit: int, found: Sum) -> str:
    """Say what the weights of a unit are; let the visitor choose what is coloured."""
    assert step.weight is not None
    st.markdown(f"**The {step.weight[1]:,} weights of unit {unit}**")
    st.caption(
        "One weight for each input: positive ones vote for this unit, negative ones against."
        + _sum_in_words(step, found)
    )
    if found.refusal:
        return "weights"
    choices = {"weights": "Weights", "products": "Weight × input"}
    return address.choose("Show", choices, name="kernels", default="weights")


def _choose_order(step: StepFacts, channel: int, found: Sum) -> str:
    """Say what the kernels of a filter are; let the visitor choose their order."""
    assert step.weight is not None
    count = step.weight[1]
    st.markdown(f"**The {'kernel' if count == 1 else f'{count:,} kernels'} of filter {channel}**")
    size = shape_in_words((1, *step.weight[1:]))
    each = "One for each input channel it sees" if count > 1 else "It sees one input channel"
    st.caption(f"{each} ({size} weights).{_sum_in_words(step, found)}")
    if found.refusal or count == 1:
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
    passage: Passage,
    step: StepFacts,
    channel: int | None,
    by: str,
    choose: Callable[[int], None],
) -> None:
    from .sent import pack_kernels

    _kernels(
        key="kernels",
        data=engine.ask(pack_kernels, passage, step.name, channel, by, read_colours()),
        select=choose,
    )


def _sum_in_words(step: StepFacts, found: Sum) -> str:
    """Say what the kernels of a filter, or the weights of a unit, add up to."""
    bias = "" if found.bias is None else number_in_words(found.bias)
    if found.refusal:
        return f" Its bias is {bias}." if bias else ""
    total = number_in_words(found.total)
    with_bias = f" and the bias of {bias}" if bias else ""
    if step.is_vector:
        return f" The weights times the inputs{with_bias} add up to its value, {total}."
    return f" Averaged over the map, the kernels{with_bias} add up to its mean, {total}."
