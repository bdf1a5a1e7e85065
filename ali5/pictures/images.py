"""Open whatever a visitor brings as an upright RGB picture, or say in one sentence why not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from ali5.errors import ImageError

MAX_BYTES = 64 * 2**20
"""Largest file that is opened, in bytes."""

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded, in pixels."""

MAX_PIXELS_OF = {"WEBP": 30_000_000, "AVIF": 30_000_000}
"""The same for formats whose decoders hold the picture several times over."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
"""Pillow's names of the formats that are opened."""

NOTES = "ali5_notes"
"""Key in `Image.info` of the sentences that say what was done to the picture."""

ORIENTATION = "ali5_orientation"
"""Key in `Image.info` of the EXIF orientation that the file had, 1 to 8; 1 is upright."""

MAX_SCANS = 100
"""Passes of a progressive JPEG; ten are usual, and each costs as much as decoding all pixels."""

_START_OF_SCAN = b"\xff\xda"

_WITH_FRAMES = ("GIF", "WEBP", "PNG", "TIFF", "AVIF")

_READABLE = "Use a JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF picture."

_ROWS = 512
"""Pictures are converted this many rows at a time, so that large ones are never held thrice."""


def open_image(
    source: str | Path | bytes | bytearray | memoryview | IO[bytes] | Image.Image,
) -> Image.Image:
    """Open a picture, upright and in RGB.

    EXIF orientation is applied, transparency is put on white, animations give their first frame,
    16-bit and floating-point pictures are brought to 8 bits. What was done is said in
    `image.info["ali5_notes"]`, a tuple of sentences.

    Args:
        source: A path, the bytes of a file, an open binary file, or a picture that Pillow has
            opened or made, which is not changed.

    Returns:
        Mode "RGB", the size of the picture as it is meant to be seen.

    Raises:
        ImageError: It cannot be read, is not a picture of a known format, is damaged, or is larger
            than `MAX_BYTES` or `MAX_PIXELS`. Sizes are checked before anything is decoded.
    """
    content = b"" if isinstance(source, Image.Image) else _read(source)
    try:
        return _taken_over(source) if isinstance(source, Image.Image) else _decode(content)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(_explain_unidentified(content)) from None
    except Image.DecompressionBombError:
        raise ImageError(_too_many_pixels()) from None
    except MemoryError:
        raise ImageError("There is not enough memory for this picture. Save it smaller.") from None
    except Exception as error:  # decoders of damaged files raise almost anything
        raise ImageError(
            "The picture is damaged or cut short. Open it in a viewer and save it again."
        ) from error


def lying_as_stored(image: Image.Image) -> Image.Image | None:
    """Return an opened picture as its file holds it, or None if that was upright already.

    A camera that is held sideways stores what its sensor saw, and notes in the file (EXIF, tag
    Orientation) how it has to be turned.

    Args:
        image: As `open_image` returned it.
    """
    back = _TURNED_BACK.get(image.info.get(ORIENTATION, 1))
    return None if back is None else image.transpose(back)


_TURNED_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What undoes each EXIF orientation."""


def _orientation_of(file: Image.Image) -> int:
    orientation = file.getexif().get(ExifTags.Base.Orientation, 1)
    return orientation if orientation in _TURNED_BACK else 1


def notes_of(image: Image.Image) -> tuple[str, ...]:
    """Return the sentences that say what `open_image` did to a picture."""
    notes: tuple[str, ...] = image.info.get(NOTES, ())
    return notes


def digest_of(image: Image.Image) -> str:
    """Return a name for the pixels of a picture: the same pixels, the same name."""
    digest = hashlib.blake2b(f"{image.mode} {image.size} ".encode(), digest_size=16)
    digest.update(image.tobytes())
    return digest.hexdigest()


def _read(source: str | Path | bytes | bytearray | memoryview | IO[bytes]) -> bytes:
    content = _content_of(source)
    if not content:
        raise ImageError("The file is empty. " + _READABLE)
    if len(content) > MAX_BYTES:
        raise ImageError(
            f"The file has {len(content) / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be "
            "opened. Save it smaller."
        )
    return content


def _content_of(source: str | Path | bytes | bytearray | memoryview | IO[bytes]) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    try:
        if not isinstance(source, str | Path):
            return source.read(MAX_BYTES + 1)
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in a path, a closed file
        raise ImageError(f"The file cannot be read: {error}.") from error


def _too_many_pixels(most: int = MAX_PIXELS) -> str:
    return f"The picture has more than {most // 10**6} million pixels. Save it smaller."


def _decode(content: bytes) -> Image.Image:
    notes: list[str] = []
    with Image.open(io.BytesIO(content), formats=FORMATS) as file:
        width, height = file.size
        most = MAX_PIXELS_OF.get(file.format or "", MAX_PIXELS)
        if width * height > most:
            raise ImageError(_too_many_pixels(most))
        if width == 0 or height == 0:
            raise ImageError("The picture has no pixels.")
        if file.format == "JPEG" and content.count(_START_OF_SCAN) > MAX_SCANS:
            raise ImageError("The picture is coded in too many passes. Save it again as JPEG.")
        if file.format in _WITH_FRAMES and _has_second_frame(content):
            notes.append("Only its first frame is used.")
        file.load()
        orientation = _orientation_of(file)
        ImageOps.exif_transpose(file, in_place=True)
        return _finished(file, orientation, notes)


def _taken_over(image: Image.Image) -> Image.Image:
    """Return a copy of a picture that is open already; one that came from here stays as it is."""
    if 0 in image.size:
        raise ImageError("The picture has no pixels.")
    orientation = image.info.get(ORIENTATION, _orientation_of(image))
    return _finished(ImageOps.exif_transpose(image), orientation, list(notes_of(image)))


def _finished(upright: Image.Image, orientation: int, notes: list[str]) -> Image.Image:
    picture = _to_rgb(upright, notes)
    picture.info = {NOTES: tuple(notes), ORIENTATION: orientation}
    return picture


def _has_second_frame(content: bytes) -> bool:
    """Look for a second frame only: counting millions of them takes minutes."""
    with Image.open(io.BytesIO(content), formats=_WITH_FRAMES) as file:
        try:
            file.seek(1)
        except Exception:  # there is none, or it is damaged; the first one counts
            return False
    return True


def _to_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return Image.Image.crop(image, (0, 0, *image.size))  # free of the file
    convert: Callable[[Image.Image], Image.Image]
    if image.has_transparency_data:
        notes.append("Its transparent parts were put on white.")
        convert = _on_white
    elif image.mode in ("I", "F") or image.mode.startswith("I;16"):
        low, high = _range_of(image)
        notes.append(f"Its values {low:g} to {high:g} were brought to 0 to 255.")

        def convert(part: Image.Image) -> Image.Image:
            return _scaled(part, low, high)
    else:

        def convert(part: Image.Image) -> Image.Image:
            return part.convert("RGB")

    if image.mode == "CMYK":
        notes.append("Its printing colours (CMYK) were turned into red, green and blue.")
    picture = Image.new("RGB", image.size)
    for top in range(0, image.height, _ROWS):
        box = (0, top, image.width, min(top + _ROWS, image.height))
        part = image.crop(box)
        part.info = image.info  # a transparent palette entry is kept there
        picture.paste(convert(part), (0, top))
    return picture


def _on_white(part: Image.Image) -> Image.Image:
    colours = part if part.mode == "RGBA" else part.convert("RGBA")
    white = Image.new("RGB", colours.size, "white")
    white.paste(colours, mask=colours)
    return white


def _range_of(image: Image.Image) -> tuple[float, float]:
    """Return what becomes black and white: the type's range, or what there is."""
    if image.mode.startswith("I;16"):
        return 0, 65535
    values = np.asarray(image)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise ImageError("The picture holds no finite values.")
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 1:
        return 0, 1
    if low >= 0 and high <= 255:
        return 0, 255
    return (0, 65535) if image.mode == "I" and low >= 0 and high <= 65535 else (low, high)


def _scaled(part: Image.Image, low: float, high: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(part, np.float32), nan=low, posinf=high, neginf=low)
    share = (values - low) / max(high - low, 1e-12)
    grey = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


_NO_PICTURES = (
    (b"%PDF", "a PDF document. Save the page you want as a PNG or JPEG picture."),
    (b"PK\x03\x04", "a zip archive or office document. Take the picture out of it first."),
    (b"\x1f\x8b", "a compressed archive. Take the picture out of it first."),
    (b"8BPS", "a Photoshop file. Export it as a PNG or JPEG picture."),
    (b"\x1a\x45\xdf\xa3", "a video. Take a still picture from it."),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture, which is not supported. " + _READABLE),
)


def _explain_unidentified(content: bytes) -> str:
    start = content[:1024]
    for magic, what in _NO_PICTURES:
        if start.startswith(magic):
            return f"This is {what}"
    if start[4:8] == b"ftyp":
        if start[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"):
            return "This is an HEIC picture, which is not supported. Export it as JPEG."
        return "This is a video, or a damaged picture. Take a still picture from it."
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")) or b"<svg" in text:
        return "This is an SVG drawing, not a picture of pixels. Export it as PNG."
    if text.startswith((b"<!doctype html", b"<html")):
        return "This is a web page, not a picture. Save the picture itself."
    try:
        start[:1000].decode("utf-8")
    except UnicodeDecodeError:
        return "This is not a picture that can be opened, or it is damaged. " + _READABLE
    return "This is a text file, not a picture. " + _READABLE
