"""The site without a browser: pages run, and choices live in the address."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from ali5.graph.kinds import Operation
from ali5.pictures.images import digest_of
from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.choose.drawing import as_digit
from ali5.site.app.words import (
    COLOURS,
    CURIOUS,
    SENTENCES,
    linked,
    plain,
    unmarked,
)
from ali5.site.building import VISIT
from tests.conftest import ROOT


def open_page(**choices: str) -> AppTest:
    at = AppTest.from_file(str(VISIT), default_timeout=60)
    for name, value in choices.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def sent(at: AppTest, name: str) -> tuple[dict, bytes]:
    """What a component was sent."""
    for node in at.get("bidi_component"):
        if node.proto.component_name == f"ali5_{name}":
            return unpack(node.proto.bytes)
    raise AssertionError(f"there is no component '{name}'")


def test_it_opens_on_a_photograph_with_a_trained_resnet() -> None:
    at = open_page()
    header, _ = sent(at, "network_map")
    assert [step["name"] for step in header["steps"]][:3] == ["input", "conv1", "bn1"]
    assert any("looks at the photograph “Coffee cup”" in text.value for text in at.markdown)
    assert any("**Trained** on 100,000 photographs" in text.value for text in at.markdown)


def test_lenet_reads_a_digit() -> None:
    at = open_page(network="lenet5", picture="digit-3")
    assert at.title[0].value == "Look inside a neural network"
    header, _ = sent(at, "network_map")
    assert [step["name"] for step in header["steps"]][:3] == ["input", "C1", "tanh1"]
    bars = next(
        node for node in at.get("bidi_component") if node.proto.component_name == "ali5_bars"
    )
    assert '"label":"3"' in bars.proto.json.replace(" ", "")
    assert any("**Trained** on 60,000 digits" in text.value for text in at.markdown)


def test_the_address_restores_a_view() -> None:
    place = {"network": "vgg11", "picture": "cat", "step": "pool3"}
    at = open_page(**place, sort="strength", scope="channel")
    header, _ = sent(at, "wall")
    assert (header["name"], header["sort"]) == ("pool3", "strength")
    assert len(header["scales"]) == header["count"] == 160
    at = open_page(**place, channel="7")
    unit, _ = sent(at, "unit")
    assert unit["sources"][0]["title"] == "its input: relu3_2, channel 7"
    assert unit["sources"][0]["windows"]["rows"][:2] == [[0, 2], [2, 4]]


@pytest.mark.parametrize(
    "choices",
    [
        {"network": "nonsense"},
        {"network": "lenet5", "edition": "torchvision"},
        {"step": "conv9_9", "channel": "3"},
        {"step": "conv9_9", "channel": "9" * 5000},
        {"picture": "../../etc/passwd", "sort": "<script>", "scope": "", "from": "moon"},
    ],
)
def test_an_impossible_address_shows_the_default(choices: dict[str, str]) -> None:
    at = open_page(**choices)
    header, _ = sent(at, "network_map")
    assert header["chosen"] is None
    assert header["steps"][1]["name"] in ("conv1", "C1")


@pytest.mark.parametrize("channel", ["-3", "99999", "9" * 5000, "one"])
def test_an_impossible_channel_shows_the_whole_layer(channel: str) -> None:
    header, _ = sent(open_page(step="conv1", channel=channel), "wall")
    assert (header["name"], header["count"]) == ("conv1", 32)


def test_a_link_to_somebody_elses_picture_says_so() -> None:
    at = open_page(picture="own")
    assert "never leaves their computer" in at.info[0].value


def test_an_upload_becomes_the_picture_and_a_bad_one_is_refused() -> None:
    at = open_page(**{"from": "file"})
    cat = (ROOT / "assets" / "photographs" / "cat.jpg").read_bytes()
    at.file_uploader[0].set_value(("cat.jpg", cat, "image/jpeg")).run()
    assert not at.exception
    assert any("“cat.jpg”" in text.value for text in at.markdown)
    assert at.query_params["picture"] == "own"
    at.file_uploader[0].set_value(("forged.png", b"%PDF-1.7", "image/png")).run()
    assert not at.exception
    assert "PDF document" in at.error[0].value
    assert any("“cat.jpg”" in text.value for text in at.markdown)  # the last picture stays


def test_a_picture_brought_before_can_be_brought_again() -> None:
    at = open_page(**{"from": "file"})
    cat = (ROOT / "assets" / "photographs" / "cat.jpg").read_bytes()
    at.file_uploader[0].set_value(("cat.jpg", cat, "image/jpeg")).run()
    at.query_params["picture"] = "digit-5"
    at.query_params["from"] = "samples"
    at.run()
    assert any("looks at the digit 5" in text.value for text in at.markdown)
    at.query_params["from"] = "file"
    at.run()
    at.file_uploader[0].set_value(("cat.jpg", cat, "image/jpeg")).run()
    assert any("looks at “cat.jpg”" in text.value for text in at.markdown)


def test_a_run_that_was_stopped_half_way_opens_the_upload_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ali5.site.app.choose import picture

    at = open_page(**{"from": "file"})
    cat = (ROOT / "assets" / "photographs" / "cat.jpg").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(picture, "slot", st.stop)
        at.file_uploader[0].set_value(("cat.jpg", cat, "image/jpeg")).run()
    at.run()
    assert any("looks at “cat.jpg”" in text.value for text in at.markdown)


def test_a_large_picture_is_reduced_and_says_so() -> None:
    at = open_page(**{"from": "file"})
    buffer = io.BytesIO()
    Image.new("RGB", (4000, 1000), "teal").save(buffer, "PNG")
    at.file_uploader[0].set_value(("wide.png", buffer.getvalue(), "image/png")).run()
    assert any("from 4,000 × 1,000 to 1,600 × 400 pixels" in text.value for text in at.caption)
    assert at.session_state["own-picture"].image.size == (1600, 400)


def test_a_file_name_is_shown_as_it_is() -> None:
    assert plain("cost $5 *x* _y_ ![a](b).jpg") == r"cost \$5 \*x\* \_y\_ \!\[a\](b).jpg"


@pytest.mark.parametrize("name", ["www.a.b", "WWW.a.b/c", "http://a.b", "me@a.b", "ftp://a@b.c:1"])
def test_a_file_name_that_looks_like_an_address_is_no_link(name: str) -> None:
    said = plain(name).replace("\\", "")  # Markdown looks for addresses when it has taken them
    assert not re.search(r"www\.|\w://|[\w.+-]@", said, re.IGNORECASE)
    assert unmarked(plain(name)) == name


def test_kernels_of_groups_carry_the_channels_they_see() -> None:
    at = open_page(network="alexnet", edition="paper", step="conv2", channel="200")
    kernels, _ = sent(at, "kernels")
    assert (kernels["count"], kernels["first"]) == (48, 48)


def test_folded_parts_open_from_the_address() -> None:
    at = open_page(network="lenet5", cost="open", table="open")
    assert len(at.get("plotly_chart")) == 2
    table = at.dataframe[0].value
    assert table["parameters"].sum() == 61_706
    assert not open_page().dataframe


def test_a_vector_shows_the_value_of_its_unit() -> None:
    at = open_page(network="lenet5", picture="digit-3", step="softmax", channel="3")
    words = "Unit 3 of 10, the class “3”:** > 99.9 %, number 1 of 10 by size."
    assert any(words in text.value for text in at.markdown)


def test_two_pictures_with_other_pixels_have_other_names() -> None:
    one = Image.new("RGB", (1000, 1000))
    two = one.copy()
    two.putpixel((777, 333), (0, 0, 1))
    assert digest_of(one) != digest_of(two)
    assert digest_of(one) == digest_of(one.copy())
    assert digest_of(one) != digest_of(one.resize((500, 2000)))


def test_a_trace_is_computed_once_and_kept() -> None:
    built = engine.network("lenet5", "compact", "bundled")
    picture = engine.Picture("x", open_sample("digit-5"), "some digest", "")
    assert engine.traced(built, built.weights, picture) is engine.traced(
        built, built.weights, picture
    )


def test_a_tensor_that_was_given_is_not_taken_for_its_picture() -> None:
    built = engine.network("lenet5", "compact", "bundled")
    plain = engine.Picture("x", open_sample("digit-5"), "a given digest", "")
    given = replace(plain, prepared=torch.zeros(1, 1, 32, 32))
    assert engine.traced(built, "bundled", plain) is not engine.traced(built, "bundled", given)
    engine.answered(built, "bundled", given)
    assert engine.kept.kept_answer("lenet5", "compact", "bundled", given) is not None
    assert engine.kept.kept_answer("lenet5", "compact", "bundled", plain) is None


def test_drawings_are_fitted_as_in_mnist() -> None:
    drawing = Image.new("L", (56, 56))
    drawing.paste(255, (2, 2, 8, 22))
    digit = as_digit(drawing)
    assert digit is not None
    left, top, right, bottom = digit.convert("L").point(lambda v: 255 * (v > 127)).getbbox()
    assert (bottom - top, right - left) == pytest.approx((200, 60), abs=4)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((140, 140), abs=2)
    assert as_digit(Image.new("L", (56, 56))) is None


def test_every_operation_has_words_and_a_colour() -> None:
    operations = {str(operation) for operation in Operation}
    assert operations == SENTENCES.keys() == CURIOUS.keys() == COLOURS.keys()
    for text in SENTENCES.values():
        assert re.fullmatch(r"[A-Z][^.]+\.( [A-Z][^.]+\.)", text), f"not two sentences: {text}"


def test_words_are_linked_to_the_part_of_the_page_they_stand_for() -> None:
    pieces = linked("Each kernel makes one feature map of the input.")
    assert "".join(text for text, _ in pieces) == "Each kernel makes one feature map of the input."
    assert [piece for piece in pieces if piece[1]] == [
        *(("kernel", "kernels"), ("feature map", "maps"), ("input", "inputs"))
    ]


def test_a_step_says_where_it_departs_from_the_paper() -> None:
    at = open_page(network="lenet5", step="S2")
    assert any("Subsampling is a plain average" in text.value for text in at.caption)
    at = open_page(network="lenet5", step="C1", more="open")
    assert not any("Subsampling" in text.value for text in at.caption)
    assert any("cross-correlation" in text.value for text in at.markdown)


def test_the_components_reach_for_nothing_outside() -> None:
    for path in Path(ROOT / "app").rglob("*"):
        if path.suffix in (".js", ".css"):
            text = path.read_text("utf-8")
            words = ["http:", "https:", "innerHTML", "url("]
            # In a script's comments these two name a type; what runs there imports files only.
            words += ["@import"] if path.suffix == ".css" else ["await import", "= import("]
            for word in words:
                assert word not in text, f"{path.name}: {word}"


def test_a_chosen_picture_goes_along_to_another_page() -> None:
    at = open_page(picture="rocket")
    at.switch_page("../../pages/convolution.py")
    at.query_params.clear()
    at.run()
    assert not at.exception
    assert at.query_params["picture"] == "rocket"
