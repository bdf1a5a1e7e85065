"""The camera: the field for a photo, and a sentence where browsers give none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st

from ali5.site.guard.names import is_of_this_computer

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

NEEDS_HTTPS = (
    "Browsers give a camera only to pages of this very computer and to https. Whoever runs this "
    "site can serve it by https: `ali5 --cert FILE --key FILE`. Until then, take a photo with your "
    "device and bring it as a file."
)


def take_photo(label: str, **more: Any) -> UploadedFile | None:
    """Show the field for a photo, or say why there is none; further arguments are Streamlit's."""
    if not has_camera(st.context.url or ""):
        st.info(NEEDS_HTTPS)
        return None
    return st.camera_input(label, **more)


def has_camera(url: str) -> bool:
    """Whether browsers give a page at this address a camera; an unknown one is tried."""
    address = urlsplit(url)
    return address.scheme != "http" or is_of_this_computer((address.hostname or "").rstrip("."))
