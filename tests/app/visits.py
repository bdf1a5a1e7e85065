"""What a visitor usually does on each page, without a browser, in a process that has no torch."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from ali5.classifying.teach.examples import example_groups
from ali5.paths import ASSETS
from ali5.site.app.choose import heads
from ali5.site.building import VISIT
from tests.pages import sent_to

LENET = {"network": "lenet5", "picture": "digit-3"}
COLOUR = {"network": "lenet5", "edition": "colour", "picture": "cat"}
CAT = ("cat.jpg", (ASSETS / "photographs" / "cat.jpg").read_bytes(), "image/jpeg")


def arrive() -> AppTest:
    """A visitor on the first page."""
    at = AppTest.from_file(str(VISIT), default_timeout=120)
    for name, value in LENET.items():
        at.query_params[name] = value
    return fine(at.run(), "network_map")


def go(at: AppTest, page: str, **choices: str) -> AppTest:
    """The same visitor on another page, at an address with choices."""
    at.switch_page(f"../../pages/{page}.py")
    at.query_params.clear()
    for name, value in choices.items():
        at.query_params[name] = value
    return fine(at.run())


def fine(at: AppTest, *sent: str) -> AppTest:
    """A page that says nothing is wrong, with these components."""
    assert not at.exception, at.exception[0].value
    assert not at.error, at.error[0].value
    for each in sent:
        sent_to(at, each)
    return at


def press(at: AppTest, label: str) -> AppTest:
    """Press a button, and have the page run."""
    next(each for each in at.button if label in each.label).click().run()
    return fine(at)


def explore(at: AppTest) -> None:
    """A wall with what it learned, then a unit with its way back and its sum."""
    fine(go(at, "explore", **LENET, step="C3", learned="open"), "wall")
    fine(go(at, "explore", **LENET, step="C3", channel="3", deconvolution="open"), "unit")


def compare(at: AppTest) -> None:
    """One picture by every network, then a visitor's file with the table."""
    fine(go(at, "compare", picture="cat"), "compare")
    go(at, "compare", ask="many", table="open", **COLOUR)
    fine(at.file_uploader[0].set_value([CAT]).run(), "sheet")


def group(at: AppTest) -> None:
    """A visitor's pictures in folders, on a plane, with the table."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for kind, images in example_groups("all-shapes").items():
            for number, image in enumerate(images[:4]):
                content = io.BytesIO()
                image.save(content, "PNG")
                archive.writestr(f"{kind}/{number}.png", content.getvalue())
    go(at, "group", set="own", place="pca", table="open", code="open", **COLOUR)
    many = ("many.zip", file.getvalue(), "application/zip")
    fine(at.file_uploader[0].set_value([many]).run(), "group")


def teach(at: AppTest) -> None:
    """An example is taught, the head downloaded and brought back."""
    go(at, "teach", backbone="lenet5-colour", picture="cat")
    sent_to(press(at, "Teach these groups"), "taught")
    (head,) = at.session_state["taught-heads"].values()
    file = (f"{heads.name_of(head)}.safetensors", head.content, "")
    go(at, "teach", **{"bring-head": "open"})
    fine(at.file_uploader[-1].set_value(file).run(), "taught")


def learn(at: AppTest) -> None:
    """One batch, a training for a while, and what it has become."""
    go(at, "learning", table="open", layers="open")
    press(at, "Step one batch")
    run = at.session_state["lesson"]
    assert run.begun, run.said
    before, until = run.latest, time.monotonic() + 60
    press(at, "Start")
    while run.latest is before and run.running and time.monotonic() < until:
        time.sleep(0.01)
    fine(press(at, "Pause"), "learning", "mistakes")
    assert run.latest is not before, run.said


def _open(page: str, **choices: str) -> Callable[[AppTest], None]:
    def visit(at: AppTest) -> None:
        go(at, page, **choices)

    return visit


VISITS: dict[str, Callable[[AppTest], None]] = {
    "explore": explore,
    "pixels": _open("pixels", picture="cat", questions="open", code="open"),
    "convolution": _open("convolution", picture="cat", questions="open", code="open"),
    "pooling": _open("pooling", picture="cat", questions="open", code="open"),
    "stacking": _open("stacking", picture="cat", questions="open", code="open"),
    "final_layer": _open("final_layer", **LENET, source="network", questions="open", code="open"),
    "compare": compare,
    "why": _open("why", **LENET, code="open"),
    "what_if": _open("what_if", **LENET, change="mute:C1:1", paint="r.808080.10.20.30.40"),
    "group": group,
    "teach": teach,
    "learning": learn,
}
"""By the name of the page: how it opens, and what one does there."""
