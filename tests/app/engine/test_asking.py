"""What pages ask about is found once, held while they ask, and let go of when they are done."""

from __future__ import annotations

import pytest
import torch

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.files import write_taught
from ali5.errors import WeightsError
from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Chosen, Picture, Subject, ask, holding, look
from ali5.site.app.engine import asking as asked
from ali5.site.app.engine.budget import BUDGET
from ali5.tracing.trace import Trace
from ali5.tracing.walls import shows_all_filters, shows_colour_kernels

LENET = Chosen("lenet5", "compact", "bundled")


def subject(chosen: Chosen = LENET, sample: str = "digit-3") -> Subject:
    image = open_sample(sample)
    return Subject(chosen, Picture(sample, image, digest_of(image), sample))


def logits(trace: Trace) -> list[float]:
    return [float(each) for each in trace.steps[-2].output[0]]


@pytest.mark.parametrize(("name", "sample"), [("lenet5", "digit-3"), ("googlenet", "cat")])
def test_a_page_knows_of_a_trace_what_is_not_its_values(name: str, sample: str) -> None:
    trace = ali5.trace(ali5.load(name, device="cpu"), open_sample(sample))
    passage = look(subject(Chosen(name, "compact", "bundled"), sample))
    assert [step.name for step in passage.steps] == [step.name for step in trace.steps]
    for step, facts in zip(trace.steps, passage.steps, strict=True):
        assert facts is passage[step.name]
        for what in ("operation", "inputs", "shape", "parameters", "multiply_adds"):
            assert getattr(facts, what) == getattr(step, what)
        assert facts.sees == step.receptive_field.size
        assert facts.is_vector == (step.output.ndim == 2)
        assert facts.shows_all_filters == shows_all_filters(step)
        assert facts.has_colour_kernels == shows_colour_kernels(step)
    for what in ("labels", "weights", "card", "readable", "own", "trained", "edition"):
        assert getattr(passage.network, what) == getattr(trace.network, what)
    with pytest.raises(ali5.UnknownName, match="There is no step"):
        passage[trace.steps[1].name + "x"]


def test_a_request_is_answered_from_the_trace() -> None:
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), open_sample("digit-3"))
    assert ask(logits, look(subject())) == pytest.approx(logits(trace), rel=1e-5)


def test_what_a_run_asks_about_is_found_once_also_where_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    BUDGET.shrink(0)
    found: list[Subject] = []
    traced = asked.traced

    def counting(built: object, weights: str, picture: Picture, progress: object) -> Trace:
        found.append(subject())
        trace = traced(built, weights, picture, progress)  # type: ignore[arg-type]
        BUDGET.shrink(0)  # others need the room
        return trace

    monkeypatch.setattr(asked, "traced", counting)
    with holding():
        passage = look(subject())
        with holding():  # a part of the page
            ask(logits, passage)
        ask(logits, passage)
        assert len(found) == 1
    assert not asked._held.traces
    ask(logits, passage)
    assert len(found) == 2
    assert not asked._held.traces, "outside a run nothing is held"


def test_a_head_is_put_together_from_its_file() -> None:
    backbone = ali5.load("lenet5", "colour", device="cpu")
    taught = ali5.teach(backbone, example_groups("shapes"))
    content = write_taught(taught)
    chosen = Chosen(
        "lenet5", "colour", taught.digest, content, Chosen("lenet5", "colour", "bundled")
    )
    passage = look(subject(chosen, "cat"))
    assert passage.network.labels == taught.head.labels
    trace = ali5.trace(taught.network, open_sample("cat"))
    assert torch.equal(torch.tensor(ask(logits, passage)), trace.steps[-2].output[0].float())


def test_weights_that_were_a_visitors_are_missed_with_a_sentence() -> None:
    with pytest.raises(WeightsError, match="was yours and is not kept any more"):
        look(subject(Chosen("lenet5", "compact", "0" * 32)))
