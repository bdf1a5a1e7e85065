"""Record what the weights that ship make of pictures: `ALI5_DATA=FOLDER python -m tests.record`.

Logits on generated pictures, how many of 500 validation photographs are right, and the README's
table of accuracies. To be run when weights were trained anew; the tests then hold them to it.
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
from tests.conftest import ROOT, photographs_in
from tests.test_readme import accuracy_rows

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


def write_table() -> None:
    """Write the accuracies of the cards into the README."""
    path = ROOT / "README.md"
    head, rule, rest = path.read_text("utf-8").partition("|---|---|---|---|---|\n")
    _, end, tail = rest.partition("<!-- end of accuracies -->")
    rows = "".join(f"{row}\n" for row in accuracy_rows())
    path.write_text(f"{head}{rule}{rows}{end}{tail}", "utf-8")


if __name__ == "__main__":
    write_table()
    with tempfile.TemporaryDirectory() as unpacked:
        photographs = photographs_in(Path(os.environ["ALI5_DATA"]), Path(unpacked))
        assert photographs is not None, "There is no Tiny ImageNet in ALI5_DATA"
        record(read_pictures("tiny-imagenet", photographs, "test"))
