"""The attribution methods: what each claims, where it ends, and who published it. No torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ali5.explain.attributions.question import Found, Question


@dataclass(frozen=True)
class Method:
    """One way to ask which part of a picture a class score comes from.

    Attributes:
        id: What `attribute` takes; with underscores, the name of its file beside this one, and of
            the function in it.
        title: What it is called.
        claim: What its map says, two sentences.
        limits: What its map does not say, two sentences.
        authors: Of the paper, with the year.
        paper: Its title.
        link: Where it is.
        unit: What a value of the map is, as the end of "the value at a pixel is ...".
        computed: How we compute it, and where we differ from the paper.
        signed: Whether negative values speak against the class; otherwise there are none.
        drops: Whether a value is by how much the logit falls where the picture is covered.
        noisy: Whether a few pixels are so strong that they hide the rest: then the colours end
            below them at first.
        at_step: Whether it looks at the maps of one step instead of the pixels.
        needs_graph: Whether the forward pass must be readable as a graph.
        needs_gradients: Whether gradients must pass through the network.
    """

    id: str
    title: str
    claim: str
    limits: str
    authors: str
    paper: str
    link: str
    unit: str
    computed: str
    signed: bool = False
    drops: bool = False
    noisy: bool = False
    at_step: bool = False
    needs_graph: bool = False
    needs_gradients: bool = True

    @property
    def answer(self) -> Callable[[Question], Found]:
        """The function that computes its map; loaded, with torch, when it is first asked for."""
        name = self.id.replace("-", "_")
        function: Callable[[Question], Found] = getattr(
            importlib.import_module(f"{__package__}.{name}"), name
        )
        return function


_METHODS = (
    Method(
        id="grad-cam",
        title="Grad-CAM",
        claim="It weights every feature map of a step by its mean gradient, adds them, and keeps "
        "what is positive. So it marks the regions whose features raise the score of the class.",
        limits="It is as coarse as the maps of that step, and their places are only roughly those "
        "of the picture. What speaks against the class is cut away, and in early steps one mean "
        "gradient for a whole map says little.",
        authors="Selvaraju et al. 2017",
        paper="Grad-CAM: visual explanations from deep networks via gradient-based localization",
        link="https://arxiv.org/abs/1610.02391",
        unit="the weighted sum of the maps there",
        computed="Captum’s LayerGradCam on a private copy of the graph; the cells are enlarged "
        "linearly, as in the paper.",
        at_step=True,
        needs_graph=True,
    ),
    Method(
        id="grad-cam-plus",
        title="Grad-CAM++",
        claim="Like Grad-CAM, but the gradients of a map are averaged with weights of their own, "
        "and only positive ones count. It is made to cover several objects of the same class, and "
        "more of each.",
        limits="Its weights follow from the assumption that the score is the exponential of a "
        "piecewise linear one, and need maps without negative values. It is as coarse as "
        "Grad-CAM, and often gives nearly the same picture for another class.",
        authors="Chattopadhyay et al. 2018",
        paper="Grad-CAM++: improved visual explanations for deep convolutional networks",
        link="https://arxiv.org/abs/1710.11063",
        unit="the weighted sum of the maps there",
        computed="Our own, after equations 7 and 19: torch-cam 0.5 drops the denominator of its "
        "weights, and Captum does not have it. The factor exp(score), the same everywhere, is "
        "left out.",
        at_step=True,
        needs_graph=True,
    ),
    Method(
        id="occlusion",
        title="Occlusion",
        claim="A square covers one part of the picture after the other, and the score of the class "
        "is measured each time. A pixel gets the mean drop of the score over the squares that "
        "covered it; where it is negative, covering helped.",
        limits="A grey square is a picture the network never learned from, so a drop may be due to "
        "the square. What is larger than the square, or there twice, is missed: each part alone "
        "can be spared.",
        authors="Zeiler and Fergus 2014",
        paper="Visualizing and understanding convolutional networks",
        link="https://arxiv.org/abs/1311.2901",
        unit="the mean drop of the logit while a square covers it",
        computed="Captum’s Occlusion on the logit, where the paper shows the probability; the "
        "square has the mean colour of the training pictures.",
        signed=True,
        drops=True,
        needs_gradients=False,
    ),
    Method(
        id="integrated-gradients",
        title="Integrated gradients",
        claim="The picture is faded in from black, and the gradients on the way are added up, each "
        "times how far the pixel went. All values together make up the difference between the "
        "score of the picture and that of black.",
        limits="Black is a choice: what is black in the picture gets nothing, however important. "
        "The sum is right, but how it is shared among pixels is noisy, and edges get much of it.",
        authors="Sundararajan, Taly, Yan 2017",
        paper="Axiomatic attribution for deep networks",
        link="https://arxiv.org/abs/1703.01365",
        unit="its part of the difference between the logits of the picture and of black",
        computed="Captum’s IntegratedGradients on the logit, Gauss–Legendre with 96 "
        "points (48 for large pictures); the colours of a pixel are added.",
        signed=True,
        noisy=True,
    ),
    Method(
        id="saliency",
        title="Saliency",
        claim="The gradient of the score with respect to each pixel: how much it would change if "
        "that pixel changed a little. A pixel shows the largest magnitude among its colours.",
        limits="It tells what would change the score, not what made it: where a unit is saturated, "
        "the gradient is zero. From pixel to pixel it jumps, so that its map looks like noise.",
        authors="Simonyan, Vedaldi, Zisserman 2014",
        paper="Deep inside convolutional networks: visualising image classification models and "
        "saliency maps",
        link="https://arxiv.org/abs/1312.6034",
        unit="the largest magnitude of the logit’s gradient among its colours",
        computed="Captum’s Saliency on the logit.",
        noisy=True,
    ),
    Method(
        id="guided-backprop",
        title="Guided backprop",
        claim="A gradient that lets only positive signals pass back through each ReLU. It draws "
        "the edges and textures that excited the units on the way.",
        limits="It is hardly about the class: it reconstructs the picture, and looks much the same "
        "for another class or for random weights (Adebayo et al. 2018; Nie et al. 2018). A sharp "
        "map is not a better explanation.",
        authors="Springenberg et al. 2015",
        paper="Striving for simplicity: the all convolutional net",
        link="https://arxiv.org/abs/1412.6806",
        unit="the largest magnitude of the guided gradient among its colours",
        computed="Captum’s GuidedBackprop on a private copy of the graph in which every ReLU is a "
        "module: on functional ReLUs its hooks would silently give the plain gradient.",
        noisy=True,
        needs_graph=True,
    ),
)

METHODS: Mapping[str, Method] = MappingProxyType({method.id: method for method in _METHODS})
"""All methods by their id."""
