"""The stacking lab on its page: its settings in the address, and the lab itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ali5.door import in_text
from ali5.labs.stack.layers import MAX_LAYERS, read_stack, write_stack

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Picture
from ...words import plain
from .settings import MAX_CHANNELS, RANGES, SENT, TILES, Settings, number_of, settings_of

_stacking = component(__file__, "stacking", sends={"settings": SENT, "preview": SENT})


def show_stacking(settings: Settings, picture: Picture) -> None:
    """Show the stacking lab; what is chosen in it goes into the address."""
    from .sent import pack_stacking

    _stacking(
        key="stacking",
        data=engine.work_out(pack_stacking, settings, picture, read_colours()),
        settings=write_settings,
        preview=write_preview,
    )


def read_settings() -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in the address, and a sentence for what was not understood.

    What is missing or impossible is the default.
    """
    default = Settings()
    text = address.text("stack")
    stack, dropped = read_stack(text) if text else (default.stack, ())
    numbers: dict[str, Any] = {
        name: address.read_as(name, in_text(number_of(name)), getattr(default, name))
        for name in RANGES
    }
    shuffle = address.read("shuffle", [str(each) for each in TILES], str(default.shuffle))
    layer = address.read_range("layer", 1, max(1, len(stack)), 1)
    settings = Settings(
        stack=stack,
        grey=address.read("grey", ("yes", "no"), "no") == "yes",
        shuffle=int(shuffle),
        layer=min(layer, len(stack)),
        channel=address.read_number("channel", MAX_CHANNELS),
        **numbers,
    )
    return settings, _dropped_in_words(dropped)


def _dropped_in_words(dropped: tuple[str, ...]) -> tuple[str, ...]:
    if not dropped:
        return ()
    shown = ", ".join(f"“{plain(part[:24])}”" for part in dropped[:3])
    more = f" and {len(dropped) - 3} more" if len(dropped) > 3 else ""
    return (
        f"This part of the stack in the address was left out: {shown}{more}. A stack has up to "
        f"{MAX_LAYERS} steps, written as in conv8k5s2p2,relu,max2: what follows k, s and p is the "
        "size of the window, its stride and its padding.",
    )


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    st.session_state.pop(PREVIEW, None)
    address.write(**_choices(settings_of(sent)))


def _choices(settings: Settings) -> dict[str, str | int | None]:
    """Return what goes into the address: what is not as in the opening."""
    opening = _as_text(Settings())
    return {
        name: None if text == opening[name] else text for name, text in _as_text(settings).items()
    }


def _as_text(settings: Settings) -> dict[str, str]:
    return {
        "stack": write_stack(settings.stack),
        "shuffle": str(settings.shuffle),
        "grey": "yes" if settings.grey else "no",
        "layer": str(max(1, settings.layer)),
        "channel": str(settings.channel),
        **{name: f"{getattr(settings, name):g}" for name in RANGES},
    }


PREVIEW = "stacking-preview"
"""In the session, the settings of a control that is being dragged."""


def write_preview(sent: Mapping[str, Any]) -> None:
    """Remember what the lab has sent while a control is dragged; the address waits."""
    st.session_state[PREVIEW] = settings_of(sent)


def previewed(settings: Settings) -> Settings:
    """Return what is being dragged now, or what the address says; forget the former."""
    preview: Settings | None = st.session_state.pop(PREVIEW, None)
    return settings if preview is None else preview
