"""The session store: one row per request, written at once (agent-logs 7.1.1)."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.usage import Quality, UsageRecord
from tokenpal.sources.base import Line, Piece
from tokenpal.sources.copilot_cli.keys import REQUESTS, aiu, key, number, precedence
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import typed
from tokenpal.sources.livedb import Column, Table, plain as columns
from tokenpal.sources.times import file_millis, millis


def _of_session(name: str) -> Column:
    sql = f"(SELECT s.{name} FROM sessions s WHERE s.id = assistant_usage_events.session_id)"
    return Column(name, sql, also=(("sessions", name), ("sessions", "id")))


TABLES: Final = (
    Table(
        "assistant_usage_events",
        (
            *columns(
                "id", "session_id", "model", "created_at", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
                "reasoning_tokens", "total_nano_aiu", "parent_tool_call_id",
            ),
            _of_session("cwd"), _of_session("branch"),
        ),
        needs=("session_id",),
    ),
)  # fmt: skip


class Row(msgspec.Struct, gc=False):
    id: int | str | None = None
    session_id: str | None = None
    model: str | None = None
    created_at: str | int | float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_nano_aiu: float | None = None
    parent_tool_call_id: str | None = None
    cwd: str | None = None
    branch: str | None = None


def row(notes: Notes, line: Line, piece: Piece) -> None:
    """Input contains both cache classes, output the reasoning."""
    place = f"row {line.offset}"
    found = typed(line.data, Row)
    if found is None or not found.session_id:
        notes.problem(place, "the row cannot be understood")
        return
    fresh, read, written = notes.parts(place, found.input_tokens, found.cache_read_tokens, found.cache_write_tokens)
    tokens = notes.tokens(
        place, fresh=fresh, read=read, written=written, output=found.output_tokens, reasoning=found.reasoning_tokens,
    )  # fmt: skip
    if tokens is None:
        return
    session = plain(found.session_id)
    own = found.id if isinstance(found.id, int) else number(found.id) if found.id else line.offset
    at = millis(found.created_at) or file_millis(piece.cursor.mtime_ns)
    notes.items.append(UsageRecord(
        key(session, REQUESTS, own), f"copilot-cli:{session}", at // 1000, plain(found.model or ""), tokens,
        folder=plain(found.cwd or "", LONGEST_PATH), branch=plain(found.branch or ""), sub_agent=bool(found.parent_tool_call_id),
        precedence=precedence(REQUESTS), money=aiu(notes, place, found.total_nano_aiu), quality=Quality.EXACT,
    ))  # fmt: skip
