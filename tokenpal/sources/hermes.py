"""Hermes: running totals of each session, in a database for each profile (agent-logs 8).

Classes are disjoint; reasoning is inside output (Hermes calls it "Reasoning (subset)"; ccusage adds it). ``actual_cost_usd`` is
what a provider said it took and wins over ``estimated_cost_usd``. Times are seconds with a fraction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import PICO, Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, SessionFact, UsageRecord
from tokenpal.sources import cumulative
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.livedb import Table, plain as columns, read
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, fields, number, text
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import troubles
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="hermes",
    name="Hermes",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://hermes-agent.nousresearch.com/docs",
    tells="Tokens of each Hermes session on this machine, by class, with model, provider, folder and what it cost as far as Hermes knows.",
    silent="Partial: single requests and their times (totals grow between two looks), and sessions deleted before they were read.",
)
DATABASE: Final = "state.db"
SESSIONS: Final = Table(
    "sessions",
    columns(
        "id", "model", "started_at", "ended_at", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
        "reasoning_tokens", "billing_provider", "estimated_cost_usd", "actual_cost_usd", "cost_status", "cwd", "git_repo_root",
        "parent_session_id",
    ),
    needs=("id", "input_tokens", "output_tokens"), grows=False,
)  # fmt: skip
KEPT: Final = 500  # sessions of which the last total is remembered; an older one that grows is booked whole at its start


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """The last totals of the newest sessions."""

    totals: dict[str, cumulative.Total] = {}


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``HERMES_HOME``, else ``~/.hermes``."""
    return once([*named(home, env, "HERMES_HOME"), home / ".hermes"])


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The sessions of every profile whose database changed."""
    if context.root is None:
        return
    profiles = context.root / "profiles"
    seen = look(
        [str(profiles)], lambda name: name == DATABASE, depth=1, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    for path in (context.root / DATABASE, *sorted(Path(found.path) for found in seen.files)):
        known = context.cursors.get(f"{path}#sessions")
        for piece in read(path, [SESSIONS], context):
            # The state goes on: it is what the new totals are compared with.
            yield msgspec.structs.replace(piece, first=piece.first and known is None)


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    state = state or State()
    if not isinstance(raw, Piece):
        return state, []
    state = State(dict(state.totals))
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        row = fields(document(line.data))
        if text(row.get("id")):
            items += _session(state, raw, row, Notes(raw.cursor.name, f"session {line.offset + 1}"))
    if len(state.totals) > KEPT:
        state.totals = dict(sorted(state.totals.items(), key=lambda pair: (-pair[1].at, pair[0]))[:KEPT])
    return state, items


def _session(state: State, piece: Piece, row: Mapping[str, Any], notes: Notes) -> list[Item]:
    name = text(row.get("id"))
    output = notes.tokens(row.get("output_tokens"))
    counts = Tokens(
        fresh_input=notes.tokens(row.get("input_tokens")), cache_read=notes.tokens(row.get("cache_read_tokens")),
        cache_write_other=notes.tokens(row.get("cache_write_tokens")), output=output,
        reasoning=min(output, notes.tokens(row.get("reasoning_tokens"))),
    )  # fmt: skip
    actual = _pico(row.get("actual_cost_usd"))
    cost = actual or (0 if row.get("cost_status") == "included" else _pico(row.get("estimated_cost_usd")))
    seen = file_millis(piece.cursor.mtime_ns) // 1000
    found = cumulative.interval(f"hermes:{name}", state.totals.get(name), counts, cost, seen)
    if found is None or (found.again and found.total == state.totals.get(name)):
        return list(notes.problems())
    state.totals[name] = found.total
    started = (millis(row.get("started_at")) or millis(row.get("ended_at")) or seen * 1000) // 1000
    folder = row.get("git_repo_root") or row.get("cwd")
    record = UsageRecord(
        found.key, f"hermes:{name}", started if found.first else max(started, found.total.at), text(row.get("model")), found.tokens, None,
        Grain.REQUEST, plain(folder, LONGEST_PATH) if isinstance(folder, str) else "", precedence=found.precedence,
        money=(Money(MoneyKind.CASH if actual else MoneyKind.LIST_PRICE, "USD", found.pico),) if found.pico else (),
        quality=Quality.AGGREGATE, provider=provider_id(text(row.get("billing_provider"))),
    )  # fmt: skip
    parent = text(row.get("parent_session_id"))
    facts = [SessionFact(f"hermes:{name}", f"hermes:{parent}")] if parent and parent != name else []
    return [record, *facts, *notes.problems()]


def _pico(said: Any) -> int:
    """Dollars; 0 says nothing, and an impossible amount is none."""
    amount = number(said)
    return int((amount / PICO).to_integral_value()) if amount is not None and 0 < amount <= MAX_AMOUNT else 0


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """One chain of a session's totals."""
    return cumulative.settle(family)
