"""Entry of the site: `streamlit run app/main.py`, or simply `ali5`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # Streamlit puts only this folder there
    sys.path.insert(0, str(ROOT))

from app import address, collector  # noqa: E402

st.set_page_config(
    page_title="ALI5",
    page_icon=str(ROOT / "assets" / "icon.png"),
    layout="wide",
    initial_sidebar_state=300,
)
st.html(ROOT / "app" / "site.css")
page = st.navigation(
    [
        st.Page(ROOT / "pages" / "explore.py", title="Explore", url_path="explore", default=True),
        st.Page(ROOT / "pages" / "pixels.py", title="Pixels", url_path="pixels"),
        st.Page(ROOT / "pages" / "convolution.py", title="Convolution", url_path="convolution"),
        st.Page(ROOT / "pages" / "pooling.py", title="Pooling", url_path="pooling"),
        st.Page(ROOT / "pages" / "stacking.py", title="Stacking", url_path="stacking"),
        st.Page(ROOT / "pages" / "final_layer.py", title="Final layer", url_path="final-layer"),
        st.Page(ROOT / "pages" / "learning.py", title="Learning", url_path="learning"),
        st.Page(ROOT / "pages" / "compare.py", title="Compare", url_path="compare"),
        st.Page(ROOT / "pages" / "why.py", title="Why", url_path="why"),
        st.Page(ROOT / "pages" / "what_if.py", title="What if", url_path="what-if"),
        st.Page(ROOT / "pages" / "teach.py", title="Teach it yours", url_path="teach"),
    ],
    position="top",
)
collector.attend()
address.follow(page.url_path)
page.run()
