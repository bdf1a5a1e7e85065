"""Record what the weights that ship make of pictures: `ALI5_DATA=FOLDER python -m tests.record`.

Logits on generated pictures, and how many of 500 validation photographs are right. To be run when
weights were trained anew; the tests then hold them to it.
"""

import json
import os
import tempfile
from pathlib import Path

import torch

import ali5
from ali5.known.cards import read_card
from ali5.pictures.samples import open_sample
from ali5.training.data import read_pictures
from ali5.training.pictures import Pictures
from tests.ali5.networks.test_networks import BUNDLED, RECORDED, right_of_500
from tests.conftest import photographs_in

PICTURES = ("digit-3", "stripes", "gradient")


def record(pictures: Pictures) -> None:
    found = {}
    for path in BUNDLED:
        card = read_card(path)
        network = ali5.load(card.network, card.edition, device="cpu")
        logits = {}
        for name in PICTURES:
            with torch.inference_mode():
                values = network.module(network.prepare(open_sample(name)))[0]
            logits[name] = [round(value, 4) for value in values.tolist()]
        found[path.stem] = {"sha256": card.sha256, "logits": logits}
        if card.recipe["data"] == "tiny-imagenet":
            found[path.stem]["right"] = right_of_500(network, pictures)
    RECORDED.write_text(json.dumps(found) + "\n", "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as unpacked:
        photographs = photographs_in(Path(os.environ["ALI5_DATA"]), Path(unpacked))
        assert photographs is not None, "There is no Tiny ImageNet in ALI5_DATA"
        record(read_pictures("tiny-imagenet", photographs, "test"))
