"""MNIST on this computer: the offer to download it, with progress.

Importing this module does not import torch.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ali5.known.fetching import fetched, place_in_words
from ali5.known.published import MNIST
from ali5.known.records import Remote

from ...allowed import may_bring
from ...choose import downloads
from ...runs import fragment

_MEBIBYTES = sum(file.mebibytes for file in MNIST)


def offer_mnist() -> None:
    """Offer to fetch MNIST's four files; shows how far they are while they come."""
    running = [each for each in _downloads() if each.running]
    if not running and not may_bring():
        st.info("MNIST is not on this computer, and this class downloads nothing. Take drawings.")
        return
    if running:
        fragment(_show_progress, 0.5)()
        return
    failed = [each.error for each in _downloads() if each.error is not None]
    if failed:
        st.error(failed[0])
    else:
        st.info(
            "MNIST, 70,000 digits written by hand, is not on this computer yet. The drawings by "
            "our own code need no download."
        )
    st.button(
        f"{'Try again' if failed else 'Download MNIST'} ({_MEBIBYTES:.0f} MB)",
        on_click=_start,
        type="primary",
        help=f"Four files from {MNIST[0].url.rpartition('/')[0]}, kept in "
        f"{place_in_words('mnist')}.",
    )


def _downloads() -> list[downloads.Download]:
    found = [downloads.of(file, _visitor()) for file in MNIST if fetched(file) is None]
    return [each for each in found if each is not None]


def _start() -> None:
    if may_bring():  # the rules may have changed since the button was shown
        for file in MNIST:
            downloads.start(file, _visitor())


def _cancel() -> None:
    for file in MNIST:
        downloads.cancel(file, _visitor())


def _show_progress() -> None:
    running = [each for each in _downloads() if each.running]
    if not running:
        st.rerun()
    done = sum(_arrived(file) for file in MNIST)
    share = min(1.0, done / (_MEBIBYTES * 2**20))
    st.progress(share, f"MNIST: {done / 2**20:.1f} of {_MEBIBYTES:.1f} MB")
    st.button("Cancel", on_click=_cancel)


def _arrived(file: Remote) -> int:
    """Return how many bytes of a file have come."""
    path = fetched(file)
    if path is not None:
        return path.stat().st_size
    download = downloads.of(file, _visitor())
    return 0 if download is None or download.arrival is None else download.arrival.done


def _visitor() -> str:
    """Return a name for this session, the same for all its runs."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id
