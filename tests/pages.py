"""Pages opened without a browser, and what they send to it."""

from __future__ import annotations

import functools
import json
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from ali5 import door
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.engine import Picture
from ali5.site.building import VISIT
from ali5.site.classroom import CLASSROOM


def open_page(name: str, own: Image.Image | None = None, **choices: str) -> AppTest:
    """A page by the name of its script, with a visitor's photo, at an address with choices."""
    at = AppTest.from_file(str(VISIT), default_timeout=120)
    if own is not None:
        at.session_state["own-picture"] = Picture("own", own, "x", "a photo")
        choices["picture"] = "own"
    # A link leads to a page at once; `AppTest` asks for the first page before, to know the others.
    at._registered_pages = pages_of(CLASSROOM.is_on)
    at.switch_page(f"../../pages/{name}.py")
    for choice, value in choices.items():
        at.query_params[choice] = value
    at.run()
    assert not at.exception
    return at


@functools.cache
def pages_of(classroom: bool) -> dict[str, Any]:
    """All pages of the site, as `AppTest` knows them after a visit; a class has one more."""
    return AppTest.from_file(str(VISIT), default_timeout=120).run()._registered_pages


def sent_to(at: AppTest, component: str) -> tuple[dict[str, Any], bytes]:
    """The header and the body that a browser component was sent."""
    found = (each.proto for each in at.get("bidi_component"))
    node = next(proto for proto in found if proto.component_name == f"ali5_{component}")
    return unpack(node.bytes)


def heard(reader: door.Reader[dict[str, Any]], sent: dict[str, Any]) -> dict[str, Any]:
    """What becomes of settings that the browser sends as JSON: they have to fit."""
    found = door.read(reader, json.dumps(sent), None)
    assert found is not None, f"the door refuses {sent}"
    return found
