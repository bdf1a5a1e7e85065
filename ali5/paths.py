"""Where the files that ship with ALI5 are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_ui"

SITE = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
"""Holds `app`, `pages` and `assets`: inside the installed package, or the checkout."""

ASSETS = SITE / "assets"
"""Sample pictures, weights and class names."""
