"""A field of Streamlit's own is told what it cannot read: it keeps to what it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from tests.pages import open_page, sent_to

ODD: dict[str, Callable[[WidgetState], object]] = {
    "a flag": lambda said: setattr(said, "bool_value", True),
    "a whole number": lambda said: setattr(said, "int_value", -(2**63)),
    "not a number": lambda said: setattr(said, "double_value", float("nan")),
    "files": lambda said: said.file_uploader_state_value.uploaded_file_info.add(),
    "bytes": lambda said: setattr(said, "bytes_value", b"\xff"),
    "another list": lambda said: said.double_array_value.data.append(float("inf")),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_session_outlives_what_its_fields_cannot_read(odd: str) -> None:
    at = open_page("pooling", kernel="3", picture="cat")
    before, states = sent_to(at, "pooling"), WidgetStates()
    fields = [*at.get("button_group"), *at.get("selectbox"), *at.get("radio")]
    assert len(fields) > 3
    for field in fields:
        said = states.widgets.add(id=field.proto.id)
        ODD[odd](said)
    for told in (states, None):
        at._run(told)
        assert not at.exception
        assert not at.error
    assert sent_to(at, "pooling") == before
