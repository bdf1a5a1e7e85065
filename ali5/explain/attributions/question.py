"""What every attribution method is given: the scores, the picture, and turns to compute."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ali5.graph.capture import captured_logits
from ali5.networks.networks import Network

PIXELS_AT_ONCE = 32_768
"""Of pictures that go through a network together: many small ones, or a single large one, so that
a pass is short and a visitor who has gone on need not be waited for."""

Progress = Callable[[int, int], None]
Turn = Callable[[], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True, eq=False)
class Found:
    """What a method answers.

    Attributes:
        cells: [H, W], one value for each pixel; or [h, w], the places of a step's maps.
        start: For methods that go from black to the picture, the logit of black; else None.
    """

    cells: Tensor
    start: float | None = None


@dataclass(eq=False)
class Question:
    """One question to a network; lives for one call of a method.

    Attributes:
        network: It is only read.
        scores: Gives logits [N, classes] for a batch [N, C, H, W]; private to this question where
            the network's forward pass is known as a graph.
        image: The prepared picture, [1, C, H, W], on the network's device; nobody else's.
        target: Number of the class.
        step: Whose maps are looked at, for methods that look at some.
        progress: Called before each pass with its number and the count of all.
        turn: Entered around each pass.
    """

    network: Network
    scores: nn.Module
    image: Tensor
    target: int
    step: str
    progress: Progress
    turn: Turn
    _passes: int = field(default=0, init=False)

    @property
    def at_once(self) -> int:
        """How many pictures should go through the network together.

        A module of the user's own is asked about one at a time: it may be made for one only.
        """
        if self.network.own:
            return 1
        height, width = self.image.shape[2:]
        return max(1, PIXELS_AT_ONCE // (height * width))

    @contextlib.contextmanager
    def one_pass(self, count: int = 1) -> Iterator[None]:
        """Take a turn for one pass of `count` through the network."""
        with self.turn():
            self.progress(min(self._passes, count - 1), count)
            self._passes += 1
            yield


class Scores(nn.Module):
    """A module without a graph: what it does in place, it does to a copy.

    Its logits are what goes into a softmax at its end, if it has one.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._asked = (module,)  # not as an attribute: the module is no part of this one

    def forward(self, image: Tensor) -> Tensor:
        """Run one prepared picture, [1, C, H, W]."""
        return captured_logits(self._asked[0], image.clone(), gradients=True)


@contextlib.contextmanager
def gradients_allowed() -> Iterator[None]:
    """Compute with gradients, whatever the caller has switched off."""
    with torch.inference_mode(False), torch.enable_grad():
        yield
