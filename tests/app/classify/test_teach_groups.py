"""The page "Teach it yours": groups, uploads, archives, and lessons that end or are given up."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ali5.site.app import engine
from ali5.site.app.classify.many.brought import brought
from ali5.site.app.classify.teach import view
from tests.app.classify.teach_page import file, head_of, names_on, press, said, upload
from tests.pages import open_page


def test_an_example_that_is_changed_becomes_one_s_own() -> None:
    at = open_page("teach")
    at.text_input[0].set_value("  loves ").run()
    assert names_on(at) == ["loves", "stars", "arrows"]
    assert at.query_params["groups"] in ("own", ["own"])
    at.query_params["groups"] = "shapes"
    at.run()
    assert names_on(at) == ["hearts", "stars", "arrows"]


def test_groups_come_and_go() -> None:
    at = open_page("teach")
    press(at, "Add a group")
    assert names_on(at)[-1] == "Group 1"
    assert "“Group 1” has no pictures" in said(at).replace("\\", "")
    assert next(each for each in at.button if each.label.startswith("Teach")).disabled
    at.button(key=f"teach-drop-{at.session_state['teach-groups'][0].key}").click().run()
    assert names_on(at) == ["stars", "arrows", "Group 1"]
    for _ in range(7):
        press(at, "Add a group")
    assert len(set(names_on(at))) == 10
    assert next(each for each in at.button if each.label == "Add a group").disabled
    press(at, "Start empty")
    assert names_on(at) == ["Group 1", "Group 2"]


def test_broken_files_and_copies_get_a_sentence_each_and_the_rest_goes_on() -> None:
    at = open_page("teach", groups="own")
    files = [("a.png", file(1)), ("b.png", b"hello"), ("copy.png", file(1)), ("c.png", file(2))]
    upload(at, 0, *files)
    assert [each.name for each in at.session_state["teach-groups"][0].pictures] == [
        "a.png",
        "c.png",
    ]
    text = said(at).replace("\\", "")
    assert "“b.png”: This is a text file" in text
    assert "“copy.png”: It is in this group already." in text
    assert "**2 files were not taken**" in text
    assert not at.file_uploader[0].value  # nothing waits there to be taken twice
    upload(at, 1, ("d.png", file(2)))
    assert "One picture is both in “Group 1” and in “Group 2”" in said(at).replace("\\", "")


def test_files_for_two_groups_at_once_are_all_taken() -> None:
    at = open_page("teach", groups="own")
    for place, name in enumerate(("a.png", "b.png")):
        at.file_uploader[place].set_value([(name, file(place), ""), ("x.png", b"hello", "")])
    at.run()
    assert [len(each.pictures) for each in at.session_state["teach-groups"]] == [1, 1]
    assert said(at).replace("\\", "").count("“x.png”: This is a text file") == 2
    assert not any(each.value for each in at.file_uploader)


def test_groups_whose_place_others_have_taken_can_be_brought_back() -> None:
    at = open_page("teach", groups="own")
    upload(at, 0, ("a.png", file(1)))
    at.text_input[0].set_value("cats").run()
    at.query_params["groups"] = "shapes"
    at.run()
    press(at, "Add a group")  # the example is the visitor's now
    assert names_on(at) == ["hearts", "stars", "arrows", "Group 1"]
    press(at, "Bring back “cats”")
    assert names_on(at) == ["cats", "Group 2"]
    assert at.session_state["teach-groups"][0].pictures[0].name == "a.png"
    press(at, "Start empty")
    assert names_on(at) == ["Group 1", "Group 2"]
    press(at, "Bring back “cats”")
    at.session_state["teach-aside"] = ()
    again = next(each for each in at.button if each.label.startswith("Bring back"))
    again.click().run()  # a second click, which comes when the first one has been answered
    assert names_on(at) == ["cats", "Group 2"]
    press(at, "Forget all")
    assert "teach-aside" not in at.session_state
    assert not any(each.label.startswith("Bring back") for each in at.button)


def test_the_folders_of_an_archive_become_the_groups() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for n in range(6):
            made.writestr(f"mine/{'cats' if n < 3 else 'dogs'}/{n}.png", file(n))
        made.writestr("mine/cats/note.txt", "hello")
        made.writestr("mine/cats/copy.png", file(0))
    at = open_page("teach", bring="zip", backbone="lenet5-colour")
    at.file_uploader[0].set_value(("groups.zip", packed.getvalue(), "")).run()
    assert not at.exception
    assert names_on(at) == ["cats", "dogs"]
    assert "note.txt”: This is a text file" in said(at).replace("\\", "")
    assert "copy.png”: It is in this group already." in said(at).replace("\\", "")
    press(at, "Teach these groups")
    assert head_of(at).check.counts == (3, 3)


def test_more_pictures_than_can_teach_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_PICTURES", 4)
    at = open_page("teach", groups="own")
    upload(at, 0, *((f"{n}.png", file(n)) for n in range(6)))
    assert len(at.session_state["teach-groups"][0].pictures) == 4
    assert said(at).count("there is no room") == 2


@pytest.mark.parametrize("size", [(40, 40), (300, 200), (201, 300), (1000, 999), (30, 2000)])
def test_what_is_kept_of_a_picture_is_small_and_all_that_a_network_sees(
    size: tuple[int, int],
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (size[1] // 8 + 1, size[0] // 8 + 1, 3))
    image = Image.fromarray(pixels.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    kept = brought("a", image)
    assert max(kept.image.size) <= 256 + (min(size) <= 256)
    network = engine.network("lenet5", "colour", "bundled")
    whole, square = network.prepare(image), network.prepare(kept.image)
    assert float((whole - square).abs().mean()) < 0.02
    if min(size) <= 256:  # at the edge, the resize also looks a little beyond it
        assert float((whole - square)[..., 2:-2, 2:-2].abs().max()) < 0.02


def test_a_lesson_about_other_groups_ends() -> None:
    at = open_page("teach")
    at.session_state["teach-lesson"] = "another"
    at.run()
    assert "teach-lesson" not in at.session_state
    assert "taught-heads" not in at.session_state


def test_a_lesson_that_is_given_up_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from ali5.classifying.teach import teaching

    looked: list[int] = []
    look = teaching.look

    def looking(trunk: Any, images: Any) -> Any:
        looked.append(len(images))
        if len(looked) == 2:
            raise KeyboardInterrupt
        return look(trunk, images)

    monkeypatch.setattr(teaching, "look", looking)
    groups = view._example("shapes")
    state: dict[str, Any] = {}
    monkeypatch.setattr(view.st, "session_state", state)
    backbone = view.backbones()["lenet5-colour"]
    with pytest.raises(KeyboardInterrupt):
        view.hold(groups, backbone, lambda share, words: None)
    monkeypatch.setattr(view.address, "write", lambda **choices: None)
    view.hold(groups, backbone, lambda share, words: None)
    assert looked == [16, 16, 16, 4]
