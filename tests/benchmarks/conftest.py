"""The benchmarks of pages use the server and the browser of the browser tests."""

import pytest

from tests.browser.conftest import OPTIONS, chromium, player, profile, program, site, visit

__all__ = ["chromium", "player", "profile", "program", "site", "visit"]


@pytest.fixture(scope="session")
def options() -> list[str]:
    """What is measured is a browser that compiles as everybody's does."""
    return OPTIONS
