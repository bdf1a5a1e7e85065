"""The least that a page of Streamlit's can be, to measure others by: a title and a button.

`streamlit.App` serves it under uvicorn, as the site is: `python bare_page.py PORT`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit import runtime


def serve(port: int) -> None:
    """Serve this page at 127.0.0.1 until the process ends."""
    import uvicorn
    from streamlit import App, config

    for name, value in {
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "runner.postScriptGC": False,
    }.items():
        config.set_option(name, value, __file__)
    app = App(Path(__file__))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", ws_per_message_deflate=False)


def show_page() -> None:
    """Show the page."""
    st.title("A page")
    st.button("Again")


if runtime.exists():  # the server is there: it runs this as the script of a visit
    show_page()
else:
    serve(int(sys.argv[1]))
