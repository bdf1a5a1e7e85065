"""What goes into the networks: their colours, and how pictures are made to fit. No torch."""

from __future__ import annotations

from ali5.known.records import Preprocessing

GREY_LEVELS = ((0.1307,), (0.3081,))
"""Mean and standard deviation of MNIST's training pixels, scaled to 0..1."""

IMAGENET_COLOURS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and standard deviation of ImageNet's red, green and blue, scaled to 0..1."""

CENTRED_COLOURS = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Maps 0..1 to -1..1; what torchvision's GoogLeNet was trained on."""

DIGIT = Preprocessing(32, 28, *GREY_LEVELS, border=2, light_on_dark=True)
COMPACT = Preprocessing(64, 64, *IMAGENET_COLOURS)
PAPER = Preprocessing(224, 256, *IMAGENET_COLOURS)
