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
from ali5.errors import (
    Ali5Error,
    DownloadError,
    ImageError,
    ImageTooSmall,
    UnknownName,
    WeightsError,
)
from ali5.known.cards import moments
from ali5.known.catalog import catalog
from ali5.known.fetching import download
from ali5.known.records import Architecture, Edition
from ali5.pictures.batches import Member, read_batch
from ali5.pictures.images import open_image
from ali5.site.exploring import explore

if TYPE_CHECKING:
    from ali5.classifying.comparing import Answer, Comparison, compare
    from ali5.classifying.features import feature_vector, feature_vectors
    from ali5.classifying.grouping import Features, Likeness, likeness
    from ali5.classifying.teach.files import load_taught, save_taught
    from ali5.classifying.teach.teaching import Taught, teach
    from ali5.classifying.verdict import Verdict, classify, classify_batch
    from ali5.labs.arithmetic import convolve, pool, pool_adaptively
    from ali5.networks.networks import Network, load
    from ali5.tracing.own import wrap
    from ali5.tracing.trace import Prediction, Step, Trace, trace
    from ali5.tracing.walls import Scale, Wall, draw_kernels, draw_wall

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
    **dict.fromkeys(("Network", "load"), "ali5.networks.networks"),
    "wrap": "ali5.tracing.own",
    **dict.fromkeys(("Taught", "teach"), "ali5.classifying.teach.teaching"),
    **dict.fromkeys(("load_taught", "save_taught"), "ali5.classifying.teach.files"),
    **dict.fromkeys(("Verdict", "classify", "classify_batch"), "ali5.classifying.verdict"),
    **dict.fromkeys(("Answer", "Comparison", "compare"), "ali5.classifying.comparing"),
    **dict.fromkeys(("feature_vector", "feature_vectors"), "ali5.classifying.features"),
    **dict.fromkeys(("Features", "Likeness", "likeness"), "ali5.classifying.grouping"),
    **dict.fromkeys(("convolve", "pool", "pool_adaptively"), "ali5.labs.arithmetic"),
    **dict.fromkeys(("Prediction", "Step", "Trace", "trace"), "ali5.tracing.trace"),
    **dict.fromkeys(("Scale", "Wall", "draw_kernels", "draw_wall"), "ali5.tracing.walls"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
