"""The page "Group" without a browser: what is brought, what is sent, what is said, what is kept."""

from __future__ import annotations

import csv
import functools
import gc
import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import Tensor, nn

import ali5
from ali5.classifying.features import feature_vectors
from ali5.classifying.grouping import Features, cluster, kinship, likeness, neighbours
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.verdict import classify
from ali5.pictures.batches import Member
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.choose.choice import Choice, own_choice
from ali5.site.app.classify.compare.batch import Batch, summary_in_words
from ali5.site.app.classify.group import grouped as grouping
from ali5.site.app.classify.group.collection import (
    EXAMPLES,
    Arrival,
    Collection,
    collection_of,
    example,
)
from ali5.site.app.classify.group.grouped import Grouped, Looking
from ali5.site.app.classify.group.settings import opening_of
from ali5.site.app.classify.group.table import table_as_csv
from ali5.site.app.classify.group.words import measured_in_words
from ali5.site.app.classify.many.brought import KEPT_PX, Brought, brought
from ali5.tracing.own import wrap
from tests.pages import open_page, sent_to


def picture(colour: str = "teal", edge: int = 40) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((edge, edge)).convert("RGB").save(file, "PNG")
    if colour != "teal":
        file = io.BytesIO()
        Image.new("RGB", (edge, edge), colour).save(file, "PNG")
    return file.getvalue()


def archive(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def drawn(name: str, count: int = 4) -> list[tuple[str, bytes]]:
    """So many drawings of three shapes in a folder each."""
    found = []
    for kind, images in example_groups(name).items():
        for number, image in enumerate(images[:count]):
            file = io.BytesIO()
            image.save(file, "PNG")
            found.append((f"all/{kind}/{number}.png", file.getvalue()))
    return found


def bring(content: bytes, **choices: str) -> AppTest:
    at = open_page("group", set="own", **choices)
    at.file_uploader[0].set_value([("many.zip", content, "application/zip")]).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return "\n".join(each.value for each in (*at.markdown, *at.caption, *at.warning, *at.info))


# --- What is brought ----------------------------------------------------------------------------


def test_what_a_network_sees_of_a_brought_picture_is_what_it_sees_of_the_whole() -> None:
    wide = ali5.open_image(picture(edge=64)).resize((640, 301))
    kept = brought("wide", wide)
    assert kept.image.size == (KEPT_PX, KEPT_PX)
    network = ali5.load("resnet18", device="cpu")
    whole, middle = network.prepare(wide), network.prepare(kept.image)
    assert float((whole - middle).abs().mean()) < 0.1  # resized twice, but from the same place


@pytest.mark.usefixtures("explored")
@pytest.mark.parametrize(("size", "kept"), [(16, 256), (299, 342), (1000, 512)])
def test_a_network_of_one_s_own_gets_pictures_of_the_size_that_it_wants(
    size: int, kept: int
) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = wrap(module, size=size)
    exploring.show(exploring.Own(network, None, None, "own-large"))
    assert brought("large", Image.new("RGB", (1200, 900))).image.size == (kept, kept)


def test_folders_are_kinds_if_there_are_two() -> None:
    content = archive(("a/x/1.png", picture()), ("a/y/1.png", picture()), ("a/2.png", picture()))
    arrival = Arrival(("id",), ali5.read_batch([("m.zip", content)]))
    while not arrival.intake.is_done:
        arrival.intake.open_next()
    assert [each.name for each in arrival.collection.pictures] == [
        "a/2.png",
        "a/x/1.png",
        "a/y/1.png",
    ]
    assert arrival.collection.kinds == ("", "x", "y")
    assert arrival.collection is arrival.collection
    one = archive(("x/1.png", picture()), ("2.png", picture()))
    arrival = Arrival(("id",), ali5.read_batch([("m.zip", one)]))
    arrival.intake.open_next()
    assert arrival.collection.kinds == ("", "")


def test_collections_of_other_pictures_names_or_kinds_have_other_digests() -> None:
    one, two = brought("a", Image.new("RGB", (9, 9))), brought("a", Image.new("RGB", (9, 9), "red"))
    kinds = [("x", "y"), ("x", "x")]
    made = [collection_of(each, kind) for each in ((one, two), (two, one)) for kind in kinds]
    other = collection_of((one, Brought("b", two.image, two.digest, b"")), kinds[0])
    assert len({each.digest for each in (*made, other)}) == 5


def test_a_zip_with_broken_files_gives_a_sentence_for_each_and_goes_on() -> None:
    broken = [("all/broken/a.png", b""), ("all/broken/b.png", b"%PDF-1.7"), ("all/c.txt", b"hello")]
    at = bring(archive(*drawn("shapes"), *broken))
    header, _ = sent_to(at, "group")
    assert len(header["items"]) == 12
    assert header["kinds"] == ["arrows", "hearts", "stars"]
    assert [each.label for each in at.expander][:1] == ["3 files could not be opened"]
    for name, words in (("a.png", "empty"), ("b.png", "PDF"), ("c.txt", "text file")):
        assert any(name in each.value and words in each.value for each in at.markdown)
    next(each for each in at.button if each.label == "Forget these pictures").click().run()
    assert not at.exception
    assert not at.get("bidi_component")


def test_one_picture_is_like_no_other() -> None:
    assert "Two pictures or more" in said(bring(archive(("a.png", picture()))))


def test_without_folders_nothing_is_measured_and_the_page_says_how_it_would_be() -> None:
    colours = ("red", "blue", "navy", "teal")
    at = bring(archive(*((f"{each}.png", picture(each)) for each in colours)))
    header, _ = sent_to(at, "group")
    assert "No kinds are known" in said(at)
    assert header["pixelShare"] == {"share": None}
    assert header["kinds"] == []
    assert header["settings"]["place"] == "pca"  # t-SNE has too few neighbours here


def test_pictures_that_are_all_the_same_are_one_cluster() -> None:
    at = bring(archive(*((f"{number}.png", picture("red")) for number in range(5))))
    header, _ = sent_to(at, "group")
    assert "one cluster" in header["clusterWords"]
    assert header["sides"][0]["clusters"] == [0] * 5


# --- What is sent -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shapes() -> tuple[list[Image.Image], list[str], ali5.Likeness]:
    collection = example("shapes")
    images = [each.image for each in collection.pictures]
    network = engine.network("resnet18", "compact", "bundled")
    return images, list(collection.kinds), likeness(ali5.feature_vectors(network, images))


def test_the_page_shows_what_the_engine_finds(
    shapes: tuple[list[Image.Image], list[str], ali5.Likeness],
) -> None:
    _, kinds, alike = shapes
    header, body = sent_to(open_page("group", chosen="7", step="layer2.1.relu_2"), "group")
    count = len(kinds)
    assert header["settings"]["step"] == "layer2.1.relu_2"
    for side, distances in zip(
        header["sides"], (alike["layer2.1.relu_2"], alike.pixels), strict=True
    ):
        sent = np.frombuffer(body, np.float32, count**2, side["distances"]).reshape(count, count)
        np.testing.assert_allclose(sent, distances, atol=1e-5)
        assert tuple(side["clusters"]) == cluster(distances, 8).labels
        assert len(side["points"]) == count
    for step in header["steps"]:
        found = kinship(alike[step["name"]], kinds)
        assert found is not None
        assert abs(step["right"] - found.right) <= 1  # the last digits depend on the batch
        assert step["width"] == alike.widths[step["name"]]
    sheet = Image.open(io.BytesIO(body[header["sheet"]["at"] :]))
    assert sheet.format == "WEBP"
    assert sheet.size == (16 * header["edge"], 6 * header["edge"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_opens_and_is_measured(name: str) -> None:
    at = open_page("group", set=name)
    assert "of their own kind as their nearest neighbour" in said(at)
    header, _ = sent_to(at, "group")
    title = "LeNet-5" if name == "digits" else "ResNet-18"
    assert header["title"] == title


@pytest.mark.parametrize(
    "choices",
    [
        {"clusters": "99", "chosen": "9999", "place": "umap", "perplexity": "0", "frames": "x"},
        {"step": "conv99", "set": "nothing", "clusters": "1" * 5000},
    ],
)
def test_an_impossible_address_opens_as_at_first(choices: dict[str, str]) -> None:
    header, _ = sent_to(open_page("group", **choices), "group")
    assert header["settings"] == header["opening"]


def test_what_the_browser_sends_is_what_the_address_says() -> None:
    at = open_page("group", place="pca", clusters="3", frames="kinds", chosen="5", step="conv1")
    header, _ = sent_to(at, "group")
    assert header["settings"] | {"perplexity": 15} == {
        "place": "pca", "perplexity": 15, "clusters": 3, "frames": "kinds", "chosen": 5,
        "step": "conv1",
    }  # fmt: skip
    assert set(header["sides"][0]["clusters"]) == {0, 1, 2}
    assert "of the spread across" in header["sides"][0]["words"]


def test_untrained_weights_are_said_to_be_random() -> None:
    assert "random" in said(open_page("group", weights="untrained"))


def test_the_table_and_the_file_hold_the_nearest_neighbours_and_no_formulas(
    shapes: tuple[list[Image.Image], list[str], ali5.Likeness], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, kinds, alike = shapes
    at = open_page("group", table="open")
    table = at.dataframe[0].value
    near = neighbours(alike["avgpool"], 3)[0]
    collection = example("shapes")
    assert table["nearest"][3] == collection.pictures[near].name
    assert table["distance"][3] == pytest.approx(float(alike["avgpool"][3, near]), abs=1e-4)
    assert list(table["kind"]) == kinds
    evil = [Brought(f"=cmd{n}", each.image, each.digest, each.thumbnail)
            for n, each in enumerate(collection.pictures)]  # fmt: skip
    monkeypatch.setattr(grouping, "likeness", lambda rows: alike)
    grouped = grouped_at_first(collection_of(evil, kinds), choice_of("resnet18"), ())
    rows = list(csv.DictReader(io.StringIO(table_as_csv(grouped))))
    assert len(rows) == len(kinds)
    assert rows[3]["nearest"] == f"'=cmd{near}"
    assert rows[3]["step"] == "avgpool"


def grouped_at_first(collection: Collection, choice: Choice, rows: Sequence[Features]) -> Grouped:
    settings, one = opening_of(collection), collection.pictures[0]
    placed = engine.ask(
        grouping.placed_by,
        engine.Chosen(*choice.key),
        engine.Picture("own", one.image, one.digest, one.name),
        choice.weights,
        grouping.Wanted(collection.digest, collection.kinds, settings, ""),
        grouping.Rows(tuple(rows)),
    )
    assert placed is not None
    return Grouped(**vars(placed), collection=collection, choice=choice, settings=settings)


def choice_of(name: str) -> Choice:
    known = ali5.catalog()[name]
    return Choice(known, known.edition("compact"), "bundled")


def test_the_code_on_the_page_gives_what_is_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("group", code="open", place="pca", clusters="4", chosen="2", set="digits")
    header, _ = sent_to(at, "group")
    monkeypatch.chdir(tmp_path)
    folder = Path("pictures")
    folder.mkdir()
    for number, each in enumerate(example("digits").pictures):
        each.image.save(folder / f"{number:03}.jpg", "PNG")  # known by its content
    names: dict[str, object] = {}
    exec(at.code[0].value, names)
    assert tuple(header["sides"][0]["clusters"]) == names["clusters"].labels  # type: ignore[attr-defined]
    np.testing.assert_allclose(names["points"], header["sides"][0]["points"], atol=1e-3)


# --- Work that goes on --------------------------------------------------------------------------


def test_what_was_stopped_is_grouped_as_far_as_it_is() -> None:
    collection, choice = example("digits"), choice_of("lenet5")
    work = Looking(collection, choice)
    work.look(functools.partial(feature_vectors, engine.network("lenet5", "compact", "bundled")))
    assert len(work.rows) == 16
    assert len(collection.first(16).pictures) == 16
    assert collection.first(10**6) is collection
    grouped = grouped_at_first(collection.first(16), choice, work.rows)
    assert len(grouped.deep.plane.points) == 16
    assert "of 16 pictures" in measured_in_words(grouped)


def test_as_long_as_only_one_kind_has_come_nothing_is_measured_but_kinds_are_known() -> None:
    collection, choice = example("shapes").first(12), choice_of("lenet5")
    assert len(collection.known) == 1
    work = Looking(collection, choice)
    work.look(functools.partial(feature_vectors, engine.network("lenet5", "compact", "bundled")))
    words = measured_in_words(grouped_at_first(collection, choice, work.rows))
    assert "all of one kind" in words
    assert "No kinds are known" not in words


def test_two_visitors_share_examples_and_nothing_else() -> None:
    one = bring(archive(*drawn("shapes")))
    other = open_page("group", set="own")
    assert not other.get("bidi_component")
    other = bring(archive(("p/a.png", picture("red")), ("p/b.png", picture())))
    assert [item["name"] for item in sent_to(other, "group")[0]["items"]] == ["p/a.png", "p/b.png"]
    one.run()
    assert len(sent_to(one, "group")[0]["items"]) == 12


def test_what_is_computed_goes_when_nobody_holds_the_pictures_any_more() -> None:
    at = bring(archive(("a.png", picture("red")), ("b.png", picture("blue")), ("c.png", picture())))
    digest = at.session_state["group-arrival"].collection.digest
    assert any(digest in key for key in grouping._likenesses._values)  # type: ignore[operator]
    next(each for each in at.button if each.label == "Forget these pictures").click().run()
    at.run()
    del at
    gc.collect()
    engine.forget_what_is_gone()
    for cache in (grouping._likenesses, grouping._found):
        assert not any(digest in key for key in cache._values)  # type: ignore[operator]


# --- Networks of the user's own -----------------------------------------------------------------


class Strange(nn.Module):
    """Its last but one step is not a number, and it takes one picture at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3)
        self.broken = nn.Linear(5, 4)
        self.head = nn.Linear(4, 2)
        with torch.no_grad():
            self.broken.bias[2] = float("nan")

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.broken(self.conv(x).relu().mean((2, 3)).view(1, 5)))


@pytest.fixture
def own(explored: None) -> None:
    network = wrap(Strange().eval(), size=16)
    exploring.show(exploring.Own(network, None, None, f"own-{uuid.uuid4().hex}"))


@pytest.mark.usefixtures("explored")
def test_an_untrained_network_that_was_given_is_said_to_be_random() -> None:
    network = ali5.load("lenet5", weights="untrained")
    mine = exploring.Own(network, None, None, "own-random")
    exploring.show(mine)
    assert "Its weights are random" in said(open_page("group"))
    choice = own_choice(mine)
    batch = Batch((), choice, [Member("a", picture())])
    batch.work(functools.partial(classify, network))
    assert "These weights are random" in summary_in_words(batch)


@pytest.mark.usefixtures("own")
def test_a_step_without_finite_features_gives_way_to_the_last_one_that_has_some() -> None:
    at = open_page("group")
    header, _ = sent_to(at, "group")
    assert header["settings"]["step"] == "view"
    assert {each["name"]: each["share"] is None for each in header["steps"]}["broken"]
    json.dumps(header, allow_nan=False)
    at.query_params["step"] = "broken"
    at.run()
    assert not at.exception
    assert "not finite numbers" in said(at)
    assert sent_to(at, "group")[0]["settings"]["step"] == "view"
