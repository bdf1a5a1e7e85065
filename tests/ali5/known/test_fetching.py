"""Downloads: from a server on this computer that cuts, corrupts, stalls and refuses."""

import errno
import http.client
import io
import socket
import ssl
import threading
import urllib.error
from pathlib import Path

import pytest
import torch

import ali5
from ali5.known.fetching import Arrival, Cancelled, checkpoint_folder, fetch, fetched
from ali5.known.records import Published
from ali5.site.app.choose import downloads
from tests.conftest import wait_for
from tests.serving import serving


def checkpoint() -> bytes:
    buffer = io.BytesIO()
    torch.save(ali5.load("lenet5", "paper", weights="untrained").module.state_dict(), buffer)
    return buffer.getvalue()


CONTENT = checkpoint()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path / "hub" / "checkpoints"


def test_a_checkpoint_arrives_whole_and_is_asked_for_once(folder: Path) -> None:
    seen: list[Arrival] = []
    with serving(CONTENT) as server:
        path = fetch(server.published, seen.append)
        assert fetch(server.published) == path
        assert server.asked == [""]
    assert path.parent == folder == checkpoint_folder()
    assert path.read_bytes() == CONTENT
    assert fetched(server.published) == path
    assert [path.name for path in folder.iterdir()] == [path.name]
    assert seen[-1].done == seen[-1].total == len(CONTENT)
    assert seen[-1].seconds_left == 0
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    network = ali5.load("lenet5", "paper", weights=path)
    assert network.trained


def test_the_folder_is_the_one_that_torch_uses(folder: Path) -> None:
    assert Path(torch.hub.get_dir()) / "checkpoints" == folder


def test_a_cut_connection_is_taken_up_where_it_ended() -> None:
    with serving(CONTENT, cuts=[100_000, 50_000]) as server:
        path = fetch(server.published, pause_s=0.01)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=100000-", "bytes=150000-"]


def test_a_connection_that_dies_in_any_way_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, faults = http.client.HTTPResponse.read1, [None, OSError(errno.EHOSTUNREACH, "No route")]
    faults += [None, ssl.SSLError("decryption failed")]

    def dying(answer: http.client.HTTPResponse, size: int) -> bytes:
        if faults and (fault := faults.pop(0)) is not None:
            raise fault
        return read(answer, 1000)

    monkeypatch.setattr(http.client.HTTPResponse, "read1", dying)
    with serving(CONTENT) as server:
        assert fetch(server.published, pause_s=0.01).read_bytes() == CONTENT
        assert server.asked == ["", "bytes=1000-", "bytes=2000-"]


def test_a_certificate_that_does_not_hold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "self-signed certificate in certificate chain"

    def open_nothing(*_: object, **__: object) -> None:
        raise urllib.error.URLError(refused)

    monkeypatch.setattr("urllib.request.urlopen", open_nothing)
    published = Published("https://example.org/x-12345678.pth", 1, 0.5, 0.5)
    with pytest.raises(ali5.DownloadError, match=r"no valid certificate \(self-signed") as caught:
        fetch(published, pause_s=0.01)
    assert "SSL_CERT_FILE" in str(caught.value)


def test_a_disk_that_is_full_is_not_taken_for_a_connection() -> None:
    def full(arrival: Arrival) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(CONTENT) as server:
        with pytest.raises(ali5.DownloadError, match=r"\(No space left on device\)\. Make room"):
            fetch(server.published, full)
        assert len(server.asked) == 1


def test_a_server_that_cannot_go_on_starts_again_from_the_beginning() -> None:
    with serving(CONTENT, cuts=[100_000], ranges=False) as server:
        assert fetch(server.published, pause_s=0.01).read_bytes() == CONTENT
    assert server.asked == ["", "bytes=100000-"]


def test_what_came_before_a_failure_is_kept_for_the_next_time(folder: Path) -> None:
    with serving(CONTENT, cuts=[10_000] * 4) as server:
        with pytest.raises(ali5.DownloadError, match=r"was cut\. What has come is kept"):
            fetch(server.published, pause_s=0.01)
        assert fetched(server.published) is None
        part = folder / f"{server.published.file}.part"
        assert part.read_bytes() == CONTENT[:40_000]
        assert fetch(server.published).read_bytes() == CONTENT
        assert server.asked[-1] == "bytes=40000-"


def test_a_part_that_is_whole_already_is_only_checked(folder: Path) -> None:
    folder.mkdir(parents=True)
    with serving(CONTENT) as server:
        (folder / f"{server.published.file}.part").write_bytes(CONTENT)
        assert fetch(server.published).read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_fetched_anew(folder: Path) -> None:
    folder.mkdir(parents=True)
    with serving(CONTENT) as server:
        (folder / f"{server.published.file}.part").write_bytes(CONTENT + b"more")
        assert fetch(server.published).read_bytes() == CONTENT
        assert server.asked == [f"bytes={len(CONTENT) + 4}-", ""]


def test_corrupted_bytes_are_thrown_away(folder: Path) -> None:
    with serving(CONTENT) as server:
        published = server.published
        server.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
        with pytest.raises(ali5.DownloadError, match="checksum begins with") as caught:
            fetch(published)
        assert published.url in str(caught.value)
        assert not list(folder.iterdir())
        server.content = CONTENT
        assert fetch(published).read_bytes() == CONTENT


def test_a_server_that_stalls_is_given_up() -> None:
    go_on = threading.Event()
    with serving(CONTENT, go_on=go_on) as server:
        with pytest.raises(ali5.DownloadError, match="no connection"):
            fetch(server.published, patience_s=0.1, pause_s=0.01)
        assert not go_on.is_set()  # so nothing but its patience ended it
        go_on.set()


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not() -> None:
    with serving(CONTENT, status=[503, 429]) as server:
        assert fetch(server.published, pause_s=0.01).read_bytes() == CONTENT
    with serving(CONTENT + b" ", status=[404]) as server:
        with pytest.raises(ali5.DownloadError, match="answered 404"):
            fetch(server.published, pause_s=0.01)
        assert len(server.asked) == 1


def test_without_a_network_one_sentence_says_how_to_place_the_file_by_hand(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Published(f"http://127.0.0.1:{free.getsockname()[1]}/x-12345678.pth", 1, 0.5, 0.5)
    with pytest.raises(ali5.DownloadError, match=r"no connection to 127\.0\.0\.1") as caught:
        fetch(nobody)
    assert "place it at '$TORCH_HOME/hub/checkpoints/x-12345678.pth'" in str(caught.value)
    assert str(folder) not in str(caught.value), "visitors read it, too"
    missing = Published("http://nowhere.invalid/x-12345678.pth", 1, 0.5, 0.5)
    with pytest.raises(ali5.DownloadError, match=r"no connection to nowhere\.invalid"):
        fetch(missing)


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "file"))
    with serving(CONTENT) as server, pytest.raises(ali5.DownloadError, match="TORCH_HOME"):
        fetch(server.published)


def test_cancelling_keeps_what_came_and_leaves_no_file(folder: Path) -> None:
    with serving(CONTENT, stall_s=0.2) as server:
        seen: list[Arrival] = []
        with pytest.raises(Cancelled):
            fetch(server.published, seen.append, lambda: bool(seen))
        assert fetched(server.published) is None
        assert fetch(server.published).read_bytes() == CONTENT
        assert server.asked[1] == f"bytes={seen[-1].done}-"


def test_another_process_that_fetches_the_same_is_respected(folder: Path) -> None:
    import fcntl

    folder.mkdir(parents=True)
    with serving(CONTENT) as server:
        part = folder / f"{server.published.file}.part"
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(ali5.DownloadError, match="another ALI5"):
                fetch(server.published)


def test_two_visitors_who_ask_at_the_same_moment_share_one_download() -> None:
    with serving(CONTENT, stall_s=0.3) as server:
        threads = [
            threading.Thread(target=downloads.start, args=(server.published, visitor))
            for visitor in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        running = downloads.of(server.published, 3)
        assert running is not None
        assert running is downloads.of(server.published, 5)
        assert downloads.of(server.published, "somebody else") is None
        wait_for(lambda: not running.running)
        assert running.error is None
        assert fetched(server.published) is not None
        assert server.asked == [""]


def test_a_download_goes_on_while_somebody_waits_for_it() -> None:
    with serving(CONTENT, stall_s=0.3) as server:
        download = downloads.start(server.published, "a")
        downloads.start(server.published, "b")
        downloads.cancel(server.published, "a")
        assert downloads.of(server.published, "a") is None
        wait_for(lambda: not download.running)
        assert fetched(server.published) is not None


def test_a_cancelled_download_stops_and_can_be_started_again() -> None:
    with serving(CONTENT, stall_s=0.3) as server:
        download = downloads.start(server.published, "a")
        downloads.cancel(server.published, "a")
        again = downloads.start(server.published, "b")  # while the first one still stops
        wait_for(lambda: not again.running)
        assert fetched(server.published) is not None
        assert download.error is None
        assert again.error is None


def test_a_failed_download_says_why_and_can_be_repeated() -> None:
    with serving(CONTENT, status=[404]) as server:
        failed = downloads.start(server.published, "a")
        wait_for(lambda: not failed.running)
        assert failed.error is not None
        assert "404" in failed.error
        again = downloads.start(server.published, "a")
        wait_for(lambda: not again.running)
        assert again.error is None
        assert fetched(server.published) is not None


def test_networks_without_published_weights_say_so() -> None:
    with pytest.raises(ali5.DownloadError, match="Nobody has published"):
        ali5.download("zfnet")
    with pytest.raises(ali5.UnknownName):
        ali5.download("vgg")
    with pytest.raises(ali5.WeightsError, match=r'ali5\.download\("resnet18"\) first'):
        ali5.load("resnet18", "torchvision", weights="published")
    with pytest.raises(ali5.WeightsError, match='edition="torchvision"'):
        ali5.load("resnet18", "paper", weights="published")


def test_a_published_file_placed_by_hand_is_checked(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "resnet18-f37072fd.pth").write_bytes(CONTENT)
    with pytest.raises(ali5.WeightsError, match="checksum differs"):
        ali5.load("resnet18", "torchvision")
    assert ali5.load("resnet18", "torchvision", weights="untrained").weights == "untrained"
