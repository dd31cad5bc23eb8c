"""Real replies of every provider's source, as its fetch makes them from the loopback server: what other tests bend and break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tests import providers
from tests.provider_server import PREFIXES, ProviderServer
from tests.sources.accounts import NOON, Book, context
from tokenpal.model.usage import Item
from tokenpal.sources import registry
from tokenpal.sources.base import Kind, Reply, Source
from tokenpal.sources.buckets import Facts
from tokenpal.system.net import Answer, Http

APIS: dict[str, Source] = {name: source for name, source in registry.sources().items() if source.INFO.kind is Kind.API}
PLUGGED = [name for name in APIS if name in providers.found()]
"""Sources whose provider the loopback server plays; test_everyone says which are missing."""
SCENES: dict[str, Callable[[ProviderServer], None]] = {
    "as usual": lambda server: None,
    "small pages": lambda server: server.set(max_buckets=20, max_rows=30, truncate=100),
    "older servers": lambda server: server.set(analytics=False, aggregated=False),
}
EVER = (0, 2**40)


@dataclass(frozen=True)
class Seen:
    """A reply, and the path its body came from."""

    method: str
    path: str  # without the prefix of the loopback server
    reply: Reply


class Noting(Http):
    """Remembers which address gave which body. Waits for nothing."""

    def __init__(self) -> None:
        super().__init__(sleep=self._pass)
        self.bodies: dict[bytes, tuple[str, str]] = {}

    async def _pass(self, _: float) -> None:
        pass

    async def _send(self, method: str, url: str, *more: Any) -> Answer:
        answer = await super()._send(method, url, *more)
        self.bodies[answer.body] = (method, urlsplit(url).path)
        return answer


def captured(server: ProviderServer, provider: str, scenes: tuple[str, ...] = ("as usual", "older servers"), days: int = 4) -> list[Seen]:
    """One reply of each endpoint, path and window length, of a first poll."""
    found: dict[Any, Seen] = {}

    async def run() -> None:
        async with Noting() as http:
            replies = APIS[provider].fetch(context(server, provider, http, NOON, Book()))
            async for reply in replies:
                method, path = http.bodies.get(reply.body, ("", ""))
                width = None if reply.window is None else reply.window[1] - reply.window[0]
                key = (reply.endpoint, path, width)
                if key not in found or len(reply.body) > len(found[key].reply.body):
                    found[key] = Seen(method, path.removeprefix(PREFIXES[provider]), reply)

    for scene in scenes:
        server.reset()
        server.world(now=NOON, days=days)
        SCENES[scene](server)
        asyncio.run(run())
    return list(found.values())


def widened(reply: Reply) -> Reply:
    """The same, asked for all of time: an example may be of any day."""
    facts = reply.context
    if isinstance(facts, Facts) and facts.span is not None:
        facts = msgspec.structs.replace(facts, span=EVER)
    window = None if reply.window is None else EVER
    return msgspec.structs.replace(reply, window=window, context=facts, page=1, final=True)


def parsed(provider: str, reply: Reply, body: bytes | None = None) -> list[Item]:
    """What the source makes of this reply alone, or of another body in its place."""
    return APIS[provider].parse(None, reply if body is None else msgspec.structs.replace(reply, body=body))[1]
