"""The networks whose parts stand in stacks."""

from __future__ import annotations

import pytest

from ali5.labs.stack.layers import (
    first_networks,
)
from ali5.networks.networks import Network, load


@pytest.fixture(scope="session")
def networks() -> dict[str, Network]:
    return {name: load(name, "compact", device="cpu") for name in first_networks()}
