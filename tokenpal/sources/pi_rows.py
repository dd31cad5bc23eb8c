"""Sessions as Pi writes them, and the agents made from it, OMP and OpenClaw: JSON lines, one for each message (agent-logs 7.6, 8).

Classes are disjoint. The key is the response's id; a response without one is known by its entry's id and time, and by its
counts, so that an entry that was copied into a branch or a renamed file stays one. Copies belong to the session that started first.

Disputed: is reasoning inside output? It is (lab run), unless ``totalTokens`` proves that it was counted besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from zlib import crc32

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Problem, SessionFact, UsageRecord, stable_key
from tokenpal.sources.base import Context, Line, Piece, Raw
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import DEEPEST, look

MARKERS: Final = Markers(anywhere=(b'"usage"', b'"model_change"', b'"model-snapshot"'), early=(b'"session"',), first_line=True)
SUFFIX: Final = ".jsonl"
WORD: Final = 12  # characters: a shorter id without any digit is a gateway's word, the same for every response


def new_lines(
    context: Context, where: Iterable[str], wanted: Callable[[str], bool], *, skip: frozenset[str] = frozenset(), depth: int = DEEPEST
) -> Iterator[Piece]:
    """The new lines of every session below these folders, newest file first."""
    seen = look(
        where, wanted, skip=skip | {"node_modules", ".git"}, depth=depth, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    yield from troubles(seen.problems)
    todo = [found for found in seen.files if not unchanged(found, context.cursors.get(found.path))]
    yield from Reader(MARKERS).scan(todo, context.cursors, context.now())


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before."""

    session: str = ""
    cwd: str = ""
    started: int = 0  # epoch ms
    model: str = ""
    provider: str = ""
    at: int = 0  # of the latest row, epoch ms


def parse(agent: str, state: State | None, raw: Raw, *, children: bool = False) -> tuple[State, list[Item]]:
    """Pure and total. ``agent``: id of the source; ``children``: files of sub-agents lie in a folder named like their parent's."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else msgspec.structs.replace(state)
    items: list[Item] = list(raw.problems)
    place = _place(raw.cursor.name, children=children)
    for line in raw.lines:
        row = document(line.data)
        if not isinstance(row, dict):
            if b'"usage"' in line.data:
                items.append(Problem(raw.cursor.name, f"byte {line.offset}", "the line is not a JSON object"))
            continue
        kind = row.get("type")
        if kind == "session":
            items += _session(agent, state, row, place)
        elif kind == "model_change":
            _model(state, row)
        elif kind == "custom" and row.get("customType") == "model-snapshot":
            _model(state, fields(row.get("data")))
        elif isinstance(message := row.get("message"), dict) and isinstance(usage := message.get("usage"), dict):
            if message.get("role") in ("assistant", None):
                items += _message(agent, state, raw, line, row, message, usage, place)
    return state, items


class _Place(msgspec.Struct, frozen=True):
    """What the path tells: the session's id in its name, and the parent's in its folder's."""

    session: str
    parent: str = ""


def _place(path: str, *, children: bool) -> _Place:
    parts = path.replace("\\", "/").split("/")
    parent = _id(parts[-2]) if children and len(parts) > 1 and _id(parts[-2]) != plain(parts[-2]) else ""
    return _Place(_id(parts[-1].partition(SUFFIX)[0]), parent)


def _id(stem: str) -> str:
    """``2026-01-01T00-00-00-000Z_<id>``: the time is not part of it."""
    before, _, after = stem.rpartition("_")
    return plain(after if before[:2].isdigit() and "T" in before else stem)


def _session(agent: str, state: State, row: dict[str, Any], place: _Place) -> list[Item]:
    if state.session:
        return []  # a copied head
    state.session = text(row.get("id")) or place.session
    if isinstance(cwd := row.get("cwd"), str):
        state.cwd = plain(cwd, LONGEST_PATH)
    state.started = state.at = millis(row.get("timestamp")) or 0
    version = row.get("version")
    parent = row.get("parentSession")
    from_ = _id(parent.replace("\\", "/").rpartition("/")[2].partition(SUFFIX)[0]) if isinstance(parent, str) else ""
    if from_ in {"", state.session} and not version:
        return []
    return [SessionFact(
        f"{agent}:{state.session}", f"{agent}:{from_}" if from_ and from_ != state.session else "",
        plain(str(version)) if isinstance(version, str | int) else "",
    )]  # fmt: skip


def _model(state: State, row: dict[str, Any] | Any) -> None:
    """Pi and OpenClaw write ``provider`` and ``modelId``, OMP ``model`` as provider/model."""
    said = text(row.get("modelId"))
    if not said:
        before, _, said = text(row.get("model")).partition("/")
        said = said or before
        state.provider = provider_id(before) if before != said else state.provider
    state.model = said or state.model
    state.provider = provider_id(text(row.get("provider"))) or state.provider


def _message(
    agent: str, state: State, piece: Piece, line: Line, row: dict[str, Any], message: dict[str, Any], usage: dict[str, Any], place: _Place
) -> list[Item]:
    notes = Notes(piece.cursor.name, f"byte {line.offset}")
    tokens = _tokens(notes, usage)
    cost = fields(usage.get("cost")).get("total")
    money = notes.money(MoneyKind.LIST_PRICE, cost) if cost else ()
    stated = millis(row.get("timestamp")) or millis(message.get("timestamp"))
    at = stated or state.at or file_millis(piece.cursor.mtime_ns)
    state.at = stated or state.at
    if not tokens.total and not money:
        return [*notes.problems()]
    own = state.session or place.session
    session = place.parent or own
    counts = ",".join(map(str, msgspec.structs.astuple(tokens)))
    response, entry = text(message.get("responseId")), text(row.get("id"))
    if response and (len(response) >= WORD or any(map(str.isdigit, response))):
        key = stable_key(f"{agent}:{response}")
    elif entry and stated:
        key = stable_key(f"{agent}:entry {entry} {stated}", counts)
    elif entry or stated:
        key = stable_key(f"{agent}:{own} {entry} {stated}", counts)
    else:
        key = stable_key(f"{agent}:{own} byte {line.offset}", counts)
    model = text(message.get("model")) or state.model
    provider = provider_id(text(message.get("provider"))) or state.provider
    home = (state.started & 0x1FF_FFFF_FFFF) << 20 | crc32(own.encode("utf-8", "replace")) & 0xFFFFF if state.started else 1 << 62
    record = UsageRecord(
        key, f"{agent}:{session}", at // 1000, model, tokens, 1, Grain.REQUEST, state.cwd, sub_agent=bool(place.parent), home=home,
        money=money, provider=provider,
    )  # fmt: skip
    return [record, *notes.problems()]


def _tokens(notes: Notes, usage: dict[str, Any]) -> Tokens:
    fresh, output = notes.tokens(usage.get("input")), notes.tokens(usage.get("output"))
    read, written = notes.tokens(usage.get("cacheRead")), notes.tokens(usage.get("cacheWrite"))
    thought = next((notes.tokens(usage[name]) for name in ("reasoning", "reasoningTokens") if usage.get(name) is not None), 0)
    if thought and notes.tokens(usage.get("totalTokens")) == fresh + output + read + written + thought:
        output += thought
    return Tokens(fresh_input=fresh, cache_read=read, cache_write_other=written, output=output, reasoning=min(thought, output))
