"""Which weights: the choice, the download of published ones, and a visitor's own file."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error
from ali5.known.cards import bundled_weights
from ali5.known.fetching import fetched, place_in_words
from ali5.known.records import Architecture, Edition, Published

from .. import address, engine
from ..allowed import may_bring
from ..runs import fragment
from ..words import plain, share_in_words
from . import downloads
from .choice import kind_of
from .opening import MAX_MEBIBYTES, open_weights, way_out

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_WORDS = {
    "bundled": "Trained",
    "published": "ImageNet",
    "untrained": "Untrained",
    "own": "Your file",
}


@dataclass(frozen=True)
class OwnWeights:
    """A visitor's file of weights, opened for one edition.

    Attributes:
        name: Of the file.
        digest: Of its content.
        edition: Id of the network and name of the edition that it was opened for.
    """

    name: str
    digest: str
    edition: tuple[str, str]


def choose_weights(architecture: Architecture, edition: Edition) -> str:
    """Show the choice of weights; return what the engine knows them by."""
    possible = ["untrained", "own"] if may_bring() else ["untrained"]
    if edition.published is not None and (may_bring() or fetched(edition.published) is not None):
        possible.insert(0, "published")
    if bundled_weights(architecture.id, edition.name) is not None:
        possible.insert(0, "bundled")
    kind = address.choose(
        "Weights",
        {name: _WORDS[name] for name in possible},
        name="weights",
        default=possible[0],
        explanation="The numbers that the network has learned. Untrained ones are random: the same "
        "network before it saw its first picture.",
    )
    if kind == "own":
        return _take_file(architecture, edition) or kind_of(architecture, edition)
    if kind == "published" and edition.published is not None and fetched(edition.published) is None:
        _offer_download(edition.published)
        return "untrained"
    return kind


def _offer_download(published: Published) -> None:
    st.caption(
        "These weights are not on this computer yet: until they are, the network has random ones."
    )
    download = downloads.of(published, _visitor())
    if download is not None and download.running:
        fragment(_show_progress, 0.5)(published)
        return
    if download is not None and download.error is not None:
        st.error(download.error)
    right = share_in_words(published.top1)
    st.button(
        f"{'Try again' if download else 'Download the ImageNet weights'} "
        f"({published.mebibytes:.0f}\u00a0MB)",
        on_click=_start,
        args=(published,),
        type="primary",
        help=f"From {published.url}, kept in {place_in_words()}. Their publisher measured "
        f"{right} right on ImageNet's validation pictures.",
    )


def _start(published: Published) -> None:
    if may_bring():  # the rules may have changed since the button was shown
        downloads.start(published, _visitor())


def _show_progress(published: Published) -> None:
    download = downloads.of(published, _visitor())
    if download is None or not download.running:
        st.rerun()
    arrival = download.arrival
    if arrival is None:
        st.progress(0.0, "Asking for the weights …")
    else:
        share = arrival.done / arrival.total if arrival.total else 0.0
        total = f" of {arrival.total / 2**20:.1f}" if arrival.total else ""
        left = "" if arrival.seconds_left is None else f", {_in_time(arrival.seconds_left)} left"
        st.progress(min(share, 1.0), f"{arrival.done / 2**20:.1f}{total} MB{left}")
    st.button("Cancel", on_click=downloads.cancel, args=(published, _visitor()))


def _visitor() -> str:
    """Return a name for this session, the same for all its runs."""
    if "visitor" not in st.session_state:
        st.session_state["visitor"] = uuid.uuid4().hex
    return str(st.session_state["visitor"])


def _take_file(architecture: Architecture, edition: Edition) -> str | None:
    """Show the field for a visitor's own weights; return the digest of the file that is used."""
    names = f"the {edition.name} edition of {architecture.title}"
    uploaded = st.file_uploader(
        f"Weights for {names}",
        type=["safetensors", "pth", "pt"],
        max_upload_size=MAX_MEBIBYTES,
        help="safetensors, or a PyTorch checkpoint saved with torch.save(model.state_dict()). "
        "Files that could run code are refused.",
    )
    here = (architecture.id, edition.name)
    if edition.parameters * 4 > MAX_MEBIBYTES * 2**20:  # in 32 bits
        st.caption(way_out(*here))
    if uploaded is not None:
        _open(uploaded, here)
    kept = _kept(here)
    if kept is None:
        return None
    if not engine.is_built(*here, kept.digest):
        st.info(f"“{plain(kept.name)}” had to make room for others. Bring it again.")
        return None
    return kept.digest


def _kept(here: tuple[str, str]) -> OwnWeights | None:
    """Return the file that this session has opened last, if that was for this edition."""
    kept = st.session_state.get("own-weights")
    return kept if isinstance(kept, OwnWeights) and kept.edition == here else None


def _open(uploaded: UploadedFile, here: tuple[str, str]) -> None:
    """Open an uploaded file for an edition, once for as long as its network is kept.

    A refusal is shown again on later runs.
    """
    asked, kept = (uploaded.file_id, here), _kept(here)
    refused = st.session_state.get("refused-weights") is not None
    gone = not refused and kept is not None and not engine.is_built(*here, kept.digest)
    if gone or st.session_state.get("opened-weights") != asked:
        content = uploaded.getvalue()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        refusal = None
        try:
            with st.spinner("Opening the weights …"):
                engine.work_out(open_weights, content, uploaded.name, *here, digest)
        except Ali5Error as error:
            refusal = str(error)
        else:
            brought = OwnWeights(uploaded.name, digest, here)
            engine.forget_with(brought)
            st.session_state["own-weights"] = brought
        st.session_state["refused-weights"] = refusal
        st.session_state["opened-weights"] = asked
    if st.session_state["refused-weights"]:
        st.error(plain(st.session_state["refused-weights"]))


def _in_time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
