"""The blocks of a network, which fold on its map, and which of them an address has open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

FOLDED_FROM = 40
"""Networks with more steps than this are shown with their blocks folded, unless they are few."""

FEW_NODES = 4


@dataclass(frozen=True)
class Block:
    """Steps that run one after the other and belong together.

    Attributes:
        key: What the address calls it; no other block of the network has the same.
        name: Of the module.
        steps: Names of its steps.
    """

    key: str
    name: str
    steps: tuple[str, ...]


def blocks_of(trace: Trace) -> tuple[Block, ...]:
    """Return the blocks of a network in the order of execution.

    A module that is used again, after other steps, is a block of its own each time: a block has to
    be one run of steps, or its edges would go in circles when it is folded.
    """
    runs: list[tuple[str, list[str]]] = []
    before = None
    for step in trace.steps:
        if step.block is not None:
            if step.block != before:
                runs.append((step.block, []))
            runs[-1][1].append(step.name)
        before = step.block
    found: dict[str, Block] = {}
    for name, steps in runs:
        key, count = name.replace(",", "_"), 1  # commas part the blocks in the address
        while key in found:
            count += 1
            key = f"{name.replace(',', '_')}_{count}"
        found[key] = Block(key, name, tuple(steps))
    return tuple(found.values())


def read_opened(trace: Trace, text: str, chosen: str | None = None) -> tuple[str, ...]:
    """Return the keys of the blocks that are open, from what the address says.

    Args:
        trace: Of the network.
        text: "all", "none" or keys with commas between. Anything else is the default: a network
            with many steps is folded, but for the block of the chosen step.
        chosen: Name of the chosen step, if there is one.
    """
    blocks = blocks_of(trace)
    keys = [block.key for block in blocks]
    if text == "none":
        return ()
    if text == "all":
        return tuple(keys)
    wanted = set(text.split(","))
    if wanted.intersection(keys):
        return tuple(key for key in keys if key in wanted)
    left = len(trace.steps) - sum(len(block.steps) - 1 for block in blocks)
    if len(trace.steps) <= FOLDED_FROM or left < FEW_NODES:
        return tuple(keys)
    return tuple(block.key for block in blocks if chosen in block.steps)
