"""Reads an account of the loopback server the way the engine does, into a small ledger that follows decisions 2."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import ModuleType
from typing import Any

from tests import providers
from tests.provider_server import KEYS, ProviderServer
from tokenpal.model.errors import AccountError
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Balance, Item, LimitReading, Problem, UsageRecord, Window
from tokenpal.sources.base import Context, Cursor, Reply
from tokenpal.system.net import Http
from tokenpal.system.secrets import Secret

DAY = 86_400
NOON = 1_795_262_400  # 2026-11-21 12:00:00 UTC


@dataclass
class Book:
    """Usage by window, as the store keeps it; and everything else as it came."""

    stored: dict[bytes, UsageRecord] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    readings: list[LimitReading] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    error: AccountError | None = None

    def apply(self, items: list[Item], cursor: Cursor) -> None:
        for window in (item for item in items if isinstance(item, Window)):
            for key in [k for k, r in self.stored.items() if r.endpoint == window.endpoint and window.start <= r.at < window.end]:
                del self.stored[key]
        for item in items:
            if isinstance(item, UsageRecord):
                assert self.stored.get(item.key, item) == item, "a key twice: the second would replace the first instead of adding to it"
                self.stored[item.key] = item
            elif isinstance(item, LimitReading):
                self.readings.append(item)
            elif isinstance(item, Balance):
                self.balances.append(item)
            elif isinstance(item, Problem):
                self.problems.append(item)
        self.cursors[cursor.name] = cursor

    @property
    def records(self) -> list[UsageRecord]:
        return list(self.stored.values())

    def tokens(self, start: int = 0, end: int = 2**40) -> Tokens:
        total = NO_TOKENS
        for record in self.records:
            if start <= record.at < end:
                total += record.tokens
        return total

    def requests(self, start: int = 0, end: int = 2**40) -> int | None:
        found = [r.requests for r in self.records if start <= r.at < end]
        return None if None in found else sum(n or 0 for n in found)

    def money(self, start: int = 0, end: int = 2**40) -> Decimal:
        """All stated money in dollars; the kinds are checked apart."""
        return sum((m.amount for r in self.records if start <= r.at < end for m in r.money), Decimal(0))

    def kinds(self) -> set[tuple[str, str]]:
        return {(m.kind.value, m.currency) for r in self.records for m in r.money}


def context(server: ProviderServer, provider: str, http: Http | None, now: int, book: Book, key: str | None = None, **more: Any) -> Context:
    """``options`` of the account are those that tests/providers/ gives, unless others are given."""
    said = KEYS.get(provider, "") if key is None else key
    values = {"base_url": server.url(provider), "options": providers.found()[provider].OPTIONS, **more}
    return Context(account=7, root=None, cursors=book.cursors, now=lambda: now, http=http, secret=Secret(said) if said else None, **values)


def read(server: ProviderServer, source: ModuleType, *, now: int = NOON, book: Book | None = None, key: str | None = None, **more: Any) -> Book:
    """One poll. ``book`` is changed and given back; an AccountError is kept in it. Waiting is noted, not done."""
    book = book or Book()
    book.error = None

    async def wait(seconds: float) -> None:
        book.waits.append(seconds)

    async def run() -> None:
        async with Http(sleep=wait) as http:
            states: dict[str, Any] = {}
            gathered: dict[str, list[Item]] = {}
            replies = source.fetch(context(server, source.INFO.id, http, now, book, key, **more))
            try:
                async for reply in replies:
                    states[reply.endpoint], items = source.parse(states.get(reply.endpoint), reply)
                    gathered.setdefault(reply.endpoint, []).extend(items)
                    if reply.final:
                        book.apply(gathered.pop(reply.endpoint), reply.cursor)
            except AccountError as problem:
                book.error = problem
            finally:
                await replies.aclose()

    asyncio.run(run())
    return book


def check(server: ProviderServer, source: ModuleType, key: str | None = None, now: int = NOON, **more: Any) -> str:
    async def run() -> str:
        async def wait(seconds: float) -> None:
            pass

        async with Http(sleep=wait) as http:
            answer: str = await source.check(context(server, source.INFO.id, http, now, Book(), key, **more))
            return answer

    return asyncio.run(run())


def reply(endpoint: str, body: bytes, window: tuple[int, int] | None = None, *, page: int = 1, final: bool = True, facts: Any = None) -> Reply:
    return Reply(Cursor(endpoint), endpoint, body, NOON, window, page, final, facts)


def asked(server: ProviderServer, path: str) -> list[Mapping[str, Any]]:
    return [r for r in server.requests() if path in r["path"]]
