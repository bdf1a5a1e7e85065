"""What is changed, as the address has it: the browser writes and reads it as Python does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import strategies as st

import ali5
from ali5.pictures.edits import RANGES, Edits, Mark, Rectangle, Stroke
from ali5.pictures.samples import open_sample
from ali5.site.app.classify.what_if.in_address import (
    MOST_LETTERS,
    read_changes,
    read_paint,
    write_change,
    write_channels,
    write_paint,
)
from ali5.site.app.classify.what_if.settings import NAMES, Settings, settings_as_sent
from ali5.tracing.interventions import MAX_INTERVENTIONS, Intervention, Kind
from tests.browser.arithmetic.together import Built, Law, Several, for_any, in_browser

CODES, MARKS, EDITS = (f"classify/what_if/{name}.js" for name in ("codes", "marks", "edits"))
READ_RANGES, WRITE_RANGES = in_browser(CODES, "readRanges"), in_browser(CODES, "writeRanges")
READ_MARKS, WRITE_MARKS = in_browser(CODES, "readMarks"), in_browser(CODES, "writeMarks")

CHANNELS = {"relu": 32, "layer2.0.relu": 64, "layer4.1.bn2": 256}
"""Steps of a ResNet-18 and how many channels they have."""

BRANCH = ("layer1.0.bn2", "layer1.0.add")

PERCENT = st.integers(0, 100)
POINTS = st.integers(0, 101**2 - 1).map(lambda place: divmod(place, 101))
COLOUR = st.integers(0, 256**3 - 1).map(lambda code: tuple(code.to_bytes(3)))


def mark_of(points: tuple[tuple[int, int], ...], is_stroke: bool, radius: int, colour: Any) -> Mark:
    if is_stroke:
        return Stroke(points, radius, colour)
    return Rectangle(*points[0], *points[-1], colour)


ANY_MARK = Built(
    mark_of,
    {
        "points": Several(POINTS, 1, 12),
        "is_stroke": st.booleans(),
        "radius": PERCENT,
        "colour": COLOUR,
    },
)
PAINT = Several(ANY_MARK, 0, 6)
RUNS = st.tuples(st.integers(0, 300), st.integers(1, 20))
"""A channel and how many follow it, itself included."""


@pytest.fixture(scope="module")
def trace() -> ali5.Trace:
    network = ali5.load("resnet18", weights="untrained", device="cpu")
    found = ali5.trace(network, open_sample("cat"))
    assert {name: found[name].output.shape[1] for name in CHANNELS} == CHANNELS
    return found


@for_any(runs=Several(RUNS, 1, 6))
def test_channels_are_the_same_ranges(runs: tuple[tuple[int, int], ...]) -> Law:
    channels = {each for first, count in runs for each in range(first, min(first + count, 301))}
    text = write_channels(sorted(channels))
    assert (yield WRITE_RANGES(list(channels))) == text
    assert sorted((yield READ_RANGES(text, 301))) == sorted(channels)
    within = {channel for channel in channels if channel < 100}
    assert set((yield READ_RANGES(text.replace("-", "–"), 100))) == within


def change_of(step: str, kind: Kind, bits: int, apart: int) -> Intervention:
    """A change of some channels of a step, or of a whole branch."""
    if not bits:
        return Intervention(BRANCH[0], "zero" if kind == "keep" else kind, None, BRANCH[1])
    apart = min(apart, CHANNELS[step] // 24)
    channels = tuple(place * apart for place in range(24) if bits >> place & 1)
    return Intervention(step, kind, channels)


CHANGE = Built(
    change_of,
    {
        "step": st.sampled_from([*CHANNELS]),
        "kind": st.sampled_from(get_args(Kind)),
        "bits": st.just(0) | st.integers(1, 2**24 - 1),
        "apart": st.integers(1, 10),
    },
)
CHANGES = Several(CHANGE, 1, 6)
LIMITS = Built(
    dict,
    {
        "changes": st.sampled_from([4, MAX_INTERVENTIONS]),
        "letters": st.sampled_from([60, 150, MOST_LETTERS]),
    },
)


@for_any(changes=CHANGES, limits=LIMITS)
def test_changes_of_the_network_are_the_same_codes(
    trace: ali5.Trace, changes: tuple[Intervention, ...], limits: dict[str, int]
) -> Law:
    text = ""
    done: list[Intervention] = []
    codes = yield [
        in_browser(CODES, "writeChange")(
            change.kind,
            change.step if change.into is None else f"{change.step}>{change.into}",
            None if change.channels is None else list(change.channels),
        )
        for change in changes
    ]
    assert codes == [write_change(change) for change in changes]
    for change, code in zip(changes, codes, strict=True):
        longer = yield in_browser(CODES, "withChange")(text, code, limits)
        fits = [each for each in done if each != change] + [change]
        written = "~".join(write_change(each) for each in fits)
        if len(done) >= limits["changes"] or len(written) > limits["letters"]:
            assert longer is None
        else:
            text, done = longer, fits
    assert read_changes(text, trace) == (tuple(done), ())
    assert (yield in_browser(CODES, "codesOf")(text)) == [write_change(each) for each in done]


@for_any(paint=PAINT)
def test_paint_is_the_same_codes(paint: tuple[Mark, ...]) -> Law:
    text = write_paint(paint)
    marks = yield READ_MARKS(text)
    assert [mark["kind"] for mark in marks] == [
        "r" if isinstance(mark, Rectangle) else "b" for mark in paint
    ]
    written = yield WRITE_MARKS(marks)
    assert written == text
    if len(text) <= MOST_LETTERS:
        assert read_paint(written) == (paint, ())


def inside(mark: Mark) -> bool:
    """Whether a mark lies within the picture with its far corner, as hands draw it."""
    if isinstance(mark, Stroke):
        return mark.radius >= 1
    return mark.left + mark.width <= 100 and mark.top + mark.height <= 100


def brought_inside(mark: Mark) -> Mark:
    if isinstance(mark, Stroke):
        return replace(mark, radius=max(1, mark.radius))
    width, height = min(mark.width, 100 - mark.left), min(mark.height, 100 - mark.top)
    return replace(mark, width=width, height=height)


@for_any(
    mark=ANY_MARK,
    right=st.integers(-150, 150),
    down=st.integers(-150, 150),
    by=st.sampled_from([-2, 2]),
)
def test_a_mark_that_is_moved_or_sized_stays_within_the_picture(
    mark: Mark, right: int, down: int, by: int
) -> Law:
    mark = brought_inside(mark)
    assert inside(mark)
    (given,) = yield READ_MARKS(write_paint([mark]))
    moved = yield in_browser(MARKS, "movedMark")(given, right, down)
    grown = yield in_browser(MARKS, "grownMark")(given, by)
    for each in (moved, grown):
        found, refused = read_paint((yield WRITE_MARKS([each])))
        assert refused == ()
        assert inside(found[0])
    if isinstance(mark, Rectangle):
        assert moved["numbers"][2:] == given["numbers"][2:]


NUMBERS = {
    name: st.integers(0, round((high - low) / step)).map(
        lambda count, low=low, step=step: low + count * step
    )
    for name, (low, high, step) in RANGES.items()
}


@for_any(numbers=Built(dict, NUMBERS), grey=st.booleans(), size=st.integers(8, 300))
def test_what_is_done_to_a_picture_is_the_same(
    numbers: dict[str, float], grey: bool, size: int
) -> Law:
    edits = Edits(**numbers, grey=grey)
    texts = settings_as_sent(Settings("picture", "", "", (), edits, "none", False))
    assert set(texts) >= {NAMES.get(name, name) for name in RANGES}
    found = yield in_browser(EDITS, "changeOf")(texts, size)
    assert found.pop("shuffle") == 0
    change = edits.change(size)
    assert found == pytest.approx({name: getattr(change, name) for name in found}, abs=1e-12)
