"""Captured output of ``codex exec --json`` (decisions 3): one record per completed turn.

Input holds cached input. A stated total of 0 is ignored: the arithmetic is the truth. Older forms wrap the figures in
``data`` and name them as the API does. The output names neither model nor time in most versions: the model stays unknown and
the file's time does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import File, Row, Said, print_of, request
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.times import millis

SAID: Final = Said("codex-output", "codex exec output", "captured output of codex exec", "openai")
PARTS: Final = ("thread.", "turn.", "item.")
LOGGED: Final = ("session_meta", "turn_context", "event_msg")  # no sets: a type may be anything
DONE: Final = ("turn.completed", "result")


def is_document(found: Any) -> bool:
    return isinstance(found, dict) and is_rows((found,))


def read_document(found: Any, file: File) -> Iterator[Item]:
    return read_rows((Row(1, found),), file)


def is_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    """Raises UsageError for a rollout, which is no output but the log itself."""
    if any(row.get("type") in LOGGED and "payload" in row for row in sample):
        raise UsageError("This is a session file of Codex, which is read as a log.", "Name its folder under Settings, Advanced, Extra log folders.")
    return any(isinstance(kind := row.get("type"), str) and (kind.startswith(PARTS) or (kind == "result" and "usage" in fields(row.get("data")))) for row in sample)


def read_rows(rows: Iterable[Row], file: File) -> Iterator[Item]:
    notes = Notes(file.name, "file")
    thread, model = "", ""
    seen: Counter[str] = Counter()
    for _, row in rows:
        if row.get("type") == "thread.started":
            thread = text(row.get("thread_id"))
            continue
        inner = fields(row.get("data")) or row
        model = text(inner.get("model")) or text(inner.get("model_name")) or model
        usage = fields(inner.get("usage"))
        if not usage or row.get("type") not in DONE:
            continue
        tokens = _tokens(usage, notes)
        if not tokens.total:
            continue
        own = f"thread:{thread}" if thread else f"row:{print_of(row)}"
        seen[own] += 1
        at = millis(inner.get("timestamp", row.get("timestamp")))
        yield request(SAID, file, own, str(seen[own]), thread, None if at is None else at // 1000, model, tokens, whole=True)
    yield from notes.problems()


def _tokens(usage: Mapping[str, Any], notes: Notes) -> Tokens:
    def first(*names: str) -> int:
        return next((notes.tokens(usage[name]) for name in names if usage.get(name) is not None), 0)

    prompt, output = first("input_tokens", "prompt_tokens"), first("output_tokens", "completion_tokens")
    read = min(prompt, first("cached_input_tokens", "cached_tokens"))
    written = min(prompt - read, first("cache_write_input_tokens"))
    return Tokens(prompt - read - written, read, 0, 0, written, output, min(output, first("reasoning_output_tokens", "reasoning_tokens")))
