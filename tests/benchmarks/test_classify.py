"""What comparing costs, in time and in memory: `pytest tests/benchmarks -s`."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

import ali5
from ali5.classifying.comparing import compare
from ali5.classifying.grouping import cluster, cosine_distances, principal_plane, tsne_plane
from ali5.known.catalog import landmarks
from ali5.pictures.images import open_image
from ali5.pictures.samples import open_sample
from ali5.site.app.classify.compare.view import default_edition
from tests.benchmarks.test_speed import best_of_rounds
from tests.browser.conftest import go_to

UPLOADS = 100


def test_six_networks_beside_the_sum_of_six_plain_forwards() -> None:
    """Both sides prepare the picture; the comparison keeps all maps and picks the strongest."""
    networks = [ali5.load(name, default_edition(ali5.catalog()[name])) for name in landmarks()]
    image = open_sample("cat")
    seconds = best_of_rounds(
        {
            "plain": lambda: [network(image) for network in networks],
            "compared": lambda: compare(networks, image),
        }
    )
    ratio = seconds["compared"] / seconds["plain"]
    print(f"\nsix plain forwards {seconds['plain'] * 1e3:.1f} ms; compared: ratio {ratio:.2f}")
    assert ratio <= 1.3


def test_grouping_two_hundred_pictures_beside_as_many_plain_forwards() -> None:
    """Both sides prepare the pictures; grouping compares them at every step and by their pixels."""
    network = ali5.load("resnet18", "compact")
    images = [open_image(photo(number)["buffer"]) for number in range(200)]
    tsne_plane(cosine_distances(np.eye(5)))  # scikit-learn is imported on first use

    def group() -> None:
        alike = ali5.likeness(ali5.feature_vectors(network, images))
        for distances in (alike["avgpool"], alike.pixels):
            principal_plane(distances)
            cluster(distances, 8)

    def place() -> None:
        tsne_plane(alike["avgpool"])

    alike = ali5.likeness(ali5.feature_vectors(network, images))
    seconds = best_of_rounds(
        {
            "plain": lambda: [network(image) for image in images],
            "features": lambda: ali5.feature_vectors(network, images),
            "grouped": group,
            "t-SNE": place,
        },
        rounds=3,
    )
    ratios = {name: seconds[name] / seconds["plain"] for name in ("features", "grouped", "t-SNE")}
    print(f"\n200 plain forwards {seconds['plain']:.2f} s; {ratios}; {alike.nbytes / 1e6:.1f} MB")
    assert ratios["grouped"] <= 1.5


def photo(number: int) -> FilePayload:
    """A picture that nobody has brought before."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((640, 480)).save(file, "JPEG")
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def megabytes_of(address: str) -> float:
    """Memory that the server at an address holds now, its share of libraries included."""
    port = address.rpartition(":")[2]
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            command = (process / "cmdline").read_text().split("\0")
            status = (process / "status").read_text()
        except OSError:  # it has just ended
            continue
        if "ali5" in command and port in command:
            return int(status.partition("VmRSS:")[2].split()[0]) / 1e3
    raise AssertionError(f"no process serves {address}")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_after_many_uploads_and_page_switches(visit: Callable[..., Page], site: str) -> None:
    def look_around(page: Page, numbers: range) -> None:
        for number in numbers:
            page.locator('input[type="file"]').set_input_files(photo(number))
            expect(page.locator(".picker button.chosen")).to_have_attribute(
                "title", f"“{number}.jpg”"
            )
            expect(page.locator(".says li")).to_have_count(30)
            if number % 5 == 4:
                page.get_by_role("link", name="Explore", exact=True).click()
                page.locator(".network-map").wait_for()
                go_to(page, "Classify", "Compare")
                page.locator(".says").wait_for()

    page = visit("/compare?from=file")
    page.locator('input[type="file"]').set_input_files(photo(999))
    look_around(page, range(1000, 1010))  # from the second on they are shown to choose from
    start = megabytes_of(site)
    look_around(page, range(UPLOADS))
    most = megabytes_of(site)
    page.context.close()
    page = visit("/compare?picture=cat")
    expect(page.locator(".says li")).to_have_count(30)
    page.wait_for_timeout(10_000)  # what a visitor leaves is tidied up soon after
    end = megabytes_of(site)
    print(
        f"\nmemory: {start:.0f} MB after ten uploads, {most:.0f} MB after {UPLOADS} more, "
        f"{end:.0f} MB once that visitor has gone"
    )
    assert end <= 1.1 * start
