"""Files of the OpenTelemetry exporter: spans and log records of GenAI requests (agent-logs 7.1.3).

Of the rows about one response, or in one trace, the best kind counts: chat span, inference log, agent turn, ``invoke_agent``.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokenpal.model.names import plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Quality, Superseded, UsageRecord
from tokenpal.sources.base import Line, Piece
from tokenpal.sources.copilot_cli.keys import AGENT, CHAT, INFERENCE, TRACES, TURN, key, number, precedence
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import document, fit
from tokenpal.sources.times import file_millis, millis

NOWHERE: Final = "response "  # what stands for the session of a row that names none


class Use(msgspec.Struct, gc=False):
    operation: str | None = msgspec.field(name="gen_ai.operation.name", default=None)
    event: str | None = msgspec.field(name="event.name", default=None)
    session: str | None = msgspec.field(name="gen_ai.conversation.id", default=None)
    response: str | None = msgspec.field(name="gen_ai.response.id", default=None)
    model: str | None = msgspec.field(name="gen_ai.response.model", default=None)
    asked: str | None = msgspec.field(name="gen_ai.request.model", default=None)
    input: int | None = msgspec.field(name="gen_ai.usage.input_tokens", default=None)
    output: int | None = msgspec.field(name="gen_ai.usage.output_tokens", default=None)
    read: int | None = msgspec.field(name="gen_ai.usage.cache_read.input_tokens", default=None)
    written: int | None = msgspec.field(name="gen_ai.usage.cache_creation.input_tokens", default=None)
    reasoning: int | None = msgspec.field(name="gen_ai.usage.reasoning.output_tokens", default=None)
    total: int | None = msgspec.field(name="gen_ai.usage.total_tokens", default=None)


class Row(msgspec.Struct, gc=False, rename="camel"):
    type: str | None = None
    name: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    attributes: Use | None = None


def line(notes: Notes, line: Line, piece: Piece) -> None:
    """One line; metrics repeat what spans say."""
    place = f"byte {line.offset}"
    found = document(line.data)
    row = fit(found, Row)
    if row is None:
        notes.problem(place, "the line is not a JSON object")
        return
    use = row.attributes
    if use is None or row.type == "metric":
        return
    made = _tokens(notes, place, use)
    if made is None:
        return
    tokens, sure = made
    kind = _kind(row, use)
    trace = row.trace_id or use.response or place
    named = use.response or (f"{row.trace_id} {row.span_id}" if row.span_id else f"{piece.cursor.name} {line.offset}")
    session = plain(use.session) if use.session else ""
    if session and use.response:  # a log record of this response may have come without a session
        notes.items.append(Superseded(key(NOWHERE + use.response, TRACES, number(use.response))))
    own = key(session or NOWHERE + (use.response or trace), TRACES, number(named))
    notes.items.append(UsageRecord(
        own, f"copilot-cli:{session or plain(trace)}", (_at(found) or file_millis(piece.cursor.mtime_ns)) // 1000,
        plain(use.model or use.asked or ""), tokens, sub_agent=False, precedence=precedence(TRACES, kind, trace),
        quality=Quality.EXACT if sure and kind >= INFERENCE else Quality.INFERRED,
    ))  # fmt: skip


def _kind(row: Row, use: Use) -> int:
    if use.event:
        return INFERENCE if "inference" in use.event else TURN
    if use.operation == "chat":
        return CHAT
    return AGENT if use.operation == "invoke_agent" or (row.name or "").startswith("invoke_agent") else TURN


def _tokens(notes: Notes, place: str, use: Use) -> tuple[Tokens, bool] | None:
    """Cache reads are part of input; cache writes beside it, as peers read it (agent-logs 10), which is not sure."""
    said, output, reasoning = notes.clean(place, use.input, use.output, use.reasoning)
    if reasoning and use.total == said + output + reasoning:
        output += reasoning
    fresh, read, _ = notes.parts(place, said, use.read)
    tokens = notes.tokens(place, fresh=fresh, read=read, written=use.written, output=output, reasoning=reasoning)
    return (tokens, not tokens.cache_write_5m) if tokens is not None else None


def _at(found: Any) -> int | None:
    for name in ("startTime", "startTimeUnixNano", "endTime", "hrTime", "timeUnixNano", "timestamp", "time"):
        at = millis(found.get(name))
        if at is not None:
            return at
    return None
