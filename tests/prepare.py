"""Prepare the page that the site opens on: `python -m tests.prepare`.

To be run when its network's weights, a sample or what the page shows of them has changed.
"""

import ali5
from ali5.pictures.samples import open_sample
from ali5.site.app.choose.network import weights_in_words
from ali5.site.app.choose.sent import SHEET, draw_samples
from ali5.site.app.engine import FIRST_NETWORK, FIRST_PICTURE, facts_of
from ali5.site.app.explore.overview.prepared import (
    FILE,
    Overview,
    write_first_page,
)
from ali5.site.app.explore.overview.sent import overview_of


def first_page() -> Overview:
    """What the engine makes of what the page opens on."""
    name, edition, _ = FIRST_NETWORK
    image = open_sample(FIRST_PICTURE)
    network = ali5.load(name, edition, device="cpu")
    return overview_of(ali5.trace(network, image), image, weights_in_words(facts_of(network)))


if __name__ == "__main__":
    SHEET.write_bytes(draw_samples())
    write_first_page(first_page())
    for path in (SHEET, FILE):
        print(f"{path}: {path.stat().st_size:,} bytes")
