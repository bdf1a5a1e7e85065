"""Many visitors at once, each with a line of their own: `pytest tests/benchmarks -s`.

Nothing here fails for being slow: the figures depend on the machine. The visitors have no browser,
so what is measured is the server: from asking for another picture to the end of the answer.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PICTURES = ("cat", "astronaut", "barn", "coffee", "goldfish", "rocket", "digit-3", "digit-7")

PLACES = (
    *(("", "network=resnet18"), ("", "network=googlenet&step=inception3a.concat")),
    *(("", "network=alexnet&step=conv1&channel=5"), ("", "network=lenet5&step=C1")),
    *(("", "network=vgg11"), ("why", "network=resnet18"), ("why", "network=zfnet&method=saliency")),
    *(("what-if", "network=alexnet"), ("compare", ""), ("final-layer", "network=resnet18")),
    *(("pixels", ""), ("convolution", "input=photo"), ("pooling", "input=photo")),
    *(("stacking", ""), ("", "network=zfnet&step=conv1"), ("teach", "")),
)
"""Pages and their addresses: one visitor after the other takes the next one."""

THINKING_S = 1.0


class Person:
    """A visitor on one page."""

    def __init__(self, line: ClientConnection, page: str) -> None:
        self._line, self._page = line, page
        self.buttons: dict[str, str] = {}
        self.faults: list[str] = []

    async def ask(self, query: str, press: str = "") -> float:
        """Ask for an address, or press a button there; return the milliseconds of the answer."""
        asked = BackMsg()
        asked.rerun_script.query_string, asked.rerun_script.page_name = query, self._page
        if press:
            state = WidgetState(id=self.buttons[press], trigger_value=True)
            asked.rerun_script.widget_states.widgets.add().CopyFrom(state)
        begun = time.perf_counter()
        await self._line.send(asked.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await asyncio.wait_for(self._line.recv(), 120))
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                element = told.delta.new_element
                if element.WhichOneof("type") == "button":
                    self.buttons[element.button.label] = element.button.id
                if element.WhichOneof("type") in ("exception", "alert"):
                    self.faults.append(str(element)[:80])
            early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if kind == "script_finished" and told.script_finished != early:
                return 1e3 * (time.perf_counter() - begun)


def line_to(site: str) -> connect:
    return connect(site.replace("http", "ws") + "/_stcore/stream", max_size=2**28)


async def look_around(site: str, page: str, query: str, until: float, times: list[float]) -> None:
    """Choose one picture after the other; the first answer does not count."""
    async with line_to(site) as line:
        person, chance = Person(line, page), random.Random(f"{page}{query}{until}")
        await person.ask(f"{query}&picture=cat")
        while time.monotonic() < until:
            times.append(await person.ask(f"{query}&picture={chance.choice(PICTURES)}"))
            await asyncio.sleep(THINKING_S * chance.uniform(0.5, 1.5))
        assert not person.faults


async def train(site: str, seed: int, until: float) -> None:
    """Start and pause a training again and again."""
    async with line_to(site) as line:
        person, chance = Person(line, "learning"), random.Random(seed)
        await person.ask(f"seed={seed % 9 + 1}")
        while time.monotonic() < until:
            for word in ("▶ Start", "Pause"):
                if word in person.buttons:
                    await person.ask(f"seed={seed % 9 + 1}", word)
                await asyncio.sleep(chance.uniform(0.5, 2))


def in_words(times: Sequence[float]) -> str:
    return f"p50 {statistics.median(times):.0f}, p95 {p95_of(times):.0f} ms"


def p95_of(times: Sequence[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def test_fifty_visitors_over_ten_pages_beside_one(site: str) -> None:
    async def visit(count: int, seconds: float) -> list[float]:
        times: list[float] = []
        until = time.monotonic() + seconds
        places = [PLACES[number % len(PLACES)] for number in range(count)]
        await asyncio.gather(*(look_around(site, *place, until, times) for place in places))
        return times

    asyncio.run(visit(len(PLACES), 15))  # networks are loaded, pages compiled
    one = asyncio.run(visit(1, 10))
    fifty = asyncio.run(visit(50, 30))
    ratio = p95_of(fifty) / statistics.median(one)
    print(f"\none visitor: {in_words(one)}; fifty: {in_words(fifty)} ({len(fifty)}), {ratio:.0f} x")


def test_exploring_beside_twenty_who_train(site: str) -> None:
    async def explore(learners: int, seconds: float) -> list[float]:
        times: list[float] = []
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(look_around(site, "", "network=resnet18", until, times) for _ in range(2)),
            *(train(site, seed, until) for seed in range(learners)),
        )
        return times

    async def warm() -> None:
        async with line_to(site) as line:
            person = Person(line, "")
            for picture in PICTURES:
                await person.ask(f"network=resnet18&picture={picture}")

    asyncio.run(warm())
    asyncio.run(explore(2, 10))
    alone = asyncio.run(explore(0, 40))
    beside = asyncio.run(explore(20, 90))
    print(
        f"\nalone: {in_words(alone)}; beside twenty learners: {in_words(beside)}, p95 ratio "
        f"{p95_of(beside) / p95_of(alone):.1f}"
    )
