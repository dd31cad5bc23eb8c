"""What a running app does for ``tokenpal scan``, ``poll`` and ``share`` in another process."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tokenpal.engine import loop
from tokenpal.engine.accountwatch import AccountWatch
from tokenpal.engine.channel import Say
from tokenpal.engine.logwatch import LogWatch
from tokenpal.engine.sharing.watch import ShareWatch
from tokenpal.model.errors import UsageError
from tokenpal.model.events import Event, ScanProgress


class Requests:
    """Answers one request at a time for each connection; see ``channel``."""

    def __init__(self, logs: LogWatch, accounts: AccountWatch, sharing: ShareWatch) -> None:
        self._logs = logs
        self._accounts = accounts
        self._sharing = sharing

    async def __call__(self, request: dict[str, Any], say: Say) -> dict[str, Any]:
        """Raises UsageError for what is no request."""
        what = request.get("do")
        if what == "scan":
            return await self._scan(_strings(request.get("agents")), say)
        if what == "poll":
            since = request.get("since")
            reports = await self._accounts.ask_now(_numbers(request.get("accounts")), since if isinstance(since, int) else None)
            return {"reports": msgspec.to_builtins(reports)}
        if what == "share":
            args = request.get("args")
            answer = await self._sharing.do(str(request.get("command")), **(args if isinstance(args, dict) else {}))
            return {"answer": msgspec.to_builtins(answer)}
        raise UsageError("The running tokenpal does not know this request.", "Quit it, so that both are of the same version.")

    async def _scan(self, agents: list[str], say: Say) -> dict[str, Any]:
        events: asyncio.Queue[Event] = asyncio.Queue()
        tasks = loop.Tasks()
        tasks.start(_tell(events, say), "progress")
        self._logs.listeners.add(events.put_nowait)
        try:
            report = await self._logs.look(full=True, only=frozenset(agents))
        finally:
            self._logs.listeners.discard(events.put_nowait)
            await tasks.stop()
        done: dict[str, Any] = msgspec.to_builtins(report)
        return done


async def _tell(events: asyncio.Queue[Event], say: Say) -> None:
    try:
        while True:
            event = await events.get()
            if isinstance(event, ScanProgress):
                await say({"progress": msgspec.to_builtins(event)})
    except ConnectionError:
        return  # the asker went away; the scan goes on


def _strings(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _numbers(value: Any) -> list[int]:
    return [number for number in value if isinstance(number, int)] if isinstance(value, list) else []
