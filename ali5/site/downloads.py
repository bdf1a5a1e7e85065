"""What a visitor downloads stays until their browser has it, whatever others do meanwhile.

Streamlit forgets what no page shows any more whenever anybody's page has been put together: a file
that has just been made for a browser after two such pages, the function that makes it after one.
In a class that takes milliseconds, and the download fails.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind

if TYPE_CHECKING:
    from streamlit.runtime import Runtime
    from streamlit.runtime.media_file_storage import MediaFileStorage

WAIT_S = 30.0
"""So long it is kept after the last page that shows it."""


class Downloads(MediaFileManager):
    """Keeps downloads, and what makes them, for a while; pictures of a page go as they did.

    Args:
        storage: Where the files are.
    """

    def __init__(self, storage: MediaFileStorage) -> None:
        super().__init__(storage)
        # Since when no page shows it: a file, or the name of what makes one.
        self._left: dict[object, float] = {}
        self._again: threading.Timer | None = None

    def clear_session_refs(self, session_id: str | None = None) -> None:
        """Take what a session shows for shown no more; if it is named, it has ended."""
        super().clear_session_refs(session_id)
        if session_id is not None:
            with self._lock:
                for makes in list(self._deferred_ids_by_session.get(session_id, ())):
                    self._drop_deferred_id(makes)

    def remove_orphaned_files(self) -> None:
        """Forget what no page has shown for a while."""
        with self._lock:
            shown = {
                each for page in self._files_by_session_and_coord.values() for each in page.values()
            }
            files = {name: file for name, file in self._file_metadata.items() if name not in shown}
            makers = [name for name in self._deferred_callables if name not in shown]
            now = time.monotonic()
            made = [each for each in files.values() if each.kind is MediaFileKind.DOWNLOADABLE]
            left = {each: self._left.get(each, now) for each in (*made, *makers)}
            self._left = {each: since for each, since in left.items() if now - since < WAIT_S}
            for name, file in files.items():
                if file not in self._left:
                    self._delete_file(name)
            for name in makers:
                if name not in self._left:
                    self._drop_deferred_id(name)
            self._come_back()

    def _come_back(self) -> None:
        """See to it that what is left is forgotten also if nobody comes any more."""
        if not self._left or self._again is not None:
            return
        self._again = threading.Timer(WAIT_S, self._look_again)
        self._again.daemon = True
        self._again.start()

    def _look_again(self) -> None:
        with self._lock:
            self._again = None
        self.remove_orphaned_files()


def keep_downloads(serving: Runtime) -> None:
    """Have a site keep downloads for a while; before anybody has come."""
    # There is no public way to it in `streamlit.App`; a test notices when this one changes.
    serving._media_file_mgr = Downloads(serving.media_file_mgr._storage)
