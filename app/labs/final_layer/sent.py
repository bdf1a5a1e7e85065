"""What the final layer's lab is sent."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from ali5.labs.contributions import Contributions

from ...canvas.packing import Written, pack, written
from ...canvas.seen import sharper_picture
from ...engine import once
from ...words import share_in_words
from .comparison import Comparison
from .offers import first_offer, offers
from .settings import (
    LARGEST_CONSTANT,
    LARGEST_MOVE,
    LARGEST_NUMBER,
    RANGES,
    SEEDS,
    TEMPERATURES,
    Settings,
    settings_as_sent,
)
from .toy import TOY_CELLS, toy_weights


def pack_final_layer(
    settings: Settings,
    token: str,
    picture: Image.Image,
    comparison: Comparison | None,
    refusal: str,
    colours: str,
) -> bytes:
    """Return what the final layer's lab takes.

    Args:
        settings: As the address has them.
        token: Of the network on this picture.
        picture: As it was brought.
        comparison: What the network answered, if it could.
        refusal: Why it could not.
        colours: The visitor's colour map.
    """
    weights = [toy_weights(seed) for seed in range(1, SEEDS + 1)]
    header: dict[str, Any] = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "limits": {
            **RANGES,
            "constant": (-LARGEST_CONSTANT, LARGEST_CONSTANT),
            "moved": (-LARGEST_MOVE, LARGEST_MOVE),
            "number": (-LARGEST_NUMBER, LARGEST_NUMBER),
        },
        "colours": colours,
        "toy": {
            "cells": np.ravel(TOY_CELLS).tolist(),
            "weights": [each.ravel().tolist() for each, _ in weights],
            "biases": [each.tolist() for _, each in weights],
        },
        "temperatures": TEMPERATURES,
        "networks": [[offer.id, offer.title] for offer in offers().values()],
        "first": first_offer(),
        "token": token,
        "refusal": refusal,
        "answer": None,
        "why": None,
    }
    parts: list[bytes] = []
    if comparison is not None:
        header["answer"] = once(
            comparison.trace, "answer as sent", lambda: written(_answer(comparison))
        )
        header["refusal"] = comparison.refusal
        why = comparison.why
        if why is not None:
            header["why"], maps = once(
                comparison.trace,
                ("why as sent", why.a, why.b),
                lambda: _written_why(comparison, why, picture),
            )
            preprocessing = comparison.trace.network.edition.preprocessing
            parts = [maps, sharper_picture(picture, preprocessing).tobytes()]
    return pack(header, *parts)


def _answer(comparison: Comparison) -> dict[str, Any]:
    """Return all classes, most likely first, as [number, name, logit, share in words]."""
    network = comparison.trace.network
    shares = comparison.trace.steps[-1].output[0].tolist()
    return {
        "title": network.architecture.title,
        "trained": network.trained,
        "best": len(comparison.best),
        "classes": [
            [each, comparison.names[each], logit, share_in_words(shares[each])]
            for each, logit in zip(
                comparison.order, comparison.logits[comparison.order].tolist(), strict=True
            )
        ],
    }


def _written_why(
    comparison: Comparison, why: Contributions, picture: Image.Image
) -> tuple[Written, bytes]:
    """Return the terms behind two logits as JSON, and their maps; not the picture."""
    header, parts = _why(comparison, why, picture)
    return written(header), b"".join(parts[:-1])


def _why(
    comparison: Comparison, why: Contributions, picture: Image.Image
) -> tuple[dict[str, Any], list[bytes]]:
    """Return the terms behind two logits; as bytes their maps, and the picture at the end."""
    trace = comparison.trace
    products = why.by_channel.numpy()
    ranked = np.argsort(-products, kind="stable")
    most = RANGES["listed"][1]
    listed = [
        *(int(each) for each in ranked[:most] if products[each] > 0),
        *(int(each) for each in ranked[::-1][:most] if products[each] < 0),
    ]
    source = trace[why.source]
    seen = sharper_picture(picture, trace.network.edition.preprocessing)
    header: dict[str, Any] = {
        "a": why.a,
        "b": why.b,
        "names": [comparison.names[why.a], comparison.names[why.b]],
        "logits": comparison.logits[[why.a, why.b]].tolist(),
        "layer": why.layer,
        "source": why.source,
        "averaged": why.averaged,
        "total": why.total,
        "bias": why.bias,
        "count": len(products),
        "for": [int((products > 0).sum()), float(products[products > 0].sum())],
        "against": [int((products < 0).sum()), float(products[products < 0].sum())],
        "rows": [_row(why, each, float(products[each])) for each in listed],
        "range": [float(source.output.min()), float(source.output.max())],
        "map": None,
        "photo": {"height": seen.shape[0], "width": seen.shape[1]},
        "sees": source.receptive_field.size,
        "edge": trace.network.edition.preprocessing.size,
    }
    parts: list[bytes] = []
    places, regions = why.places, why.regions
    if why.maps is not None and places is not None and regions is not None:
        header["map"] = {"height": regions.shape[0], "width": regions.shape[1]}
        parts = [
            values.numpy().astype(np.float32).tobytes()
            for values in (regions, why.maps[listed], places[listed])
        ]
    return header, [*parts, seen.tobytes()]


def _row(why: Contributions, number: int, product: float) -> dict[str, Any]:
    """Return what is listed of one channel or unit; one with many weights has no single one."""
    single = why.maps is None or why.averaged
    return {
        "number": number,
        "product": product,
        "feature": float(why.features[number]) if single else None,
        "weight": float(why.weights[number]) if single else None,
    }
