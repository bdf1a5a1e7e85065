"""What the browser may send for a place in a network. No Streamlit."""

from __future__ import annotations

from ali5.door import text, whole

STEP = text(200)
"""For a step; a page looks whether there is one of that name."""

CHANNEL = whole(0, 1_000_000)
"""For a channel, likewise."""
