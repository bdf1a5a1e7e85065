"""The script of every visit, however the site is served.

While a script runs, Streamlit looks for modules in its folder first: from here nobody can import
anything, so that whatever the code of somebody who calls `ali5.explore` imports is their own.
"""

from __future__ import annotations

import sys

from ali5.site.app.navigation import show_site
from ali5.site.hosting import MAIN_OF_THE_USER

if __name__ == "__main__":
    # Streamlit has put this script in its place; the user's objects are pickled by their names.
    if MAIN_OF_THE_USER is not None:
        sys.modules["__main__"] = MAIN_OF_THE_USER
    show_site()
