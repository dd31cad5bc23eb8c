"""What protects the endpoint itself: sizes before reading, time for a body, a cap on requests, and answers that name nobody.

No limit counts by sender: that would need addresses.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokenpal.team.refused import Refused

BODY_SECONDS: Final = 10
REQUESTS_PER_SECOND: Final = 300
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
BUSY: Final = Refused(503, "busy", "The endpoint has too much to do; try again later.")
MISTAKE: Final = Refused(500, "mistake", "The endpoint made a mistake; try again later.")
_log = logging.getLogger(__name__)


async def read_body(request: Request, limit: int) -> bytes:
    """The body, of at most ``limit`` bytes. Raises Refused before reading when it is announced longer, or not announced."""
    announced = request.headers.get("content-length", "")
    if request.headers.get("content-type", "") != "application/json":
        raise Refused(415, "type", "Messages are application/json.")
    if not (announced.isascii() and announced.isdecimal() and len(announced) < 10):
        raise Refused(411, "size", "The length of a message must be announced.")
    if int(announced) > limit:
        raise Refused(413, "size", f"This message may have {limit} bytes.")
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                data += part
                if len(data) > limit:
                    raise Refused(413, "size", f"This message may have {limit} bytes.")
    except TimeoutError:
        raise Refused(408, "slow", "The message took too long to arrive.") from None
    except ClientDisconnect:
        raise Refused(400, "size", "The message ended early.") from None
    return bytes(data)


class Cap:
    """So many requests a second for the whole process, and as many at once in a burst."""

    def __init__(self, per_second: int) -> None:
        self._rate = self._left = float(per_second)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more is fine now."""
        now = time.monotonic()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Guard:
    """Around the whole application: the cap, the same headers on every answer, and no mistake of ours in an answer or with data in the log."""

    def __init__(self, app: ASGIApp, per_second: int = REQUESTS_PER_SECOND) -> None:
        self._app = app
        self._cap = Cap(per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = {name.lower() for name, _ in message.get("headers", ())}
                message["headers"] = [*message.get("headers", ()), *(one for one in HEADERS if one[0] not in given)]
            await send(message)

        refused = BUSY
        if self._cap.take():
            try:
                await self._app(scope, receive, answer)
                return
            except Exception as error:
                _log.error("a request failed: %s at %s", type(error).__name__, _place(error))
                refused = MISTAKE
        if not begun:
            await _say(answer, refused)


async def _say(send: Send, refused: Refused) -> None:
    body = refused.body
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _place(error: BaseException) -> str:
    """Where it happened, without what was being handled."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
