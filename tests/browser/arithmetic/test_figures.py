"""Numbers in words: the browser writes them as Python does."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ali5.site.app.words import share_in_words

Bare = Callable[[str, str], Callable[..., Any]]


@settings(max_examples=500, deadline=None)
@given(share=st.floats(0, 1))
def test_shares_are_the_same_words(bare: Bare, share: float) -> None:
    assert bare("canvas/shared.js", "shareInWords")(share) == share_in_words(share)
