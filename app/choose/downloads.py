"""Downloads of published files: one of each for all visitors, in the background.

Importing this module does not import torch.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable

from ali5.errors import Ali5Error
from ali5.known.fetching import Arrival, Cancelled, fetch
from ali5.known.records import Remote


class Download:
    """One file on its way.

    Attributes:
        published: What is fetched.
        arrival: How far it is; None before the first piece.
        error: Why it failed, a sentence, or None.
        running: Whether it still goes on.
    """

    def __init__(self, published: Remote) -> None:
        self.published = published
        self.arrival: Arrival | None = None
        self.error: str | None = None
        self.running = True
        self._waiting: set[Hashable] = set()
        self._cancelled = threading.Event()

    def run(self) -> None:
        """Fetch the file; ends when it is there, when it fails or when nobody wants it any more."""
        while self.running:
            try:
                fetch(self.published, self._arrived, self._cancelled.is_set)
            except Cancelled:
                with _lock:
                    self._cancelled.clear()
                    self.running = bool(self._waiting)  # somebody may have come since
            except Ali5Error as error:
                self.error = str(error)
                self.running = False
            except BaseException:
                self.running = False
                raise
            else:
                self.running = False

    def join(self, visitor: Hashable) -> None:
        """Note that a visitor waits for it."""
        self._waiting.add(visitor)

    def leave(self, visitor: Hashable) -> None:
        """Note that a visitor does not want it any more; it ends when nobody does."""
        self._waiting.discard(visitor)
        if not self._waiting:
            self._cancelled.set()

    def is_for(self, visitor: Hashable) -> bool:
        """Tell whether a visitor has asked for it."""
        return visitor in self._waiting

    def _arrived(self, arrival: Arrival) -> None:
        self.arrival = arrival


_lock = threading.Lock()
_downloads: dict[str, Download] = {}


def start(published: Remote, visitor: Hashable) -> Download:
    """Begin to fetch a file for a visitor, or let them wait for the one that runs."""
    with _lock:
        download = _downloads.get(published.file)
        if download is None or not download.running:
            download = _downloads[published.file] = Download(published)
            name = f"ali5-download-{published.file}"
            threading.Thread(target=download.run, name=name, daemon=True).start()
        download.join(visitor)
        return download


def cancel(published: Remote, visitor: Hashable) -> None:
    """Let a visitor cancel; the download goes on while somebody else waits for it."""
    with _lock:
        if (download := _downloads.get(published.file)) is not None:
            download.leave(visitor)


def of(published: Remote, visitor: Hashable) -> Download | None:
    """Return the download of a file that a visitor has asked for, running or ended."""
    with _lock:
        download = _downloads.get(published.file)
    return download if download is not None and download.is_for(visitor) else None
