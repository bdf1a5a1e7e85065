"""The learning lab without a browser: settings, questions, code, and the thread behind it."""

import gzip
import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ali5.known.published import MNIST
from ali5.known.records import DataFile
from ali5.labs.learning.lesson import Batch, Lesson, Plan
from ali5.labs.learning.network import build_network, parameters_of
from ali5.labs.learning.pupil import snapshot_in
from ali5.pictures.drawings import CLASSES, draw_many
from ali5.site.app.labs.learning import in_address, moment, tasks, view
from ali5.site.app.labs.learning import settings as lab
from ali5.site.app.labs.learning.settings import SENT, VIEW_SENT, Settings
from ali5.site.app.words import number_in_words
from ali5.training.mnist import FILES
from tests.ali5.training.conftest import idx
from tests.conftest import wait_for
from tests.pages import heard, open_page, sent_to
from tests.serving import serving

QUICK = Plan(difficulty=0.1, batch=8)


# --- Settings, questions, code ------------------------------------------------------------------

SETTINGS = st.builds(
    Settings,
    data=st.sampled_from(["digits", "shapes"]),
    difficulty=st.integers(0, 100),
    pictures=st.sampled_from(["new", "same"]),
    stages=st.integers(1, 3),
    pooling=st.sampled_from(["average", "max"]),
    activation=st.sampled_from(["tanh", "relu"]),
    optimiser=st.sampled_from(["sgd", "momentum", "adam"]),
    rate=st.sampled_from(lab.RATES),
    batch=st.sampled_from(lab.BATCHES),
    seed=st.integers(1, 99),
    watch=st.integers(0, 9),
    maps=st.integers(1, 3),
    truth=st.integers(-1, 9),
    taken=st.integers(-1, 9),
).map(lab.made_possible)


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
def test_settings_survive_the_way_through_the_address(chosen: Settings) -> None:
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_address.address, "write", lambda **choices: address.update(choices))
        in_address.write_settings(heard(SENT, lab.settings_as_sent(chosen)))
        names = ("watch", "maps", "truth", "taken")
        in_address.write_view(heard(VIEW_SENT, {name: getattr(chosen, name) for name in names}))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(in_address.address.st, "query_params", kept)
        patch.setattr(in_address.address.st, "session_state", {})
        assert in_address.read_settings() == chosen


@settings(max_examples=6, deadline=None)
@given(SETTINGS)
def test_the_code_on_the_page_has_the_loss_of_the_first_batch(chosen: Settings) -> None:
    code = tasks.code_of(chosen)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10
    names: dict = {}
    exec(code, names)
    lesson = Lesson(lab.plan_of(chosen))
    assert names["loss"].item() == lesson.step().loss
    for mine, theirs in zip(
        names["network"].parameters(), lesson.network.parameters(), strict=True
    ):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(),
        Settings(data="shapes", stages=3, optimiser="adam", rate="0.002"),
        Settings(stages=1, rate="5", activation="relu"),
    ],
    ids=str,
)
def test_questions_are_answered_by_training(chosen: Settings) -> None:
    questions = tasks.questions_of(chosen)
    for question in questions:
        assert question.options.count(question.answer) == 1
        assert len(question.options) >= 3
    classes = len(CLASSES[chosen.data])
    assert float(questions[0].answer) == pytest.approx(math.log(classes), abs=0.1)
    plan = lab.plan_of(chosen)
    losses = []
    for factor in (1, 10):
        lesson = Lesson(replace(plan, rate=factor * plan.rate))
        for _ in range(tasks.TRIAL_STEPS):
            lesson.step(batch=tasks.TRIAL_BATCH)
        losses.append(lesson.validate().loss)
    ratio = losses[1] / losses[0]
    if not math.isfinite(ratio) or ratio > 1.05:
        assert questions[1].answer == "higher"
    else:
        assert questions[1].answer == ("lower" if ratio < 1 / 1.05 else "about as high")
    other = {1: 2, 2: 3, 3: 2}[chosen.stages]
    now, then = (parameters_of(build_network(n, classes=classes)) for n in (chosen.stages, other))
    assert int(questions[2].answer.replace("−", "-").replace(",", "")) == then - now


def test_one_batch_is_told_with_its_numbers() -> None:
    lesson = Lesson(Plan(difficulty=0.2))
    for _ in range(3):
        lesson.go_on()
    last = lesson.last
    forward, backward, step = moment.batch_in_words(lesson.snapshot(), last)
    assert "32 pictures (batch 3) went through C1, C3, C5, F6" in forward
    assert f"{last.right} of 32" in forward
    assert f"was {number_in_words(last.loss)} " in backward
    assert "61,706 weights" in backward
    assert number_in_words(last.gradient) in backward
    assert f"moved by {number_in_words(last.move)}:" in step
    product = 0.05 * float(number_in_words(last.gradient))
    assert last.move == pytest.approx(product, rel=1e-3)
    assert f"0.05 × {number_in_words(last.gradient)}" in step
    rows = moment.layer_rows(last)
    assert [row["layer"] for row in rows] == ["C1", "C3", "C5", "F6", "output"]
    assert sum(int(row["weights"].replace(",", "")) for row in rows) == 61_706


def test_a_loss_that_is_no_number_is_told_too() -> None:
    snapshot = Lesson(QUICK).snapshot()
    batch = Batch(1, 8, 0, math.nan, 1.0, Lesson(QUICK).step().layers)
    assert "was no number (it grew without end)" in moment.batch_in_words(snapshot, batch)[1]


def test_curves_are_thinned_to_the_means_of_neighbours() -> None:
    lesson = Lesson(QUICK)
    for _ in range(7):
        lesson.step()
    found = moment.thinned(lesson.training, 3)
    assert [point.seen for point in found] == [24, 48, 56]
    assert found[0].loss == pytest.approx(np.mean([point.loss for point in lesson.training[:3]]))
    assert moment.thinned(lesson.training, 100) == lesson.training


# --- The page -----------------------------------------------------------------------------------


def open_lab(**choices: str) -> AppTest:
    return open_page("learning", **choices)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for at in opened:
        if "lesson" in at.session_state:
            at.session_state["lesson"].pause()
    opened.clear()


opened: list[AppTest] = []


def visit(**choices: str) -> AppTest:
    at = open_lab(**choices)
    opened.append(at)
    return at


def sent(at: AppTest, name: str) -> dict:
    return sent_to(at, name)[0]


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label.endswith(label)).click().run()
    assert not at.exception
    return at


def told(at: AppTest) -> str:
    return at.get("progress")[0].proto.text


def test_the_lab_opens_untrained_and_learns_by_a_step() -> None:
    at = visit(questions="open")
    assert at.title[0].value == "Learning"
    assert told(at) == "Nothing learned yet. An epoch has 2,000 pictures."
    assert len(at.radio) == 3
    assert sent(at, "curves")["charts"][0]["series"]["training"] == []
    press(at, "Step one batch")
    assert "batch 1 · 32 pictures seen" in told(at)
    assert "**Forward:** 32 pictures (batch 1)" in " ".join(each.value for each in at.markdown)
    lesson = Lesson(lab.plan_of(Settings()))
    loss = lesson.step().loss
    charts = sent(at, "curves")["charts"]
    assert charts[0]["series"]["training"] == [[32 / 2000, loss]]
    assert charts[0]["series"]["validation"][-1][1] == lesson.validate().loss
    counts = sent(at, "mistakes")["counts"]
    assert sum(counts) == 500
    assert sum(counts[::11]) / 500 == pytest.approx(lesson.validate().accuracy)
    press(at, "Reset")
    assert "Nothing learned yet" in told(at)


def test_a_button_that_has_the_whole_page_run_has_it_run_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = open_page("learning")
    shown: list[int] = []
    show = view._show
    monkeypatch.setattr(view, "_show", lambda *given: (shown.append(1), show(*given)))
    at.button("step").click().run()
    assert not at.exception
    assert len(shown) == 1


def test_a_training_survives_a_page_switch_with_its_settings() -> None:
    at = visit(data="shapes", difficulty="10", rate="0.1")
    press(at, "Start")
    run = at.session_state["lesson"]
    wait_for(lambda: run.begun)
    at.switch_page("../../pages/pooling.py")
    for name in ("data", "difficulty", "rate"):
        del at.query_params[name]  # as the navigation does
    at.run()
    assert at.title[0].value == "Pooling"
    seen = snapshot_in(run.latest).seen
    wait_for(lambda: snapshot_in(run.latest).seen > seen)
    at.switch_page("../../pages/learning.py").run()
    assert not at.exception
    assert at.session_state["lesson"] is run
    assert sent(at, "training")["settings"]["data"] == "shapes"
    assert run.rate == 0.1
    press(at, "Pause")
    assert not run.running
    assert sent(at, "learning")["classes"] == list(CLASSES["shapes"])


def test_changes_on_the_way_apply_at_once_or_wait_for_a_reset() -> None:
    at = visit()
    press(at, "Step one batch")
    at.query_params["rate"] = "0.5"
    at.query_params["batch"] = "4"
    at.query_params["pooling"] = "max"
    at.run()
    assert "You have changed the pooling" in at.info[0].value
    assert sent(at, "training")["begun"]["pooling"] == "average"
    press(at, "Step one batch")
    last = snapshot_in(at.session_state["lesson"].latest).last
    assert (last.rate, last.count) == (0.5, 4)
    press(at, "Reset")
    assert not at.info
    assert at.session_state["lesson"].plan.pooling == "max"


def test_a_cell_of_the_confusion_matrix_leads_to_its_pictures() -> None:
    at = visit(truth="3", taken="3")
    header = sent(at, "mistakes")
    count = header["counts"][33]
    assert len(header["pictures"]) == min(count, moment.MOST_PICTURES)
    assert all((each["truth"], each["taken"]) == (3, 3) for each in header["pictures"])
    header = sent(visit(), "mistakes")
    assert header["truth"] == -1
    assert all(each["truth"] != each["taken"] for each in header["pictures"])


def test_a_diverged_training_is_shown_without_a_fault() -> None:
    at = visit(activation="relu")
    run = at.session_state["lesson"]
    run.rate = 1e6
    for _ in range(6):
        run.step()
    at.run()
    assert not at.exception
    assert "smaller learning rate" in at.warning[0].value
    assert "no number" in sent(at, "curves")["charts"][0]["title"]


@pytest.mark.parametrize(
    "choices",
    [
        {"data": "cats", "difficulty": "-3", "stages": "9", "rate": "nan", "batch": "0"},
        {"watch": "99", "maps": "3", "truth": "4", "seed": "0", "optimiser": "<b>"},
        {"data": "shapes", "watch": "9", "truth": "9", "taken": "9"},
    ],
)
def test_an_impossible_address_opens_the_lab(choices: dict[str, str]) -> None:
    at = visit(**choices)
    assert "Nothing learned yet" in told(at)


@pytest.fixture
def mnist() -> Iterator[tuple[DataFile, ...]]:
    """MNIST in small on a server on this computer."""
    import hashlib

    contents = {}
    for part, count in (("train", 90), ("test", 40)):
        drawn = draw_many("digits", np.arange(count), 0.2, seed=3)
        images, labels = FILES[part]
        contents[images] = gzip.compress(idx(drawn.images))
        contents[labels] = gzip.compress(idx(drawn.labels.astype(np.uint8)))
    with ExitStack() as servers:
        files = []
        for file in MNIST:
            content = contents[Path(file.file).stem]
            server = servers.enter_context(serving(content))
            files.append(
                DataFile(
                    f"{server.address}/{file.file}",
                    len(content) / 2**20,
                    file.file,
                    hashlib.sha256(content).hexdigest(),
                )
            )
        yield tuple(files)


def test_mnist_is_learned_from_once_it_is_downloaded(
    mnist: tuple[DataFile, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ali5.site.app.labs.learning import mnist as offer

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(offer, "MNIST", mnist)
    monkeypatch.setattr(lab, "MNIST", mnist)
    at = visit(data="mnist")
    assert "not on this computer yet" in at.info[0].value
    assert sent(at, "training")["settings"]["data"] == "mnist"  # another choice is possible
    press(at, "Download MNIST (11 MB)")
    wait_for(lambda: lab.mnist_folder() is not None)
    at.run()
    assert not at.exception
    assert told(at) == "Nothing learned yet. An epoch has 90 pictures."
    press(at, "Step one batch")
    assert sum(sent(at, "mistakes")["counts"]) == 40


def test_without_a_network_a_sentence_says_so_and_a_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ali5.site.app.labs.learning import mnist as offer

    gone = tuple(replace(each, url="http://nowhere.invalid/x") for each in MNIST)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(offer, "MNIST", gone)
    monkeypatch.setattr(lab, "MNIST", gone)
    at = visit()
    press(at, "Step one batch")
    at.query_params["data"] = "mnist"
    at.run()
    press(at, "Download MNIST (11 MB)")
    wait_for(lambda: at.run().error)
    assert "no connection" in at.error[0].value
    assert any(each.label.startswith("Try again") for each in at.button)
    assert "batch 1" in told(at)  # what was learned before is still there
    assert next(each for each in at.button if each.label == "Reset").disabled
