"""Everything opens upright and in RGB, or is refused with one sentence."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

import ali5
from ali5.pictures.images import MAX_BYTES, MAX_PIXELS, notes_of
from tests.conftest import ROOT

# Pillow warns of odd metadata and goes on.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def scene(width: int = 40, height: int = 24) -> Image.Image:
    """A picture that is different in every corner: red, green, blue, white."""
    picture = Image.new("RGB", (width, height), (128, 128, 128))
    half = (width // 2, height // 2)
    for x, y, colour in ((0, 0, "red"), (1, 0, "lime"), (0, 1, "blue"), (1, 1, "white")):
        picture.paste(colour, (x * half[0], y * half[1], (x + 1) * half[0], (y + 1) * half[1]))
    return picture


def save(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def with_orientation(value: int, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return save(scene(), kind, exif=exif, **({"quality": 95} if kind != "PNG" else {}))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises this size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def sixteen_bit() -> bytes:
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    return save(Image.fromarray(ramp), "PNG")


def many_scans() -> bytes:
    """A progressive JPEG whose last pass is repeated 4,000 times."""
    content = save(Image.new("L", (2000, 2000), 90), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 4000 + content[-2:]


def many_directories() -> bytes:
    """A TIFF with 20,000 pages that all show the same pixels."""
    page = save(scene(), "TIFF")
    (first,) = struct.unpack_from("<I", page, 4)
    (entries,) = struct.unpack_from("<H", page, first)
    directory = page[first : first + 2 + 12 * entries]
    start = len(page) + len(page) % 2
    chain = bytearray(page.ljust(start, b"\0"))
    struct.pack_into("<I", chain, 4, start)
    for number in range(1, 20_001):
        end = start + number * (len(directory) + 4)
        chain += directory + struct.pack("<I", end if number < 20_000 else 0)
    return bytes(chain)


def many_frames() -> bytes:
    """A GIF with a million frames of one pixel."""
    content = save(Image.new("P", (1, 1)), "GIF")
    start = content.index(b",", 13)
    return content[:-1] + content[start:-1] * 1_000_000 + b";"


def frames(kind: str) -> bytes:
    more = [Image.new("RGB", (40, 24), colour) for colour in ("black", "teal")]
    return save(scene(), kind, save_all=True, append_images=more)


PALETTE = scene().convert("P", palette=Image.Palette.ADAPTIVE)
CLEAR = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
HALF = Image.new("LA", (8, 8), (0, 128))
FLOATS = np.linspace(-2, 5, 100, dtype=np.float32).reshape(10, 10)

OPEN: dict[str, Callable[[], bytes]] = {
    **{
        f"{kind.lower()} colour": lambda kind=kind: save(scene(), kind)
        for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
    },
    **{
        f"{kind.lower()} grey": lambda kind=kind: save(scene().convert("L"), kind)
        for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
    },
    **{f"exif {value}": lambda value=value: with_orientation(value) for value in range(1, 9)},
    "exif 6 in png": lambda: with_orientation(6, "PNG"),
    "exif 6 in webp": lambda: with_orientation(6, "WEBP"),
    "exif out of range": lambda: with_orientation(77),
    "cmyk jpeg": lambda: save(scene().convert("CMYK"), "JPEG", quality=95),
    "cmyk tiff": lambda: save(scene().convert("CMYK"), "TIFF"),
    "ycbcr tiff": lambda: save(scene().convert("YCbCr"), "TIFF"),
    "lab tiff": lambda: save(Image.new("LAB", (8, 8)), "TIFF"),
    "palette png": lambda: save(PALETTE, "PNG"),
    "palette gif": lambda: save(PALETTE, "GIF"),
    "palette with a clear colour": lambda: save(PALETTE, "PNG", transparency=0),
    "rgb with a clear colour": lambda: save(scene(), "PNG", transparency=(255, 0, 0)),
    "rgba png": lambda: save(CLEAR, "PNG"),
    "rgba webp": lambda: save(CLEAR, "WEBP", lossless=True),
    "rgba avif": lambda: save(CLEAR, "AVIF"),
    "grey with alpha": lambda: save(HALF, "PNG"),
    "one bit": lambda: save(scene().convert("1"), "PNG"),
    "one bit tiff": lambda: save(scene().convert("1"), "TIFF", compression="group4"),
    "16 bit png": sixteen_bit,
    "16 bit tiff": lambda: save(Image.open(io.BytesIO(sixteen_bit())), "TIFF"),
    "32 bit tiff": lambda: save(Image.new("I", (8, 8), 70_000), "TIFF"),
    "float tiff": lambda: save(Image.fromarray(FLOATS), "TIFF"),
    "float tiff with nan": lambda: save(
        Image.fromarray(np.array([[np.nan, 0], [np.inf, 1]], np.float32)), "TIFF"
    ),
    "animated gif": lambda: frames("GIF"),
    "animated webp": lambda: frames("WEBP"),
    "animated png": lambda: frames("PNG"),
    "many page tiff": lambda: frames("TIFF"),
    "1 x 1": lambda: save(Image.new("RGB", (1, 1), "red"), "PNG"),
    "1 x 1 grey": lambda: save(Image.new("L", (1, 1)), "GIF"),
    "1 x 9999": lambda: save(Image.new("RGB", (1, 9999), "red"), "PNG"),
    "9999 x 1": lambda: save(Image.new("RGB", (9999, 1), "red"), "PNG"),
    "progressive jpeg": lambda: save(scene(), "JPEG", progressive=True),
    "interlaced forged name": lambda: save(scene(), "PNG", optimize=True),
    "20,000 pages": many_directories,
    "a million frames": many_frames,
    "bytes after the end": lambda: save(scene(), "PNG") + b"and more",
    "wrong gamma": lambda: save(scene(), "PNG", icc_profile=b"no profile"),
}

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty"),
    "text": (lambda: b"hello, world\n", "text file"),
    "text with umlauts": (lambda: "Grüße".encode(), "text file"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "svg after a prologue": (lambda: b"<?xml version='1.0'?><svg/>", "SVG"),
    "html": (lambda: b"<!DOCTYPE html><p>404", "web page"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
    "zip": (lambda: b"PK\x03\x04" + bytes(60), "zip"),
    "gzip": (lambda: b"\x1f\x8b" + bytes(60), "archive"),
    "photoshop": (lambda: b"8BPS" + bytes(60), "Photoshop"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(60), "HEIC"),
    "video": (lambda: b"\0\0\0\x18ftypmp42" + bytes(60), "video"),
    "matroska": (lambda: b"\x1a\x45\xdf\xa3" + bytes(60), "video"),
    "jpeg 2000": (lambda: b"\0\0\0\x0cjP  " + bytes(60), "JPEG 2000"),
    "random bytes": (lambda: bytes(range(128, 256)) * 9, "not a picture"),
    "ppm": (lambda: b"P6 2 2 255 " + bytes(12), "picture"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "text file"),
    "cut jpeg": (lambda: save(scene(400, 400), "JPEG")[:900], "damaged"),
    "cut png": (lambda: save(scene(400, 400), "PNG")[:-400], "damaged"),
    "cut gif": (lambda: save(scene(400, 400), "GIF")[:60], "damaged"),
    "cut webp": (lambda: save(scene(400, 400), "WEBP")[:60], "picture"),
    "cut avif": (lambda: save(scene(400, 400), "AVIF")[:-60], "damaged|picture|video"),
    "cut bmp": (lambda: save(scene(400, 400), "BMP")[:2000], "damaged"),
    "cut tiff": (lambda: save(scene(400, 400), "TIFF")[:-9000], "damaged"),
    "only a jpeg header": (lambda: b"\xff\xd8\xff\xe0", "picture"),
    "only a png signature": (lambda: b"\x89PNG\r\n\x1a\n", "picture"),
    "broken png": (lambda: save(scene(), "PNG").replace(b"IDAT", b"IDAX"), "damaged"),
    "4,000 scans": (many_scans, "too many passes"),
    "png bomb": (lambda: png_of_size(50_000, 50_000), "50 million pixels"),
    "largest png": (lambda: png_of_size(2**31 - 1, 2**31 - 1), "million pixels|damaged"),
    "just too many pixels": (lambda: png_of_size(MAX_PIXELS // 1000 + 1, 1000), "50 million"),
    "no pixels": (lambda: png_of_size(0, 10), "damaged|picture|no pixels"),
    "promises more": (lambda: png_of_size(3000, 3000), "damaged"),
    "too many bytes": (lambda: bytes(MAX_BYTES + 1), "64 MB"),
    "float without values": (
        lambda: save(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF"),
        "no finite values",
    ),
}


def timed_open(content: bytes) -> Image.Image:
    """Open a picture in less than two seconds of the processor, whatever else it has to do."""
    start = time.process_time()
    try:
        return ali5.open_image(content)
    finally:
        assert time.process_time() - start < 2


@pytest.mark.parametrize("name", OPEN)
def test_pictures_open(name: str) -> None:
    content = OPEN[name]()
    picture = timed_open(content)
    assert picture.mode == "RGB"
    assert min(picture.size) >= 1
    assert picture.getpixel((0, 0)) is not None
    from_file = ali5.open_image(io.BytesIO(content))
    assert ali5.open_image(bytearray(content)).size == picture.size
    assert np.array_equal(np.asarray(picture), np.asarray(from_file))


@pytest.mark.parametrize("name", OPEN)
def test_a_picture_that_is_open_already_becomes_the_same_as_its_file(name: str) -> None:
    content = OPEN[name]()
    expected = ali5.open_image(content)
    with Image.open(io.BytesIO(content)) as held:
        mode, size = held.mode, held.size
        picture = ali5.open_image(held)
        assert (held.mode, held.size) == (mode, size) or held.format == "TIFF"
    assert np.array_equal(np.asarray(picture), np.asarray(expected))
    again = ali5.open_image(expected)
    assert again.info == expected.info
    assert np.array_equal(np.asarray(again), np.asarray(expected))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_a_sentence(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(ali5.ImageError, match=words) as caught:
        timed_open(make())
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", range(1, 9))
def test_pictures_are_turned_upright(value: int) -> None:
    turns = {
        1: (0, 1, 2, 3), 2: (1, 0, 3, 2), 3: (3, 2, 1, 0), 4: (2, 3, 0, 1),
        5: (0, 2, 1, 3), 6: (2, 0, 3, 1), 7: (3, 1, 2, 0), 8: (1, 3, 0, 2),
    }  # fmt: skip
    picture = ali5.open_image(with_orientation(value))
    width, height = picture.size
    assert (width, height) == ((40, 24) if value < 5 else (24, 40))
    corners = [(2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3)]
    colours = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
    found = [int(np.abs(colours - picture.getpixel(c)).sum(1).argmin()) for c in corners]
    assert tuple(found) == turns[value]


def test_what_was_done_is_said() -> None:
    assert notes_of(ali5.open_image(save(scene(), "PNG"))) == ()
    assert "white" in notes_of(ali5.open_image(save(CLEAR, "PNG")))[0]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        assert notes_of(ali5.open_image(frames(kind))) == ("Only its first frame is used.",), kind
        assert notes_of(ali5.open_image(save(scene(), kind))) == (), kind
    assert "0 to 65535" in notes_of(ali5.open_image(sixteen_bit()))[0]
    assert "CMYK" in notes_of(ali5.open_image(save(scene().convert("CMYK"), "JPEG")))[0]


def test_transparency_is_put_on_white() -> None:
    assert ali5.open_image(save(CLEAR, "PNG")).getpixel((3, 3)) == (255, 255, 255)
    assert ali5.open_image(save(HALF, "PNG")).getpixel((3, 3)) == (127, 127, 127)
    clear_red = ali5.open_image(save(scene(), "PNG", transparency=(255, 0, 0)))
    assert clear_red.getpixel((2, 2)) == (255, 255, 255)


def test_sixteen_bits_keep_their_order_and_range() -> None:
    grey = np.asarray(ali5.open_image(sixteen_bit()))[..., 0].ravel()
    assert (grey[0], grey[-1]) == (0, 255)
    assert (np.diff(grey.astype(int)) >= 0).all()


def test_the_first_frame_is_taken() -> None:
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        red, green, blue = ali5.open_image(frames(kind)).getpixel((3, 3))
        assert red > 240, kind
        assert green < 15, kind
        assert blue < 15, kind


def test_paths_are_opened_and_missing_ones_refused(tmp_path) -> None:
    path = tmp_path / "forged.txt"
    path.write_bytes(save(scene(), "PNG"))
    assert ali5.open_image(path).size == ali5.open_image(str(path)).size == (40, 24)
    with pytest.raises(ali5.ImageError, match="cannot be read"):
        ali5.open_image(tmp_path / "missing.png")
    with pytest.raises(ali5.ImageError, match="cannot be read"):
        ali5.open_image(tmp_path)
    with pytest.raises(ali5.ImageError, match="cannot be read"):
        ali5.open_image("a\0b.png")


SEEDS = [OPEN[name]() for name in ("jpeg colour", "palette gif", "webp colour", "rgba png")]


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
@example(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
def test_any_bytes_open_or_are_refused(content: bytes) -> None:
    with contextlib.suppress(ali5.ImageError):
        assert timed_open(content).mode == "RGB"


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_pictures_open_or_are_refused(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ali5.ImageError):
        assert timed_open(bytes(damaged)).mode == "RGB"


LARGE = """
import ctypes, io, sys, time
from PIL import Image
import ali5
from ali5.pictures.images import MAX_PIXELS_OF, MAX_PIXELS

exif = Image.Exif()
exif[0x0112] = 6
fast = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0}, "AVIF": {"speed": 10}}
width, round_ = 7000, Image.radial_gradient("L").resize((7000, 1000))

def encoded(kind, mode):
    picture = Image.new("L", (width, MAX_PIXELS_OF.get(kind, MAX_PIXELS) // width))
    picture.paste(round_)
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, kind, exif=exif, **fast.get(kind, {}))
    return buffer.getvalue()

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024

for argument in sys.argv[1:]:
    content = encoded(*argument.split())
    # What was freed for one picture must not serve the next one unseen; musl keeps nothing.
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    with open("/proc/self/clear_refs", "w") as file:  # start to measure the peak from here
        file.write("5")
    before, start = peak(), time.process_time()
    ali5.open_image(content)
    opened, after = time.process_time(), peak()
    if len(sys.argv) == 2:
        Image.open(io.BytesIO(content)).load()
    print(after - before, opened - start, time.process_time() - opened)
"""
"""Opens the largest pictures of some kinds and modes; prints for each the MB that this needs, and
how many seconds; and, of one alone, how many Pillow needs."""

LARGEST = [
    *(("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "I;16")),
    *(("WEBP", "RGB"), ("WEBP", "RGBA"), ("AVIF", "RGB"), ("AVIF", "RGBA"), ("GIF", "P")),
]


def open_largest(*pictures: tuple[str, str]) -> list[tuple[float, float, float]]:
    """Return the MB that opening the largest pictures needs, and seconds: ours and Pillow's."""
    command = [sys.executable, "-c", LARGE, *map(" ".join, pictures)]
    result = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [tuple(map(float, line.split())) for line in result.stdout.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory is read from /proc")
@pytest.mark.parametrize("pictures", [LARGEST[::2], LARGEST[1::2]], ids=["even", "odd"])
def test_the_largest_pictures_stay_below_500_mb(pictures: list[tuple[str, str]]) -> None:
    for picture, (megabytes, *_) in zip(pictures, open_largest(*pictures), strict=True):
        assert 50 < megabytes < 500, picture
