"""How much may be left here, whatever a request says of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from ali5.site.guard.asgi import Message
from ali5.site.guard.uploads import FRAMING, Limits, Uploads
from tests.ali5.site.guard.asking import Answer, Behind, ask, scope_of

MB = 2**20
LIMITS = Limits(file=2 * MB, weights=4 * MB, visitor=6 * MB, all=8 * MB)


class Place:
    """A guard, what lies behind it, and what is kept there."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self.behind = Behind()
        self.guard = Uploads(self.behind, LIMITS, self._stored)

    def _stored(self, session: str | None) -> int:
        return sum(self.kept.values()) if session is None else self.kept.get(session, 0)

    def bring(self, size: int, name: str = "x.png", session: str = "me", **more: str) -> Answer:
        scope = scope_of(f"/_stcore/upload_file/{session}/1", **({"method": "PUT"} | more))
        return ask(self.guard, scope, pieces(size, name))


def pieces(size: int, name: str) -> Iterable[bytes]:
    yield f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'.encode()
    for start in range(0, size, MB):
        yield bytes(min(MB, size - start))
    yield b"\r\n--b--"


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.mark.parametrize(
    ("size", "name", "status"),
    [
        (2 * MB, "x.png", 200),
        (2 * MB + FRAMING + 1, "x.png", 413),
        (4 * MB, "x.png", 413),
        (4 * MB, "x.safetensors", 200),
        (4 * MB, "X.PTH", 200),
        (4 * MB, "x.pt.png", 413),
        (4 * MB + FRAMING + 1, "x.pt", 413),
        (40 * MB, "x.pt", 413),
    ],
)
def test_a_file_has_a_limit(place: Place, size: int, name: str, status: int) -> None:
    found = place.bring(size, name)
    assert found.status == status
    assert place.behind.took <= 5 * MB, "what is too large is taken off the line, and not kept"
    if status == 413:
        assert found.body.startswith("Files of more than ")
        assert found.body.endswith(" MB are not taken here.")


@pytest.mark.parametrize("path", ["/_stcore/upload_file/me/9", "/base/_stcore/upload_file/me/9/"])
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
def test_so_has_a_visitor_also_for_what_no_page_asked_for(
    place: Place, path: str, method: str
) -> None:
    place.kept["me"] = 5 * MB
    found = ask(place.guard, scope_of(path, method=method), pieces(2 * MB, "x.png"))
    assert found.status == 413
    assert "for one visitor" in found.body
    assert place.bring(2 * MB, session="you").status == 200
    place.kept["me"] = 0  # taken away, or its visitor has left
    assert place.bring(2 * MB).status == 200


def test_so_have_all_together(place: Place) -> None:
    place.kept = {"one": 4 * MB, "two": 3 * MB}
    found = place.bring(2 * MB)
    assert found.status == 413
    assert found.body.startswith("Others have brought so much")
    assert place.bring(1 * MB).status == 200


def test_who_has_no_room_is_told_before_anything_is_read(place: Place) -> None:
    place.kept["me"] = 7 * MB
    assert place.bring(1).status == 413
    assert not place.behind.asked


def test_taking_away_and_looking_is_always_possible(place: Place) -> None:
    place.kept["me"] = 100 * MB
    for method in ("DELETE", "OPTIONS", "GET"):
        assert place.bring(1, method=method).status == 200
    assert ask(place.guard, scope_of("/_stcore/health", method="PUT")).status == 200


def test_what_comes_at_the_same_time_counts_and_is_forgotten_when_it_is_cut_off() -> None:
    place, refused = Place(), []

    async def one(number: int, is_cut: bool) -> None:
        parts = list(pieces(2 * MB - number, "x.png"))

        async def receive() -> Message:
            await asyncio.sleep(0)
            if is_cut and len(parts) == 1:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 413:
                refused.append(number)

        scope = scope_of(f"/_stcore/upload_file/me/{number}", method="PUT")
        await place.guard(scope, receive, send)

    async def all_at_once(count: int, is_cut: bool) -> None:
        await asyncio.gather(*(one(number, is_cut) for number in range(count)))

    asyncio.run(all_at_once(5, is_cut=False))
    assert refused, "ten megabytes were on their way at once, six are allowed"
    refused.clear()
    for _ in range(5):
        asyncio.run(all_at_once(2, is_cut=True))
    assert not refused
    assert not place.guard._coming
