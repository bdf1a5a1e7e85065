"""What nobody foresaw is written to the log, and the visitor gets a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .asgi import App, Message, Receive, Scope, Send, answer

_log = logging.getLogger(__name__)


def _nothing(_error: Exception) -> str:
    return ""


says: Callable[[Exception], str] = _nothing
"""What the site has to say of an error, in Markdown; "" where it has nothing better than this."""

SENTENCE = "Something went wrong here, and it is no fault of yours. Try it again."


class Faults:
    """Answers a request that raised; the traceback stays here."""

    def __init__(self, app: App) -> None:
        """Guard an application; the next one is given."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        is_answered = False

        async def noticed(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception:
            if scope["type"] != "http" or is_answered:
                raise
            _log.exception("A request for %s failed", scope["path"])
            await answer(noticed, 500, SENTENCE)
