"""The engine on a real Ray of this machine: it answers as the one here, whatever happens to it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ali5.classifying.comparing import Answer
from ali5.errors import Ali5Error, UnknownName
from ali5.explain.attributions.methods import METHODS
from ali5.known.catalog import architecture
from ali5.labs.learning.plan import Told
from ali5.labs.learning.pupil import snapshot_in
from ali5.paths import ASSETS
from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.canvas.sent import prediction_as_sent
from ali5.site.app.choose.choice import Choice
from ali5.site.app.choose.opening import open_weights
from ali5.site.app.classify.compare.batch import said_of
from ali5.site.app.classify.teach.learning import head_from, learned_from, origin_in, seen_in
from ali5.site.app.classify.what_if.answers import carry_out, what_if_of
from ali5.site.app.classify.why.answers import overlay_of
from ali5.site.app.classify.why.question import Question
from ali5.site.app.classify.why.settings import Settings
from ali5.site.app.engine import Chosen, Passage, Picture, Subject, asking, slots
from ali5.site.app.engine.beside import Away, Gone, Host
from ali5.site.app.engine.far import DRIVER, Far, wire
from ali5.site.app.engine.far.line import ASK, LOCAL, EngineAway, Line
from ali5.site.app.explore.deconvolution.sent import pack_stages
from ali5.site.app.explore.wall.measures import rows_of
from ali5.site.app.labs.final_layer.answers import lab_with, lab_without
from ali5.site.app.labs.learning.lessons import first_told
from ali5.site.app.labs.learning.moment import answer_at, inside_at, validations_at
from ali5.site.app.labs.learning.settings import Settings as LessonSettings
from ali5.site.app.labs.learning.settings import plan_of
from ali5.site.app.requests import REQUESTS, name_of
from tests.app.engine.counter import Counter as Counting
from tests.conftest import wait_for
from tests.gpu.functions import numbers_of
from tests.pages import open_page

pytestmark = pytest.mark.cluster

LENET = Chosen("lenet5", "compact", "bundled")
PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    """An engine of two replicas, in processes of this machine."""
    found = Far(Line(LOCAL, DRIVER))
    try:
        assert found.line.wait(PATIENCE_S)
        yield found
    finally:
        found.line.end()


def picture(name: str = "digit-3", digest: str = "") -> Picture:
    return Picture(name, open_sample(name), digest or name, name)


def own(digest: str) -> Picture:
    """A picture of a visitor's."""
    return Picture("own", Image.new("L", (28, 28), 90), digest, "mine")


# --- The same answers ---------------------------------------------------------------------------


@dataclasses.dataclass
class Asked:
    """What a page has asked, and was answered."""

    request: Callable[..., Any]
    about: Passage | Chosen | None
    given: tuple[Any, ...]
    named: dict[str, Any]
    answer: Any


EACH = 2
"""So many of the same request are compared."""

DIGIT = {"network": "lenet5", "picture": "digit-3"}
CODE = {"code": "open"}
OPENINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("explore", DIGIT),
    ("explore", DIGIT | {"step": "C1", "learned": "open", "channels": "open"}),
    ("explore", DIGIT | {"step": "C3", "channel": "3", "at": "2.3", "field": "gradient"}),
    ("explore", DIGIT | {"step": "F6", "channel": "3"}),
    ("pixels", {"picture": "cat"} | CODE),
    ("convolution", {"picture": "cat"} | CODE),
    ("pooling", {"picture": "cat"} | CODE),
    ("stacking", CODE),
    ("final_layer", DIGIT | CODE),
    ("final_layer", DIGIT | {"source": "network"} | CODE),
    ("learning", {"data": "shapes", "questions": "open"} | CODE),
    ("compare", DIGIT),
    ("why", DIGIT | {"compare": "open", "sanity": "open"}),
    ("what_if", DIGIT | {"change": "mute:C1:1", "paint": "r.808080.10.20.30.40"}),
    ("group", DIGIT),
)
"""Pages, and where they are opened: between them they ask for nearly everything."""


def asked_by_pages() -> list[Asked]:
    """What pages ask when they are opened, with what the engine here answers."""
    asked: list[Asked] = []

    def ask(request: Any, about: Any, *given: Any, **named: Any) -> Any:
        found = asking.ask(request, about, *given, **named)
        asked.append(Asked(request, about, given, named, found))
        return found

    def work_out(request: Any, *given: Any, **named: Any) -> Any:
        found = asking.work_out(request, *given, **named)
        asked.append(Asked(request, None, given, named, found))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ask", ask)
        patch.setattr(engine, "work_out", work_out)
        for page, choices in OPENINGS:
            open_page(page, **choices)
    return asked


def asked_besides(asked: list[Asked]) -> Iterator[Asked]:
    """What they ask when something is pressed, or cannot be had.

    Args:
        asked: What they have asked when they were opened, about which pictures and settings.
    """
    what_if, lab, inside = (
        next(each for each in asked if each.request is request)
        for request in (what_if_of, lab_with, inside_at)
    )
    images = [open_sample(f"digit-{number}") for number in range(6)]
    seen = asking.ask(seen_in, LENET, images)
    groups = {"these": seen[:3], "those": seen[3:]}
    head = asking.ask(learned_from, LENET, groups, _unheard).content
    weights = (ASSETS / "weights" / "lenet5-compact.safetensors").read_bytes()
    passage, cat = engine.look(Subject(LENET, picture())), picture("cat")
    deep = engine.look(Subject(VGG, cat))
    assert isinstance(what_if.about, Passage)
    for request, about, given in (
        (seen_in, LENET, (images,)),
        (learned_from, LENET, (groups, _unheard)),
        (head_from, LENET, (head,)),
        (origin_in, None, (head,)),
        (said_of, LENET, (images,)),
        (open_weights, None, (weights, "mine.safetensors", "lenet5", "compact", "its-digest")),
        (prediction_as_sent, passage, ()),
        (pack_stages, deep, (deep.steps[4].name, 3, None, None, cat.image, "glow")),
        (carry_out, what_if.about, (*what_if.given[:3], _unheard)),
        (lab_without, None, (*lab.given[:2], lab.given[3], "It cannot be had.", lab.given[4])),
        (answer_at, None, (*inside.given[:2], Image.new("L", (28, 28), 200))),
        (validations_at, None, inside.given[:2]),
        (first_told, None, (plan_of(LessonSettings()), "")),
    ):
        ask: Any = (
            partial(asking.work_out, request)
            if about is None
            else partial(asking.ask, request, about)
        )
        yield Asked(request, about, given, {}, ask(*given))


def _unheard(*told: object) -> None:
    """Hear of progress."""


def test_all_requests_are_answered_alike(far: Far) -> None:
    asked = asked_by_pages()
    compared: Counter[str] = Counter()
    for each in [*asked, *asked_besides(asked)]:
        name = name_of(each.request)
        if compared[name] == EACH:
            continue
        compared[name] += 1
        about = each.about.subject if isinstance(each.about, Passage) else each.about
        given = tuple(_unheard if callable(one) else one for one in each.given)
        found = far.ask(each.request, about, given, each.named)
        assert_alike(found, each.answer, name)
    assert compared.keys() == REQUESTS.keys()


TIMES = re.compile(rb'"time":[^,}]+|[\d.e-]+ ms that this one run|(?<=\}) +')
"""How long it took is another time each time, and fills up the header with more or less."""


def weights_in(told: Told) -> list[Any]:
    assert told.snapshot is not None
    return [each.numpy() for each in snapshot_in(told.snapshot).network.state_dict().values()]


def assert_alike(found: Any, expected: Any, name: str) -> None:
    assert type(found) is type(expected), name
    if isinstance(found, Answer):
        found, expected = (dataclasses.replace(each, seconds=0.0) for each in (found, expected))
    if isinstance(found, Told):  # its snapshot is pickled, of which no two are the same
        for one, other in zip(*map(weights_in, (found, expected)), strict=True):
            np.testing.assert_array_equal(one, other, name)
        found, expected = (each._replace(seconds=0.0, snapshot=None) for each in (found, expected))
    for one, other in zip(numbers_of(found), numbers_of(expected), strict=True):
        if one.dtype.kind == "S":  # its first four bytes say how long its header is
            assert TIMES.sub(b"", one.tobytes()[4:]) == TIMES.sub(b"", other.tobytes()[4:]), name
        else:
            np.testing.assert_array_equal(one, other, name)


def test_a_passage_is_told_alike(far: Far) -> None:
    subject = Subject(VGG, picture("cat", "not seen before"))
    steps: list[tuple[int, int]] = []
    found, expected = far.look(subject, lambda *step: steps.append(step)), engine.look(subject)
    assert (found.name, found.steps, found.notes) == (expected.name, expected.steps, expected.notes)
    assert_alike(found.network, expected.network, "network")
    assert steps, "it tells how far it is"


def test_what_is_refused_there_is_refused_here(far: Far) -> None:
    subject = Subject(LENET, picture())
    with pytest.raises(UnknownName) as here:
        engine.ask(rows_of, engine.look(subject), "C2")
    with pytest.raises(Ali5Error) as there:
        far.ask(rows_of, subject, ("C2",), {})
    assert str(there.value) == str(here.value)


# --- What is forgotten, stopped and kept --------------------------------------------------------


def misses(far: Far, subject: Subject) -> bool:
    """Whether the replica that has answered about a picture does not know it any more."""
    route = far.route_of(subject, ())
    letter = wire.write(("ask", name_of(rows_of), subject, ("C1",), {}))
    asked = (route, letter.words, tuple(letter.parts), {}, False)
    reply: wire.Reply = wire.unpickled(far.line.call(ASK, asked, lambda: None))
    assert reply.kind in ("fine", "missing")
    return reply.kind == "missing"


def test_what_no_visitor_holds_is_forgotten(far: Far) -> None:
    mine, others = (Subject(LENET, own(digest)) for digest in ("mine", "another's"))
    far.line.hold(frozenset({"mine", "another's"}))
    for each in (mine, others):
        far.ask(rows_of, each, ("C1",), {})
        assert not misses(far, each)
    far.line.hold(frozenset({"another's"}))
    wait_for(lambda: misses(far, mine))
    assert not misses(far, others)
    far.ask(rows_of, mine, ("C1",), {})  # it is sent again, and nobody notices
    far.line.hold(frozenset())
    wait_for(lambda: misses(far, others))


VGG = Chosen("vgg11", "compact", "bundled")


LONG = Chosen("resnet18", "paper", "untrained")
"""What takes minutes to look at a picture that is covered here and there."""


def occlusion(digest: str, chosen: Chosen = VGG) -> tuple[Subject, tuple[Any, ...]]:
    """Something that takes a while."""
    known = architecture(chosen.name)
    seen = picture("cat", digest)
    choice = Choice(known, known.edition(chosen.edition), chosen.weights)
    question = Question(choice, seen, 3, METHODS["occlusion"], None)
    return Subject(chosen, seen), (question, Settings(), "grey")


class Enough(Exception):
    """The visitor has gone on."""


def test_who_goes_on_ends_what_they_asked_for(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    about, given = occlusion("given up", LONG)

    def tell(share: float, words: str) -> None:
        raise Enough

    with pytest.raises(Enough):
        far.ask(overlay_of, about, (*given, tell), {})
    wait_for(lambda: at_work(far, about) == 0)

    def stop() -> None:
        raise Enough

    monkeypatch.setattr(slots, "_yield_point", stop)
    with pytest.raises(Enough):  # also while nothing is told
        far.ask(overlay_of, about, (*given, _unheard), {})
    monkeypatch.undo()
    wait_for(lambda: at_work(far, about) == 0)


def at_work(far: Far, about: Subject) -> int:
    """How many requests a replica works on, that of a picture."""
    found: int = far._call(far.route_of(about, ()), ("at work", "", None, (), {}))
    return found


def test_who_waits_is_told_their_place(far: Far) -> None:
    told: list[tuple[int, Any]] = []
    enough = threading.Event()
    route = far.route_of(occlusion("first in line", LONG)[0], ())

    def go_on() -> None:
        if enough.is_set():
            raise Enough

    def ask(digest: str) -> None:
        about, given = occlusion(digest, LONG)
        letter = wire.write(("ask", name_of(overlay_of), about, (*given, _unheard), {}))
        call = (route, letter.words, tuple(letter.parts), letter.some(letter.parts), True)
        with pytest.raises(Enough):
            far.line.call(ASK, call, go_on, lambda words: told.append(wire.unpickled(words)))

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, f"{word} in line") for word in ("first", "second", "third")]
        try:
            wait_for(lambda: (wire.PLACE, (1,)) in told)
        finally:
            enough.set()
        for each in asked:
            each.result(PATIENCE_S)


def test_a_lesson_lives_in_a_process_of_its_site(far: Far) -> None:
    host = Host(far.line)
    host.ask(10**6, "", (Counting(5),))
    there = Away(host, 10**6)
    assert there.call("add", 2) == 7
    assert there.call("add", 1) == 8
    with pytest.raises(Ali5Error, match="no more"):
        there.call("refuse", "no more")
    host.let_go(10**6)
    host.ask(10**6 + 1, "", (Counting(0),))
    with pytest.raises(KeyError):
        host.ask(10**6, "add", (1,))


# --- What happens to it -------------------------------------------------------------------------


def processes_of(far: Far) -> dict[int, str]:
    """All processes of the engine, by number, as they are called."""
    assert far.line._process is not None
    said = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in said.splitlines()]
    found, mine = {}, {far.line._process.pid}
    for _ in range(5):  # generations
        for pid, parent, *words in rows:
            if int(parent) in mine or int(pid) in mine:
                mine.add(int(pid))
                found[int(pid)] = " ".join(words)
    return found


def replicas_of(far: Far) -> list[int]:
    return [pid for pid, words in processes_of(far).items() if "ServeReplica" in words]


def test_it_listens_to_this_machine_alone(far: Far) -> None:
    """Of Linux, where /proc tells who listens, and where."""
    opened = set()
    for pid in processes_of(far):
        with contextlib.suppress(OSError):
            for each in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    opened.add(str(each.readlink()))
    tables = [Path("/proc/net", each).read_text().splitlines()[1:] for each in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened]
    assert len(listening) > 5
    loopback = ("0100007F:", "0000000000000000FFFF00000100007F:", "0" * 24 + "01000000:")
    assert not [each for each in listening if not each.startswith(loopback)]


def test_nobody_notices_that_replicas_are_killed(far: Far) -> None:
    about, given = occlusion("killed")
    expected = asking.ask(overlay_of, about, *given, _unheard)
    begun = threading.Event()

    def tell(share: float, words: str) -> None:
        begun.set()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(far.ask, overlay_of, about, (*given, tell), {})
        assert begun.wait(PATIENCE_S)
        killed = replicas_of(far)
        assert killed
        for each in killed:
            os.kill(each, signal.SIGKILL)
        assert_alike(answer.result(PATIENCE_S), expected, "overlay_of")
    wait_for(lambda: set(replicas_of(far)) - set(killed))


def test_it_goes_away_and_comes_back(far: Far) -> None:
    subject = Subject(LENET, picture())
    before = far.ask(rows_of, subject, ("C1",), {})
    assert far.line._process is not None
    host = Host(far.line)
    host.ask(10**7, "", (Counting(0),))
    far.line._process.kill()
    wait_for(lambda: not far.line.is_there)
    began = time.monotonic()
    with pytest.raises(EngineAway, match="cannot be reached at the moment"):
        far.ask(rows_of, subject, ("C1",), {})
    with pytest.raises(EngineAway):
        far.line.wait(PATIENCE_S)
    with pytest.raises(Gone):
        host.ask(10**7, "add", (1,))
    assert time.monotonic() - began < 1, "nobody waits for it"
    until = time.monotonic() + PATIENCE_S
    while not far.line.is_there and time.monotonic() < until:
        time.sleep(0.2)
    assert far.ask(rows_of, subject, ("C1",), {}) == before
