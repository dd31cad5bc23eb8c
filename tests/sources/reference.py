"""A ledger in a dictionary: upsert, supersede and settle as the documents say, written apart from the store.

It keeps what the store keeps of each record, so that a test can ask both the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tokenpal.model.cursors import Cursor
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import (
    FAMILY_BYTES,
    Candidate,
    Item,
    LimitReading,
    Problem,
    SessionFact,
    Superseded,
    UsageRecord,
)
from tokenpal.sources.base import Context, Line, Piece, Raw, Source

LATER = 4_000_000_000  # a clock at which every file has been quiet for long


class Ledger:
    """Records by key; ``counted()`` are those that count."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.records: dict[bytes, UsageRecord] = {}
        self.dead: set[bytes] = set()
        self.facts: dict[str, SessionFact] = {}
        self.limits: dict[str, LimitReading] = {}
        self.problems: list[Problem] = []
        self.cursors: dict[str, Cursor] = {}

    def apply(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, UsageRecord):
                known = self.records.get(item.key)
                self.records[item.key] = item if known is None else merge(known, item)
            elif isinstance(item, Superseded):
                if item.again:
                    self.dead.discard(item.key)
                else:
                    self.dead.add(item.key)
            elif isinstance(item, SessionFact):
                known_fact = self.facts.get(item.session, item)
                self.facts[item.session] = SessionFact(
                    item.session, item.parent or known_fact.parent, item.version or known_fact.version, item.parts or known_fact.parts
                )
            elif isinstance(item, LimitReading):
                if item.name not in self.limits or item.at >= self.limits[item.name].at:
                    self.limits[item.name] = item
            elif isinstance(item, Problem):
                self.problems.append(item)

    def counted(self) -> list[UsageRecord]:
        families: dict[bytes, list[UsageRecord]] = {}
        for key, record in self.records.items():
            if key not in self.dead:
                families.setdefault(key[:FAMILY_BYTES], []).append(record)
        settle = getattr(self.source, "settle", None)
        found: list[UsageRecord] = []
        for members in families.values():
            if settle is None or len(members) == 1:
                found += members
                continue
            keys = settle([Candidate(r.key, r.precedence, r.at, r.model, r.tokens, r.sub_agent) for r in sorted(members, key=lambda r: r.key)])
            found += [record for record in members if record.key in keys]
        return sorted(found, key=lambda record: (record.at, record.key))

    def snapshot(self) -> list[UsageRecord]:
        return self.counted()

    def tokens(self) -> Tokens:
        total = NO_TOKENS
        for record in self.counted():
            total += record.tokens
        return total


def merge(one: UsageRecord, other: UsageRecord) -> UsageRecord:
    """UsageRecord's docstring: greater numbers, smaller home, smallest time; in whatever order they come."""
    numbers = max((one, other), key=rank)
    home = min((one, other), key=lambda r: (r.home, r.session, not r.folder, r.folder, not r.branch, r.branch))
    return msgspec.structs.replace(
        numbers, session=home.session, folder=home.folder, branch=home.branch, home=home.home, at=min(one.at, other.at)
    )


def rank(record: UsageRecord) -> tuple[Any, ...]:
    t = record.tokens
    return (
        record.precedence, t.output, t.total, record.model != "", msgspec.structs.astuple(t), record.model,
        record.quality != "lower_bound", record.tier, record.sub_agent, record.quality,
        [(m.kind, m.currency, m.pico) for m in record.money],
    )


# ---------------------------------------------------------------------------------------------- driving a source


def pieces(source: Source, context: Context) -> Iterator[Raw]:
    """``fetch`` by hand: a log source never waits."""
    running = source.fetch(context).__aiter__()
    while True:
        step: Any = running.__anext__()
        try:
            step.send(None)
        except StopIteration as done:
            yield done.value
        except StopAsyncIteration:
            return
        else:
            raise AssertionError("a log source waited")


def scan(
    ledger: Ledger,
    root: Path,
    *,
    now: int = LATER,
    full: bool = True,
    memory: dict[str, Any] | None = None,
    split: Callable[[Piece], Iterable[Piece]] = lambda piece: [piece],
) -> int:
    """One scan of a root into the ledger, as the engine does it: state through msgpack. Returns the number of pieces."""
    source = ledger.source
    context = Context(
        account=1, root=root, base_url="", cursors=dict(ledger.cursors), now=lambda: now, full_walk=full,
        memory={} if memory is None else memory,
    )
    count = 0
    states: dict[str, Any] = {}
    for raw in pieces(source, context):
        assert isinstance(raw, Piece)
        count += 1
        name = raw.cursor.name
        if raw.first:
            state = None
        elif name in states:
            state = states[name]
        else:
            saved = ledger.cursors.get(name)
            state = msgspec.msgpack.decode(saved.state, type=source.State) if saved is not None and saved.state else None
        for part in split(raw):
            state, items = source.parse(state, part)
            ledger.apply(items)
        states[name] = state
        ledger.cursors[name] = msgspec.structs.replace(raw.cursor, state=msgspec.msgpack.encode(state))
    return count


def line_by_line(piece: Piece) -> Iterator[Piece]:
    """Every line a piece of its own: reading in pieces must give the same (agent-logs 2.3.6)."""
    if not piece.lines:
        yield piece
    first: bool = piece.first
    problems = piece.problems
    for line in piece.lines:
        yield msgspec.structs.replace(piece, lines=[line], first=first, problems=problems)
        first, problems = False, ()


def totals(records: Iterable[UsageRecord]) -> Mapping[str, Any]:
    """The normal form of expected.json."""
    total, events, cost = NO_TOKENS, 0, 0
    for record in records:
        total += record.tokens
        events += 1
        cost += sum(money.pico for money in record.money)
    written = total.cache_write_5m + total.cache_write_1h + total.cache_write_other
    return {
        "events": events,
        "fresh_input": total.fresh_input,
        "cache_read": total.cache_read,
        "cache_write": written,
        "output_incl_reasoning": total.output,
        "reasoning_subset": total.reasoning,
        "total": total.total,
        "input_incl_cached": total.fresh_input + total.cache_read + written,
        "fresh_plus_cache_write": total.fresh_input + written,
        "recorded_cost_usd": cost / 10**12,
    }


def make_line(offset: int, text: str) -> Line:
    return Line(offset, text.encode())
