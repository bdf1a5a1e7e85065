"""Where the picture comes from: samples, a file, the camera or the drawing field."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence

import streamlit as st
from PIL import Image, ImageOps

from ali5.errors import Ali5Error
from ali5.pictures.images import FORMATS, MAX_BYTES, NOTES, digest_of, notes_of, open_image
from ali5.pictures.samples import open_sample, samples
from ali5.site.exploring import own

from .. import address
from ..engine import FIRST_PICTURE, Picture, forget_with, slot
from ..engine.picture import GIVEN, OWN
from ..words import plain, unmarked
from .camera import take_photo
from .inputs import show_pad, show_samples, show_strip

PHOTO = "your photo"

MAX_EDGE_PX = 1600
"""Visitors' pictures are kept no larger than this; the networks see 227 pixels at most."""

MAX_EDGE_TOGETHER_PX = 1000
"""The same for pictures that come several at a time."""

MOST_KEPT, MOST_KEPT_PIXELS = 12, 12_000_000
"""So many of a visitor's pictures are kept to go back to, and so many pixels of them together."""

SUFFIXES = ["jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "bmp", "avif"]


def choose_picture(several: bool = False) -> Picture:
    """Show the ways to bring a picture; return the one that is chosen.

    A picture that cannot be opened is refused with a sentence, and the last one stays.

    Args:
        several: Take several files at a time; `show_own_pictures` offers them.
    """
    source = address.choose(
        "Picture",
        {"samples": "Sample", "file": "File", "camera": "Camera", "draw": "Draw"},
        name="from",
        default="samples",
        explanation="Pictures stay on the computer that runs ALI5.",
    )
    if source == "file":
        _take_files(several)
    elif source == "camera":
        _take_photo()
    elif source == "draw":
        _take_drawing()
    else:
        if _given() is not None and _chosen_name() != GIVEN:
            st.button("Back to the given picture", on_click=address.write, kwargs={"picture": None})
        show_samples(_chosen_name(), lambda name: address.write(picture=name, which=None))
    return current_picture()


def show_own_pictures() -> None:
    """Show the files and photos that the visitor has brought, to go back to, if there are several.

    They belong to the session alone.
    """
    kept: dict[str, Picture] = st.session_state.get("own-pictures", {})
    if len(kept) < 2:
        return
    chosen = current_picture()
    show_strip(
        [(name, unmarked(each.caption), each.image) for name, each in kept.items()],
        _short(chosen) if chosen.name == OWN else "",
        lambda name: address.write(picture=OWN, which=name),
    )


def _chosen_name() -> str:
    given = [] if _given() is None else [GIVEN]
    return address.read("picture", [*given, *samples(), OWN], given[0] if given else FIRST_PICTURE)


def _given() -> Picture | None:
    """Return the picture that came with a network of the user's own, if one did."""
    mine = own()
    if mine is None or mine.image is None:
        return None
    notes = notes_of(mine.image)
    if mine.prepared is not None:
        notes = ("A prepared tensor was given: what you see is drawn over its own range.",)
    return Picture(GIVEN, mine.image, mine.key, "the given picture", notes)


def current_picture() -> Picture:
    """Return the picture that the address names."""
    chosen = _chosen_name()
    if chosen == OWN:
        kept = st.session_state.get("own-pictures", {}).get(address.text("which"))
        kept = kept or st.session_state.get("own-picture")
        if isinstance(kept, Picture):
            return kept
        st.info(
            "This address was made with somebody's own picture, which never leaves their computer. "
            "Bring a picture of yours, or take a sample."
        )
        chosen = FIRST_PICTURE
    given = _given()
    if chosen == GIVEN and given is not None:
        return given
    sample = samples()[chosen]
    image = open_sample(chosen)
    caption = f"the {sample.kind} “{sample.title}”" if sample.kind != "digit" else sample.shows
    notes = (f"Photograph: {sample.credit}.",) if sample.credit else ()
    return Picture(chosen, image, _sample_digest(chosen), caption, notes)


@functools.cache
def _sample_digest(name: str) -> str:
    return digest_of(open_sample(name))


def _take_files(several: bool) -> None:
    uploaded = st.file_uploader(
        "Pictures of yours" if several else "A picture of yours",
        type=SUFFIXES,
        accept_multiple_files=several,
        max_upload_size=MAX_BYTES // 2**20,
        help=f"{', '.join(FORMATS)}; at most {MAX_BYTES // 2**20} MB and 50 megapixels.",
    )
    files = uploaded if isinstance(uploaded, list) else [] if uploaded is None else [uploaded]
    _open([(each.file_id, each, each.name) for each in files])


def _take_photo() -> None:
    photo = take_photo("A photo")
    if photo is not None:
        _open([(photo.file_id, photo, PHOTO)])


def _open(files: Sequence[tuple[str, io.BytesIO, str]]) -> None:
    """Open uploads once; on later runs they are already kept, or their refusals are shown again.

    A run may be stopped at any call of Streamlit. What is done is noted last, so that the next run
    then does all of it again.

    Args:
        files: Id, content and name of each.
    """
    if not files:
        return
    before: dict[str, str] = st.session_state.get("opened-files", {})
    edge = MAX_EDGE_PX if len(files) == 1 else MAX_EDGE_TOGETHER_PX
    refusals = {
        file_id: before[file_id] if file_id in before else _open_one(file, name, edge)
        for file_id, file, name in files
    }
    st.session_state["opened-files"] = refusals
    for refusal in filter(None, refusals.values()):
        st.error(refusal)


def _open_one(file: io.BytesIO, name: str, edge: int) -> str:
    """Make a file the visitor's picture; return why that is not possible, or ""."""
    caption = plain(name) if name == PHOTO else f"“{plain(name)}”"
    try:
        with slot(), st.spinner("Opening the picture …"):
            image = _reduced(open_image(file), edge)
            _take(Picture(OWN, image, digest_of(image), caption, notes_of(image)))
    except Ali5Error as error:
        return f"{caption} was not opened. {error}"
    address.write(picture=OWN, which=None)
    return ""


def take_over(image: Image.Image, name: str) -> dict[str, str]:
    """Make a picture that another page knows the visitor's own; return the choices that name it."""
    own = Picture(OWN, image, digest_of(image), f"“{plain(name)}”", notes_of(image))
    _take(own)
    return {"picture": OWN, "which": _short(own)}


def _take(own: Picture) -> None:
    forget_with(own)
    st.session_state["own-picture"] = own
    st.session_state["own-pictures"] = _with(st.session_state.get("own-pictures", {}), own)


def _with(kept: dict[str, Picture], own: Picture) -> dict[str, Picture]:
    """Add a picture to those that are kept; the oldest ones make room."""
    others = {name: each for name, each in kept.items() if each.digest != own.digest}
    pictures = others | {_short(own): own}
    pixels = sum(each.image.width * each.image.height for each in pictures.values())
    for name, each in list(pictures.items()):
        if len(pictures) <= MOST_KEPT and (pixels <= MOST_KEPT_PIXELS or len(pictures) == 1):
            break
        pixels -= each.image.width * each.image.height
        del pictures[name]
    return pictures


def _short(picture: Picture) -> str:
    """Return the name of a visitor's picture in the address."""
    return picture.digest[:8]


def _reduced(image: Image.Image, edge: int) -> Image.Image:
    """Make a large picture smaller: many visitors' pictures are kept at the same time."""
    if max(image.size) <= edge:
        return image
    width, height = image.size
    small = ImageOps.contain(image, (edge, edge))
    words = (
        f"It was reduced from {width:,} × {height:,} to {small.width:,} × {small.height:,} pixels."
    )
    small.info[NOTES] = (*notes_of(image), words)
    return small


def _take_drawing() -> None:
    drawing = show_pad()
    if drawing is None:
        st.session_state["drawn"] = None
        if _chosen_name() == OWN:
            st.caption("The field is empty: the last picture stays until you draw.")
        return
    digest = digest_of(drawing)
    if st.session_state.get("drawn") != digest:
        drawn = Picture(OWN, drawing, digest, "your drawing")
        forget_with(drawn)
        st.session_state["own-picture"] = drawn
        address.write(picture=OWN, which=None)
        st.session_state["drawn"] = digest
