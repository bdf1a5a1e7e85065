"""torchvision's models, built without weights. torchvision is imported only when one is asked for.

What they do differently from the papers is listed, edition by edition, in `ali5.catalog`.
"""

from __future__ import annotations

from torch import nn

from ali5.networks.architectures import vgg

_CONFIGURATIONS = {"vgg11": "A", "vgg16": "D", "vgg19": "E"}

_FEATURES = {
    "alexnet": [
        *("conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "conv3", "relu3"),
        *("conv4", "relu4", "conv5", "relu5", "pool5"),
    ],
    **{name: vgg.feature_names(letter) for name, letter in _CONFIGURATIONS.items()},
}
_CLASSIFIERS = {
    "alexnet": ["dropout6", "fc6", "relu6", "dropout7", "fc7", "relu7", "fc8"],
    **{
        name: ["fc6", "relu6", "dropout6", "fc7", "relu7", "dropout7", "fc8"]
        for name in _CONFIGURATIONS
    },
}

STEP_NAMES = {
    model: {
        f"{part}.{index}": name
        for part, names in (("features", _FEATURES[model]), ("classifier", _CLASSIFIERS[model]))
        for index, name in enumerate(names)
    }
    for model in _FEATURES
}
"""The paper's names for the numbered layers of torchvision's rows of modules, by model and path."""


def build(name: str) -> nn.Module:
    """Build torchvision's model of that name, [N, 3, 224, 224] to 1,000 logits, random weights."""
    from torchvision import models  # 1.9 s and 160 MB: only for those who ask

    if name == "googlenet":
        settings = {"aux_logits": False, "transform_input": False, "init_weights": False}
    else:
        settings = {}
    module: nn.Module = models.get_model(name, **settings)
    return module
