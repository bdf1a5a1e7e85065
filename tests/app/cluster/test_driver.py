"""What becomes of a request on its way: replicas end, are full, or fail."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from ali5.errors import Busy
from ali5.site.app.engine import pipes
from ali5.site.app.engine.far import line


@pytest.fixture(scope="module")
def driver() -> Iterator[ModuleType]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Ray is made of
        from ali5.site.app.cluster import driver

        yield driver


class Replicas:
    """A deployment whose replicas do, one call after the other, what they are told."""

    def __init__(self, *what: BaseException | bytes) -> None:
        self.answer = self
        self._what = list(what)

    async def remote(self, *asked: object) -> bytes:
        doing = self._what.pop(0)
        if isinstance(doing, BaseException):
            raise doing
        return doing


def said_by(driver: Any, monkeypatch: pytest.MonkeyPatch, *what: BaseException | bytes) -> Any:
    """What the site comes to hear of a request."""
    monkeypatch.setattr(driver, "PATIENCE", (0.0, 0.0, 0.0))
    into = io.BytesIO()
    one = driver.Driver(into)
    one._cpus, one._gpus = Replicas(*what), None
    asyncio.run(one._answer(7, "lenet5/compact/bundled", b"", (), {}, False))
    into.seek(0)
    number, kind, words = line.parse(pipes.read(into))
    assert number == 7
    assert not into.read(), "it is said once"
    return line._come_of(kind, words)


def test_a_replica_that_has_ended_is_asked_again(
    driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = driver.RayActorError()
    assert said_by(driver, monkeypatch, ended, ended, b"an answer") == b"an answer"
    with pytest.raises(RuntimeError, match="has ended"):
        said_by(driver, monkeypatch, ended, ended, ended)


def test_who_comes_when_all_are_busy_hears_how_many_wait(
    driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = driver.BackPressureError(num_queued_requests=200, max_queued_requests=200)
    with pytest.raises(Busy, match=f"{driver.MOST_QUEUED} questions wait before yours"):
        said_by(driver, monkeypatch, full)


def test_what_fails_is_not_asked_again(driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="so odd"):
        said_by(driver, monkeypatch, ValueError("so odd"), b"an answer")
