"""The benchmarks of pages use the server and the browser of the browser tests."""

from tests.browser.conftest import chromium, player, profile, program, site, visit

__all__ = ["chromium", "player", "profile", "program", "site", "visit"]
