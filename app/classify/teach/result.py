"""What came of teaching on the page "Teach it yours": how good it is, its mistakes, its file.

Importing this module does not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ali5.classifying.teach.groups import MOST_FILE_BYTES
from ali5.classifying.teach.held_out import Check, Moment, interval
from ali5.errors import Ali5Error
from ali5.known.catalog import architecture
from ali5.site.exploring import own

from ... import address, engine
from ...canvas.bars import show_bars
from ...canvas.component import component
from ...canvas.sent import prediction_as_sent
from ...choose import heads
from ...choose.choice import Choice, own_choice
from ...choose.network import look, ready
from ...words import listed, number_in_words, plain, share_in_words
from ..many.brought import THUMBNAIL_PX
from ..many.sent import Item
from ..many.view import show_items
from . import view
from .learning import head_from, origin_in
from .sent import pack_check

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_check = component(__file__, "taught")


def chosen_head() -> heads.Kept | None:
    """Return the head that the address names; say so if it is not here."""
    name = address.text("head")
    head = heads.kept().get(name)
    if head is None and heads.is_name(name):
        st.info(
            "The head of this address is not here: it was taught in another session and stays "
            "there, or has been forgotten. Press the button to teach one, or bring it as a file."
        )
    return head


def show_result(head: heads.Kept, lesson: str, picture: engine.Picture) -> None:
    """Show how good a head is, what it says of the current picture, and what it got wrong."""
    check, known = head.check, head.choice.architecture
    title = plain(known.title)
    st.subheader(f"{title} knows {_names(head)}", anchor=False)
    if head.lesson and head.lesson != lesson:
        st.info("This head was taught before you changed the groups or the backbone.")
    how, tried = st.columns([3, 2], gap="large")
    with how:
        st.markdown(accuracy_in_words(check))
        _check(key="taught", data=pack_check(known.title, head.labels, check))
        st.caption(check_in_words(check))
    with tried:
        _show_trial(head, picture)
    _show_next(head)
    if check.moments:
        _show_curves(check)
        _show_held(head)


def _names(head: heads.Kept) -> str:
    return listed([f"“{plain(each)}”" for each in head.labels])


def accuracy_in_words(check: Check) -> str:
    """Say how good a head is and what that is to be compared with, in Markdown."""
    low, high = interval(check.right, check.count)
    words = (
        f"**{check.right} of {check.count} held-out pictures are right.** So few pictures can only "
        f"tell that it will be right in {low:.0%} to {high:.0%} of others like them. "
    ).replace("%", " %")
    gain = check.right - check.pixels_right
    if gain > 0:
        words += (
            f"A head that sees nothing but the pixels has {check.pixels_right} right: the backbone "
            f"adds {gain}. "
        )
    else:
        words += (
            f"A head that sees nothing but the pixels has {check.pixels_right} right: here, what "
            "the backbone sees adds nothing. "
        )
    if low <= check.largest / check.count:
        words += (
            "That cannot be told apart from always naming the largest group: bring more pictures, "
            "or another backbone."
        )
    return words.strip()


def check_in_words(check: Check) -> str:
    """Say how the accuracy was measured."""
    dealt = "one by one" if check.folds == check.count else f"in {check.folds} folds"
    return (
        f"How it was measured: the pictures were held out {dealt}; each was asked of a head that "
        "learned from all the others and had never seen it (cross-validation). The head you get "
        "learned from all pictures. The lines on the bars are 95 % intervals (Wilson). Pictures "
        "that are nearly the same, as from one burst of a camera, make it look better than it is."
    )


def _show_trial(head: heads.Kept, picture: engine.Picture) -> None:
    st.markdown(f"**Try it:** {picture.caption}")
    small, bars = st.columns([1, 2], vertical_alignment="center")
    small.image(picture.image, width=120)
    with bars:
        try:
            show_bars(engine.ask(prediction_as_sent, look(head.choice, picture)), "bars")
        except Ali5Error as error:
            st.error(plain(str(error)))
    st.caption(
        "Choose another picture at the left: a sample, a file, the camera, a drawing. It must name "
        "one of your groups, also where none fits."
    )


def _show_next(head: heads.Kept) -> None:
    """Show the ways to other pages with the head, and its file."""
    name = heads.name_of(head)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Look inside it:")
        for page, words in (("explore", "Explore"), ("why", "Why"), ("what_if", "What if")):
            place = {**address.kept(), "network": name}
            st.page_link(address.script_of(page), label=words, query_params=place)
        st.page_link(address.script_of("compare"), label="Compare", query_params=address.kept())
        st.download_button(
            "Download this head",
            head.content,
            f"{name}.safetensors",
            "application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            help="The last layer with the names of your groups and how good it is; none of your "
            "pictures. Bring it back here, or load it with ali5.load_taught.",
        )


def _show_curves(check: Check) -> None:
    from ...canvas.curves import show_curves

    last = check.moments[-1]
    moments = settled(check.moments)

    def chart(title: str, noun: str, pick: Callable[[Moment], tuple[float, float]]) -> object:
        percent = noun == "Right"
        factor = 100 if percent else 1
        pairs = [(each.step, pick(each)) for each in moments]
        return {
            "title": title,
            "noun": noun,
            "unit": " %" if percent else "",
            "top": 100 if percent else None,
            "series": {
                "learned from": [(step, factor * pair[0]) for step, pair in pairs],
                "held out": [(step, factor * pair[1]) for step, pair in pairs],
            },
        }

    held_loss, held_right = number_in_words(last.held_loss), share_in_words(last.held_right)
    st.markdown("**While it learned**")
    show_curves(
        {
            "label": f"Loss {held_loss}, {held_right} right on held-out pictures",
            "axis": "step",
            "charts": [
                chart(f"Loss: {held_loss} held out", "Loss", lambda at: (at.loss, at.held_loss)),
                chart(
                    f"Right: {held_right} held out", "Right", lambda at: (at.right, at.held_right)
                ),
            ],
        }
    )
    st.caption(
        f"All groups start equally likely: a loss of {number_in_words(check.moments[0].loss)}. "
        f"{len(moments) - 1} steps later nothing changes any more. This problem has one best "
        "answer, wherever one begins: the same pictures always teach the same head."
    )


def settled(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return the moments up to where nothing changes any more that could be seen."""
    last = moments[-1]
    near = 0.002 * max(moments[0].loss, last.held_loss)
    moving = [
        place
        for place, each in enumerate(moments)
        if max(abs(each.loss - last.loss), abs(each.held_loss - last.held_loss)) > near
        or each.held_right != last.held_right
    ]
    return moments[: (moving[-1] if moving else 0) + 2]


def _show_held(head: heads.Kept) -> None:
    """Show the pictures that were mistaken while they were held out, or all."""
    check, labels = head.check, head.labels
    wrong = [each for each in check.held if not each.right]
    which = address.choose(
        "What it said of held-out pictures",
        {"mistakes": f"Mistakes ({len(wrong)})", "all": f"All ({check.count})"},
        name="held",
        default="mistakes",
    )
    if which == "mistakes" and not wrong:
        st.markdown("It made no mistake.")
        return
    items = []
    for each in wrong if which == "mistakes" else check.held:
        shown = head.pictures[each.group][each.place]
        ranked = sorted(zip(labels, each.shares, strict=True), key=lambda pair: -pair[1])
        entropy = -sum(share * math.log2(share) for share in each.shares if share > 0)
        name = f"{shown.name} (belongs to “{labels[each.group]}”)"
        items.append(Item(name, ranked, entropy, shown.thumbnail))
    show_items(items, THUMBNAIL_PX, f"{len(items)} held-out pictures", "held")


# --- A head from a file -------------------------------------------------------------------------


def show_bring() -> None:
    """Show where a head comes back from a file."""
    place = address.unfold("Bring a taught head", name="bring-head")
    if not place.open:
        return
    with place:
        found = st.file_uploader(
            "A file that “Download this head” gave",
            type=["safetensors"],
            max_upload_size=MOST_FILE_BYTES // 2**20,
            key=view.field("head"),
        )
        refused = st.session_state.pop("teach-head-refused", None)
        if refused:
            st.error(plain(refused))
    if found is None:
        return
    try:
        head = _read_head(found)
    except Ali5Error as error:
        st.session_state["teach-head-refused"] = str(error)
    else:
        address.write(head=heads.name_of(head))
    view.empty_fields("head")
    st.rerun()


def _read_head(file: UploadedFile) -> heads.Kept:
    content = file.read(MOST_FILE_BYTES + 1)
    origin = engine.work_out(origin_in, content)
    mine = own()
    with st.spinner("Opening the head …"):
        if origin.is_known:  # a file is anybody's: nothing else that it names is looked for
            known = architecture(origin.network)
            choice = Choice(known, known.edition(origin.edition), origin.weights)
        else:
            assert mine is not None
            choice = own_choice(mine)
        return heads.keep(engine.ask(head_from, ready(choice), content), choice)


def code_of(backbone: Choice) -> str:
    """Return the same as a program."""
    return "\n".join(
        [
            "import pathlib",
            "",
            "import ali5",
            "",
            "groups = {  # a folder of pictures for each group",
            "    folder.name: [ali5.open_image(path) for path in sorted(folder.iterdir())]",
            '    for folder in sorted(pathlib.Path("groups").iterdir())',
            "}",
            f"network = {backbone.code}",
            "taught = ali5.teach(network, groups)",
            'print(taught.check.right, "of", taught.check.count, "held-out pictures are right")',
            'ali5.save_taught(taught, "head.safetensors")',
            "",
            'taught = ali5.load_taught("head.safetensors")',
            'trace = ali5.trace(taught.network, ali5.open_image("photo.jpg"))',
            "print(trace.predictions())",
        ]
    )
