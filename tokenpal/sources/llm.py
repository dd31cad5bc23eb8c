"""The ``llm`` command line tool: its log database, one row per call (agent-logs 7.7).

Two generations of tables, ``responses`` and ``turns``, are one by the call's id. A call whose plugin reported no counts is
kept as a call without them. Cached and reasoning tokens are parts of input and output under the provider's names; Anthropic's
own names alone mean counts beside input, as its API defines them, so these are added and not subtracted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.names import plain, provider_id
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Item, Origin, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import document, typed
from tokenpal.sources.livedb import Table, plain as columns, read
from tokenpal.sources.roots import config, named, once, roaming, support
from tokenpal.sources.times import file_millis, millis

INFO: Final = SourceInfo(
    id="llm",
    name="llm",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://llm.datasette.io/en/stable/logging.html",
    tells="Every logged call of the llm tool on this machine: tokens by class, model and conversation; calls without counts as such.",
    silent="Calls with logging off (llm logs off, -n), folders, git branches and costs.",
)
KEPT: Final = ("id", "model", "resolved_model", "datetime_utc", "input_tokens", "output_tokens", "token_details")
TABLES: Final = (
    Table("turns", columns(*KEPT, "thread_id"), needs=("id",), id="id"),
    Table("responses", columns(*KEPT, "conversation_id"), needs=("id",), id="id"),
)
CACHED: Final = frozenset({"cached_tokens", "cached_content_token_count", "cachedContentTokenCount", "cached", "prompt_cache_hit_tokens"})
REASONED: Final = frozenset({"reasoning_tokens", "thinking_tokens", "thoughts_token_count", "thoughtsTokenCount", "reasoning"})
SELLERS: Final = frozenset({
    "openrouter", "anthropic", "google", "groq", "mistral", "deepseek", "xai", "together", "fireworks", "github-copilot", "azure", "aws",
    "ollama", "cohere", "perplexity",
})  # fmt: skip


class Row(msgspec.Struct, gc=False):
    table: str = ""
    id: str | int | None = None
    model: str | None = None
    resolved_model: str | None = None
    datetime_utc: str | int | float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    token_details: str | None = None
    conversation_id: str | int | None = None
    thread_id: str | int | None = None


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """Rows stand for themselves: nothing is kept."""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``LLM_USER_PATH`` and the tool's folder on each system."""
    bases = [*config(home, env), support(home), *roaming(home, env)]
    return once([*named(home, env, "LLM_USER_PATH"), *(base / "io.datasette.llm" for base in bases)])


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """New calls."""
    if context.root is not None:
        for piece in read(context.root if context.root.is_file() else context.root / "logs.db", TABLES, context):
            yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: what cannot be understood becomes a problem."""
    if not isinstance(raw, Piece):
        return State(), []
    notes = Notes(raw)
    for line in raw.lines:
        row = typed(line.data, Row)
        place = f"{row.table if row is not None else 'row'} {line.offset}"
        if row is None or row.id is None:
            notes.problem(place, "the row cannot be understood")
            continue
        counted = row.input_tokens is not None or row.output_tokens is not None
        tokens = _tokens(notes, place, row) if counted else None
        if tokens is None and counted and (row.input_tokens or row.output_tokens):
            continue  # impossible, and said so
        model = row.resolved_model or row.model or ""
        thread = row.thread_id if row.thread_id is not None else row.conversation_id
        notes.items.append(UsageRecord(
            stable_key(f"llm:{row.id}"), f"llm:{plain(str(thread if thread is not None else row.id))}",
            (millis(row.datetime_utc) or file_millis(raw.cursor.mtime_ns)) // 1000, plain(model), tokens or NO_TOKENS,
            home=0 if row.table == "turns" else 1, origin=Origin.MEASURED if counted else Origin.UNKNOWN,
            quality=Quality.EXACT if counted else Quality.LOWER_BOUND, provider=_provider(row.model or ""),
        ))  # fmt: skip
    return State(), notes.items


def _tokens(notes: Notes, place: str, row: Row) -> Tokens | None:
    details = document(row.token_details.encode("utf-8", "replace")) if row.token_details else None
    cached, reasoning = _named(details, CACHED), _named(details, REASONED)
    beside, written = _named(details, frozenset({"cache_read_input_tokens"})), _named(details, frozenset({"cache_creation_input_tokens"}))
    fresh, read_, _ = notes.parts(place, row.input_tokens, cached)
    return notes.tokens(place, fresh=fresh, read=read_ + max(0, beside), written=written, output=row.output_tokens, reasoning=reasoning)


def _named(details: Any, names: frozenset[str], depth: int = 0) -> int:
    """The first count with one of these names, at most three levels down."""
    if not isinstance(details, dict):
        return 0
    for name, value in details.items():
        if name in names and type(value) is int:
            return value
    if depth < 3:
        return next((found for value in details.values() if (found := _named(value, names, depth + 1))), 0)
    return 0


def _provider(model: str) -> str:
    """Plugins put the provider before the model's name."""
    before, _, after = model.partition("/")
    provider = provider_id(before) if after else ""
    return provider if provider in SELLERS else ""
