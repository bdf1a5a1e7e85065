"""The site for those who bring a server: `streamlit run app/main.py`, or `uvicorn` with its `app`.

Installed, that is `uvicorn ali5.site.app.main:app`. What can be set is read from the environment.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from streamlit import App

if importlib.util.find_spec("ali5") is None:  # a checkout without an installation
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from ali5.site.building import parts
from ali5.site.classroom import CLASSROOM, way_in

app = App(**parts())  # `streamlit run` looks for these very words

if CLASSROOM.is_on:
    print(f"ALI5 for a class. For the teacher alone: {way_in('/')}", flush=True)
