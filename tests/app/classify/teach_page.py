"""The page "Teach it yours" without a browser: pressing, uploading, reading."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from ali5.site.app.choose import heads
from tests.pages import open_page


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label.startswith(label)).click().run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(each.value for each in (*at.markdown, *at.info, *at.error, *at.caption))


def taught_page(**choices: str) -> AppTest:
    return press(open_page("teach", backbone="lenet5-colour", **choices), "Teach these groups")


def head_of(at: AppTest) -> heads.Kept:
    (head,) = at.session_state["taught-heads"].values()
    assert isinstance(head, heads.Kept)
    return head


def go(at: AppTest, page: str, **choices: str) -> AppTest:
    at.switch_page(f"../../pages/{page}.py")
    at.query_params.clear()
    for name, value in choices.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def file(seed: int, edge: int = 40) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (edge, edge, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def upload(at: AppTest, place: int, *files: tuple[str, bytes]) -> AppTest:
    at.file_uploader[place].set_value([(name, content, "") for name, content in files]).run()
    assert not at.exception
    return at


def names_on(at: AppTest) -> list[str]:
    return [each.value for each in at.text_input]
