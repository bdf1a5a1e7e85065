"""What visitors download: there until their browser has it, and gone some time after."""

from __future__ import annotations

import time

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from ali5.site import downloads
from ali5.site.downloads import WAIT_S, Downloads

PICTURE = b"a picture of a page"


class Class:
    """Visitors of one site, and the time.

    Args:
        kind: What keeps their files.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type = Downloads) -> None:
        self.now, self.who = 0.0, ""
        monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: self.who)
        monkeypatch.setattr(downloads.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(downloads.threading.Timer, "start", lambda timer: None)
        self.storage = MemoryMediaFileStorage("/media")
        self.files = kind(self.storage)

    def put_together(self, who: str, content: bytes | None = b"a,b") -> str:
        """Put a visitor's page together, with a button for a file, or a picture and no button."""
        self.who = who
        self.files.clear_session_refs()
        try:
            if content is None:
                return self.files.add(PICTURE, "image/png", "0")
            return self.files.add_deferred(lambda: content, "text/csv", "0", "all.csv")
        finally:
            self.files.remove_orphaned_files()

    def read(self, url: str) -> bytes | None:
        file = self.files.read_file(url.rpartition("/")[2])
        return file and file.content


@pytest.fixture(name="there")
def _there(monkeypatch: pytest.MonkeyPatch) -> Class:
    return Class(monkeypatch)


@pytest.mark.parametrize("kind", [MediaFileManager, Downloads])
def test_a_file_outlives_pages_that_others_put_together(
    monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    there = Class(monkeypatch, kind)
    url = there.files.execute_deferred(there.put_together("me"))
    for who in ("you", "she", "he", "me"):
        there.put_together(who)
    assert (there.read(url) == b"a,b") == (kind is Downloads), "else this test proves nothing"


def test_it_goes_some_time_after(there: Class) -> None:
    url = there.files.execute_deferred(there.put_together("me"))
    there.put_together("you")
    there.now = WAIT_S - 1
    there.put_together("you")
    assert there.read(url)
    there.now = WAIT_S
    there.put_together("you")
    assert there.read(url) is None
    assert not there.files._file_metadata


def test_made_again_it_waits_anew(there: Class) -> None:
    button = there.put_together("me")
    url = there.files.execute_deferred(button)
    there.put_together("you")
    there.now = WAIT_S - 1
    assert there.files.execute_deferred(button) == url  # the same content
    there.put_together("you")
    there.now = 2 * WAIT_S - 2
    there.put_together("you")
    assert there.read(url)


def test_the_button_of_the_page_before_still_works_for_a_while(there: Class) -> None:
    before = there.put_together("me", b"before")
    there.put_together("me", b"after")
    there.put_together("you")
    assert there.read(there.files.execute_deferred(before)) == b"before"
    there.now = WAIT_S
    there.put_together("you")
    with pytest.raises(media_file_manager.MediaFileStorageError, match="not found"):
        there.files.execute_deferred(before)


def test_who_has_left_keeps_nothing(there: Class) -> None:
    there.put_together("me")
    there.put_together("me")
    there.put_together("you")
    there.files.clear_session_refs("me")
    assert {each["session_id"] for each in there.files._deferred_callables.values()} == {"you"}


def test_a_picture_goes_with_its_page(there: Class) -> None:
    url = there.put_together("me", content=None)
    assert there.read(url)
    there.put_together("me")
    assert there.read(url) is None


def test_what_waits_goes_also_if_nobody_comes_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "WAIT_S", 0.05)
    files = Downloads(MemoryMediaFileStorage("/media"))
    files.execute_deferred(files.add_deferred(lambda: b"a,b", "text/csv", "0"))
    files.clear_session_refs()
    files.remove_orphaned_files()
    assert files._file_metadata
    assert files._deferred_callables
    for _ in range(500):
        if not (files._file_metadata or files._deferred_callables):
            break
        time.sleep(0.02)
    assert not files._file_metadata
    assert not files._deferred_callables
