"""Work in the background steps back, as far as the system can."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from ali5.site.app.engine import priority, step_back


def in_a_thread() -> tuple[bool, int | None]:
    found: list[tuple[bool, int | None]] = []

    def work() -> None:
        could = step_back()
        own = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, own) if sys.platform == "linux" else None
        found.append((could, nice))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def test_only_that_thread_steps_back_on_this_system() -> None:
    could, nice = in_a_thread()
    assert could == (sys.platform in ("linux", "darwin", "win32"))
    if sys.platform == "linux":
        assert nice == priority.NICENESS
        assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < priority.NICENESS


def test_each_system_is_asked_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    kernel = SimpleNamespace(
        GetCurrentThread=lambda: "this",
        SetThreadPriority=lambda *given: asked.append(given) or 1,
    )
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert step_back()
    assert asked == [("this", -1)]
    monkeypatch.setattr(sys, "platform", "darwin")
    system = SimpleNamespace(pthread_set_qos_class_self_np=lambda *given: asked.append(given) or 0)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: system)
    assert step_back()
    assert asked[1:] == [(0x11, 0)]
    for without in ("sunos5", "linux"):
        monkeypatch.setattr(sys, "platform", without)
        monkeypatch.delattr(os, "setpriority", raising=False)
        assert not step_back()
