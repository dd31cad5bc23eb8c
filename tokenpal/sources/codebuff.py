"""Codebuff (Manicode on disk): chats as documents, counts and credits of each answer (agent-logs 8).

Many answers have credits and no counts: those are credits only, never turned into tokens or dollars.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, rows, text
from tokenpal.sources.roots import below, config, named, once
from tokenpal.sources.tail import troubles
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="codebuff",
    name="Codebuff",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://www.codebuff.com/docs",
    tells="Partial: answers of Codebuff on this machine with their credits, and tokens by class and model where it wrote them.",
    silent="Tokens of most answers: Codebuff often writes credits only. Sub-agents' calls and what their credits were spent on.",
)
CHANNELS: Final = ("manicode", "manicode-dev", "manicode-staging")
CHAT: Final = "chat-messages.json"
ANSWERS: Final = frozenset({"assistant", "ai", "agent"})
NAMES: Final = {
    "fresh": ("inputTokens", "input_tokens", "promptTokens", "prompt_tokens"),
    "output": ("outputTokens", "output_tokens", "completionTokens", "completion_tokens"),
    "read": ("cacheReadInputTokens", "cache_read_input_tokens"),
    "written": ("cacheCreationInputTokens", "cache_creation_input_tokens"),
}


class State(msgspec.Struct):
    """A chat is read whole each time."""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``CODEBUFF_DATA_DIR``, and the folder of each channel."""
    return once([*named(home, env, "CODEBUFF_DATA_DIR"), *(base / channel for base in config(home, env) for channel in CHANNELS)])


def _wanted(name: str) -> bool:
    return name == CHAT


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """Every chat that changed, whole."""
    if context.root is None:
        return
    seen = look(
        below(context.root, "projects", own=CHANNELS), _wanted, depth=8, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    for piece in changed(seen.files, context.cursors, context.now()):
        yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    if not isinstance(raw, Piece):
        return state or State(), []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        items += _chat(raw, rows(document(line.data)))
    return state or State(), items


def _chat(piece: Piece, messages: list[Any]) -> list[Item]:
    parts = ["", "", "", *piece.cursor.name.replace("\\", "/").split("/")]
    project = plain(parts[-4]) if parts[-3] == "chats" else ""
    chat = plain(parts[-2]) or "chat"
    session = f"{project}/{chat}" if project else chat
    at = millis(_time(chat)) or file_millis(piece.cursor.mtime_ns)
    items: list[Item] = []
    for index, message in enumerate(messages):
        said = fields(message)
        if text(said.get("variant", said.get("role"))) not in ANSWERS:
            continue
        notes = Notes(piece.cursor.name, f"message {index + 1}")
        about = fields(said.get("metadata"))
        inner = fields(about.get("codebuff"))
        usage = fields(about.get("usage")) or fields(inner.get("usage"))
        tokens = _tokens(notes, usage)
        spent = said.get("credits")
        money: tuple[Money, ...] = notes.money(MoneyKind.CREDITS, spent, "credits") if spent else ()
        at = millis(said.get("timestamp")) or millis(about.get("timestamp")) or at
        if tokens.total or money:
            model = text(about.get("model")) or text(about.get("modelId")) or text(inner.get("model"))
            items.append(UsageRecord(
                stable_key(f"codebuff:{session}:{text(said.get('id')) or f'number {index}'}"), f"codebuff:{session}", at // 1000, model, tokens,
                1 if tokens.total else None, Grain.REQUEST, _folder(about) or project, money=money,
                quality=Quality.EXACT if tokens.total else Quality.LOWER_BOUND,
            ))  # fmt: skip
        items += notes.problems()
    return items


def _time(chat: str) -> str:
    """A chat's folder is named by its time, with ``-`` where Windows takes no ``:``."""
    day, mark, rest = chat.partition("T")
    return f"{day}T{rest.replace('-', ':', 2)}" if mark else ""


def _tokens(notes: Notes, usage: Mapping[str, Any]) -> Tokens:
    """Anthropic's names are disjoint classes; a cached count in the details of an OpenAI prompt count is part of it."""
    found = {each: notes.tokens(next((usage[name] for name in names if usage.get(name) is not None), None)) for each, names in NAMES.items()}
    details = fields(usage.get("promptTokensDetails")) or fields(usage.get("prompt_tokens_details"))
    inside = notes.tokens(next((details[name] for name in ("cachedTokens", "cached_tokens") if details.get(name) is not None), None))
    if inside and not found["read"]:
        found["read"] = min(inside, found["fresh"])
        found["fresh"] -= found["read"]
    return Tokens(fresh_input=found["fresh"], cache_read=found["read"], cache_write_other=found["written"], output=found["output"])


def _folder(about: Mapping[str, Any]) -> str:
    run = fields(about.get("runState"))
    session = fields(run.get("sessionState"))
    for place in (fields(session.get("projectContext")), fields(session.get("fileContext")), session, run):
        if isinstance(cwd := place.get("cwd"), str) and cwd:
            return plain(cwd, LONGEST_PATH)
    return ""
