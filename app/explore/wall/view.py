"""One step of a network: all its channels, and its kernels if they can be shown together."""

from __future__ import annotations

import streamlit as st

from ali5.door import text

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import choose_colours
from ...engine import Passage, StepFacts
from ...words import unmarked
from ..kernels.view import show_filters
from ..settings import CHANNEL
from ..step_head import show_head
from ..view import open_channel
from .measures import SORTS, rows_of, sorts_of, table_as_csv
from .settings import MOST_PINS, Look

_wall = component(
    __file__, "wall", sends={"select": CHANNEL, "pins": text(100, r"(\d{1,7}(\.\d{1,7})*)?")}
)


def show_layer(passage: Passage, step: StepFacts) -> None:
    """Show what a step does, all its channels, and its filters if they can be shown together."""
    from .sent import pack_wall

    filters = step.has_kernels and step.shows_all_filters
    show_head(passage, step, ["maps", "inputs", *(["kernels"] if filters else [])])
    look = _choose_look(passage, step)
    _wall(
        key="wall",
        data=engine.ask(pack_wall, passage, step.name, look),
        select=open_channel,
        pins=lambda pins: address.write(pins=pins or None),
    )
    _show_numbers(passage, step)
    if filters:
        show_filters(passage, step)


def _choose_look(passage: Passage, step: StepFacts) -> Look:
    """Let the visitor choose how the wall is looked at."""
    count = step.shape[1]
    sort, scope = "index", "step"
    if step.is_vector:
        st.markdown(f"**All {count:,} units**")
        colours = choose_colours()
    else:
        st.markdown(f"**{'The feature map' if count == 1 else f'All {count:,} feature maps'}**")
        sorts = sorts_of(step, passage.network.readable)
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
        if not passage.network.readable:
            st.caption(
                "What a channel adds to the prediction is not known for this network: its steps "
                "were written down while it ran, so there are no gradients."
            )
    return Look(
        sort=sort,
        scope=scope,
        colours=colours,
        pins=address.read_numbers("pins", count, MOST_PINS),
        picture=unmarked(passage.subject.picture.caption),
    )


def _show_numbers(passage: Passage, step: StepFacts) -> None:
    """Offer the numbers about all channels as a table and as a file."""
    from .sent import file_name

    noun = f"{step.noun}s"
    place = address.unfold(f"All {noun} as a table", name="channels")
    if place.open:
        with place:
            st.dataframe(engine.ask(rows_of, passage, step.name), hide_index=True)
            st.download_button(
                "Save numbers (CSV)",
                data=engine.ask(table_as_csv, passage, step.name).encode("utf-8-sig"),
                file_name=file_name(passage.network.architecture.id, step.name, f"{noun}.csv"),
                mime="text/csv",
                on_click="ignore",
            )
