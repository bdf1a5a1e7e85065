"""What the learning lab shows of a training, again and again while it goes on.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ... import address, engine
from ...canvas.component import component
from ...canvas.curves import show_curves
from ...choose.colours import read_colours
from ...choose.inputs import show_pad
from ...runs import fragment
from ...words import listed
from . import lessons, session
from .in_address import read_settings, write_settings, write_view
from .lessons import Run
from .moment import Moment
from .sent import pack_controls
from .settings import SENT, VIEW_SENT, Settings, mnist_folder, postponed, settings_of

_controls = component(__file__, "training", sends={"settings": SENT})
_inside = component(__file__, "learning", sends={"settings": VIEW_SENT})

LOOK_S = 1.0
"""While it runs, the page looks so often how far it is."""

SELDOM_S = 4.0
"""So seldom, when many take turns."""

_TURN = "learning-turn"


def show_lab(run: Run) -> None:
    """Show the training; while it runs, look again and again."""
    st.session_state.pop(_TURN, None)  # the whole page is just being put together
    every_s = _every_s(run)
    fragment(_show, every_s)(run, every_s)


def _every_s(run: Run) -> float | None:
    return look_s() if run.running else None


def look_s() -> float:
    """Return how often to look at a training: where many take turns, each moves seldom."""
    return min(SELDOM_S, max(LOOK_S, lessons.rounds.count / lessons.rounds.places / 2))


def _show(run: Run, every_s: float | None) -> None:
    wanted = _every_s(run)
    fits = wanted == every_s or (wanted and every_s and every_s / 1.5 < wanted < every_s * 1.5)
    if st.session_state.pop(_TURN, False) or not fits:
        st.rerun()  # the whole page: it decides which run, and how often to look
    settings = read_settings()
    _show_buttons(run, settings)
    moment = Moment(run)
    _show_progress(run, moment, settings)
    left, right = st.columns([1, 3.4], gap="large")
    with left:
        _show_controls(run, settings)
    with right:
        show_curves(moment.curves())
        _show_batch(moment)
        _inside(key="inside", data=moment.inside(settings, read_colours()), settings=write_view)
    _show_mistakes(moment, settings)
    _show_drawing(moment)
    _show_tables(moment)


def _turn(act: Callable[[], None]) -> Callable[[], None]:
    """Return a callback that acts and then has the whole page run again."""

    def act_and_turn() -> None:
        act()
        st.session_state[_TURN] = True

    return act_and_turn


# --- Buttons and progress -----------------------------------------------------------------------


def _show_buttons(run: Run, settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.running:
            st.button("Pause", key="pause", on_click=_turn(run.pause), type="primary")
        else:
            is_here = session.presence_of_this_session()
            most = session.most_seconds()
            st.button(
                "▶ Start",
                key="start",
                on_click=_turn(lambda: run.start(is_here, most)),
                type="primary",
            )
        st.button(
            "Step one batch",
            key="step",
            on_click=_turn(run.step),
            disabled=run.running,
            help="Pause first." if run.running else "Learn from one batch, then stop.",
        )

        missing = settings.data == "mnist" and mnist_folder() is None
        st.button(
            "Reset",
            key="reset",
            on_click=_turn(session.end_run),
            disabled=missing,
            help="MNIST has to be downloaded first."
            if missing
            else "Begin anew with random weights and the settings as they are now.",
        )


def _show_progress(run: Run, moment: Moment, settings: Settings) -> None:
    st.progress(moment.share, moment.progress())
    count, places = lessons.rounds.count, lessons.rounds.places
    if run.running and count > places:
        st.info(
            f"{count} trainings take turns on this computer now, {places} at a time, each for "
            f"{lessons.rounds.round_s:g} s."
        )
    if run.said:
        st.warning(run.said)
    changed = postponed(settings, run.plan)
    if changed and run.begun:
        st.info(f"You have changed {listed(changed)}. It takes effect when you press Reset.")


def _show_controls(run: Run, settings: Settings) -> None:
    def changed(sent: Mapping[str, Any]) -> None:
        write_settings(sent)
        st.session_state[_TURN] = True

    run.rate, run.batch = float(settings.rate), int(settings.batch)
    _put_controls(settings, settings_of(run.plan) if run.begun else None, changed)


def show_controls_alone(settings: Settings) -> None:
    """Show what can be set while there is nothing to learn from."""
    _put_controls(settings, None, write_settings)


def _put_controls(
    settings: Settings, begun: dict[str, Any] | None, changed: Callable[[Mapping[str, Any]], None]
) -> None:
    _controls(
        key="training",
        data=engine.work_out(pack_controls, settings, begun),
        settings=changed,
    )


# --- One batch ----------------------------------------------------------------------------------


def _show_batch(moment: Moment) -> None:
    st.subheader("What one batch does", anchor=False)
    sentences = moment.batch()
    if sentences is None:
        st.markdown(
            "Press **Step one batch**: a batch of pictures goes forward through the network, the "
            "loss says how wrong it was, and going backward every weight learns which way to move."
        )
        return
    st.markdown("\n".join(f"- {each}" for each in sentences))
    table = address.unfold("The same for every layer", name="layers")
    if table.open:
        table.table(moment.layers(), hide_index=True, border="horizontal")
        table.caption(
            "Size of the gradient, how far the weights moved, and that in relation to their own "
            "size: each the root of the sum of squares."
        )


# --- Mistakes -----------------------------------------------------------------------------------


def _show_mistakes(moment: Moment, settings: Settings) -> None:
    from ...canvas.mistakes import show_mistakes

    st.subheader("What it mistakes for what", anchor=False)
    count, seen = moment.validated()
    st.caption(
        f"{count:,} pictures that it never learns from, at the last validation after "
        f"{seen:,} pictures."
    )
    header, images = moment.mistakes(settings)
    show_mistakes(header, images, write_view)


# --- A drawing by the visitor -------------------------------------------------------------------


def _show_drawing(moment: Moment) -> None:
    from ...canvas.bars import show_shares

    st.subheader("Test it with your own hand", anchor=False)
    shapes = moment.data == "shapes"
    asked = f"Draw one of: {', '.join(moment.classes)}." if shapes else "Draw a digit from 0 to 9."
    field, bars = st.columns([1, 2], gap="large")
    with field:
        drawing = show_pad(asked)
    with bars:
        if drawing is None:
            st.caption(
                "Draw at any moment, also while it learns: the answer changes with the weights."
            )
            return
        found = moment.answer_to(drawing)
        after = f"after {moment.seen:,} pictures"
        st.caption(f"What the network makes of it {after}, the five largest shares:")
        show_shares(found, f"The five most likely classes {after}", "learning-bars")


# --- The text twin ------------------------------------------------------------------------------


def _show_tables(moment: Moment) -> None:
    place = address.unfold("The curves as a table", name="table")
    if not place.open:
        return
    place.dataframe(moment.validations(), hide_index=True)
