"""What can be set about the site: one table, read by the command line and from the environment.

`--allow-host NAME` and `ALI5_ALLOW_HOST=NAME` are the same setting; what stands on the command line
wins. However the site is started, it goes by these.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ali5.errors import Ali5Error

from .guard.names import address_of

DEVICES = ("auto", "cpu", "cuda", "mps")

HERE = "here"
"""Of `engine`: in the site's own process."""

LEAST_MEMORY = 64 * 2**20
"""With less, hardly anything could be kept: not even ResNet-18 as it ships."""

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(frozen=True)
class Settings:
    """How the site is served; each attribute is a row of the table below.

    Attributes:
        host: Name or address to listen on.
        port: From 1 to 65535; None is the first free one from 8501.
        device: Where to compute, one of `DEVICES`.
        engine: Where networks compute: "here", in the site's own process; "ray", in others on this
            machine that are started for it; "auto" or "ray://HOST:PORT", on a cluster of Ray.
        allow_host: Names that the site is reached by besides this computer's own, in lower case.
        cert: File of the certificate for https, "" for http.
        key: File of the certificate's key, "" for http.
        memory: Bytes that all caches together may hold; None is a quarter of the machine's.
        classroom: Whether it is served for a class: listens on the network, and learners share the
            computer by rules.
        teacher_key: Opens the teacher's part of the class's page; "" is a new one at every start.
        visitor_uploads: Bytes of uploads that are kept for one visitor.
        all_uploads: Bytes of uploads that are kept for all visitors together.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    device: str = "auto"
    engine: str = HERE
    allow_host: tuple[str, ...] = ()
    cert: str = ""
    key: str = ""
    memory: int | None = None
    classroom: bool = False
    teacher_key: str = ""
    # A file of own weights and, beside it, the largest archive of pictures.
    visitor_uploads: int = 320 * 2**20
    # Three such visitors at once, or a class of thirty with a dozen photographs of 2 MB each.
    all_uploads: int = 2**30

    @property
    def is_secure(self) -> bool:
        """Whether it is served by https."""
        return bool(self.cert)


@dataclass(frozen=True)
class Row:
    """One setting: how it is called, read and explained.

    Attributes:
        name: Of the attribute of `Settings`; in lower case with `_`.
        read: Makes the value of a text; raises Ali5Error with half a sentence, what it has to be.
        help: For the command line.
        metavar: What stands for the value in the help.
    """

    name: str
    read: Callable[[str], Any]
    help: str
    metavar: str

    @property
    def option(self) -> str:
        """As it is called on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """As it is called in the environment."""
        return f"ALI5_{self.name.upper()}"

    @property
    def is_list(self) -> bool:
        """Whether it can be given more than once; in the environment with commas."""
        return isinstance(getattr(Settings(), self.name), tuple)

    @property
    def is_flag(self) -> bool:
        """Whether the command line takes it without a value."""
        return isinstance(getattr(Settings(), self.name), bool)


def _read_text(text: str) -> str:
    if not text.strip():
        raise Ali5Error("has to say something")
    return text.strip()


def _read_port(text: str) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
    if not 1 <= number <= 65535:
        raise Ali5Error("has to be a whole number from 1 to 65535")
    return number


def _read_device(text: str) -> str:
    if text not in DEVICES:
        raise Ali5Error(f"has to be one of {', '.join(DEVICES)}")
    return text


def _read_engine(text: str) -> str:
    if not re.fullmatch(
        r"here|ray(:[1-9][0-9]?)?|auto|ray://[A-Za-z0-9.:\[\]_-]+:[0-9]{1,5}", text
    ):
        raise Ali5Error("has to be here, ray, ray:3 (processes), auto or ray://HOST:PORT")
    if text != HERE and find_spec("ray") is None:
        raise Ali5Error(
            "needs Ray, which is not installed here: `pip install 'ali5[ray]'`, or, in a clone, "
            "`pip install '.[ray]'`. Until then it can only be here"
        )
    return text


def _read_name(text: str) -> str:
    name = text.strip().lower().rstrip(".")
    address = address_of(name.strip("[]"))
    if address is not None:
        return str(address)
    if not re.fullmatch(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
        raise Ali5Error(
            "has to be a name without http:// and port, such as ali5.example.org, "
            "*.example.org for all below it, or * for any"
        )
    return name


def read_size(text: str) -> int:
    """Read a number of bytes, such as "320M", "1.5 GB" or "800000000"; 1K is 1,024 bytes.

    Raises:
        Ali5Error: It is none; half a sentence that says what it has to be.
    """
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,3})?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.I)
    size = round(float(found[1]) * UNITS[found[2].upper()]) if found else 0
    if size < 1:
        raise Ali5Error("has to be a size such as 320M or 1G")
    return size


def _read_memory(text: str) -> int:
    size = read_size(text)
    if size < LEAST_MEMORY:
        raise Ali5Error(f"has to be at least {LEAST_MEMORY // 2**20}M, or nothing could be kept")
    return size


def _read_flag(text: str) -> bool:
    known = {"1": True, "yes": True, "on": True, "true": True}
    known |= {"0": False, "no": False, "off": False, "false": False}
    if text.strip().lower() not in known:
        raise Ali5Error("has to be yes or no")
    return known[text.strip().lower()]


def _read_key(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", text):
        raise Ali5Error("has to be 8 to 64 letters, digits, - and _")
    return text


TABLE = (
    Row(
        "host",
        _read_text,
        "address to serve on (127.0.0.1; with --classroom 0.0.0.0, which is the whole network)",
        "HOST",
    ),
    Row("port", _read_port, "port to serve on (the first free one from 8501)", "PORT"),
    Row(
        "device",
        _read_device,
        f"where to compute: {', '.join(DEVICES)} (auto: the fastest there is)",
        "DEVICE",
    ),
    Row(
        "engine",
        _read_engine,
        "where networks compute: here; ray, on all cores of this computer; auto or "
        "ray://HOST:PORT, on a cluster (here)",
        "WHERE",
    ),
    Row("allow_host", _read_name, "a further name that the site is reached by; repeatable", "NAME"),
    Row("cert", _read_text, "certificate for https, which cameras need over a network", "FILE"),
    Row("key", _read_text, "the certificate's key", "FILE"),
    Row("memory", _read_memory, "all that is kept takes at most that much (a quarter)", "SIZE"),
    Row(
        "classroom",
        _read_flag,
        "for a class: on the network, without downloads and own weights, and nobody takes all",
        "",
    ),
    Row("teacher_key", _read_key, "the key to the teacher's part (a new one each time)", "KEY"),
    Row("visitor_uploads", read_size, "uploads kept for one visitor (320M)", "SIZE"),
    Row("all_uploads", read_size, "uploads kept for all visitors together (1G)", "SIZE"),
)
"""Everything that can be set. The help of --host and the others goes by their defaults."""


def add_options(parser: argparse.ArgumentParser, only: str = "") -> None:
    """Let a command line take the settings, or one; `settle` reads what it was given.

    What is not given is not there: a command leaves alone what was said before it.
    """
    for row in TABLE:
        if only in ("", row.name):
            action = "append" if row.is_list else "store"
            how: dict[str, Any] = {"action": action, "metavar": row.metavar}
            if row.is_flag:
                how = {"action": "store_const", "const": "yes"}
            words = f"{row.help}; or {row.variable}"
            parser.add_argument(row.option, default=argparse.SUPPRESS, help=words, **how)


def settle(
    given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings: as given, else as the environment says, else the default.

    Args:
        given: Texts by name of the setting, lists of them where it is one; None is not given.
        environ: This process's, if not given.

    Raises:
        Ali5Error: One of them is not possible; the sentence names it, and says what is.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for row in TABLE:
        text, name = (given or {}).get(row.name), row.option
        if text is None:
            text, name = environ.get(row.variable), row.variable
            if not text:
                continue
            text = text.split(",") if row.is_list else text
        parts = text if row.is_list else [text]
        read = tuple(_read(row, name, part) for part in parts)
        values[row.name] = read if row.is_list else read[0]
    if values.get("classroom"):
        values.setdefault("host", "0.0.0.0")
    settings = dataclasses.replace(Settings(), **values)
    if bool(settings.cert) != bool(settings.key):
        raise Ali5Error("For https both are needed: --cert FILE and --key FILE.")
    return settings


def _read(row: Row, name: str, text: Any) -> Any:
    try:
        return row.read(text)
    except Ali5Error as error:
        raise Ali5Error(f"{name} {error}, not '{text}'.") from None
