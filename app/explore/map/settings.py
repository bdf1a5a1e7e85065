"""What can be chosen on the map of a network. No Streamlit."""

from __future__ import annotations

LENSES = {
    "none": "nothing",
    "parameters": "parameters",
    "arithmetic": "multiply–adds",
    "memory": "memory",
    "time": "time",
}
"""What the bars on the map can compare, and what to call it; the keys stand in the address."""
