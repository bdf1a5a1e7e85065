"""Entry of the site: `streamlit run app/main.py`, or simply `ali5`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if importlib.util.find_spec("ali5") is None:  # a checkout without an installation
    sys.path.append(str(ROOT))

from ali5.site.app import address, presence  # noqa: E402

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def _page(name: str, title: str, default: bool = False) -> StreamlitPage:
    path = ROOT / "pages" / f"{name}.py"
    return st.Page(path, title=title, url_path=name.replace("_", "-"), default=default)


st.set_page_config(
    page_title="ALI5",
    page_icon=str(ROOT / "assets" / "icon.png"),
    layout="wide",
    initial_sidebar_state=300,
)
st.html(ROOT / "app" / "site.css")
page = st.navigation(
    {
        "": [_page("explore", "Explore", default=True)],
        "Labs": [
            _page("pixels", "Pixels"),
            _page("convolution", "Convolution"),
            _page("pooling", "Pooling"),
            _page("stacking", "Stacking"),
            _page("final_layer", "Final layer"),
            _page("learning", "Learning"),
        ],
        "Classify": [
            _page("compare", "Compare"),
            _page("why", "Why"),
            _page("what_if", "What if"),
            _page("group", "Group"),
            _page("teach", "Teach it yours"),
        ],
    },
    position="top",
)
presence.attend()
address.follow(page.url_path)
page.run()
