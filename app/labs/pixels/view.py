"""The lab "A picture is numbers": a patch of it, its way into a network, what its size costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ali5.known.catalog import catalog
from ali5.known.records import Architecture, Edition, Preprocessing

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.charts import plotly
from ...canvas.component import component
from ...engine import Picture
from .costs import costs_by_edge
from .sent import pack_patch, pack_rungs, pack_weighing
from .settings import (
    MOST_CHANGED,
    RANGES,
    SENT,
    WEIGHING_RANGES,
    WEIGHING_SENT,
    WORDS,
    Settings,
    Weighing,
    made_possible,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_DEFAULT_NETWORK = "resnet18-compact"

_pixels = component(__file__, "pixels", sends={"settings": SENT})
_rungs = component(__file__, "rungs")
_weighing = component(__file__, "weighing", sends={"settings": WEIGHING_SENT})


def show_patch(settings: Settings, picture: Picture, preprocessing: Preprocessing) -> None:
    """Show a patch as numbers; the settings go into the address when they are let go."""
    _pixels(
        key="pixels",
        data=engine.work_out(pack_patch, settings, picture, preprocessing),
        settings=write_settings,
    )


def show_rungs(picture: Picture, preprocessing: Preprocessing) -> None:
    """Show what a picture is after each step into a network."""
    _rungs(key="rungs", data=engine.work_out(pack_rungs, picture, preprocessing))


def show_weighing(weighing: Weighing) -> None:
    """Show what two layers cost; the settings go into the address when they are let go."""
    _weighing(
        key="weighing",
        data=engine.work_out(pack_weighing, weighing),
        settings=write_weighing,
    )


# --- The settings in the address ------------------------------------------------------------


def read_settings(photo: tuple[int, ...]) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = Settings(**read_plain(Settings(), RANGES, WORDS))
    return made_possible(replace(found, cells=_read_cells(address.text("cells"), photo)), photo)


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    choices = plain_choices(sent, Settings(), (*RANGES, *WORDS))
    parts = (f"{place.replace(',', '.')}:{level}" for place, level in sent["cells"].items())
    choices["cells"] = ",".join(parts) or None
    address.write(**choices)


def read_weighing() -> Weighing:
    """Return what is compared, from the address."""
    return Weighing(**read_plain(Weighing(), WEIGHING_RANGES, {}))


def write_weighing(sent: Mapping[str, Any]) -> None:
    """Put what is compared into the address."""
    address.write(**plain_choices(sent, Weighing(), WEIGHING_RANGES))


def _read_cells(text: str, photo: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for part in text.split(",")[:MOST_CHANGED]:
        place, _, level = part.partition(":")
        try:
            row, column, channel = (int(each) for each in place.split("."))
            value = int(level)
        except ValueError:
            continue
        inside = 0 <= row < photo[0] and 0 <= column < photo[1] and 0 <= channel < 3
        if inside and 0 <= value <= 255:
            found[f"{row},{column},{channel}"] = value
    return tuple(found.items())


# --- The way into a network -----------------------------------------------------------------


def choose_edition() -> tuple[Architecture, Edition]:
    """Show the choice of a network for whose eyes the picture is prepared."""
    known = {
        f"{name}-{edition.name}": (architecture, edition)
        for name, architecture in catalog().items()
        for edition in architecture.editions.values()
    }
    titles = {
        key: f"{architecture.title}, {edition.name} "
        f"({edition.preprocessing.size} × {edition.preprocessing.size})"
        for key, (architecture, edition) in known.items()
    }
    chosen = address.choose("Network", titles, name="into", default=_DEFAULT_NETWORK, as_list=True)
    return known[chosen]


# --- What a picture costs -------------------------------------------------------------------


def draw_costs(weighing: Weighing) -> Figure:
    """Draw weights and multiply-adds of both layers as the picture grows."""
    go = plotly()

    edges = tuple(2**power for power in range(2, 10))
    costs = engine.work_out(costs_by_edge, edges, weighing.maps)
    figure = go.Figure()
    for number, (name, colour) in enumerate(
        (("fully connected", "#7c3aed"), ("3 × 3 convolution", "#2563eb"))
    ):
        for what, dash in (("weights", "solid"), ("multiply_adds", "dot")):
            words = what.replace("_", "–")
            figure.add_scatter(
                x=edges,
                y=[getattr(costs[edge][number], what) for edge in edges],
                name=f"{name}: {words}",
                line={"color": colour, "dash": dash, "width": 3 - number},
                hovertemplate=f"%{{x}} × %{{x}} pixels: %{{y:,}} {words}<extra>{name}</extra>",
            )
    figure.add_vline(x=weighing.edge, line_dash="dash", line_color="#f59e0b")
    figure.update_xaxes(
        type="log", tickvals=edges, ticktext=[str(edge) for edge in edges], title="edge in pixels"
    )
    figure.update_yaxes(type="log", title="how many", exponentformat="power")
    figure.update_layout(
        height=380,
        margin={"t": 16, "b": 8, "l": 8, "r": 8},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure
