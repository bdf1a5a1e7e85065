"""What a picture costs a layer that looks at it."""

from __future__ import annotations

from ali5.labs.weighing import LayerCost, convolution_cost, fully_connected_cost


def costs_of(height: int, width: int, maps: int) -> tuple[LayerCost, LayerCost]:
    """Return what a fully connected layer and a 3 x 3 convolution need for a colour picture."""
    return (
        fully_connected_cost(height, width, 3, maps),
        convolution_cost(height, width, 3, maps),
    )


def costs_by_edge(edges: tuple[int, ...], maps: int) -> dict[int, tuple[LayerCost, LayerCost]]:
    """Return `costs_of` for squares, by their edge in pixels."""
    return {edge: costs_of(edge, edge, maps) for edge in edges}


def own_size_words(height: int, width: int, maps: int) -> str:
    """Say what the whole picture would cost, in its own size."""
    full, local = costs_of(height, width, maps)
    return (
        f"This picture in its own size, {width:,} × {height:,}: "
        f"{full.weights:,} weights ({in_bytes(full.parameter_bytes)}) fully connected, "
        f"{local.weights:,} ({in_bytes(local.parameter_bytes)}) as a 3 × 3 convolution, "
        f"for {maps} {'maps' if maps > 1 else 'map'}."
    )


def in_bytes(count: float) -> str:
    """Write a number of bytes with three digits and a unit: "1.18 GB", powers of 1,000."""
    units = ["bytes", "KB", "MB", "GB", "TB", "PB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        units.pop(0)
    return f"{count:.3g} {units[0]}"
