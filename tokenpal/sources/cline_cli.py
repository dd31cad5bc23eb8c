"""Cline CLI 3, and Cline in editors from 4.1: one document of messages for each session or sub-agent (agent-logs 7.5).

``<session>/<session>.messages.json`` holds each request's counts, ``<session>/<agent>.messages.json`` those of a sub-agent,
``<session>/<session>.json`` model and folder. Messages are counted; the session's own roll-up only where no message has counts.

Disputed: is the cache inside ``inputTokens``? agent-logs 2.1 has the classes disjoint. The current writer says that it is inside
("full request size, with cache reads/writes included", cline apps/vscode/src/sdk/message-translator.ts), and puts ``updated_at``
into its documents: there the cache is taken out.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Cursor, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, rows, text
from tokenpal.sources.roots import below, named, once
from tokenpal.sources.tail import troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import Found, look

INFO: Final = SourceInfo(
    id="cline-cli",
    name="Cline CLI",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://docs.cline.bot/cline-cli",
    tells="Every request of Cline CLI, and of Cline 4.1 and later, on this machine: tokens by class, model, folder, session, sub-agents, recorded cost.",
    silent="Reasoning tokens on their own, and sessions deleted before they were read; cost is Cline's own reckoning, 0 with a subscription.",
)
MESSAGES: Final = ".messages.json"
OTHERS: Final = (".compaction.json",)
ROLL_UP: Final = 0
MESSAGE: Final = 1


class About(msgspec.Struct, frozen=True):
    """What the session's own document says."""

    session: str = ""
    root: str = ""  # the session whose folder it is
    model: str = ""
    provider: str = ""
    folder: str = ""
    started: int = 0  # epoch ms
    usage: dict[str, Any] = {}


class State(msgspec.Struct):
    """A document is read whole each time."""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``CLINE_SESSION_DATA_DIR``, else ``sessions`` in ``CLINE_DATA_DIR``, ``CLINE_DIR/data`` and ``~/.cline/data``."""
    return once([
        *named(home, env, "CLINE_SESSION_DATA_DIR"), *named(home, env, "CLINE_DATA_DIR", below="sessions"),
        *named(home, env, "CLINE_DIR", below="data/sessions"), home / ".cline" / "data" / "sessions",
    ])  # fmt: skip


def _wanted(name: str) -> bool:
    return name.endswith(".json") and not name.endswith(OTHERS)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The sessions of which a document changed: their messages whole."""
    if context.root is None:
        return
    seen = look(
        below(context.root, "sessions"), _wanted, skip=frozenset({"tasks", "cache", "node_modules", ".git"}), depth=6, memory=context.memory,
        full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    by_path = {found.path: found for found in seen.files}
    for found in seen.files:
        if not found.path.endswith(MESSAGES):
            continue
        folder = os.path.dirname(found.path)
        abouts = [about for path in _manifests(found.path, folder) if (about := by_path.get(path)) is not None]
        if all(unchanged(each, context.cursors.get(_cursor(each, found))) for each in [found, *abouts]):
            continue
        for piece in changed([found], {}, context.now(), context=lambda _, abouts=abouts: _about(abouts)):  # type: ignore[misc]  # bound on purpose
            yield piece
            for about in abouts:
                yield Piece(Cursor(_cursor(about, found), 0, about.inode, about.size, about.mtime_ns), (), first=False)


def _cursor(found: Found, messages: Found) -> str:
    """A session's document is read for each of its message documents: each keeps its own note of it."""
    return found.path if found is messages else f"{found.path}#{os.path.basename(messages.path)}"


def _manifests(path: str, folder: str) -> list[str]:
    own = path.removesuffix(MESSAGES) + ".json"
    roots_own = os.path.join(folder, os.path.basename(folder) + ".json")
    return [own] if own == roots_own else [own, roots_own]


def _about(abouts: Sequence[Found]) -> About:
    found = About()
    for about in reversed(abouts):  # the agent's own last
        try:
            whole = fields(document(Path(about.path).read_bytes()))
        except OSError:
            continue
        folder = whole.get("cwd") or whole.get("workspace_root")
        home = os.path.basename(os.path.dirname(about.path))
        session = text(whole.get("session_id"))
        found = About(
            session or found.session, session or plain(home) if os.path.basename(about.path) == f"{home}.json" else found.root, text(whole.get("model")) or found.model,
            text(whole.get("provider")) or found.provider, plain(folder, LONGEST_PATH) if isinstance(folder, str) else found.folder,
            millis(whole.get("started_at")) or found.started, dict(fields(fields(whole.get("metadata")).get("usage"))),
        )  # fmt: skip
    return found


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    if not isinstance(raw, Piece):
        return state or State(), []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        items += _session(raw, document(line.data))
    return state or State(), items


def _session(piece: Piece, whole: Any) -> list[Item]:
    messages = whole if isinstance(whole, list) else rows(fields(whole).get("messages"))
    parts = piece.cursor.name.replace("\\", "/").split("/")
    stem = plain(parts[-1].removesuffix(MESSAGES))
    about = piece.context if isinstance(piece.context, About) else About()
    sub_agent = bool(about.root) and len(parts) > 1 and plain(parts[-2]) != stem
    session = about.root if sub_agent else about.session or stem
    inside = isinstance(whole, dict) and "updated_at" in whole
    items: list[Item] = []
    at = about.started or file_millis(piece.cursor.mtime_ns)
    counted = False
    for number, message in enumerate(messages):
        said = fields(message)
        at = millis(said.get("ts")) or at
        metrics = said.get("metrics")
        if said.get("role") != "assistant" or not isinstance(metrics, dict):
            continue
        model = fields(said.get("modelInfo"))
        name = text(said.get("id")) or str(number)
        notes = Notes(piece.cursor.name, f"message {number + 1}")
        record = _record(
            notes, metrics, inside=inside, key=stable_key(f"cline-cli:{session}", f"{stem}:{name}"), session=session, at=at,
            model=text(model.get("id")) or about.model, provider=text(model.get("provider")) or about.provider, folder=about.folder,
            sub_agent=sub_agent, precedence=MESSAGE,
        )  # fmt: skip
        items += [*([record] if record is not None else []), *notes.problems()]
        counted = counted or record is not None
    if not counted and about.usage and not sub_agent:
        notes = Notes(piece.cursor.name, "session")
        record = _record(
            notes, about.usage, inside=inside, key=stable_key(f"cline-cli:{session}", "roll-up"), session=session, at=about.started or at,
            model=about.model, provider=about.provider, folder=about.folder, sub_agent=False, precedence=ROLL_UP,
        )  # fmt: skip
        items += [*([record] if record is not None else []), *notes.problems()]
    return items


def _record(
    notes: Notes, said: Mapping[str, Any], *, inside: bool, key: bytes, session: str, at: int, model: str, provider: str, folder: str,
    sub_agent: bool, precedence: int,
) -> UsageRecord | None:  # fmt: skip
    fresh, output = notes.tokens(said.get("inputTokens")), notes.tokens(said.get("outputTokens"))
    read, written = notes.tokens(said.get("cacheReadTokens")), notes.tokens(said.get("cacheWriteTokens"))
    if inside and fresh >= read + written:
        fresh -= read + written
    tokens = Tokens(fresh_input=fresh, cache_read=read, cache_write_other=written, output=output)
    cost = said.get("cost") if precedence == MESSAGE else said.get("totalCost")
    money = notes.money(MoneyKind.LIST_PRICE, cost) if cost else ()
    if not tokens.total and not money:
        return None
    return UsageRecord(
        key, f"cline-cli:{session}", at // 1000, model, tokens, 1 if precedence == MESSAGE else None, Grain.REQUEST, folder, sub_agent=sub_agent,
        precedence=precedence, money=money, quality=Quality.EXACT if precedence == MESSAGE else Quality.AGGREGATE, provider=provider_id(provider),
    )  # fmt: skip


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Messages; a session's roll-up only while there are none."""
    best = max(each.precedence for each in family)
    return {each.key for each in family if each.precedence == best}
