"""An engine that could be elsewhere: all that goes to it and comes back is written down and read.

What is not plain, a tensor's network, a module, a lock, cannot be written down; of functions there
are only those that are told of progress.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import pytest
from torch import Tensor, nn

from ali5.site.app import engine
from ali5.site.app.requests import REQUESTS, name_of


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, told: list[Any]) -> None:
        super().__init__(file)
        self._told = told

    def persistent_id(self, value: Any) -> int | None:
        assert not isinstance(value, Tensor | nn.Module), f"{type(value)} goes to the engine"
        if not isinstance(value, FunctionType | MethodType) or "<" not in value.__qualname__:
            return None
        self._told.append(value)
        return len(self._told) - 1


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, told: list[Any]) -> None:
        super().__init__(file)
        self._told = told

    def persistent_load(self, place: Any) -> Any:
        return self._told[place]


def carried(value: Any, functions: int = 0) -> Any:
    """The same value, written down and read again; with so many functions in it at most."""
    file, told = io.BytesIO(), []
    _Pickler(file, told).dump(value)
    assert len(told) <= functions, f"{told} go to the engine or come from it"
    file.seek(0)
    return _Unpickler(file, told).load()


EVERY = 3
"""So many of the same request are made for one that is carried, which is the first of them."""


def carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pages ask such an engine from now on."""
    asked: Counter[str] = Counter()
    ask, work_out, look = engine.ask, engine.work_out, engine.look

    def carrying(do: Callable[..., Any], request: Callable[..., Any], *given: Any) -> Any:
        name = name_of(request)
        assert REQUESTS[name] is request
        asked[name] += 1
        if asked[name] % EVERY != 1:
            return do(request, *given)
        return carried(do(request, *carried(given, functions=1)))

    def asking(request: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return carrying(lambda found, *rest: ask(found, *rest, **named), request, *given)

    monkeypatch.setattr(engine, "ask", asking)
    monkeypatch.setattr(engine, "work_out", lambda *given: carrying(work_out, *given))
    monkeypatch.setattr(
        engine, "look", lambda subject, progress=None: carried(look(carried(subject), progress))
    )
