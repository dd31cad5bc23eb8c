"""Zed's own agent: one thread a row, compressed JSON in a database (agent-logs 8).

Of a thread's data only counts and the model's name are taken out (``used``); summary and messages never leave it.
``request_token_usage`` may miss two thirds of the requests: of each class the greater of its sum and
``cumulative_token_usage`` counts, never both. Requests have no times: what was added between two looks is booked at ``updated_at``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, UsageRecord
from tokenpal.sources import cumulative
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.livedb import Column, Table, plain as columns, read
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.roots import data, once
from tokenpal.sources.times import file_millis, millis

INFO: Final = SourceInfo(
    id="zed",
    name="Zed",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://zed.dev/docs/ai/agent-panel",
    tells="Tokens of each thread of Zed's own agent on this machine, by class, with model, provider and folder.",
    silent="Partial: single requests and their times, threads deleted before they were read, and other agents that run inside Zed.",
)
MOST: Final = 12_000_000  # bytes of one thread's data, as stored
UNPACKED: Final = 256 << 20
ZSTD: Final = b"\x28\xb5\x2f\xfd"
CLASSES: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
KEPT: Final = 500  # threads of which the last total is remembered; an older one that grows is booked whole at its last time


def used(stored: Any) -> Any:
    """What is kept of a thread's data: its counts and the names of model and provider; None = it cannot be read."""
    content = stored.encode("utf-8", "replace") if isinstance(stored, str) else stored
    if not isinstance(content, bytes):
        return None
    if content.startswith(ZSTD):
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True) as stream:
                content = stream.read(UNPACKED + 1)
        except zstandard.ZstdError:
            return None
        if len(content) > UNPACKED:
            return None
    thread = document(content)
    if not isinstance(thread, dict):
        return None
    each = fields(thread.get("request_token_usage"))
    model = fields(thread.get("model"))
    return {
        "model": text(model.get("model")), "provider": text(model.get("provider")),
        "requests": [[_plain(usage.get(name)) for name in CLASSES] for usage in each.values() if isinstance(usage, dict)],
        "total": [_plain(fields(thread.get("cumulative_token_usage")).get(name)) for name in CLASSES],
    }  # fmt: skip


def _plain(count: Any) -> Any:
    """A number as it is, for ``parse`` to judge; anything else must not be carried on."""
    return count if isinstance(count, int | float) and not isinstance(count, bool) and abs(count) < 1e18 else 0


THREADS: Final = Table(
    "threads",
    (
        *columns("id", "updated_at", "data_type", "parent_id", "folder_paths"),
        Column("used", f"CASE WHEN LENGTH(data) <= {MOST} THEN data END", of="data", pick=used),
    ),
    needs=("id", "data", "updated_at"), grows=False,
)  # fmt: skip


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """The last totals of the newest threads, and the newest time."""

    totals: dict[str, cumulative.Total] = {}
    newest: str = ""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """Where Zed keeps data on each system, Flatpak too."""
    return once([*data(home, env, "zed", "Zed"), home / ".var" / "app" / "dev.zed.Zed" / "data" / "zed"])


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """Threads that changed since the last look, when the database did."""
    if context.root is None:
        return
    for path in (context.root / "threads" / "threads.db", context.root / "threads.db"):
        known = context.cursors.get(f"{path}#threads")
        for piece in read(path, [_since(known.state if known is not None else b"")], context):
            # The state goes on: it is what the new totals are compared with.
            yield msgspec.structs.replace(piece, first=piece.first and known is None)


def _since(state: bytes) -> Table:
    """Data is unpacked of threads that are as new as the newest one known, or newer."""
    try:
        newest = msgspec.msgpack.decode(state, type=State).newest if state else ""
    except (msgspec.MsgspecError, ValueError):
        newest = ""
    if not newest or not newest.replace("-", "").replace(":", "").replace(".", "").replace("+", "").isalnum():
        return THREADS
    return msgspec.structs.replace(THREADS, where=f"updated_at >= '{newest}'")


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    state = state or State()
    if not isinstance(raw, Piece):
        return state, []
    state = State(dict(state.totals), state.newest)
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        row = fields(document(line.data))
        if "id" in row:
            items += _thread(state, raw, row, Notes(raw.cursor.name, f"thread {line.offset + 1}"))
    if len(state.totals) > KEPT:
        state.totals = dict(sorted(state.totals.items(), key=lambda pair: (-pair[1].at, pair[0]))[:KEPT])
    return state, items


def _thread(state: State, piece: Piece, row: Mapping[str, Any], notes: Notes) -> list[Item]:
    said = row.get("used")
    name = text(row.get("id"))
    if not isinstance(said, dict) or row.get("data_type") not in (None, "zstd", "json"):
        notes.problem("holds a thread that cannot be read; it was left out")
        return list(notes.problems())
    at = (millis(row.get("updated_at")) or file_millis(piece.cursor.mtime_ns)) // 1000
    counts = _counts(notes, said)
    found = cumulative.interval(f"zed:{name}", state.totals.get(name), counts, 0, at)
    if isinstance(stamp := row.get("updated_at"), str) and len(stamp) < 40:
        state.newest = max(state.newest, stamp)
    if found is None or found.again:
        return list(notes.problems())
    state.totals[name] = found.total
    parent, folder = text(row.get("parent_id")), row.get("folder_paths")
    record = UsageRecord(
        found.key, f"zed:{parent or name}", at, text(said.get("model")), found.tokens, None, Grain.REQUEST,
        plain(folder, LONGEST_PATH) if isinstance(folder, str) and _one(folder) else "", sub_agent=bool(parent),
        precedence=found.precedence, quality=Quality.AGGREGATE, provider=provider_id(text(said.get("provider"))),
    )  # fmt: skip
    return [record, *notes.problems()]


def _one(folders: str) -> bool:
    """Of a workspace with several folders nobody knows which."""
    return not any(mark in folders for mark in "\n\0[") and (folders.startswith("/") or folders[1:3] in {":\\", ":/"})


def _counts(notes: Notes, said: Mapping[str, Any]) -> Tokens:
    each = [0] * len(CLASSES)
    for usage in said.get("requests", ()):
        each = [before + notes.tokens(count) for before, count in zip(each, usage, strict=False)]
    total = [notes.tokens(count) for count in said.get("total", ())]
    fresh, output, cached, put = map(max, each, total or [0] * len(CLASSES))
    return Tokens(fresh_input=fresh, cache_read=cached, cache_write_other=put, output=output)


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """One chain of a thread's totals."""
    return cumulative.settle(family)
