"""Open the Explore page on a network of the user's own. No torch until it is called."""

from __future__ import annotations

import sys
import uuid
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from ali5.errors import Ali5Error
from ali5.pictures.images import open_image
from ali5.site.hosting import Site
from ali5.site.settings import HERE, settle

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ali5.networks.networks import Network


@dataclass(frozen=True)
class Own:
    """What the Explore page shows besides the catalog.

    Attributes:
        network: The user's.
        image: The picture that was given, upright and RGB, or None.
        prepared: The same as the tensor that was given, or None.
        key: A name for all of this, never used again for anything else.
    """

    network: Network
    image: Image.Image | None
    prepared: Tensor | None
    key: str


_Settings = tuple[Sequence[str] | None, int | None, Sequence[float] | None, Sequence[float] | None]
"""Labels, size, mean and deviation, as they were given."""

_own: Own | None = None
_site: Site | None = None


def own() -> Own | None:
    """Return the network that `explore` was called with last in this process, if it was."""
    return _own


def show(mine: Own | None) -> None:
    """Let every page show this besides the catalog from now on, or nothing any more."""
    global _own
    _own = mine


def close() -> None:
    """Stop serving, and forget what was shown; nothing happens if nothing was."""
    global _site
    if _site is not None:
        _site.stop()
    _site = None
    show(None)


def explore(
    module: nn.Module | Network,
    image: str | Path | Image.Image | Tensor | None = None,
    labels: Sequence[str] | None = None,
    *,
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    port: int | None = None,
    open_browser: bool = True,
    wait: bool | None = None,
) -> Site:
    """Open the Explore page on any network, in this process.

    Called again, it shows the new network on the same address.

    Args:
        module: Takes one picture and returns logits, as for `ali5.wrap`; or a network from
            `ali5.load` or `ali5.wrap`.
        image: A picture or its file, or a prepared tensor [1, C, S, S]; without one the page opens
            on a sample.
        labels: Names of the classes, as for `ali5.wrap`; this and the next three are only for a
            module, a network has them already.
        size: Edge of the input in pixels; that of the tensor, or 224, if not given.
        mean: As for `ali5.wrap`.
        std: As for `ali5.wrap`.
        port: Where to serve the page on 127.0.0.1; the first free one from 8501, if not given.
        open_browser: Whether to open it in the browser.
        wait: Whether to return only when the user presses Ctrl-C; if not given, that is so in a
            script, not in a notebook or at the prompt.

    Returns:
        The site, with its `url`, `stop()` and `wait()`.

    Raises:
        Ali5Error: The module, the picture or the tensor does not fit; the message says what does.
    """
    given = _read_picture(image)
    network = _read_network(module, given, (labels, size, mean, std))
    show(Own(network, given.picture, given.prepared, f"own-{uuid.uuid4().hex}"))
    site = _serve(port)
    if open_browser:
        webbrowser.open(site.url)
    interactive = hasattr(sys, "ps1") or "ipykernel" in sys.modules
    if wait or (wait is None and not interactive):
        print(f"Serving on {site.url}  (Ctrl-C to stop)")
        site.wait()
    return site


class _Given(NamedTuple):
    """A picture as it was given, and the edge of the tensor if it is one."""

    picture: Image.Image | None = None
    prepared: Tensor | None = None
    edge: int | None = None


def _read_picture(image: str | Path | Image.Image | Tensor | None) -> _Given:
    import torch

    from ali5.tracing.own import as_picture, check_prepared

    if image is None:
        return _Given()
    if isinstance(image, torch.Tensor):
        edge = check_prepared(image)
        return _Given(as_picture(image), image, edge)
    if isinstance(image, str | Path | Image.Image):
        return _Given(open_image(image))
    raise Ali5Error(
        "Give a picture as the path of its file, as a PIL.Image or as a prepared torch.Tensor, "
        f"not as {type(image).__name__}."
    )


def _read_network(module: nn.Module | Network, given: _Given, settings: _Settings) -> Network:
    """Return the network, wrapped if it is a module; it takes the picture that was given."""
    from ali5.networks.networks import Network
    from ali5.tracing.own import wrap
    from ali5.tracing.trace import trace

    if not isinstance(module, Network):
        labels, size, mean, std = settings
        edge = given.edge or 224
        whole = given.edge is not None and size in (None, given.edge)
        network = wrap(
            module,
            labels,
            size=edge if size is None else size,
            resize=edge if whole else None,
            channels=None if given.prepared is None else given.prepared.shape[1],
            mean=mean,
            std=std,
        )
    elif any(each is not None for each in settings):
        raise Ali5Error(
            "A network has its labels, size, mean and std already. Give them to ali5.wrap, or give "
            "the module itself to ali5.explore."
        )
    else:
        network = module
    if given.prepared is not None:
        trace(network, given.prepared)  # says now if it does not fit
    return network


def _serve(port: int | None) -> Site:
    """Return the site, started if it does not run."""
    global _site
    if _site is None or not _site.running:
        _site = Site(replace(settle(), engine=HERE, host="127.0.0.1", port=port, cert="", key=""))
    return _site
