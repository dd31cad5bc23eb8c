"""Captured output of ``gemini --output-format json`` and ``stream-json`` (agent-logs 5.3.9): totals of a run by model.

Prompt tokens hold cached ones, thoughts are beside the output, tool prompts beside the prompt. More cached than prompt tokens
is a prompt that was already net: then nothing of it is fresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import File, Row, Said, print_of, request
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.times import millis

ENDS: Final = ("result", None)  # no set: a type may be anything
SAID: Final = Said("gemini-output", "gemini output", "captured output of gemini", "google")


def is_document(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("stats"), dict) and ("response" in found or "models" in found["stats"] or found.get("type") == "result")


def read_document(found: Any, file: File) -> Iterator[Item]:
    return read_rows((Row(1, found),), file)


def is_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        (row.get("type") == "init" and ("session_id" in row or "model" in row)) or (row.get("type") in ENDS and isinstance(row.get("stats"), dict))
        for row in sample
    )


def read_rows(rows: Iterable[Row], file: File) -> Iterator[Item]:
    notes = Notes(file.name, "file")
    session, model = "", ""
    for _, row in rows:
        if row.get("type") == "init":
            session, model = text(row.get("session_id")), text(row.get("model"))
        stats = fields(row.get("stats"))
        if not stats:
            continue
        session = text(row.get("session_id")) or session
        at = millis(row.get("timestamp"))
        own = f"run:{session or print_of(row)}"
        models = fields(stats.get("models")) or {model: stats}
        for name, each in models.items():
            tokens = _tokens(fields(fields(each).get("tokens")) or fields(each), notes)
            if tokens.total:
                yield request(SAID, file, own, name, session, None if at is None else at // 1000, name, tokens, whole=True, requests=_requests(each, notes))
    yield from notes.problems()


def _requests(value: Any, notes: Notes) -> int | None:
    return notes.count(fields(fields(value).get("api")).get("totalRequests"))


def _tokens(found: Mapping[str, Any], notes: Notes) -> Tokens:
    def first(*names: str) -> int:
        return next((notes.tokens(found[name]) for name in names if found.get(name) is not None), 0)

    prompt, output = first("prompt", "input_tokens", "inputTokens"), first("candidates", "output_tokens", "outputTokens")
    read, tool = first("cached", "cached_tokens"), first("tool")
    thoughts = first("thoughts", "thoughts_tokens")
    if not thoughts:  # the stream's totals do not name them
        thoughts = max(0, first("total_tokens", "totalTokens") - prompt - output - tool)
    return Tokens(max(0, prompt - read) + tool, read, output=output + thoughts, reasoning=thoughts)
