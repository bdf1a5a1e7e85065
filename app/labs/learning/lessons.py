"""A lesson that goes on in the background of one visitor's session. No Streamlit.

Importing this module does not import torch.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable

from ali5.errors import Ali5Error, Busy
from ali5.labs.learning.beginning import Beginner
from ali5.labs.learning.plan import Plan, Told

from ... import engine
from ...engine.far import far

MOST_SECONDS = 600.0
"""A training pauses after computing so long; it can be started again."""

MOST_EPOCHS = 60
"""It pauses after so many epochs too, or after as many pictures as 60 epochs of drawings have."""

MOST_PICTURES = 120_000

PIECE_S = 0.1
"""So long it learns in another process before it is asked whether to go on."""

PLACE_S = 60.0
"""Where the engine is elsewhere, so long a training waits until there is a place for it."""

ANEW = "Press Reset to begin anew."

CHECK_S = 0.5
"""How often it looks whether the visitor is still there."""

AWAY_S = 1.5
"""A visitor whose connection is gone for so long has left."""

_log = logging.getLogger(__name__)

rounds = engine.Rounds(engine.SPARE_PLACES)
"""So many trainings compute at the same time, all by turns."""


class Run:
    """A lesson, and the thread that goes on with it while it is running.

    It goes on in a process beside the site where there is one, and here until there is; where the
    engine is elsewhere, never here.

    Args:
        plan: What the lesson is begun with.
        folder: Where MNIST's files are; "" for none.
        pupil: Learns; nobody else tells it what to do.
        told: What it tells before the first batch.

    Attributes:
        plan, folder: As given.
        name: Its own.
        latest: The present moment, pickled; while it computes, the last one that was to be seen.
        rate: Learning rate from the next batch on.
        batch: Pictures of the next batch.
        running: Whether it goes on, now or at its next turn.
        said: Why it paused by itself, a sentence; "" if it did not.
    """

    def __init__(self, plan: Plan, folder: str, pupil: Beginner, told: Told) -> None:
        assert told.snapshot is not None
        self.plan, self.folder, self.name = plan, folder, uuid.uuid4().hex
        self.latest: bytes = told.snapshot
        self.rate, self.batch = plan.rate, plan.batch
        self.running = False
        self.said = ""
        self._pupil: Beginner | engine.Away = pupil
        self._told = told
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pace: deque[tuple[float, int]] = deque(maxlen=40)

    @property
    def begun(self) -> bool:
        """Whether it has learned from any picture."""
        return self._told.seen > 0

    @property
    def is_away(self) -> bool:
        """Whether it learns in another process."""
        return isinstance(self._pupil, engine.Away)

    @property
    def pictures_a_second(self) -> float:
        """How fast it has been lately."""
        pace = list(self._pace)
        if len(pace) < 2 or pace[-1][0] == pace[0][0]:
            return 0.0
        return (pace[-1][1] - pace[0][1]) / (pace[-1][0] - pace[0][0])

    @property
    def epoch(self) -> int:
        """Pictures in an epoch."""
        return self._told.epoch

    def start(self, is_here: Callable[[], bool], most_seconds: float = MOST_SECONDS) -> None:
        """Go on in a thread until paused, finished, or the visitor has left.

        Args:
            is_here: Asked now and then whether the visitor is still there; on that thread.
            most_seconds: It pauses after computing so long.
        """
        if self.running:
            return
        self.pause()
        self.running, self.said = True, ""
        self._stop = threading.Event()
        self._pace.clear()
        self._thread = threading.Thread(
            target=self._work,
            args=(self._stop, is_here, most_seconds),
            name="ali5-lesson",
            daemon=True,
        )
        self._thread.start()

    def pause(self) -> None:
        """Stop after the present batches, and wait for that."""
        self._stop.set()
        if self._thread is not None:
            with engine.aside():
                self._thread.join()
            self._thread = None

    def step(self) -> None:
        """Learn from one batch now, and validate."""
        self.said = ""
        try:
            self._do("step", self.rate, self.batch)
        except Ali5Error as error:
            self.said = f"{error} {ANEW}"
            return
        self._check()

    def _do(self, what: str, *given: float) -> None:
        """Have the pupil do something, and keep what it tells."""
        if far() is not None:
            self._leave()
        with engine.aside(), self._lock:
            if isinstance(self._pupil, engine.Away):
                told = self._pupil.call(what, *given)
            else:
                with engine.background_slot():
                    told = getattr(self._pupil, what)(*given)
            if told.snapshot is not None:
                self.latest = told.snapshot
            self._told = told

    def _go_on(self, stop: threading.Event, last_epoch: float) -> None:
        """Learn for a moment: there, or here until it can be sent away."""
        if not self.is_away:
            self._send()
        if self.is_away or far() is not None:
            self._do("learn", self.rate, self.batch, last_epoch, PIECE_S)
            return
        engine.let_pass(stop)
        self._do("learn", self.rate, self.batch)
        time.sleep(max(0.001, 0.05 * self._told.seconds))  # others want to compute, too

    def _send(self) -> None:
        with self._lock:
            if isinstance(self._pupil, Beginner):
                self._pupil = engine.helpers.send(self._pupil) or self._pupil

    def _leave(self) -> None:
        """Send the pupil away, and wait for a place to go to.

        Raises:
            Busy: There is none for too long.
        """
        until = time.monotonic() + PLACE_S
        self._send()
        while not self.is_away:
            if time.monotonic() > until:
                raise Busy("There is no place for a training at the moment.")
            with engine.aside():
                time.sleep(0.1)
            self._send()

    def _work(
        self, stop: threading.Event, is_here: Callable[[], bool], most_seconds: float
    ) -> None:
        engine.step_back()
        presence, failed = Presence(is_here), ""
        try:
            self._learn(stop, presence, most_seconds)
        except Exception as error:  # on this thread, nobody else would say so
            words = engine.says_full(error) or "A batch failed, so the training has stopped."
            failed = f"{error if isinstance(error, Ali5Error) else words} {ANEW}"
            _log.exception("A lesson failed.")
        finally:
            if failed:
                self.said = failed
            elif not presence.lasts():
                self.said = "Paused because the connection to this page was lost. Start goes on."
            self.running = False

    def _learn(self, stop: threading.Event, presence: Presence, most_seconds: float) -> None:
        """Learn batch by batch, whenever it is its turn, until something ends it."""
        computed, last_epoch = 0.0, self._told.epochs + self._epochs_at_once()

        def wants() -> bool:
            return presence.lasts() and not stop.is_set()

        with rounds.place() as place:
            while wants() and place.take(wants):
                self._go_on(stop, last_epoch)
                self._pace.append((time.monotonic(), self._told.seen))
                computed += self._told.seconds
                if self._check():
                    return
                if self._told.epochs >= last_epoch:
                    self.said = f"Paused after {self._epochs_at_once():,} epochs. Start goes on."
                    break
                if computed >= most_seconds:
                    minutes = f"{most_seconds / 60:.0f}"
                    self.said = f"Paused after computing for {minutes} minutes. Start goes on."
                    break
                place.make_way()
        if computed:
            self._do("validate")

    def _epochs_at_once(self) -> int:
        return max(MOST_EPOCHS, MOST_PICTURES // self._told.epoch)

    def _check(self) -> bool:
        """Say so if the loss is not a number any more."""
        if self._told.diverged:
            self.said = (
                "The loss is not a number any more: the steps were too large and the weights grew "
                "without end. Choose a smaller learning rate and press Reset."
            )
        return self._told.diverged


class Presence:
    """Whether the visitor is there; asked often, it looks only now and then."""

    def __init__(
        self, is_here: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_here, self._clock = is_here, clock
        self._looked = self._seen = clock()

    def lasts(self) -> bool:
        """Tell whether the visitor was there lately."""
        now = self._clock()
        if now - self._looked >= CHECK_S:
            self._looked = now
            if self._is_here():
                self._seen = now
        return now - self._seen < AWAY_S


def begin(plan: Plan, folder: str = "") -> Run:
    """Return a run that has learned nothing yet.

    Args:
        plan: What is set.
        folder: Where MNIST's files are; "" for none.

    Raises:
        DataError: MNIST's files are damaged.
    """
    pupil = Beginner(plan, folder)
    if far() is not None:  # it begins once more where it is sent to
        return Run(plan, folder, pupil, engine.work_out(first_told, plan, folder))
    with engine.slot():
        return Run(plan, folder, pupil, pupil.tell())


def first_told(plan: Plan, folder: str) -> Told:
    """Return what a lesson tells before the first batch.

    Raises:
        DataError: MNIST's files are damaged.
    """
    with engine.slot():
        return Beginner(plan, folder).tell()
