"""The choice of weights on the page: trained, untrained, downloaded, a visitor's own."""

import io
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from streamlit.testing.v1 import AppTest

import ali5
from ali5.known.fetching import fetched
from ali5.site.app import engine
from ali5.site.app.choose import downloads
from ali5.site.app.engine import collector, kept
from tests.app.test_app import open_page
from tests.pages import open_page as open_on
from tests.serving import Server, serving


def said(at: AppTest) -> str:
    return "\n".join(text.value for text in at.markdown)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """torchvision's GoogLeNet, published on this computer instead of the web."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    network = ali5.load("googlenet", "torchvision", weights="untrained")
    buffer = io.BytesIO()
    torch.save({name: value.clone() for name, value in network.module.state_dict().items()}, buffer)
    original = network.edition.published
    with serving(buffer.getvalue()) as server:
        object.__setattr__(network.edition, "published", server.published)
        yield server
        object.__setattr__(network.edition, "published", original)


def finish(server: Server) -> None:
    until = time.monotonic() + 120
    while (download := downloads._downloads[server.published.file]).running:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert download.error is None


def press(at: AppTest, label: str) -> AppTest:
    button = next(each for each in at.button if each.label.startswith(label))
    return button.click().run()


def test_imagenet_weights_come_by_a_button_and_are_used(server: Server) -> None:
    at = open_page(network="googlenet", edition="torchvision")
    assert "**Untrained.**" in said(at)
    assert not server.asked  # nothing is fetched that nobody asked for
    press(at, "Download the ImageNet weights")
    finish(server)
    at.run()
    assert not at.exception
    assert "published by torchvision, which measured 50.0 % right" in said(at)
    assert not at.button
    assert len(server.asked) == 1
    at.query_params["weights"] = "untrained"
    at.run()
    assert "**Untrained.**" in said(at)
    assert not at.button  # who wants it untrained is not asked again


def test_a_download_shows_how_far_it_is_and_can_be_cancelled(server: Server) -> None:
    server.stall_s = 1.0
    at = open_page(network="googlenet", edition="torchvision")
    press(at, "Download the ImageNet weights")
    assert [button.label for button in at.button] == ["Cancel"]
    press(at, "Cancel")
    finish(server)
    at.run()
    assert fetched(server.published) is None
    assert at.button[0].label.startswith("Download the ImageNet weights")


def test_a_failed_download_says_why_and_offers_to_try_again(server: Server) -> None:
    server.status = [404]
    at = open_page(network="googlenet", edition="torchvision")
    press(at, "Download the ImageNet weights")
    until = time.monotonic() + 120
    while downloads._downloads[server.published.file].running and time.monotonic() < until:
        time.sleep(0.02)
    at.run()
    assert "answered 404" in at.error[0].value
    assert at.button[0].label.startswith("Try again")
    press(at, "Try again")
    finish(server)
    at.run()
    assert not at.error


def lenet_state(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    state = ali5.load("lenet5", "paper", weights="untrained").module.state_dict()
    return {name: value.clone() for name, value in state.items()} | changes


def test_own_weights_are_used_and_others_refused_with_their_names() -> None:
    at = open_page(network="lenet5", weights="own", picture="digit-3")
    assert "**Trained** on 60,000" in said(at)  # as long as nothing was brought
    state = lenet_state(**{"output.bias": torch.tensor([0.0] * 7 + [50.0] + [0.0] * 2)})
    at.file_uploader[0].set_value(("mine.safetensors", save(state), "")).run()
    assert not at.exception
    assert "**Your weights.**" in said(at)
    bars = next(
        node for node in at.get("bidi_component") if node.proto.component_name == "ali5_bars"
    )
    assert '"label":"7"' in bars.proto.json.replace(" ", "")
    wrong = save(lenet_state(**{"F6.weight": torch.zeros(84, 7)}))
    at.file_uploader[0].set_value(("wrong.safetensors", wrong, "")).run()
    assert "F6.weight" in at.error[0].value
    assert "84, 7" in at.error[0].value
    assert "**Your weights.**" in said(at)  # the last ones stay


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    from tests.ali5.networks.test_networks import Bomb

    at = open_page(network="lenet5", weights="own")
    bomb = pickle.dumps(Bomb(tmp_path / "crater"))
    at.file_uploader[0].set_value(("model.pth", bomb, "")).run()
    assert not at.exception
    assert "could run code are refused" in at.error[0].value
    assert not (tmp_path / "crater").exists()


def test_own_weights_belong_to_one_edition() -> None:
    at = open_page(network="lenet5", weights="own", picture="digit-3")
    at.file_uploader[0].set_value(("mine.safetensors", save(lenet_state()), "")).run()
    at.query_params["network"] = "alexnet"
    at.run()
    assert not at.exception
    assert "**Your weights.**" not in said(at)


def test_your_file_can_be_chosen_before_anything_was_downloaded() -> None:
    at = open_page(network="resnet18", edition="torchvision", weights="own")
    assert "**Untrained.**" in said(at)
    assert not at.error


def test_imagenet_weights_can_be_fetched_wherever_they_can_be_chosen(server: Server) -> None:
    at = open_on("what_if", network="googlenet", edition="torchvision")
    assert any("not on this computer yet" in each.value for each in at.sidebar.caption)
    press(at, "Download the ImageNet weights")
    finish(server)
    at.run()
    assert not at.exception
    assert fetched(server.published) is not None
    assert not at.sidebar.button


def own_lenet(at: AppTest, name: str = "mine.safetensors") -> str:
    """Bring weights; return their digest."""
    at.file_uploader[0].set_value((name, save(lenet_state()), "")).run()
    assert not at.exception
    assert "**Your weights.**" in said(at)
    return at.session_state["own-weights"].digest


def test_own_weights_that_had_to_make_room_are_opened_again() -> None:
    at = open_page(network="lenet5", weights="own", picture="digit-3")
    digest = own_lenet(at)
    kept._networks.forget(lambda key: digest in key)
    at.run()
    assert "**Your weights.**" in said(at)
    assert not at.info


def test_own_weights_go_with_the_last_session_that_holds_them() -> None:
    def is_kept() -> bool:
        collector.tidy()
        engine.forget_what_is_gone()
        return engine.is_built("lenet5", "compact", digest)

    one, two = (open_page(network="lenet5", weights="own", picture="digit-3") for _ in range(2))
    digest = own_lenet(one)
    assert own_lenet(two, "the same.safetensors") == digest
    del one
    assert is_kept()
    del two
    assert not is_kept()


def test_a_file_that_is_too_large_for_the_browser_has_a_way_out() -> None:
    def page() -> None:
        from ali5.known.catalog import catalog
        from ali5.site.app import address
        from ali5.site.app.choose.weights import choose_weights

        address.follow("page")
        known = catalog()["vgg16"]
        choose_weights(known, known.edition("paper"))

    at = AppTest.from_function(page)
    at.query_params["weights"] = "own"
    at.run()
    assert not at.exception
    assert 'ali5.explore(ali5.load("vgg16", "paper", weights=' in at.caption[0].value
