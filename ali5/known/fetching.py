"""Fetch published weights and data on demand, to where PyTorch keeps its own. No torch."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from ali5.errors import DownloadError
from ali5.known.catalog import architecture
from ali5.known.records import Remote

PATIENCE_S = 20
"""A connection that gives nothing for so long is given up."""

ATTEMPTS = 4
"""How often a cut connection is taken up again where it ended."""

_CHUNK = 256 * 1024


class Arrival(NamedTuple):
    """How far a download is: bytes that are there, bytes of all (0 if not known), seconds left."""

    done: int
    total: int
    seconds_left: float | None


class Cancelled(Exception):
    """The download was cancelled; what has come so far is kept for the next time."""


def checkpoint_folder() -> Path:
    """Return the folder of PyTorch's downloaded checkpoints, as `torch.hub` finds it."""
    home = os.environ.get("TORCH_HOME")
    if not home:
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        home = str(Path(cache) / "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def place_in_words(name: str = "") -> str:
    """Say where downloads are kept, or one of them, in words that fit any computer.

    Visitors of a site that somebody else runs read them, too: they name nobody's home.
    """
    home = "~/.cache/torch"
    if os.environ.get("TORCH_HOME"):
        home = "$TORCH_HOME"
    elif os.environ.get("XDG_CACHE_HOME"):
        home = "$XDG_CACHE_HOME/torch"
    return "/".join([home, "hub", "checkpoints", *([name] if name else [])])


def fetched(published: Remote) -> Path | None:
    """Return a published file if it is there already."""
    path = checkpoint_folder() / published.file
    return path if path.is_file() else None


def download(
    name: str,
    progress: Callable[[Arrival], None] = lambda progress: None,
) -> Path:
    """Fetch the ImageNet weights of a network's torchvision edition; return their file.

    They go where PyTorch keeps its own downloads, and `load(name, "torchvision")` takes them.

    Args:
        name: Id of the network, for example "resnet18".
        progress: Called after every piece.

    Raises:
        UnknownName: There is no such network.
        DownloadError: Nobody publishes such weights, or they cannot be had now.
    """
    known = architecture(name)
    for edition in known.editions.values():
        if edition.published is not None:
            return fetch(edition.published, progress)
    raise DownloadError(
        f"Nobody has published ImageNet weights of {known.title} that could be downloaded."
    )


def fetch(
    published: Remote,
    progress: Callable[[Arrival], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    patience_s: float = PATIENCE_S,
    pause_s: float = 1.0,
) -> Path:
    """Fetch published weights or data, unless they are there; return their file.

    What has come before a cut or a cancellation is kept, and the next try goes on from there. The
    file appears under its name only when it is whole and its checksum is right.

    Args:
        published: What to fetch.
        progress: Called after every piece.
        cancelled: Asked before every piece whether to stop.
        patience_s: A connection that gives nothing for so long is given up.
        pause_s: Wait before the first new attempt after a cut; doubled for each further one.

    Raises:
        DownloadError: There is no connection, the server refuses, the disk is full, somebody else
            is fetching the same file, or what came is not what its publisher describes.
        Cancelled: `cancelled` said so.
    """
    target = checkpoint_folder() / published.file
    if target.is_file():
        return target
    part = target.with_name(target.name + ".part")
    place = place_in_words(published.file)
    by_hand = f"You can also fetch {published.url} on another computer and place it at '{place}'."
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file, _alone(file, published):
            if target.is_file():  # somebody else was quicker
                return target
            for attempt in range(ATTEMPTS):
                try:
                    _go_on(published.url, file, progress, cancelled, patience_s)
                    break
                except (OSError, http.client.HTTPException) as error:
                    if attempt == ATTEMPTS - 1 or not _is_passing(error):
                        raise
                    _wait(pause_s * 2**attempt, cancelled)
            _check(part, published, by_hand)
            part.replace(target)
    except urllib.error.HTTPError as error:
        raise DownloadError(
            f"The server of {published.file} answered {error.code} ({error.reason}). "
            f"Try again later. {by_hand}"
        ) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as e:
        if isinstance(reason := getattr(e, "reason", None), ssl.SSLCertVerificationError):
            raise DownloadError(
                f"{published.file} could not be fetched: what answers as {_host(published.url)} "
                f"shows no valid certificate ({reason.verify_message}). A proxy of your school or "
                "company may stand between: ask for its certificate and name the file in "
                f"SSL_CERT_FILE. {by_hand}"
            ) from e
        raise DownloadError(
            f"{published.file} could not be fetched: there is no connection to "
            f"{_host(published.url)}, or it was cut. What has come is kept; try again when you are "
            f"online. {by_hand}"
        ) from e
    except OSError as error:
        raise DownloadError(
            f"{published.file} could not be written to '{place_in_words()}' "
            f"({error.strerror or error}). Make room there, or set TORCH_HOME to another folder."
        ) from error
    return target


def _go_on(
    url: str,
    file: IO[bytes],
    progress: Callable[[Arrival], None],
    cancelled: Callable[[], bool],
    patience_s: float,
) -> None:
    """Fetch what is missing from `file`, from the start if the server cannot do otherwise."""
    have = file.seek(0, os.SEEK_END)
    request = urllib.request.Request(url, headers={"User-Agent": "ali5"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with _on_the_way():
            answer = urllib.request.urlopen(request, timeout=patience_s)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        # All of it is there, or more than there should be: the checksum will tell.
        if error.headers.get("Content-Range", "").rpartition("/")[2] != str(have):
            file.truncate(0)
            _go_on(url, file, progress, cancelled, patience_s)
        return
    with answer:
        if have and answer.status != http.client.PARTIAL_CONTENT:
            file.truncate(0)
            have = 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length is not None else 0
        began, done = time.monotonic(), have
        while True:
            if cancelled():
                raise Cancelled
            with _on_the_way():
                piece = answer.read1(_CHUNK)
            if not piece:
                break
            file.write(piece)
            done += len(piece)
            pace = (time.monotonic() - began) / (done - have)
            progress(Arrival(done, total, pace * (total - done) if total else None))
        file.flush()
        if done < total:
            raise ConnectionError("the connection was cut")


@contextlib.contextmanager
def _on_the_way() -> Iterator[None]:
    """Tell what goes wrong with a connection from what goes wrong with the disk."""
    try:
        yield
    except (urllib.error.URLError, TimeoutError):
        raise
    except OSError as error:
        raise ConnectionError(str(error)) from error


def _check(part: Path, published: Remote, by_hand: str) -> None:
    """Compare the checksum; what is wrong is thrown away, so that the next try starts anew."""
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(published.sha256_start):
        part.unlink()
        raise DownloadError(
            f"{published.file} is not what its publisher describes: its checksum begins with "
            f"{found[:8]} instead of {published.sha256_start[:8]}. It was thrown away; something "
            f"on the way may have changed it. Try again. {by_hand}"
        )


@contextlib.contextmanager
def _alone(file: IO[bytes], published: Remote) -> Iterator[None]:
    """Keep other processes from writing to the same file; the lock goes with the process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DownloadError(
            f"{published.file} is being fetched by another ALI5 on this computer. Wait for it."
        ) from error
    yield


def _is_passing(error: Exception) -> bool:
    """Tell whether trying again may help: the connection was there, and was cut or stalled."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in (429, 500, 502, 503, 504)
    if isinstance(error, urllib.error.URLError):  # no connection at all, or none in time
        return isinstance(error.reason, TimeoutError | ConnectionResetError)
    return isinstance(error, http.client.HTTPException | TimeoutError | ConnectionError)


def _wait(seconds: float, cancelled: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            raise Cancelled
        time.sleep(min(0.1, seconds))


def _host(url: str) -> str:
    found = re.match(r"\w+://([^/]+)", url)
    return found[1] if found else url
