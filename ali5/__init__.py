"""ALI5: look inside convolutional neural networks.

    import ali5

    image = ali5.open_image("cat.jpg")
    network = ali5.load("lenet5")
    trace = ali5.trace(network, image)
    trace["C1"].output, trace.predictions()
    ali5.explain.unit(trace, "C3", channel=4, row=2, column=7).ranked()

Torch is imported when the first network is loaded, not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import ali5.explain as explain
from ali5.batches import Member, read_batch
from ali5.cards import moments
from ali5.catalog import catalog
from ali5.errors import (
    Ali5Error,
    DownloadError,
    ImageError,
    ImageTooSmall,
    UnknownName,
    WeightsError,
)
from ali5.exploring import explore
from ali5.fetching import download
from ali5.images import open_image
from ali5.records import Architecture, Edition

if TYPE_CHECKING:
    from ali5.arithmetic import convolve, pool, pool_adaptively
    from ali5.classifying import Verdict, classify, classify_batch
    from ali5.comparing import Answer, Comparison, compare
    from ali5.features import Features, feature_vector, feature_vectors
    from ali5.grouping import Likeness, likeness
    from ali5.networks import Network, load
    from ali5.own import wrap
    from ali5.taught_files import load_taught, save_taught
    from ali5.teaching import Taught, teach
    from ali5.tracing import Prediction, Step, Trace, trace
    from ali5.walls import Scale, Wall, draw_kernels, draw_wall

__version__ = "0.1.0"

__all__ = [
    "Ali5Error",
    "Answer",
    "Architecture",
    "Comparison",
    "DownloadError",
    "Edition",
    "Features",
    "ImageError",
    "ImageTooSmall",
    "Likeness",
    "Member",
    "Network",
    "Prediction",
    "Scale",
    "Step",
    "Taught",
    "Trace",
    "UnknownName",
    "Verdict",
    "Wall",
    "WeightsError",
    "catalog",
    "classify",
    "classify_batch",
    "compare",
    "convolve",
    "download",
    "draw_kernels",
    "draw_wall",
    "explain",
    "explore",
    "feature_vector",
    "feature_vectors",
    "likeness",
    "load",
    "load_taught",
    "moments",
    "open_image",
    "pool",
    "pool_adaptively",
    "read_batch",
    "save_taught",
    "teach",
    "trace",
    "wrap",
]

_LAZY = {
    **dict.fromkeys(("Network", "load"), "ali5.networks"),
    "wrap": "ali5.own",
    **dict.fromkeys(("Taught", "teach"), "ali5.teaching"),
    **dict.fromkeys(("load_taught", "save_taught"), "ali5.taught_files"),
    **dict.fromkeys(("Verdict", "classify", "classify_batch"), "ali5.classifying"),
    **dict.fromkeys(("Answer", "Comparison", "compare"), "ali5.comparing"),
    **dict.fromkeys(("Features", "feature_vector", "feature_vectors"), "ali5.features"),
    **dict.fromkeys(("Likeness", "likeness"), "ali5.grouping"),
    **dict.fromkeys(("convolve", "pool", "pool_adaptively"), "ali5.arithmetic"),
    **dict.fromkeys(("Prediction", "Step", "Trace", "trace"), "ali5.tracing"),
    **dict.fromkeys(("Scale", "Wall", "draw_kernels", "draw_wall"), "ali5.walls"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
