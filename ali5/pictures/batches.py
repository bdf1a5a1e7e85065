"""Many pictures at once: files and zip archives as a list of members. No torch.

An archive is read in memory only: nothing is written to disk, so no name in it can lead anywhere,
and nothing is unpacked before it is asked for.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from PIL import Image

from ali5.errors import ImageError
from ali5.pictures.images import MAX_BYTES, open_image

MAX_PICTURES = 200
"""Pictures of one batch; what comes after them is refused."""

MAX_LISTED = 5_000
"""Files that an archive may list at all."""

MAX_UNPACKED_BYTES = 2**30
"""What all members of an archive may come to when they are unpacked, in bytes."""

Source = str | Path | bytes | IO[bytes]

_LISTED = b"PK\x01\x02"
"""Begins each line of an archive's table of contents."""

_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_LOCKED = 0x1
"""Flag of a member that needs a password."""

_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")

_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What operating systems put into archives beside the pictures."""

_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\x00")


@dataclass(frozen=True)
class Member:
    """One file of a batch; it is opened when it is asked for.

    Attributes:
        name: As it was given; inside an archive, the path there. Not to be trusted.
        source: The file or the archive it is in; None if it is refused anyway.
        entry: Its line in the archive's table of contents; None for a file of its own.
        refusal: Why it cannot be opened, one sentence; "" if it may be.
        archive: With its table of contents read, for all of its members; None for one on disk,
            which is opened for each and stays free to be moved or removed.
    """

    name: str
    source: Source | None
    entry: zipfile.ZipInfo | None = None
    refusal: str = ""
    archive: zipfile.ZipFile | None = field(default=None, compare=False, repr=False)

    def open(self) -> Image.Image:
        """Open the picture as `ali5.open_image` does, within the same limits.

        Raises:
            ImageError: It is no picture that can be opened; says why in one sentence.
        """
        if self.refusal or self.source is None:
            raise ImageError(self.refusal)
        if self.entry is None:
            if isinstance(self.source, io.IOBase):
                self.source.seek(0)
            return open_image(self.source)
        return open_image(_unpack(self.source, self.entry, self.archive))


def read_batch(files: Iterable[tuple[str, Source]]) -> tuple[Member, ...]:
    """List the pictures of many files, zip archives among them, by name.

    Folders in archives are looked through. What operating systems put beside pictures is left out
    silently; every other file that is no picture becomes a member with a refusal, now or when it is
    opened.

    Args:
        files: Name and content of each: a path, the bytes, or an open binary file, which must stay
            open until its members were opened.

    Returns:
        In the order of their names, where 2 comes before 10. After the first 200 that may be
        opened, all are refused.
    """
    found: list[Member] = []
    for name, source in files:
        found += _members(name, source) if _is_archive(source) else [Member(name, source)]
    return tuple(_limited(sorted(found, key=lambda member: _sort_key(member.name))))


def in_folders(members: Iterable[Member]) -> dict[str, tuple[Member, ...]]:
    """Sort the members of an archive by their folders, in the order of their names.

    A folder that all of them are in does not count if there are folders in it. Of other folders
    within folders, the outer one does.

    Returns:
        By the name of the folder; "" for those in none.
    """
    members = tuple(members)
    ways = [re.split(r"[/\\]", member.name)[:-1] for member in members]
    shared = 0
    while len({tuple(way[: shared + 1]) for way in ways}) == 1 and max(map(len, ways)) > shared + 1:
        shared += 1
    found: dict[str, tuple[Member, ...]] = {}
    for way, member in zip(ways, members, strict=True):
        name = way[shared] if len(way) > shared else ""
        found[name] = (*found.get(name, ()), member)
    return found


def _sort_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.split(r"(\d{1,18})", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _limited(members: Sequence[Member]) -> Iterator[Member]:
    taken = 0
    for member in members:
        taken += not member.refusal
        if taken > MAX_PICTURES and not member.refusal:
            words = f"A batch has at most {MAX_PICTURES} pictures; this one comes after them."
            yield replace(member, source=None, refusal=words)
        else:
            yield member


def _is_archive(source: Source) -> bool:
    """Tell whether a file begins as a zip archive does; an empty one begins with its end."""
    return _start(source) in (b"PK\x03\x04", b"PK\x05\x06")


def _start(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source[:4]
    try:
        if isinstance(source, str | Path):
            with Path(source).open("rb") as file:
                return file.read(4)
        source.seek(0)
        return source.read(4)
    except (OSError, ValueError):  # `Member.open` will say so
        return b""


def _members(name: str, source: Source) -> list[Member]:
    """Look through an archive, without unpacking anything."""
    if count_listed(source) > MAX_LISTED:
        words = f"The archive lists more than {MAX_LISTED:,} files. Take out the pictures you want."
        return [Member(name, None, refusal=words)]
    try:
        archive = _archive(source)
        entries = archive.infolist()
        on_disk = isinstance(source, str | Path)
        if on_disk:
            archive.close()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        words = "The archive is damaged or cut short. Pack it again."
        return [Member(name, None, refusal=words)]
    members, seen, unpacked = [], set(), 0
    for entry in entries:
        if entry.is_dir() or _JUNK.search(entry.filename):
            continue
        refusal = _refuse(entry)
        if not refusal and entry.filename in seen:
            refusal = "The archive holds another file of the same name; that one is taken."
        if not refusal and unpacked + entry.file_size > MAX_UNPACKED_BYTES:
            refusal = (
                f"Unpacked, the archive has more than {MAX_UNPACKED_BYTES // 2**30} GB; this file "
                "comes after them."
            )
        if not refusal:
            seen.add(entry.filename)
            unpacked += entry.file_size
        found = Member(entry.filename, None, refusal=refusal)
        members.append(
            found
            if refusal
            else Member(entry.filename, source, entry, archive=None if on_disk else archive)
        )
    if not members:
        return [Member(name, None, refusal="There are no files in this archive.")]
    return members


def _refuse(entry: zipfile.ZipInfo) -> str:
    """Say why a member of an archive is not unpacked, from what the table of contents tells."""
    if _OUTSIDE.search(entry.orig_filename):
        return "Its name leads out of the archive, which no picture needs."
    if entry.flag_bits & _LOCKED:
        return "It is locked with a password. Pack it again without one."
    if entry.filename.lower().endswith(_ARCHIVES):
        return "An archive within an archive is not opened. Take the pictures out of it first."
    if entry.compress_type not in _STORED:
        return "It is packed in an unusual way. Pack it again as a plain zip archive."
    if entry.file_size > MAX_BYTES:
        return (
            f"It has {entry.file_size / 2**20:,.0f} MB unpacked; at most {MAX_BYTES // 2**20} MB "
            "can be opened. Save it smaller."
        )
    return ""


def _unpack(source: Source, entry: zipfile.ZipInfo, opened: zipfile.ZipFile | None) -> bytes:
    try:
        with contextlib.ExitStack() as stack:
            archive = opened or stack.enter_context(_archive(source))
            file = stack.enter_context(archive.open(entry))
            content = file.read(MAX_BYTES + 1)  # never more, whatever the table of contents says
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise ImageError("It is damaged inside the archive. Pack it again.") from error
    if content[:4] == b"PK\x03\x04":
        raise ImageError(
            "An archive within an archive is not opened. Take the pictures out of it first."
        )
    return content


def _archive(source: Source) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)


def count_listed(source: Source) -> int:
    """Count the lines of an archive's table of contents before Python makes an object of each."""
    if isinstance(source, bytes):
        return source.count(_LISTED)
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return count_listed(file)
    source.seek(0)
    count, tail = 0, b""
    while piece := source.read(2**20):
        count += (tail + piece).count(_LISTED)
        tail = piece[-(len(_LISTED) - 1) :]
    return count
