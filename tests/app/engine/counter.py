"""Something to be sent to another process: nothing is imported there for it that takes long."""

from __future__ import annotations

import os
import threading
import weakref

from ali5.errors import Ali5Error

_arrived: weakref.WeakSet[Counter] = weakref.WeakSet()


class Counter:
    """Counts, and can be asked for what is hard to send."""

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def __setstate__(self, state: dict[str, int]) -> None:
        self.__dict__.update(state)
        _arrived.add(self)

    def arrived(self) -> int:
        """Return how many have come here and are still needed."""
        return len(_arrived)

    def add(self, more: int) -> int:
        self.count += more
        return self.count

    def place(self) -> tuple[int, str]:
        return os.getpid(), threading.current_thread().name

    def refuse(self, words: str) -> None:
        raise Ali5Error(words)

    def blunder(self) -> None:
        class Odd(Exception):  # nobody else knows it
            pass

        raise Odd("so odd")

    def give_back_a_lock(self) -> object:
        return threading.Lock()

    def chatter(self) -> str:
        print("this must not be taken for an answer")
        return "an answer"
