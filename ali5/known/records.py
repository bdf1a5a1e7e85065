"""The frozen records of the catalog: what there is to say about a network. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Literal, Protocol

from ali5.errors import UnknownName

EditionName = Literal["compact", "paper", "torchvision", "colour", "own"]

WEIGHT_KINDS = ("bundled", "published", "untrained")
"""The kinds of weights that everybody has or can get: those that ship with ALI5, those that others
have published, random ones."""

TAUGHT = "taught"
"""The kind of weights of a network with a taught head."""


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the tensor that a network wants.

    Attributes:
        size: Edge of the square input, in pixels.
        resize: The shorter edge is resized to this many pixels, then the centre is cut out.
        mean: Subtracted from each channel (of values in 0..1); its length is the channel count.
        std: Each channel is then divided by this.
        border: Black pixels put around the resized picture on each side.
        light_on_dark: Invert pictures that are dark on a light ground, as MNIST is light on dark.
    """

    size: int
    resize: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    border: int = 0
    light_on_dark: bool = False

    @property
    def channels(self) -> int:
        """1 for grey pictures, 3 for red, green and blue."""
        return len(self.mean)


class Remote(Protocol):
    """A file on the web whose content is known."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def mebibytes(self) -> float:
        """Its size, in units of 2^20 bytes."""
        ...

    @property
    def file(self) -> str:
        """Its name on this computer; may begin with a folder."""
        ...

    @property
    def sha256_start(self) -> str:
        """The first digits of its checksum, or all of them."""
        ...


@dataclass(frozen=True)
class DataFile:
    """A file of pictures that others have published on the web, as `Remote` describes it."""

    url: str
    mebibytes: float
    file: str
    sha256_start: str


@dataclass(frozen=True)
class Published:
    """Weights that others have published on the web.

    Attributes:
        url: Where. As is usual for PyTorch, the name of the file ends with the first eight digits
            of its SHA-256 checksum.
        mebibytes: Size of the file, in units of 2^20 bytes.
        top1: Share of ImageNet's validation pictures whose class is the most likely one, 0..1, as
            its publisher states.
        top5: The same for the five most likely ones.
    """

    url: str
    mebibytes: float
    top1: float
    top5: float

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.url.rpartition("/")[2]

    @property
    def sha256_start(self) -> str:
        """The first digits of its checksum."""
        return self.file.rpartition(".")[0].rpartition("-")[2]


@dataclass(frozen=True)
class Departure:
    """Something in which an edition differs from its paper.

    Attributes:
        words: What, one sentence.
        steps: Names of the steps that it concerns, with the wildcards of `fnmatch`; none if it
            concerns the edition as a whole.
    """

    words: str
    steps: tuple[str, ...] = ()

    def concerns(self, step: str) -> bool:
        """Tell whether a step differs by it."""
        return any(fnmatchcase(step, pattern) for pattern in self.steps)


@dataclass(frozen=True)
class Edition:
    """One buildable version of an architecture.

    Attributes:
        name: "compact", "paper", "torchvision" or, for LeNet-5 on photographs, "colour"; "own" for
            a user's module.
        builder: Where the module is built, "module:function" or "module:function:argument".
        preprocessing: What its input must look like.
        labels: Name of the list of classes in `assets/labels`.
        parameters: Weights and biases of the shown path.
        multiply_adds: Multiplications with additions of one forward pass, in convolutions and
            fully connected layers.
        departures: Where it differs from the paper.
        auxiliary_parameters: Parameters of heads that are only used in training.
        published: Weights for it that can be fetched, if there are any.
        batch_norm: Whether a batch normalisation follows its first convolution.
    """

    name: EditionName
    builder: str
    preprocessing: Preprocessing
    labels: str
    parameters: int
    multiply_adds: int
    departures: tuple[Departure, ...] = ()
    auxiliary_parameters: int = 0
    published: Published | None = None
    batch_norm: bool = False


@dataclass(frozen=True)
class Architecture:
    """A published network and the editions of it that can be loaded.

    Attributes:
        id: What `load` takes, for example "vgg16".
        family: What it and those of other depths are called together, for example "VGGNet".
        title: What people call it.
        year: Of publication; None for a user's module.
        authors: In the paper's order.
        paper: Title of the paper.
        link: Its DOI or arXiv address.
        idea: What was new about it, one sentence.
        editions: By name; the first one is what `load` takes when none is named.
    """

    id: str
    family: str
    title: str
    year: int | None
    authors: str
    paper: str
    link: str
    idea: str
    editions: Mapping[str, Edition]

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process, where a read-only view of editions cannot go."""
        others = {each.name: getattr(self, each.name) for each in fields(self)}
        return _made_again, (others | {"editions": dict(self.editions)},)

    @property
    def heading(self) -> str:
        """Its title with the year: "ResNet-18 (2015)"."""
        return self.title if self.year is None else f"{self.title} ({self.year})"

    def edition(self, name: str | None = None) -> Edition:
        """Return the edition of that name, or the first one.

        Raises:
            UnknownName: This architecture has no such edition.
        """
        if name is None:
            return next(iter(self.editions.values()))
        if name not in self.editions:
            raise UnknownName(f"edition of {self.title}", name, self.editions)
        return self.editions[name]


def _made_again(values: dict[str, Any]) -> Architecture:
    return Architecture(**values | {"editions": MappingProxyType(values["editions"])})
