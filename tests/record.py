"""Record the logits of the weights that ship on generated pictures: `python -m tests.record`.

To be run when weights were trained anew; the tests then hold them to it.
"""

import json

import torch

import ali5
from ali5.cards import read_card
from ali5.samples import open_sample
from tests.test_networks import BUNDLED, RECORDED

PICTURES = ("digit-3", "stripes", "gradient")


def record() -> None:
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
    RECORDED.write_text(json.dumps(found) + "\n", "utf-8")


if __name__ == "__main__":
    record()
