"""Entry of the site: `streamlit run app/main.py`, or simply `ali5`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("ali5") is None:  # a checkout without an installation
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from ali5.site.app.navigation import show_site

show_site()
