"""Groups as cards on the page "Teach it yours", the ways to bring pictures, and the lesson.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.classifying.teach.groups import LONGEST_NAME, MOST_GROUPS, MOST_PICTURES, faults_of
from ali5.door import text, tidied
from ali5.errors import Ali5Error
from ali5.pictures.batches import Member, in_folders, read_batch
from ali5.pictures.images import MAX_BYTES, open_image

from ... import address, engine
from ...canvas.component import component
from ...choose import heads
from ...choose.camera import take_photo
from ...choose.choice import Choice
from ...choose.network import telling
from ...choose.picture import SUFFIXES
from ...words import listed, plain
from ..many.brought import THUMBNAIL_PX, Brought, brought
from . import view
from .sent import pack_pictures
from .view import Group, Groups

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_pictures = component(__file__, "teach", sends={"remove": text(64, r"[0-9a-f]+")})

_BRING = {"files": "Files", "camera": "Camera", "zip": "One zip archive"}

CAMERA_PX = 420

_REFUSED = "teach-refused"


# --- Groups -------------------------------------------------------------------------------------


def choose_groups() -> Groups:
    """Show where groups come from; return those that are chosen."""
    with st.container(horizontal=True, gap="large"):
        address.choose(
            "Groups",
            {**view.EXAMPLES, view.MINE: "Yours"},
            name="groups",
            default=view.DEFAULT,
            explanation="Three examples, and your own. An example that you change becomes yours.",
        )
        bring = address.choose(
            "Bring pictures from",
            _BRING,
            name="bring",
            default="files",
            explanation="In a zip archive, every folder becomes a group of its name. Pictures stay "
            "in the memory of the computer that runs ALI5, for you alone, until you close this tab "
            "or forget them.",
        )
    if view.are_missing():
        st.info(
            "These groups are yours to fill: pictures never travel with an address. Give each "
            "group a name and at least three pictures."
        )
    if bring == "camera":
        _take_photos()
    elif bring == "zip":
        _take_archive()
    _show_refused()
    groups = view.groups_now()
    place = st.container()
    brought_now: dict[str, Sequence[UploadedFile]] = {}
    with st.container(horizontal=True, key="teach-cards"):
        for group in groups:
            with st.container(border=True):
                if files := _show_card(group, len(groups), files=bring == "files"):
                    brought_now[group.key] = files
    with st.container(horizontal=True):
        if aside := view.set_aside():
            names = listed([f"“{plain(each.name)}”" for each in aside if each.pictures])
            st.button(
                f"Bring back {names}",
                icon=":material/undo:",
                on_click=view.bring_back,
                help="Your groups before; those of now take their place here.",
            )
        st.button(
            "Add a group",
            icon=":material/add:",
            on_click=view.add_group,
            disabled=len(groups) >= MOST_GROUPS,
        )
        st.button("Start empty", on_click=view.start_empty)
        st.button(
            "Forget all",
            on_click=view.forget,
            help="Takes your pictures and your heads out of the memory of this computer.",
        )
    if brought_now:  # only now, so that files that come to another group meanwhile are seen too
        with place:
            _take_files(brought_now)
    return view.groups_now()


def _show_card(group: Group, count: int, files: bool) -> Sequence[UploadedFile]:
    """Show a group; return the files that have been brought to it."""
    key = f"teach-name-{group.key}"
    st.session_state[key] = group.name

    def renamed() -> None:
        view.rename(group.key, st.session_state[key])

    pictures = len(group.pictures)
    words = "no pictures yet" if not pictures else f"{pictures} picture{'s' * (pictures > 1)}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(f"Name, {words}", key=key, max_chars=LONGEST_NAME, on_change=renamed)
        st.button(
            "",
            icon=":material/close:",
            key=f"teach-drop-{group.key}",
            on_click=view.drop_group,
            args=(group.key,),
            disabled=count <= 2,
            help=f"Take away the group “{plain(group.name)}” with its pictures",
        )
    if group.pictures:
        shown = f"pictures-{group.key}"
        _pictures(
            key=shown,
            data=pack_pictures(group.name, group.pictures, THUMBNAIL_PX),
            remove=lambda digest: view.remove_picture(group.key, digest),
        )
    if not files:
        return ()
    return st.file_uploader(
        f"Pictures for “{plain(group.name)}”",
        type=[*SUFFIXES, "zip"],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 2**20,
        key=view.field(f"files-{group.key}"),
        label_visibility="collapsed",
    )


def _take_files(files: Mapping[str, Sequence[UploadedFile]]) -> None:
    """Take in the files that were brought to groups, by the key of the group."""
    fields = [f"files-{key}" for key in files]
    place = _show_opening(fields)
    taken: dict[str, list[Brought]] = {}
    refusals, room = [], view.room_left()
    for group in view.groups_now():
        if group.key in files:
            opened, refused = _open(files[group.key], room, place)
            taken[group.key], copies = _without_copies([each for _, each in opened], group.pictures)
            refusals += [*refused, *copies]
            room -= len(taken[group.key])
    for key, pictures in taken.items():  # all or, if another run comes between, none
        if pictures:
            view.add_pictures(key, pictures)
    _finish(refusals, *fields)


def _without_copies(
    pictures: Sequence[Brought], known: Sequence[Brought] = ()
) -> tuple[list[Brought], list[str]]:
    """Return the pictures that a group does not hold already, and a sentence for each other."""
    digests, fresh, refusals = {each.digest for each in known}, [], []
    for each in pictures:
        if each.digest in digests:
            refusals.append(f"“{plain(each.name)}”: It is in this group already.")
        else:
            digests.add(each.digest)
            fresh.append(each)
    return fresh, refusals


def _show_opening(fields: Sequence[str]) -> DeltaGenerator:
    """Show a button that gives the files in some fields up; return the place for progress."""
    place = st.empty()
    st.button("Stop", key="teach-stop", on_click=view.empty_fields, args=tuple(fields))
    return place


def _open(
    files: Sequence[UploadedFile], room: int, place: DeltaGenerator
) -> tuple[list[tuple[Member, Brought]], list[str]]:
    """Open files with progress; `room` is for so many pictures."""
    members = read_batch([(each.name, each) for each in files])

    def told(done: int, count: int) -> None:
        place.progress(done / count, f"Opening picture {done + 1} of {count}")

    return view.take(members, room, told)


def _finish(refusals: list[str], *fields: str) -> None:
    st.session_state[_REFUSED] = refusals
    view.empty_fields(*fields)
    st.rerun()


def _take_photos() -> None:
    groups = view.groups_now()
    if not groups:
        st.caption("Add a group, and photos can go to it.")
        return
    with st.container(border=True):
        key = address.choose(
            "Photos go to",
            {str(place): plain(group.name) for place, group in enumerate(groups)},
            name="to",
            default="0",
        )
        group = groups[int(key)]
        photo = take_photo(
            f"A photo for “{plain(group.name)}”", key=view.field("camera"), width=CAMERA_PX
        )
    if photo is not None:
        number = len(group.pictures) + 1
        refusals = []
        try:
            with engine.slot():
                view.add_pictures(group.key, [brought(f"photo {number}", open_image(photo))])
        except Ali5Error as error:
            refusals.append(plain(str(error)))
        _finish(refusals, "camera")


def _take_archive() -> None:
    found = st.file_uploader(
        "A zip archive: every folder in it becomes a group", type=["zip"], key=view.field("zip")
    )
    if found is None:
        return
    # They take the place of all groups.
    opened, refusals = _open([found], MOST_PICTURES, _show_opening(["zip"]))
    images = {id(member): each for member, each in opened}
    groups: list[Group] = []
    for name, members in in_folders([member for member, _ in opened]).items():
        if not name:
            refusals += [f"“{plain(each.name)}”: It is in no folder." for each in members]
        elif len(groups) == MOST_GROUPS:
            refusals.append(
                f"The folder “{plain(name)}” comes after {MOST_GROUPS} others: more groups "
                "cannot be taught."
            )
        else:
            pictures, copies = _without_copies([images[id(each)] for each in members])
            refusals += copies
            short = tidied(name)[:LONGEST_NAME]
            groups.append(view.new_group(short, pictures))
    if groups:
        view.write_groups(groups, anew=True)
    elif not refusals:
        refusals.append("There are no folders with pictures in this archive.")
    _finish(refusals, "zip")


def _show_refused() -> None:
    """List what was refused last, each with its sentence."""
    refused = st.session_state.get(_REFUSED)
    if not refused:
        return
    with st.container(border=True):
        noun = "One file was" if len(refused) == 1 else f"{len(refused)} files were"
        st.markdown(f"**{noun} not taken**")
        with st.container(height=220 if len(refused) > 8 else "content"):
            st.markdown("\n".join(f"- {sentence}" for sentence in refused))
        st.button("Close", key="teach-refused-close", on_click=_close_refused)


def _close_refused() -> None:
    st.session_state.pop(_REFUSED, None)


# --- The lesson ---------------------------------------------------------------------------------


def show_lesson(groups: Groups, backbone: Choice) -> None:
    """Show what is in the way of teaching or the button; teach once it was pressed."""
    faults = faults_of([(each.name, [one.digest for one in each.pictures]) for each in groups])
    lesson = view.lesson_of(groups, backbone)
    title = plain(backbone.architecture.title)
    if not view.has_begun(lesson) or faults:
        head = heads.kept().get(address.text("head"))
        is_taught = head is not None and head.lesson == lesson
        st.button(
            f"Teach these groups to {title}",
            icon=":material/school:",
            type="secondary" if is_taught else "primary",
            disabled=bool(faults),
            on_click=view.begin,
            args=(lesson,),
        )
        for fault in faults:
            st.markdown(f":material/info: {plain(fault)}")
        return
    st.button("Cancel", on_click=view.cancel)
    bar = st.progress(0.0, "Getting ready …")
    try:
        view.hold(groups, backbone, telling(bar))
    except Ali5Error as error:
        view.cancel()
        st.error(plain(str(error)))
        return
    st.rerun()
