"""What the learning lab shows of a training, again and again while it goes on.

Importing this module does not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from ali5.pictures.preparation import prepare_pixels

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...choose.inputs import show_pad
from ...runs import fragment
from ...words import listed, number_in_words, share_in_words
from . import lessons
from .in_address import read_settings, write_settings, write_view
from .lessons import Run
from .sent import Inside, pack_controls, pack_inside
from .settings import SENT, VIEW_SENT, Settings, mnist_folder, postponed, settings_of

if TYPE_CHECKING:
    from ali5.labs.learning.lesson import Batch, Point, Snapshot

_controls = component(__file__, "training", sends={"settings": SENT})
_inside = component(__file__, "learning", sends={"settings": VIEW_SENT})

LOOK_S = 1.0
"""While it runs, the page looks so often how far it is."""

SELDOM_S = 4.0
"""So seldom, when many take turns."""

SIGNS = ("○", "□", "△", "+", "☆", "♡", "⇨", "☾")
"""The shapes, short."""

MOST_PICTURES = 24
"""Pictures shown of a cell of the confusion matrix."""

MOST_CURVE_POINTS = 120

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
    snapshot = run.snapshot()
    _show_progress(run, snapshot, settings)
    left, right = st.columns([1, 3.4], gap="large")
    with left:
        _show_controls(run, settings)
    with right:
        _show_curves(snapshot)
        _show_batch(snapshot)
        _show_inside(snapshot, run, settings)
    _show_mistakes(snapshot, run, settings)
    _show_drawing(snapshot)
    _show_tables(snapshot)


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
            is_here = lessons.presence_of_this_session()
            most = lessons.most_seconds()
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
            on_click=_turn(lessons.end_run),
            disabled=missing,
            help="MNIST has to be downloaded first."
            if missing
            else "Begin anew with random weights and the settings as they are now.",
        )


def _show_progress(run: Run, snapshot: Snapshot, settings: Settings) -> None:
    st.progress(snapshot.epochs % 1, _progress_in_words(run, snapshot))
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


def _progress_in_words(run: Run, snapshot: Snapshot) -> str:
    if not run.begun:
        return f"Nothing learned yet. An epoch has {run.epoch:,} pictures."
    batches = snapshot.last.number if snapshot.last else 0
    words = (
        f"Epoch {math.floor(snapshot.epochs) + 1} · batch {batches:,} · "
        f"{snapshot.seen:,} pictures seen"
    )
    pace = run.pictures_a_second
    return f"{words} · {pace:,.0f} pictures a second" if run.running and pace else words


def _number(value: float) -> str:
    return number_in_words(value) if math.isfinite(value) else "no number"


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
        data=pack_controls(settings, begun),
        settings=changed,
    )


# --- Curves -------------------------------------------------------------------------------------


def _show_curves(snapshot: Snapshot) -> None:
    from ...canvas.curves import show_curves

    latest = snapshot.validations[-1]
    loss, right = _number(latest.loss), share_in_words(latest.accuracy)
    show_curves(
        {
            "label": f"Validation loss {loss}, {right} right",
            "axis": "epoch",
            "charts": [
                _chart(snapshot, f"Loss: {loss} in validation", "Loss", 1),
                _chart(snapshot, f"Right: {right} in validation", "Right", 2),
            ],
        }
    )


def _chart(snapshot: Snapshot, title: str, noun: str, index: int) -> dict[str, Any]:
    """Return the curves of loss (1) or accuracy (2) as the browser takes them."""
    factor = 1 if index == 1 else 100
    epoch = snapshot.seen / snapshot.epochs if snapshot.epochs else 1.0  # pictures in one
    lines = {
        "training": thinned(snapshot.training, MOST_CURVE_POINTS),
        "validation": snapshot.validations,
    }
    return {
        "title": title,
        "noun": noun,
        "unit": "" if index == 1 else " %",
        "top": None if index == 1 else 100,
        "series": {
            name: [
                (point.seen / epoch, point[index] * factor)
                for point in points
                if math.isfinite(point[index])
            ]
            for name, points in lines.items()
        },
    }


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most so many points: each the mean of neighbours, at the last one's place."""
    from ali5.labs.learning.lesson import mean_of

    span = max(1, math.ceil(len(points) / most))
    return [mean_of(points[i : i + span]) for i in range(0, len(points), span)]


# --- One batch ----------------------------------------------------------------------------------


def _show_batch(snapshot: Snapshot) -> None:
    st.subheader("What one batch does", anchor=False)
    if snapshot.last is None:
        st.markdown(
            "Press **Step one batch**: a batch of pictures goes forward through the network, the "
            "loss says how wrong it was, and going backward every weight learns which way to move."
        )
        return
    st.markdown("\n".join(f"- {each}" for each in batch_in_words(snapshot, snapshot.last)))
    table = address.unfold("The same for every layer", name="layers")
    if table.open:
        table.table(layer_rows(snapshot.last), hide_index=True, border="horizontal")
        table.caption(
            "Size of the gradient, how far the weights moved, and that in relation to their own "
            "size: each the root of the sum of squares."
        )


def batch_in_words(snapshot: Snapshot, last: Batch) -> tuple[str, str, str]:
    """Tell the last batch in three sentences: forward, loss and backward, step."""
    names = [layer.name for layer in last.layers]
    classes = len(snapshot.classes)
    parameters = sum(layer.parameters for layer in last.layers)
    pictures = f"{last.count} picture{'s' if last.count != 1 else ''}"
    forward = (
        f"**Forward:** {pictures} (batch {last.number:,}) went through {', '.join(names[:-1])} and "
        f"the output and became {classes} scores each; softmax made shares of them, and "
        f"{last.right} of {last.count} had the largest share on the right class."
    )
    strongest = max(last.layers, key=lambda layer: layer.gradient)
    share = "it grew without end"
    if math.isfinite(last.loss):
        share = f"as if the right class always got {share_in_words(math.exp(-last.loss))}"
    backward = (
        f"**Backward:** the loss, the mean of −ln(share of the right class), was "
        f"{_number(last.loss)} ({share}), and from the output back to "
        f"{names[0]} each of the {parameters:,} weights was told how the loss would change with "
        f"it: this gradient has a size of {_number(last.gradient)}, the largest part in "
        f"{strongest.name} ({_number(strongest.gradient)})."
    )
    return forward, backward, _step_in_words(snapshot.plan.optimiser, last)


def _step_in_words(optimiser: str, last: Batch) -> str:
    moved, rate = _number(last.move), f"{last.rate:g}"
    step = f"**Step:** against the gradient, all weights together moved by {moved}"
    if optimiser == "sgd":
        product = f"{rate} × {_number(last.gradient)}"
        return f"{step}: learning rate × size of the gradient = {product}."
    if optimiser == "momentum":
        return (
            f"{step}: learning rate {rate} × a sum of this gradient and 0.9 of the sum before, "
            "which keeps the direction that many batches agree on."
        )
    return (
        f"{step}: Adam divides each weight's mean gradient by its usual size, so that every weight "
        f"moves by about the learning rate, {rate}, or less."
    )


def layer_rows(last: Batch) -> list[dict[str, str]]:
    """Return what the last batch did to each layer, as the rows of a table."""
    return [
        {
            "layer": layer.name,
            "weights": f"{layer.parameters:,}",
            "gradient": _number(layer.gradient),
            "moved": _number(layer.move),
            "of size": share_in_words(layer.move / layer.size if layer.size else math.nan),
        }
        for layer in last.layers
    ]


# --- Inside -------------------------------------------------------------------------------------


def _show_inside(snapshot: Snapshot, run: Run, settings: Settings) -> None:
    from ali5.labs.learning.network import layers_of, outputs_of

    classes = snapshot.classes
    watch = min(settings.watch, len(classes) - 1)
    stage = min(settings.maps, snapshot.plan.stages)
    picture = run.watched(watch)
    with engine.slot():
        outputs = outputs_of(snapshot.network, picture)
        shares = outputs["output"].softmax(1)[0]
    names = list(layers_of(snapshot.network))
    name = names[stage - 1]
    kernels = layers_of(snapshot.network)[names[0]].weight[:, 0]
    best = int(shares.argmax())
    taken_for = (
        f"“{classes[watch]}”: taken for “{classes[best]}”, {share_in_words(float(shares[best]))}."
    )
    inside = Inside(
        classes=classes,
        watch=watch,
        stages=names[: snapshot.plan.stages],
        stage=stage,
        layer=name,
        answer=taken_for,
        seen=snapshot.seen,
        kernels=kernels.numpy(),
        maps=outputs[name][0].numpy(),
        picture=picture[0, 0].numpy(),
    )
    _inside(
        key="inside",
        data=pack_inside(inside, read_colours()),
        settings=write_view,
    )


# --- Mistakes -----------------------------------------------------------------------------------


def _show_mistakes(snapshot: Snapshot, run: Run, settings: Settings) -> None:
    from ali5.labs.learning.lesson import confusion_of

    from ...canvas.mistakes import show_mistakes

    st.subheader("What it mistakes for what", anchor=False)
    images, labels = run.validation()
    st.caption(
        f"{len(labels):,} pictures that it never learns from, at the last validation after "
        f"{snapshot.validations[-1].seen:,} pictures."
    )
    shares, classes = snapshot.shares, snapshot.classes
    cell = (settings.truth, settings.taken) if settings.truth < len(classes) else (-1, -1)
    taken = shares.argmax(1)
    certainty = shares.amax(1)
    chosen = taken != labels
    if min(cell) >= 0 and max(cell) < len(classes):
        chosen = (labels == cell[0]) & (taken == cell[1])
    else:
        cell = (-1, -1)
    found = chosen.nonzero()[:, 0]
    surest = certainty[found].argsort(descending=True, stable=True)
    found = found[surest][:MOST_PICTURES]
    header: dict[str, Any] = {
        "classes": classes,
        "signs": SIGNS if snapshot.plan.data == "shapes" else classes,
        "counts": confusion_of(shares, labels).ravel().tolist(),
        "truth": cell[0],
        "taken": cell[1],
        "words": _found_in_words(cell, int(chosen.sum()), classes),
        "pictures": [
            {
                "truth": int(labels[i]),
                "taken": int(taken[i]),
                "share": share_in_words(float(certainty[i])),
            }
            for i in found
        ],
    }
    show_mistakes(header, images[found, 0].numpy(), write_view)


def _found_in_words(cell: tuple[int, int], count: int, classes: Sequence[str]) -> str:
    if cell[0] < 0:
        what = "mistake" if count == 1 else "mistakes"
        head = f"{count:,} {what} in all" if count else "No mistake at all"
    elif cell[0] == cell[1]:
        head = f"{count:,} pictures of “{classes[cell[0]]}” were recognised"
    else:
        head = f"{count:,} of “{classes[cell[0]]}” were taken for “{classes[cell[1]]}”"
    shown = f", the surest {MOST_PICTURES} of them" if count > MOST_PICTURES else ""
    order = "" if shown or count < 2 else ", the surest first"
    return f"{head}{shown}{order}."


# --- A drawing by the visitor -------------------------------------------------------------------


def _show_drawing(snapshot: Snapshot) -> None:
    from ...canvas.bars import show_shares

    st.subheader("Test it with your own hand", anchor=False)
    shapes = snapshot.plan.data == "shapes"
    asked = (
        f"Draw one of: {', '.join(snapshot.classes)}." if shapes else "Draw a digit from 0 to 9."
    )
    field, bars = st.columns([1, 2], gap="large")
    with field:
        drawing = show_pad(asked)
    with bars:
        if drawing is None:
            st.caption(
                "Draw at any moment, also while it learns: the answer changes with the weights."
            )
            return
        import torch

        from ali5.known.catalog import architecture

        preprocessing = architecture("lenet5").edition("paper").preprocessing
        pixels = torch.from_numpy(prepare_pixels(drawing, preprocessing))[None]
        with engine.slot():
            shares = snapshot.network(pixels).softmax(1)[0]
        ranked = shares.argsort(descending=True)[:5].tolist()
        found = [(snapshot.classes[i], float(shares[i])) for i in ranked]
        after = f"after {snapshot.seen:,} pictures"
        st.caption(f"What the network makes of it {after}, the five largest shares:")
        show_shares(found, f"The five most likely classes {after}", "learning-bars")


# --- The text twin ------------------------------------------------------------------------------


def _show_tables(snapshot: Snapshot) -> None:
    place = address.unfold("The curves as a table", name="table")
    if not place.open:
        return
    rows = [
        {
            "pictures seen": point.seen,
            "validation loss": np.round(point.loss, 4),
            "validation right": share_in_words(point.accuracy),
        }
        for point in snapshot.validations
    ]
    place.dataframe(rows, hide_index=True)
