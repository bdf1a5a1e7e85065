"""One step of a network: all its channels, and its kernels if they can be shown together."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from ali5.door import text

from ... import address
from ...canvas.component import component
from ...choose.colours import choose_colours
from ...engine import Picture
from ...words import unmarked
from ..kernels.view import has_kernels, show_filters
from ..settings import CHANNEL
from ..step_head import show_head
from ..view import open_channel
from .measures import SORTS, rows_of, sorts_of, table_as_csv
from .settings import MOST_PINS, Look

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace
    from ali5.tracing.walls import Scope

_wall = component(
    __file__, "wall", sends={"select": CHANNEL, "pins": text(100, r"(\d{1,7}(\.\d{1,7})*)?")}
)


def show_layer(trace: Trace, step: Step, picture: Picture) -> None:
    """Show what a step does, all its channels, and its filters if they can be shown together."""
    from ali5.tracing.walls import shows_all_filters

    from .sent import pack_wall

    filters = has_kernels(step) and shows_all_filters(step)
    show_head(trace, step, ["maps", "inputs", *(["kernels"] if filters else [])])
    look = _choose_look(trace, step, picture)
    _wall(
        key="wall",
        data=pack_wall(trace, step, look),
        select=open_channel,
        pins=lambda pins: address.write(pins=pins or None),
    )
    _show_numbers(trace, step)
    if filters:
        show_filters(trace, step)


def _choose_look(trace: Trace, step: Step, picture: Picture) -> Look:
    """Let the visitor choose how the wall is looked at."""
    count = step.shape[1]
    sort, scope = "index", "step"
    if step.output.ndim == 2:
        st.markdown(f"**All {count:,} units**")
        colours = choose_colours()
    else:
        st.markdown(f"**{'The feature map' if count == 1 else f'All {count:,} feature maps'}**")
        sorts = sorts_of(trace, step)
        sort = address.choose(
            "Sort by",
            sorts,
            name="sort",
            default="index",
            explanation="  \n".join(
                f"**{title}:** {SORTS[name][1]}" for name, title in sorts.items() if name != "index"
            ),
        )
        with st.container(horizontal=True, gap="medium"):
            scope = address.choose(
                "Colours span the range of",
                {"channel": "Channel", "step": "Step", "network": "Network"},
                name="scope",
                default="step",
                explanation="The same colour means the same value within the chosen range.",
            )
            colours = choose_colours()
        if not trace.network.readable:
            st.caption(
                "What a channel adds to the prediction is not known for this network: its steps "
                "were written down while it ran, so there are no gradients."
            )
    return Look(
        sort=sort,
        scope=cast("Scope", scope),
        colours=colours,
        pins=address.read_numbers("pins", count, MOST_PINS),
        picture=unmarked(picture.caption),
    )


def _show_numbers(trace: Trace, step: Step) -> None:
    """Offer the numbers about all channels as a table and as a file."""
    from .sent import file_name

    noun = "units" if step.output.ndim == 2 else "channels"
    place = address.unfold(f"All {noun} as a table", name="channels")
    if place.open:
        with place:
            st.dataframe(rows_of(trace, step), hide_index=True)
            st.download_button(
                "Save numbers (CSV)",
                data=table_as_csv(trace, step).encode("utf-8-sig"),
                file_name=file_name(trace, step, f"{noun}.csv"),
                mime="text/csv",
                on_click="ignore",
            )
