"""Where the picture comes from: samples, a file, the camera or the drawing field."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image

from ali5.errors import Ali5Error
from ali5.images import FORMATS, MAX_BYTES, notes_of, open_image
from ali5.samples import open_sample, samples
from app import address
from app.canvas.inputs import show_pad, show_samples
from app.engine import Picture, digest_of, slot

DEFAULT = "digit-3"
OWN = "own"

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
        drawing = show_pad()
        if drawing is not None:
            _keep_own(drawing, "your drawing", ())
    else:
        show_samples(_chosen_name(), lambda name: address.write(picture=name))
    return _current_picture()


def _chosen_name() -> str:
    return address.read("picture", [*samples(), OWN], DEFAULT)


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
        _open(photo.file_id, photo, "your photo")


def _open(file_id: str, file: io.BytesIO, name: str) -> None:
    """Open an upload once; on later runs it is already kept, or its refusal is shown again."""
    if st.session_state.get("opened-file") != file_id:
        st.session_state["opened-file"] = file_id
        st.session_state["refusal"] = None
        try:
            with slot(), st.spinner("Opening the picture …"):
                image = open_image(file)
        except Ali5Error as error:
            st.session_state["refusal"] = f"“{name}” was not opened. {error}"
        else:
            _keep_own(image, f"“{name}”", notes_of(image))
    if st.session_state["refusal"]:
        st.error(st.session_state["refusal"])


def _keep_own(image: Image.Image, caption: str, notes: tuple[str, ...]) -> None:
    digest = digest_of(image)
    kept = st.session_state.get("own-picture")
    if isinstance(kept, Picture) and kept.digest == digest:
        return
    st.session_state["own-picture"] = Picture(OWN, image, digest, caption, notes)
    address.write(picture=OWN)
