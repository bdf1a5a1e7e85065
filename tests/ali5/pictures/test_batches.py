"""Many pictures at once: what an archive may hold, what is refused, what comes of a batch."""

from __future__ import annotations

import csv
import functools
import io
import struct
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import ali5
from ali5.classifying.verdict import classify, classify_batch
from ali5.errors import ImageError
from ali5.pictures import batches
from ali5.pictures.batches import Member, read_batch
from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.choose.choice import Choice
from ali5.site.app.classify.compare.batch import Batch, table_as_csv
from ali5.site.app.classify.many.work import progress_in_words
from tests.pages import open_page, sent_to


def picture(colour: str = "teal", edge: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (edge, edge), colour).save(file, "PNG")
    return file.getvalue()


def archive(*members: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def names(members: tuple[Member, ...]) -> list[str]:
    return [member.name for member in members]


def refusal_of(member: Member) -> str:
    with pytest.raises(ImageError) as refused:
        member.open()
    return str(refused.value)


def test_pictures_come_in_the_order_of_their_names_where_2_is_before_10() -> None:
    packed = archive(("b/10.png", picture()), ("b/2.png", picture()), ("A.png", picture()))
    members = read_batch([("z.png", picture()), ("many.zip", packed)])
    assert names(members) == ["A.png", "b/2.png", "b/10.png", "z.png"]


@pytest.mark.parametrize("as_", ["bytes", "file", "path"])
def test_what_is_in_an_archive_is_what_was_put_in(as_: str, tmp_path: Path) -> None:
    packed = archive(("red.png", picture("red")), ("blue.png", picture("blue")))
    path = tmp_path / "many.zip"
    path.write_bytes(packed)
    source = {"bytes": packed, "file": io.BytesIO(packed), "path": path}[as_]
    blue, red = read_batch([("many.zip", source)])
    assert red.open().getpixel((0, 0)) == (255, 0, 0)
    assert blue.open().getpixel((0, 0)) == (0, 0, 255)
    assert red.open().size == (20, 20)  # again
    assert sorted(tmp_path.iterdir()) == [path]


def test_an_archive_is_known_by_its_content_not_by_its_name() -> None:
    assert names(read_batch([("many.jpg", archive(("a.png", picture())))])) == ["a.png"]
    (member,) = read_batch([("many.zip", picture("red"))])
    assert member.open().getpixel((0, 0)) == (255, 0, 0)


def test_folders_and_what_operating_systems_add_are_left_out_silently() -> None:
    junk = ("__MACOSX/._a.png", "x/__MACOSX/b", "._c.png", "x/.DS_Store", "Thumbs.db")
    packed = archive(("x/", b""), *((name, b"x") for name in junk), ("x/a.png", picture()))
    assert names(read_batch([("many.zip", packed)])) == ["x/a.png"]


@pytest.mark.parametrize(
    "name", ["../a.png", "x/../../a.png", "/etc/a.png", "C:\\a.png", "\\a.png", "x\\..\\a.png"]
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    (member,) = read_batch([("many.zip", archive((name, picture())))])
    assert "leads out of the archive" in refusal_of(member)


def test_dots_within_a_name_are_fine() -> None:
    packed = archive(("a..b.png", picture()), ("..c.png", picture()))
    assert [member.open().size for member in read_batch([("m.zip", packed)])] == [(20, 20)] * 2


@pytest.mark.parametrize("name", ["more.zip", "picture.png"])
def test_an_archive_within_an_archive_is_not_opened(name: str) -> None:
    packed = archive((name, archive(("a.png", picture()))))
    (member,) = read_batch([("many.zip", packed)])
    assert "archive within an archive" in refusal_of(member)


def test_a_password_is_not_asked_for() -> None:
    packed = bytearray(archive(("a.png", picture()), packed=zipfile.ZIP_STORED))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = packed.index(start) + at
        packed[place] |= 1
    (member,) = read_batch([("many.zip", bytes(packed))])
    assert "password" in refusal_of(member)


def test_unusual_packing_is_refused() -> None:
    packed = archive(("a.png", picture()), packed=zipfile.ZIP_LZMA)
    (member,) = read_batch([("many.zip", packed)])
    assert "unusual" in refusal_of(member)


def test_of_two_files_of_one_name_the_first_is_taken() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed = archive(("a.png", picture("red")), ("a.png", picture("blue")))
    first, second = read_batch([("many.zip", packed)])
    assert first.open().getpixel((0, 0)) == (255, 0, 0)
    assert "same name" in refusal_of(second)


def test_a_member_larger_than_any_picture_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = archive(("bomb.png", bytes(65 * 2**20)), ("a.png", picture()))
    assert len(packed) < 100_000
    good, bomb = read_batch([("many.zip", packed)])
    monkeypatch.setattr(batches, "_archive", None)  # nothing may even look into it
    assert "65 MB unpacked" in refusal_of(bomb)
    monkeypatch.undo()
    assert good.open().size == (20, 20)


def test_a_member_that_lies_about_its_size_is_cut_off() -> None:
    packed = bytearray(archive(("bomb.png", bytes(3 * 2**20))))
    struct.pack_into("<I", packed, packed.index(b"PK\x01\x02") + 24, 100)
    (member,) = read_batch([("many.zip", bytes(packed))])
    assert "damaged" in refusal_of(member)


def test_an_archive_that_unpacks_to_too_much_is_opened_up_to_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = picture()
    monkeypatch.setattr(batches, "MAX_UNPACKED_BYTES", 3 * len(one))
    packed = archive(*((f"{number}.png", one) for number in range(5)))
    members = read_batch([("many.zip", packed)])
    assert [bool(member.refusal) for member in members] == [False] * 3 + [True] * 2
    assert "comes after" in refusal_of(members[3])


def test_an_archive_with_an_endless_table_of_contents_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = archive(*((f"{number}", b"") for number in range(12)))
    monkeypatch.setattr(batches, "MAX_LISTED", 10)
    monkeypatch.setattr(batches, "_archive", None)
    for source in (packed, io.BytesIO(packed)):
        (member,) = read_batch([("many.zip", source)])
        assert "more than 10 files" in refusal_of(member)


def test_lines_of_the_table_are_counted_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(2**20 - 2) + b"PK\x01\x02" + bytes(7) + b"PK\x01\x02"
    assert batches.count_listed(io.BytesIO(content)) == batches.count_listed(content) == 2


def test_after_two_hundred_pictures_the_rest_is_refused_and_broken_ones_do_not_count() -> None:
    broken = [(f"0 locked {number}/../../x", b"") for number in range(3)]
    pictures = [(f"{number}.png", b"") for number in range(203)]
    members = read_batch([("many.zip", archive(*broken, *pictures))])
    late = [member for member in members if "at most 200" in member.refusal]
    assert names(tuple(late)) == ["200.png", "201.png", "202.png"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04 and then nothing", "damaged"),
        (archive(("a.png", picture()))[:60], "damaged"),
        (archive(), "no files"),
    ],
    ids=["words", "cut", "empty"],  # an archive has the time in it, and names must be alike
)
def test_a_damaged_archive_is_one_sentence(content: bytes, word: str) -> None:
    (member,) = read_batch([("many.zip", content)])
    assert member.name == "many.zip"
    assert word in refusal_of(member)


def test_a_flipped_bit_inside_a_member_is_a_sentence_of_its_own() -> None:
    packed = bytearray(archive(("a.png", picture()), ("b.png", picture())))
    packed[packed.index(b"a.png") + 12] ^= 0xFF
    broken, good = read_batch([("many.zip", bytes(packed))])
    assert "damaged" in refusal_of(broken)
    assert good.open().size == (20, 20)


def test_what_is_no_picture_says_what_it_is() -> None:
    packed = archive(("a.txt", b"hello"), ("b.pdf", b"%PDF-1.7"), ("c.png", b""))
    words = [refusal_of(member) for member in read_batch([("many.zip", packed)])]
    assert ["text file" in words[0], "PDF" in words[1], "empty" in words[2]] == [True] * 3


def test_a_batch_gives_what_each_picture_gives_alone_and_holds_few_at_a_time() -> None:
    network = ali5.load("lenet5", "colour", device="cpu")
    open_now: list[str] = []

    class Watched(Member):
        def open(self) -> Image.Image:
            open_now.append(self.name)
            return super().open()

    files = [
        ("a.png", picture("red")),
        ("b.png", b"%PDF"),
        *((f"{n}.png", picture()) for n in "cd"),
    ]
    members = [Watched(name, content) for name, content in files]
    done: list[int] = []
    found = classify_batch(network, members, done.append, at_once=2)
    first = next(found)
    assert open_now == ["a.png", "b.png"]
    rest = list(found)
    assert done == [2, 4]
    assert [each.name for each in (first, *rest)] == [name for name, _ in files]
    assert rest[0].verdict is None
    assert "PDF" in rest[0].refusal
    alone = network(members[0].open())[0]
    assert first.verdict is not None
    assert first.verdict.best.probability == pytest.approx(float(alone.max()), rel=1e-4)


# --- The page -----------------------------------------------------------------------------------


def batch_of(*members: Member) -> Batch:
    known = ali5.catalog()["lenet5"]
    return Batch(("id",), Choice(known, known.edition("colour"), "bundled"), members)


@pytest.fixture
def lenet(monkeypatch: pytest.MonkeyPatch) -> ali5.Network:
    return engine.network("lenet5", "colour", "bundled")


def test_a_batch_goes_on_where_it_was_stopped_and_lets_go_of_the_files(
    lenet: ali5.Network,
) -> None:
    batch = batch_of(*(Member(f"{number}", picture()) for number in range(40)))
    batch.work(functools.partial(classify, lenet))
    assert len(batch.rows) == 16
    left = batch.seconds_left
    assert left is not None
    assert left > 0
    batch.stopped = True
    assert "16 of 40 pictures. You stopped" in progress_in_words(batch)
    batch.stopped = False
    assert "left" in progress_in_words(batch)
    batch.work(functools.partial(classify, lenet))
    batch.work(functools.partial(classify, lenet))
    assert batch.is_done
    assert [row.name for row in batch.rows] == [str(number) for number in range(40)]
    assert batch._items == ()


def test_two_runs_at_once_do_nothing_twice(lenet: ali5.Network) -> None:
    batch = batch_of(*(Member(f"{number}", picture()) for number in range(60)))
    work: Callable[[], None] = lambda: batch.work(functools.partial(classify, lenet))  # noqa: E731
    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.name for row in batch.rows] == [str(number) for number in range(60)]


def test_the_table_to_download_holds_everything_and_no_formulas(lenet: ali5.Network) -> None:
    batch = batch_of(Member('=HYPERLINK("x")', picture()), Member("b, c.png", b"%PDF"))
    batch.work(functools.partial(classify, lenet))
    one, two = csv.DictReader(io.StringIO(table_as_csv(batch)))
    assert one["picture"] == '\'=HYPERLINK("x")'
    verdict = batch.rows[0].verdict
    assert verdict is not None
    assert one["class"] == verdict.best.label
    assert float(one["share"]) == pytest.approx(verdict.best.probability, abs=1e-6)
    assert float(one["entropy_bits"]) == pytest.approx(verdict.entropy, abs=1e-4)
    assert one["runner_up"] == verdict.predictions[1].label
    assert (two["picture"], two["class"]) == ("b, c.png", "")
    assert "PDF" in two["refusal"]


def test_an_archive_on_the_page_gives_a_sheet_a_table_and_sentences() -> None:
    at = open_page("compare", ask="many", network="alexnet")
    file = io.BytesIO()
    open_sample("cat").save(file, "JPEG")
    cat = file.getvalue()
    packed = archive(("cat.jpg", cat), ("barn.txt", b"hello"), ("x/cat 2.jpg", cat))
    at.file_uploader[0].set_value([("many.zip", packed, "application/zip")]).run()
    assert not at.exception
    header, body = sent_to(at, "sheet")
    assert [item["name"] for item in header["items"]] == ["cat.jpg", "x/cat 2.jpg"]
    assert len(body) == 2 * 3 * header["edge"] ** 2
    alone = ali5.load("alexnet", device="cpu")(open_sample("cat")).max()
    assert header["items"][0]["classes"][0][1] == pytest.approx(float(alone), abs=0.1)
    assert list(at.dataframe[0].value["picture"]) == ["cat.jpg", "x/cat 2.jpg"]
    assert any("“barn.txt”: This is a text file" in text.value for text in at.markdown)
    assert any("2 pictures were classified by AlexNet" in text.value for text in at.markdown)
    at.file_uploader[0].set_value([]).run()
    assert not at.info
    at.query_params["network"] = "zfnet"
    at.run()
    assert "the answers of AlexNet (compact)" in at.info[0].value
    assert "to ask ZFNet (compact)" in at.info[0].value
    at.query_params["network"] = "alexnet"
    at.run()
    next(each for each in at.button if each.label == "Forget these pictures").click().run()
    assert not at.exception
    assert not at.dataframe
    # What comes next comes alone.
    at.file_uploader[0].set_value([("cat 3.jpg", cat, "")]).run()
    assert list(at.dataframe[0].value["picture"]) == ["cat 3.jpg"]


def test_a_network_that_is_not_kept_any_more_is_a_sentence() -> None:
    known = ali5.catalog()["resnet18"]
    with pytest.raises(ali5.WeightsError, match="was yours and is not kept any more"):
        engine.network_of(engine.Chosen(known.id, known.edition().name, "0123abcd" * 4))


def test_the_table_of_contents_of_an_archive_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    plain = zipfile.ZipFile

    class Counted(plain):  # type: ignore[misc, valid-type]
        def __init__(self, *given: object, **how: object) -> None:
            opened.append(1)
            super().__init__(*given, **how)

    packed = archive(*((f"{number}.png", picture()) for number in range(20)))
    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    for source in (packed, io.BytesIO(packed)):
        opened.clear()
        members = read_batch([("many.zip", source)])
        assert [member.open().size for member in members] == [(20, 20)] * 20
        assert len(opened) == 1


def test_an_archive_on_disk_can_be_removed_while_its_pictures_wait(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(archive(("a.png", picture())))
    (member,) = read_batch([("many.zip", path)])
    assert member.archive is None
    assert member.open().size == (20, 20)
