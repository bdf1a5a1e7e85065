"""Where the picture comes from: samples, a file, the camera or the drawing field."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image, ImageOps

from ali5.errors import Ali5Error
from ali5.exploring import own
from ali5.images import FORMATS, MAX_BYTES, NOTES, notes_of, open_image
from ali5.samples import open_sample, samples
from app import address
from app.canvas.inputs import show_pad, show_samples
from app.engine import Picture, digest_of, slot
from app.words import plain

DEFAULT = "coffee"
OWN = "own"
GIVEN = "given"
"""In the address, the picture that `ali5.explore` was called with."""

PHOTO = "your photo"

MAX_EDGE_PX = 1600
"""Visitors' pictures are kept no larger than this; the networks see 227 pixels at most."""

_SUFFIXES = ["jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "bmp", "avif"]


def choose_picture() -> Picture:
    """Show the ways to bring a picture; return the one that is chosen.

    A picture that cannot be opened is refused with a sentence, and the last one stays.
    """
    source = address.choose(
        "Picture",
        {"samples": "Sample", "file": "File", "camera": "Camera", "draw": "Draw"},
        name="from",
        default="samples",
        explanation="Pictures stay on the computer that runs ALI5.",
    )
    if source == "file":
        _take_file()
    elif source == "camera":
        _take_photo()
    elif source == "draw":
        _take_drawing()
    else:
        if _given() is not None and _chosen_name() != GIVEN:
            st.button("Back to the given picture", on_click=address.write, kwargs={"picture": None})
        show_samples(_chosen_name(), lambda name: address.write(picture=name))
    return _current_picture()


def _chosen_name() -> str:
    given = [] if _given() is None else [GIVEN]
    return address.read("picture", [*given, *samples(), OWN], given[0] if given else DEFAULT)


def _given() -> Picture | None:
    """Return the picture that came with a network of the user's own, if one did."""
    mine = own()
    if mine is None or mine.image is None:
        return None
    notes: tuple[str, ...] = ()
    if mine.prepared is not None:
        notes = ("A prepared tensor was given: what you see is drawn over its own range.",)
    return Picture(GIVEN, mine.image, mine.key, "the given picture", notes)


def _current_picture() -> Picture:
    """Return the picture that the address names."""
    chosen = _chosen_name()
    if chosen == OWN:
        kept = st.session_state.get("own-picture")
        if isinstance(kept, Picture):
            return kept
        st.info(
            "This address was made with somebody's own picture, which never leaves their computer. "
            "Bring a picture of yours, or take a sample."
        )
        chosen = DEFAULT
    given = _given()
    if chosen == GIVEN and given is not None:
        return given
    sample = samples()[chosen]
    image = open_sample(chosen)
    caption = f"the {sample.kind} “{sample.title}”" if sample.kind != "digit" else sample.shows
    notes = (f"Photograph: {sample.credit}.",) if sample.credit else ()
    return Picture(chosen, image, _sample_digest(chosen), caption, notes)


@st.cache_data(max_entries=100, show_spinner=False)
def _sample_digest(name: str) -> str:
    return digest_of(open_sample(name))


def _take_file() -> None:
    uploaded = st.file_uploader(
        "A picture of yours",
        type=_SUFFIXES,
        max_upload_size=MAX_BYTES // 2**20,
        help=f"{', '.join(FORMATS)}; at most {MAX_BYTES // 2**20} MB and 50 megapixels.",
    )
    if uploaded is not None:
        _open(uploaded.file_id, uploaded, uploaded.name)


def _take_photo() -> None:
    photo = st.camera_input("A photo")
    if photo is not None:
        _open(photo.file_id, photo, PHOTO)


def _open(file_id: str, file: io.BytesIO, name: str) -> None:
    """Open an upload once; on later runs it is already kept, or its refusal is shown again.

    A run may be stopped at any call of Streamlit. What is done is noted last, so that the next run
    then does all of it again.
    """
    if st.session_state.get("opened-file") != file_id:
        refusal = None
        caption = plain(name) if name == PHOTO else f"“{plain(name)}”"
        try:
            with slot(), st.spinner("Opening the picture …"):
                image = _reduced(open_image(file))
                own = Picture(OWN, image, digest_of(image), caption, notes_of(image))
        except Ali5Error as error:
            refusal = f"{caption} was not opened. {error}"
        else:
            st.session_state["own-picture"] = own
            address.write(picture=OWN)
        st.session_state["refusal"] = refusal
        st.session_state["opened-file"] = file_id
    if st.session_state["refusal"]:
        st.error(st.session_state["refusal"])


def _reduced(image: Image.Image) -> Image.Image:
    """Make a large picture smaller: many visitors' pictures are kept at the same time."""
    if max(image.size) <= MAX_EDGE_PX:
        return image
    width, height = image.size
    small = ImageOps.contain(image, (MAX_EDGE_PX, MAX_EDGE_PX))
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
        st.session_state["own-picture"] = Picture(OWN, drawing, digest, "your drawing")
        address.write(picture=OWN)
        st.session_state["drawn"] = digest
