"""Captured output of ``claude -p --output-format json`` and ``stream-json``, and of a raw stream of the API (agent-logs 3.3.10).

The last result of a run with ``modelUsage`` tells all of it, sub-agents and side models included, and takes the place of its
messages. Without one the messages count, each id once with its greatest output, or a result's own ``usage``. A raw stream
gives input in ``message_start`` and the final output in ``message_delta``. Nothing names a time but newer versions: the
file's does then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import File, Row, Said, print_of, request
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.times import millis

SAID: Final = Said("claude-output", "claude -p output", "captured output of claude -p", "anthropic")
TYPES: Final = ("system", "assistant", "user", "result", "message", "message_start", "message_delta", "message_stop", "stream_event", "rate_limit_event")  # no set: a type may be anything


def is_document(found: Any) -> bool:
    if isinstance(found, list):  # --output-format json --verbose
        return bool(found) and all(isinstance(row, dict) for row in found) and is_rows(found)
    return isinstance(found, dict) and is_rows((found,))


def read_document(found: Any, file: File) -> Iterator[Item]:
    return read_rows((Row(number, fields(row)) for number, row in enumerate(found if isinstance(found, list) else [found], 1)), file)


def is_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    """Raises UsageError for a transcript, which is no output but the log itself."""
    mine = [row for row in sample if row.get("type") in TYPES]
    if any("sessionId" in row and "usage" in fields(row.get("message")) for row in mine):
        raise UsageError("This is a transcript of Claude Code, which is read as a log.", "Name its folder under Settings, Advanced, Extra log folders.")
    return any(
        "usage" in row or "modelUsage" in row or "usage" in fields(row.get("message")) or (row.get("type") == "system" and row.get("subtype") == "init")
        for row in mine
    )


class _Seen:
    """The fullest usage of one message."""

    def __init__(self, own: str, session: str, at: int | None, model: Any, usage: Mapping[str, Any], *, sub_agent: bool) -> None:
        self.own, self.session, self.at, self.model, self.usage, self.sub_agent = own, session, at, model, dict(usage), sub_agent


def read_rows(rows: Iterable[Row], file: File) -> Iterator[Item]:
    notes = Notes(file.name, "file")
    messages: dict[str, _Seen] = {}
    runs: dict[str, tuple[int | None, Mapping[str, Any]]] = {}  # session -> its last result that tells all
    results: list[tuple[str, int | None, Mapping[str, Any]]] = []
    session, model, started = "", "", ""
    for _, row in rows:
        kind, at = row.get("type"), _time(row)
        session = text(row.get("session_id")) or session
        if kind == "system":
            model = text(row.get("model")) or model
        elif kind == "result":
            if any(_tokens_of_model(each, Notes("", "")).total for each in fields(row.get("modelUsage")).values()):
                runs[session] = (at, row)
            elif fields(row.get("usage")):
                results.append((session, at, row))
        elif kind == "message_delta" and started:
            messages[started].usage.update({name: value for name, value in fields(row.get("usage")).items() if value is not None})
        else:
            started = _message(messages, row, session, at) or started
    for run, (at, row) in runs.items():
        for name, each in fields(row.get("modelUsage")).items():
            tokens = _tokens_of_model(each, notes)
            if tokens.total:
                yield request(SAID, file, f"run:{run or print_of(row)}", name, run, at, _short(name), tokens, whole=True)
    told = set(runs)
    for one in messages.values():
        tokens = _tokens(one.usage, notes)
        if one.session not in runs and tokens.total:
            told.add(one.session)
            yield request(SAID, file, one.own, "", one.session, one.at, one.model, tokens, whole=False, sub_agent=one.sub_agent)
    for run, at, row in results:
        tokens = _tokens(fields(row.get("usage")), notes)
        if run not in told and tokens.total:
            own = text(row.get("uuid")) or print_of(row)
            yield request(SAID, file, f"result:{own}", "", run, at, model, tokens, whole=True)
    yield from notes.problems()


def _message(messages: dict[str, _Seen], row: Mapping[str, Any], session: str, at: int | None) -> str:
    """Take an answer; its name when its final usage is still to come."""
    message = fields(row.get("message"))
    usage = fields(message.get("usage"))
    if not usage or message.get("model") == "<synthetic>":
        return ""
    own = f"message:{text(message.get('id')) or print_of(row)}"
    known = messages.get(own)
    if known is None:
        messages[own] = _Seen(own, session, at, message.get("model"), usage, sub_agent=bool(row.get("parent_tool_use_id")))
    elif Notes("", "").tokens(usage.get("output_tokens")) > Notes("", "").tokens(known.usage.get("output_tokens")):
        known.usage = dict(usage)
    return own if row.get("type") == "message_start" else ""


def _time(row: Mapping[str, Any]) -> int | None:
    found = millis(row.get("timestamp"))
    return None if found is None else found // 1000


def _tokens(usage: Mapping[str, Any], notes: Notes) -> Tokens:
    """Disjoint classes (agent-logs 3.2); writes without a split are of unknown length."""
    output, written = notes.tokens(usage.get("output_tokens")), notes.tokens(usage.get("cache_creation_input_tokens"))
    split = fields(usage.get("cache_creation"))
    short, long = notes.tokens(split.get("ephemeral_5m_input_tokens")), notes.tokens(split.get("ephemeral_1h_input_tokens"))
    return Tokens(
        notes.tokens(usage.get("input_tokens")), notes.tokens(usage.get("cache_read_input_tokens")), short, long,
        max(0, written - short - long), output, min(output, notes.tokens(fields(usage.get("output_tokens_details")).get("thinking_tokens"))),
    )  # fmt: skip


def _tokens_of_model(value: Any, notes: Notes) -> Tokens:
    found = fields(value)
    output, written = notes.tokens(found.get("outputTokens")), notes.tokens(found.get("cacheCreationInputTokens"))
    short, long = notes.tokens(found.get("cacheCreationEphemeral5mInputTokens")), notes.tokens(found.get("cacheCreationEphemeral1hInputTokens"))
    return Tokens(
        notes.tokens(found.get("inputTokens")), notes.tokens(found.get("cacheReadInputTokens")), short, long, max(0, written - short - long),
        output, min(output, notes.tokens(found.get("thinkingTokens"))),
    )  # fmt: skip


def _short(name: str) -> str:
    """``claude-opus-5[1m]`` names the context size as well."""
    return name.partition("[")[0]
