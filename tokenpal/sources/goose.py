"""Goose: a live database of sessions, since schema 15 with a ledger of every call (agent-logs 7.4).

A session with rows in the ledger counts by these: totals and calls of a session are one family, so that it does not matter
which are found first. Others have totals that grow: each look books what was added since the last
one, when it was added. Such a record says from which total to which it goes (``top`` in its precedence, ``base`` in its
key), so that ``settle`` finds a chain without overlap even if looks were lost or made from two copies. Totals of sub-agents
are rolled up into their parents, so only sessions at the top count. What a total has beyond input and output is cache or
reasoning, and kept apart as written to a cache of unknown lifetime, never as output.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import FAMILY_BYTES, Candidate, Item, Quality, Superseded, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Line, Piece, Raw, SourceInfo
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import typed
from tokenpal.sources.livedb import Column, Condition, Table, plain as columns, read
from tokenpal.sources.roots import named, once, roaming, support
from tokenpal.sources.times import file_millis, millis

INFO: Final = SourceInfo(
    id="goose",
    name="Goose",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://block.github.io/goose/docs",
    tells="Calls of Goose on this machine: tokens by class, provider, model, folder and session, and Goose's own price.",
    silent="Times of single calls in versions before the ledger (schema 15), which keep totals of a session; git branches.",
)
CALL: Final = 1 << 31  # in the last bytes of a key
FIRST: Final = 1 << 62  # precedence of calls
SUB_AGENT: Final = ("sub_agent", "subagent", "SubAgent")
MOST_BASES: Final = 200
MOST_KEPT: Final = 2000  # sessions whose totals are remembered; others are booked at their start


def _root(table: str, id_: str) -> str:
    """SQL: the session at the top of a chain of sub-agents."""
    return (
        f"(WITH RECURSIVE up(id, parent, n) AS (SELECT id, parent_session_id, 0 FROM sessions WHERE id = {table}.{id_}"
        " UNION ALL SELECT s.id, s.parent_session_id, n + 1 FROM up JOIN sessions s ON s.id = up.parent WHERE n < 20)"
        " SELECT COALESCE(parent, id) FROM up ORDER BY n DESC LIMIT 1)"
    )


def _of_session(name: str, sql: str = "") -> Column:
    picked = f"(SELECT {sql or f's.{name}'} FROM sessions s WHERE s.id = usage_ledger.session_id)"
    return Column(name, picked, also=(("sessions", name), ("sessions", "id")))


MODEL: Final = "CASE WHEN json_valid(model_config_json) THEN json_extract(model_config_json, '$.model_name') END"
WITHOUT: Final = (  # neither it nor a session below it has calls in the ledger
    "NOT EXISTS(WITH RECURSIVE below(id, n) AS (SELECT sessions.id, 0 UNION SELECT s.id, n + 1 FROM below JOIN sessions s"
    " ON s.parent_session_id = below.id WHERE n < 5) SELECT 1 FROM usage_ledger u JOIN below ON u.session_id = below.id)"
)
TABLES: Final = (
    Table(
        "usage_ledger",
        (
            *columns(
                "id", "session_id", "created_timestamp", "created_at", "model", "provider", "input_tokens", "output_tokens", "total_tokens",
                "cache_read_tokens", "cache_write_tokens", "cost", "cost_source",
            ),
            _of_session("working_dir"), _of_session("provider_name"), _of_session("session_type"), _of_session("model_config_json", MODEL),
            Column("root", _root("usage_ledger", "session_id"), also=(("sessions", "parent_session_id"), ("sessions", "id"))),
        ),
        needs=("session_id",),
    ),
    Table(
        "sessions",
        (
            *columns(
                "id", "created_at", "updated_at", "provider_name", "working_dir", "total_tokens", "input_tokens", "output_tokens",
                "accumulated_total_tokens", "accumulated_input_tokens", "accumulated_output_tokens", "accumulated_cache_read_tokens",
                "accumulated_cache_write_tokens", "accumulated_cost",
            ),
            Column("model_config_json", MODEL, of="model_config_json"), Column("session_type"),
            Column("has_parent", "parent_session_id IN (SELECT id FROM sessions)", of="parent_session_id"),
        ),
        needs=("id",), grows=False,
        conditions=(
            Condition(WITHOUT, (("usage_ledger", "session_id"), ("sessions", "parent_session_id"))),
            Condition("NOT EXISTS(SELECT 1 FROM usage_ledger u WHERE u.session_id = sessions.id)", (("usage_ledger", "session_id"),)),
        ),
    ),
)  # fmt: skip


class Row(msgspec.Struct, gc=False):
    table: str = ""
    id: int | str | None = None
    session_id: str | int | None = None
    created_timestamp: int | float | str | None = None
    created_at: int | float | str | None = None
    updated_at: int | float | str | None = None
    model: str | None = None
    provider: str | None = None
    provider_name: str | None = None
    session_type: str | None = None
    model_config_json: str | None = None
    working_dir: str | None = None
    root: str | int | None = None
    has_parent: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cost: float | None = None
    cost_source: str | None = None
    accumulated_total_tokens: int | None = None
    accumulated_input_tokens: int | None = None
    accumulated_output_tokens: int | None = None
    accumulated_cache_read_tokens: int | None = None
    accumulated_cache_write_tokens: int | None = None
    accumulated_cost: float | None = None


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A session's totals as of the last look."""

    classes: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    cost: float = 0.0
    bases: tuple[int, ...] = ()  # totals from which something was booked


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """By session."""

    totals: dict[str, Seen] = {}


# ---------------------------------------------------------------------------------------------- files


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The folder of the first ``sessions.db`` that exists, for versions moved it and left copies; all places if none does."""
    apple = support(home)
    share = [*named(home, env, "XDG_DATA_HOME"), home / ".local" / "share"]
    found = [*named(home, env, "GOOSE_PATH_ROOT", below="data"), *(base / "goose" for base in share), home / ".local" / "share" / "Block" / "goose"]
    found += [apple / "goose", apple / "Block" / "goose"]
    for base in roaming(home, env):
        found += [base / "Block" / "goose", base / "Block" / "goose" / "data"]
    places = once(path / "sessions" for path in found)
    return tuple(path for path in places if os.path.isfile(path / "sessions.db"))[:1] or places


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """New calls of the ledger, and the totals of sessions without."""
    if context.root is not None:
        for piece in read(context.root if context.root.is_file() else context.root / "sessions.db", TABLES, context):
            yield piece


# ---------------------------------------------------------------------------------------------- meaning


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: what cannot be understood becomes a problem."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else State(dict(state.totals))
    notes = Notes(raw)
    for line in raw.lines:
        row = typed(line.data, Row)
        place = f"{row.table if row is not None else 'row'} {line.offset}"
        if row is None or (row.session_id if row.table == "usage_ledger" else row.id) is None:
            notes.problem(place, "the row cannot be understood")
        elif row.table == "usage_ledger":
            _call(notes, raw, line, place, row)
        else:
            _session(notes, raw, place, row, state)
    while len(state.totals) > MOST_KEPT:
        del state.totals[next(iter(state.totals))]
    return state, notes.items


def _call(notes: Notes, piece: Piece, line: Line, place: str, row: Row) -> None:
    tokens = _tokens(notes, place, row.input_tokens, row.output_tokens, row.total_tokens, row.cache_read_tokens, row.cache_write_tokens)
    if tokens is None:
        return
    when = row.created_timestamp if row.created_timestamp is not None else row.created_at
    own = plain(str(row.session_id))
    root = plain(str(row.root)) if row.root is not None else own
    provider = row.provider or row.provider_name
    billed = MoneyKind.CREDITS if row.cost_source == "provider_reported" else MoneyKind.LIST_PRICE
    number = row.id if isinstance(row.id, int) else line.offset
    notes.items.append(UsageRecord(
        _key(own, CALL | number & (CALL - 1)), f"goose:{root}",
        (millis(when) or file_millis(piece.cursor.mtime_ns)) // 1000, plain(row.model or row.model_config_json or ""), tokens,
        folder=plain(row.working_dir or "", LONGEST_PATH), sub_agent=root != own or row.session_type in SUB_AGENT, precedence=FIRST,
        money=notes.money(place, billed, row.cost), provider=provider_id(provider) if provider else "",
        quality=Quality.INFERRED if tokens.cache_write_other else Quality.EXACT,
    ))  # fmt: skip


def _session(notes: Notes, piece: Piece, place: str, row: Row, state: State) -> None:
    """What a session's totals have grown by since the last look."""
    grown = any(each is not None for each in (row.accumulated_total_tokens, row.accumulated_input_tokens, row.accumulated_output_tokens))
    if grown:
        total = _tokens(
            notes, place, row.accumulated_input_tokens, row.accumulated_output_tokens, row.accumulated_total_tokens,
            row.accumulated_cache_read_tokens, row.accumulated_cache_write_tokens,
        )  # fmt: skip
    else:  # of the last request only
        total = _tokens(notes, place, row.input_tokens, row.output_tokens, row.total_tokens, None, None)
    if total is None:
        return
    own = f"{plain(str(row.id))} {row.created_at}"
    seen = state.totals.pop(own, Seen())
    if row.has_parent or row.session_type in SUB_AGENT:  # its parent's totals contain it
        notes.items += [Superseded(_booked(row, base)) for base in seen.bases]
        return
    now = (total.fresh_input, total.cache_read, total.cache_write_5m, total.output, total.cache_write_other)
    before, paid = seen.classes, seen.cost
    if not grown or any(new < old for new, old in zip(now, before, strict=True)):
        before, paid = (0, 0, 0, 0, 0), 0.0
    cost = row.accumulated_cost if row.accumulated_cost is not None and 0 <= row.accumulated_cost < 1e9 else paid
    added = [new - old for new, old in zip(now, before, strict=True)]
    base = sum(before)
    bases = seen.bases if base in seen.bases or not any(added) else (*seen.bases[-MOST_BASES:], base)
    state.totals[own] = Seen(now, max(cost, paid), bases)
    if not any(added):
        return
    started = millis(row.created_at)
    at = (started if not base else millis(row.updated_at)) or started or file_millis(piece.cursor.mtime_ns)
    notes.items.append(UsageRecord(
        _booked(row, base), f"goose:{plain(str(row.id))}", at // 1000, plain(row.model_config_json or ""),
        Tokens(added[0], added[1], added[2], 0, added[4], added[3]), None, folder=plain(row.working_dir or "", LONGEST_PATH),
        precedence=base + sum(added), money=notes.money(place, MoneyKind.LIST_PRICE, max(0.0, cost - paid)),
        provider=provider_id(row.provider_name) if row.provider_name else "", quality=Quality.AGGREGATE if grown else Quality.LOWER_BOUND,
    ))  # fmt: skip


def _booked(row: Row, base: int) -> bytes:
    """The key of what a session's totals grew by from this total on."""
    return _key(plain(str(row.id)), crc32(f"{row.created_at} {base}".encode("utf-8", "replace")) & (CALL - 1))


def _key(session: str, number: int) -> bytes:
    """Of a session's call, or of what its totals grew by."""
    return stable_key(f"goose:{session}")[:FAMILY_BYTES] + number.to_bytes(4, "big")


def _tokens(
    notes: Notes, place: str, said: int | None, output: int | None, total: int | None, read: int | None, written: int | None
) -> Tokens | None:
    """Input contains both cache classes (since schema 14; before there were none)."""
    whole, out, every = notes.clean(place, said, output, total)
    fresh, cached, put = notes.parts(place, whole, read, written)
    return notes.tokens(place, fresh=fresh, read=cached, written=put, output=out, other=max(0, every - whole - out))


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Calls, if there are any; of totals the longest chain that begins at nothing, reaches as far as any, and does not overlap."""
    calls = {each.key for each in family if each.precedence == FIRST}
    if calls:
        return calls
    ways: dict[int, tuple[int, Candidate | None]] = {0: (0, None)}  # total reached -> (records, the last of them)
    for each in sorted(family, key=lambda each: (each.precedence - each.tokens.total, each.precedence, each.key)):
        base = each.precedence - each.tokens.total
        if each.tokens.total and base in ways and ways[base][0] + 1 > ways.get(each.precedence, (0, None))[0]:
            ways[each.precedence] = (ways[base][0] + 1, each)
    counted: set[bytes] = set()
    last = ways[max(ways)][1]
    while last is not None:
        counted.add(last.key)
        last = ways[last.precedence - last.tokens.total][1]
    return counted or {max(family, key=lambda each: (each.precedence, each.key)).key}
