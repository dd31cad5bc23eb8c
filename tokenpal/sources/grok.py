"""Grok Build: one row for each finished prompt in ``updates.jsonl`` (agent-logs 8).

``turn_completed.usage`` adds up the calls of a prompt; of several rows for one prompt the last wins. Input contains both cache
classes, reasoning is inside output. ``costUsdTicks`` is no bill and the ``totalTokens`` of the chunks is a gauge: both are left.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Problem, Quality, UsageRecord, stable_key
from tokenpal.sources.base import Context, Kind, Line, Piece, Raw, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.roots import below, named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="grok",
    name="Grok Build",
    kind=Kind.LOG,
    provider="xai",
    docs="https://docs.x.ai",
    tells="Every finished prompt of Grok Build on this machine: tokens by class, model, folder and session.",
    silent="Partial: prompts that were broken off, sessions of versions that wrote no counts, and when the calls of a prompt were made.",
)
MARKERS: Final = Markers(anywhere=(b'"turn_completed"',))
LOG: Final = "updates.jsonl"
MOST_SUMMARY: Final = 1 << 20


class Side(msgspec.Struct, frozen=True):
    """What ``summary.json`` and the path say."""

    folder: str = ""
    model: str = ""


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before."""

    at: int = 0  # of the latest row, epoch ms


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``GROK_HOME``, else ``~/.grok``."""
    return once([*named(home, env, "GROK_HOME"), home / ".grok"])


def wanted(name: str) -> bool:
    return name == LOG


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new rows of every session, newest file first."""
    if context.root is None:
        return
    seen = look(
        below(context.root, "sessions", own={".grok"}), wanted, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    reader = Reader(MARKERS)
    todo = [found for found in seen.files if not unchanged(found, context.cursors.get(found.path))]
    reader.plan(todo, context.cursors)
    for found in todo:
        for piece in reader.pieces(found, context.cursors.get(found.path), context.now(), _side(found.path)):
            yield piece


def _side(path: str) -> Side:
    folder = os.path.dirname(path)
    said: Mapping[str, Any] = {}
    try:
        with open(os.path.join(folder, "summary.json"), "rb") as file:
            said = fields(document(file.read(MOST_SUMMARY)))
    except OSError:
        pass
    cwd = fields(said.get("info")).get("cwd")
    coded = os.path.basename(os.path.dirname(folder))
    here = cwd if isinstance(cwd, str) else unquote(coded) if "%" in coded else ""
    return Side(plain(here, LONGEST_PATH), text(said.get("current_model_id")))


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else msgspec.structs.replace(state)
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        row = document(line.data)
        if not isinstance(row, dict):
            items.append(Problem(raw.cursor.name, f"byte {line.offset}", "the line is not a JSON object"))
            continue
        params = fields(row.get("params"))
        update = fields(params.get("update"))
        if update.get("sessionUpdate") == "turn_completed":
            items += _turn(state, raw, line, row, params, update)
    return state, items


def _turn(state: State, piece: Piece, line: Line, row: Mapping[str, Any], params: Mapping[str, Any], update: Mapping[str, Any]) -> list[Item]:
    side = piece.context if isinstance(piece.context, Side) else Side()
    parts = piece.cursor.name.replace("\\", "/").split("/")
    session = text(params.get("sessionId")) or plain(parts[-2] if len(parts) > 1 else parts[-1])
    stated = millis(row.get("timestamp")) or millis(fields(params.get("_meta")).get("agentTimestampMs"))
    state.at = stated or state.at
    prompt = text(update.get("prompt_id")) or f"byte {line.offset}"
    notes = Notes(piece.cursor.name, f"byte {line.offset}")
    usage = fields(update.get("usage"))
    items: list[Item] = []
    for model, said in _by_model(notes, usage).items():
        tokens = _tokens(notes, said)
        calls = notes.count(said.get("modelCalls"))
        if tokens.total:
            items.append(UsageRecord(
                stable_key(f"grok:{session} {prompt}", model), f"grok:{session}", (state.at or file_millis(piece.cursor.mtime_ns)) // 1000,
                model or side.model, tokens, calls or 1, Grain.REQUEST, side.folder, precedence=line.offset + 1,
                quality=Quality.AGGREGATE if (calls or 1) > 1 else Quality.EXACT,
            ))  # fmt: skip
    return [*items, *notes.problems()]


def _by_model(notes: Notes, usage: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The counts of each model, if they are all there is; else the whole under the only name."""
    models = {text(name): fields(said) for name, said in fields(usage.get("modelUsage")).items() if text(name)}
    if len(models) > 1:
        total = sum((_tokens(notes, said) for said in models.values()), Tokens())
        if total == _tokens(notes, usage):
            return models
    return {next(iter(models)) if len(models) == 1 else "": usage}


def _tokens(notes: Notes, said: Mapping[str, Any]) -> Tokens:
    whole, output = notes.tokens(said.get("inputTokens")), notes.tokens(said.get("outputTokens"))
    read, written = notes.tokens(said.get("cachedReadTokens")), notes.tokens(said.get("cacheCreationTokens"))
    if read + written > whole:
        notes.problem("has more cached input than input; the cached part was cut")
        read = min(read, whole)
        written = min(written, whole - read)
    return Tokens(whole - read - written, read, 0, 0, written, output, min(output, notes.tokens(said.get("reasoningTokens"))))


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """The models of the last row of a prompt."""
    last = max(each.precedence for each in family)
    return {each.key for each in family if each.precedence == last}
