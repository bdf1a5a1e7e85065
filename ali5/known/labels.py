"""The names of the classes, from `assets/labels`, one per line in the order of the logits."""

from __future__ import annotations

import functools

from ali5.paths import ASSETS


@functools.cache
def read_labels(name: str) -> tuple[str, ...]:
    """Return the class names of "digits", "imagenet" or "tiny-imagenet"."""
    text = (ASSETS / "labels" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
