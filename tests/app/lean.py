"""A site whose engine is in another process: `python -m tests.app.lean` visits its pages and says
what was imported in this one that only an engine needs. Names of visits can follow.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Any

HEAVY = ("torch", "torchvision", "sklearn", "safetensors.torch")
"""What the site's own process does without."""

SERVE = """
import pickle, sys
from ali5.site.app.cluster import answering
hear, say = sys.stdin.buffer, sys.stdout.buffer
sys.stdout = sys.stderr
things = []
def put(*said):
    pickle.dump(said, say)
    say.flush()
while True:
    try:
        kind, given = pickle.load(hear)
    except EOFError:
        break
    if kind == "ask":
        tell = lambda words: put(True, words)
        put(False, answering.answer(*given, answering.Work(), tell))
    elif kind == "send":
        things.append(given)
        put(False, len(things) - 1)
    else:
        number, what, settings = given
        put(False, getattr(things[number], what)(*settings))
"""


class Refusing:
    """Finds nothing heavy, and remembers who has asked for it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse what is heavy; leave the rest to others."""
        if name in HEAVY:
            places = [f"{each.filename}:{each.lineno}" for each in traceback.extract_stack()[:-1]]
            here = [each for each in places if "importlib" not in each]
            self.asked.append(f"{name} is imported: {' < '.join(reversed(here[-6:]))}")
            raise ImportError(f"{name} is not for the site's own process.")


class OtherProcess:
    """A line to an engine in another process, as `app.engine.far.line.Line` is one."""

    is_there, is_away = True, False

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"ALI5_ENGINE": "here"},
        )
        self._asking = threading.Lock()
        self.calls = 0

    def start(self) -> None:
        """It has started."""

    def wait(self, seconds: float) -> bool:
        """It is there."""
        return True

    def hold(self, held: frozenset[str]) -> None:
        """It forgets nothing."""

    def call(
        self,
        kind: int,
        what: tuple[Any, ...],
        wants: Callable[[], object],
        told: Callable[[bytes], object],
    ) -> bytes:
        """Have it answer a letter."""
        _, words, digests, parts, _ = what
        return pickle.dumps(self.do("ask", (words, digests, parts), told))

    def do(
        self, kind: str, given: object, told: Callable[[bytes], object] = lambda words: None
    ) -> Any:
        """Have it do something; returns what comes of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            self.calls += 1
            pickle.dump((kind, given), self._process.stdin)
            self._process.stdin.flush()
            while True:
                on_the_way, said = pickle.load(self._process.stdout)
                if not on_the_way:
                    return said
                told(said)

    def end(self) -> None:
        """Have it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def main(wanted: Sequence[str]) -> int:
    """Visit pages, all if none are named; return how many imports were refused."""
    refusing = Refusing()
    sys.meta_path.insert(0, refusing)  # type: ignore[arg-type]
    os.environ["ALI5_ENGINE"] = "auto"
    from ali5.site.app import engine
    from ali5.site.app.engine import far

    line = OtherProcess()
    far._far["auto"] = far.Far(line)  # type: ignore[arg-type]

    class There(engine.Away):
        def __init__(self, thing: object) -> None:
            self._number = line.do("send", thing)

        def call(self, what: str, *given: Any) -> Any:
            return line.do("call", (self._number, what, given))

    engine.helpers.send = There  # type: ignore[method-assign]
    from tests.app.visits import VISITS, arrive

    try:
        visitor = arrive()
        for name in wanted or VISITS:
            calls = line.calls
            VISITS[name](visitor)
            assert line.calls > calls, f"{name} asked the engine nothing"
    finally:
        print(*refusing.asked, sep="\n")
    line.end()
    found = sorted(set(HEAVY).intersection(sys.modules))
    if found:
        print(f"imported: {found}")
    return len(refusing.asked) + len(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
