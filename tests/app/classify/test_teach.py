"""The page "Teach it yours": the lesson, and the head on the other pages and in a file."""

from __future__ import annotations

import gc
import io
import os
import sys
import weakref
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import ali5
from ali5.classifying.teach import held_out, logistic, teaching
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.files import write_taught
from ali5.known.records import TAUGHT
from ali5.networks.networks import Network
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.choose import heads
from ali5.site.app.classify.teach import cards, view
from ali5.site.app.classify.teach.result import accuracy_in_words, settled
from ali5.site.app.engine import collector
from ali5.site.app.engine.budget import BUDGET
from tests.ali5.classifying.teach.test_files import changed
from tests.app.classify.teach_page import (
    file,
    go,
    head_of,
    names_on,
    press,
    said,
    taught_page,
    upload,
)
from tests.pages import open_page, sent_to

# --- The lesson and its head --------------------------------------------------------------------


def test_the_page_teaches_without_any_picture_of_one_s_own() -> None:
    at = open_page("teach")
    assert names_on(at) == ["hearts", "stars", "arrows"]
    press(at, "Teach these groups to ResNet-18")
    check = head_of(at).check
    assert check.right >= 30
    assert f"**{check.right} of 36 held-out pictures are right.**" in said(at)
    header, _ = sent_to(at, "taught")
    assert header["confusion"] == [list(row) for row in check.confusion]
    assert [bar["share"] for bar in header["bars"]] == [
        *(check.right / 36, check.pixels_right / 36, 12 / 36),
    ]
    mistakes, body = sent_to(at, "sheet")
    assert len(mistakes["items"]) == 36 - check.right
    assert len(body) == len(mistakes["items"]) * 3 * mistakes["edge"] ** 2
    wrong = next(each for each in check.held if not each.right)
    labels = head_of(at).labels
    assert mistakes["items"][0]["classes"][0][0] == labels[wrong.said]
    assert f"belongs to “{labels[wrong.group]}”" in mistakes["items"][0]["name"]


@pytest.mark.parametrize("page", ["explore", "why", "what_if", "compare"])
def test_the_head_is_on_every_page_of_the_session(page: str) -> None:
    at = taught_page()
    name = heads.name_of(head_of(at))
    more = {"ask": "many"} if page == "compare" else {"code": "open", "snapshots": "open"}
    go(at, page, network=name, picture="cat", **more)
    choice = next(each for each in at.selectbox if each.label == "Network")
    assert choice.value == name
    assert "Yours: hearts, stars, arrows (LeNet-5)" in choice.options
    assert not at.error
    if page in ("explore", "why", "what_if"):
        assert "**Taught by you.**" in said(at)
    if page in ("why", "what_if"):
        assert "ali5.load_taught(" in at.code[0].value


def test_one_unit_and_the_last_layer_of_a_head_can_be_explored() -> None:
    at = taught_page()
    name = heads.name_of(head_of(at))
    go(at, "explore", network=name, step="output", channel="1", snapshots="open", about="open")
    assert "the class “stars”" in said(at)
    go(at, "explore", network=name, step="output", snapshots="open")
    assert not at.error


def test_a_head_is_compared_but_has_no_vote() -> None:
    at = go(taught_page(), "compare", picture="cat")
    header, _ = sent_to(at, "compare")
    assert header["columns"][-1]["edition"] == "yours: hearts, stars, arrows"
    assert {each["label"] for each in header["columns"][-1]["classes"]} == {
        *("hearts", "stars", "arrows"),
    }
    assert "hearts" not in said(at)
    right = next(row["cells"][-1] for row in header["facts"] if row["label"] == "Right")
    check = head_of(at).check
    assert right["words"] == f"{check.right} of {check.count}"
    assert not right["best"]


def test_a_link_to_somebody_else_s_head_says_so_and_falls_back() -> None:
    name = heads.name_of(head_of(taught_page()))
    at = open_page("explore", network=name)
    assert "It stays in their session" in said(at)
    assert next(each for each in at.selectbox if each.label == "Network").value == "resnet18"
    at = open_page("teach", head=name)
    assert "taught in another session" in said(at)


def test_two_visitors_do_not_see_each_other() -> None:
    one, other = open_page("teach", groups="own"), open_page("teach", groups="own")
    upload(one, 0, *((f"{n}.png", file(n)) for n in range(3)))
    upload(one, 1, *((f"{n}.png", file(n)) for n in range(3, 6)))
    press(one, "Teach these groups")
    other.run()
    assert "taught-heads" not in other.session_state
    assert "teach-groups" not in other.session_state
    assert "have no pictures" not in said(one)
    assert said(other).count("has no pictures") == 2
    go(other, "explore", network=heads.name_of(head_of(one)))
    assert "It stays in their session" in said(other)


def test_who_comes_back_to_the_page_finds_it_as_it_was() -> None:
    at = taught_page(groups="digits")
    name = heads.name_of(head_of(at))
    go(at, "explore", network=name)
    go(at, "teach")
    assert names_on(at) == ["even digits", "odd digits"]
    assert "LeNet-5 knows “even digits” and “odd digits”" in at.subheader[0].value
    go(at, "explore")
    go(at, "teach", groups="photographs")
    assert len(names_on(at)) == 3
    assert not at.subheader


def test_the_same_groups_always_give_the_same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (held_out, teaching):  # whose fits other tests here have from the first of them
        monkeypatch.setattr(module, "fit", logistic.fit)
    one, other = taught_page(), taught_page()
    assert one.query_params["head"] == other.query_params["head"]


def test_three_heads_are_kept_and_an_older_one_makes_room() -> None:
    at = taught_page()
    for groups in ("digits", "photographs"):
        at.query_params["groups"] = groups
        at.run()
        press(at, "Teach these groups")
    first, *_ = at.session_state["taught-heads"]
    assert len(at.session_state["taught-heads"]) == heads.MOST_KEPT == 3
    at.query_params["backbone"] = "lenet5-compact"
    at.run()
    assert "before you changed the groups or the backbone" in said(at)
    press(at, "Teach these groups")
    assert len(at.session_state["taught-heads"]) == 3
    assert first not in at.session_state["taught-heads"]


def test_a_session_keeps_the_head_and_not_its_network() -> None:
    at = taught_page()
    name = heads.name_of(head_of(at))
    before = bars_of(go(at, "explore", network=name, picture="cat"))
    go(at, "pixels")
    networks = [weakref.ref(each) for each in gc.get_objects() if type(each) is Network]
    assert networks
    BUDGET.shrink(0)
    gc.collect()
    names = [each().weights for each in networks if each() is not None]
    assert TAUGHT not in names
    assert bars_of(go(at, "explore", network=name, picture="cat")) == before


def bars_of(at: AppTest) -> object:
    """What the page shows of the prediction."""
    found = (each.proto for each in at.get("bidi_component"))
    return [each.SerializeToString() for each in found if each.component_name == "ali5_bars"]


def test_another_backbone_can_be_taught_too() -> None:
    at = open_page("teach", backbone="googlenet-compact")
    assert not at.error
    press(at, "Teach these groups to GoogLeNet")
    assert head_of(at).check.count == 36


# --- What is left -------------------------------------------------------------------------------


def test_nothing_of_it_is_left_after_the_session() -> None:
    at = open_page("teach", groups="own", backbone="lenet5-colour")
    for place in (0, 1):
        upload(at, place, *((f"{n}.png", file(50 + 10 * place + n)) for n in range(3)))
    press(at, "Teach these groups")
    head = head_of(at)
    digest = head.digest
    go(at, "explore", network=heads.name_of(head), picture="cat")
    go(at, "why", network=heads.name_of(head), picture="cat", method="saliency")
    held = [
        weakref.ref(each)
        for each in (
            *(head, head.check),
            at.session_state["teach-groups"][0].pictures[0].image,
        )
    ]
    assert engine.is_kept(digest)
    del head, at
    collector.tidy()
    engine.forget_what_is_gone()
    gc.collect()
    assert not engine.is_kept(digest)
    assert [each() for each in held] == [None] * 3


def test_forgetting_takes_everything_away() -> None:
    at = open_page("teach", groups="own", backbone="lenet5-colour")
    for place in (0, 1):
        upload(at, place, *((f"{n}.png", file(70 + 10 * place + n)) for n in range(3)))
    press(at, "Teach these groups")
    press(at, "Forget all")
    assert not at.session_state["taught-heads"]
    assert "teach-groups" not in at.session_state
    assert names_on(at) == ["hearts", "stars", "arrows"]


_written: list[str] | None = None


def _note(event: str, args: tuple[Any, ...]) -> None:
    if _written is None or event != "open":
        return
    path, mode, flags = args
    if "w" in (mode or "") or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
        _written.append(str(path))


def test_nothing_is_written_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.addaudithook(_note)
    at = open_page("teach", groups="own", backbone="lenet5-colour")
    monkeypatch.setattr(sys.modules[__name__], "_written", [])
    for place in (0, 1):
        upload(at, place, *((f"{n}.png", file(90 + 10 * place + n)) for n in range(3)))
    press(at, "Teach these groups")
    assert _written == []


# --- The file -----------------------------------------------------------------------------------


def test_a_head_comes_back_as_a_file_in_another_session() -> None:
    content = head_of(taught_page()).content
    at = open_page("teach", **{"bring-head": "open"})
    at.file_uploader[-1].set_value(("head.safetensors", content, "")).run()
    assert not at.exception
    assert "LeNet-5 knows “hearts”, “stars” and “arrows”" in at.subheader[0].value
    check = head_of(at).check
    assert f"**{check.right} of 36 held-out pictures are right.**" in said(at)
    go(at, "explore", network=heads.name_of(head_of(at)))
    assert "**Taught by you.**" in said(at)


def bring_head(content: bytes) -> AppTest:
    at = open_page("teach", **{"bring-head": "open"})
    at.file_uploader[-1].set_value(("head.safetensors", content, "")).run()
    assert not at.exception
    return at


def test_a_head_never_leads_to_files_of_this_computer(tmp_path: Path) -> None:
    content = head_of(taught_page()).content
    (tmp_path / "there.pth").write_bytes(b"anything")
    for name in ("there.pth", "not there.pth"):
        at = bring_head(changed(content, weights=str(tmp_path / name)))
        assert "taught on a network that is none of the catalog" in at.error[0].value
        assert "there" not in at.error[0].value


@pytest.mark.usefixtures("explored")
def test_a_head_on_a_network_of_one_s_own_comes_back_to_it() -> None:
    torch.manual_seed(3)
    module = nn.Sequential(
        nn.Conv2d(3, 8, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 5)
    )
    network = ali5.wrap(module, size=32)
    content = write_taught(ali5.teach(network, example_groups("shapes")))
    assert "none of the catalog" in bring_head(content).error[0].value
    exploring.show(exploring.Own(network, None, None, "own-7"))
    at = bring_head(content)
    assert not at.error
    assert head_of(at).labels == ("hearts", "stars", "arrows")
    go(at, "explore", network=heads.name_of(head_of(at)), picture="cat")
    assert "**Taught by you.**" in said(at)


def test_a_head_that_is_brought_back_keeps_what_is_known_of_it() -> None:
    at = taught_page(**{"bring-head": "open"})
    before = head_of(at)
    assert before.pictures
    at.file_uploader[-1].set_value(("head.safetensors", before.content, "")).run()
    assert not at.exception
    assert head_of(at) is before


def test_an_archive_has_room_for_as_many_as_can_be_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (view, cards):
        monkeypatch.setattr(module, "MOST_PICTURES", 40)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for number in range(40):
            made.writestr(f"{'ab'[number % 2]}/{number}.png", file(number))
    at = open_page("teach", bring="zip")
    upload(at, 0, ("groups.zip", packed.getvalue()))
    assert names_on(at) == ["a", "b"]
    assert "there is no room" not in said(at)


def test_what_is_no_head_is_refused_on_the_page() -> None:
    at = open_page("teach", **{"bring-head": "open"})
    at.file_uploader[-1].set_value(("head.safetensors", b"hello", "")).run()
    assert not at.exception
    assert "no file with a taught head" in at.error[0].value
    at.run()
    assert not at.error


# --- Words --------------------------------------------------------------------------------------


def check_like(*confusion: tuple[int, ...], pixels_right: int = 0) -> Any:
    from ali5.classifying.teach.held_out import Check

    return Check(10, confusion, pixels_right)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (check_like((10, 0), (0, 10), pixels_right=12), "the backbone adds 8"),
        (check_like((10, 0), (1, 9), pixels_right=19), "what the backbone sees adds nothing"),
        (check_like((3, 2), (2, 3), pixels_right=4), "cannot be told apart from always naming"),
        (check_like((10, 0), (0, 10)), "in 84 % to 100 % of others"),
    ],
)
def test_accuracy_in_words(check: Any, words: str) -> None:
    assert words in accuracy_in_words(check)


def test_the_curve_ends_where_nothing_changes_any_more() -> None:
    moments = heads_moments([1.0, 0.5, 0.2, 0.1001, 0.1, 0.1, 0.1])
    assert len(settled(moments)) == 4


def heads_moments(losses: list[float]) -> Any:
    from ali5.classifying.teach.held_out import Moment

    return tuple(Moment(step, loss, 0.9, loss, 0.9) for step, loss in enumerate(losses))


def test_a_name_is_shown_as_it_is_and_means_nothing() -> None:
    at = open_page("teach", backbone="lenet5-colour")
    evil = "![x](http://127.0.0.1/x) <b>"
    at.text_input[0].set_value(evil).run()
    press(at, "Teach these groups")
    name = heads.name_of(head_of(at))
    assert "![x](" not in said(at) + at.subheader[0].value
    for page in ("explore", "why", "what_if", "compare"):
        go(at, page, network=name, picture="cat", step="output", channel="0")
        assert "![x](" not in said(at)


def test_every_example_is_taught_at_once() -> None:
    for name in view.EXAMPLES:
        assert len(example_groups(name)) == len(view._example(name))
