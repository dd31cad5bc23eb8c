"""Crush: what each session cost, from the databases of its projects (agent-logs 8).

``projects.json`` in Crush's own folder says where the projects are; each has a database. ``prompt_tokens`` and
``completion_tokens`` hold the last step only and are no total (tokscale#346 takes them for one), so no tokens are counted.
A child session's cost is added to its parent's: only sessions without a parent count. Times are seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.usage import Grain, Item, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.livedb import Column, Table, plain as columns, read
from tokenpal.sources.numbers import Notes, fields, text
from tokenpal.sources.roots import data, named, once
from tokenpal.sources.tail import troubles
from tokenpal.sources.times import millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="crush",
    name="Crush",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://github.com/charmbracelet/crush",
    tells="Partial: what each Crush session on this machine cost, by project, as Crush reckons it.",
    silent="Tokens: Crush keeps those of the last step only. Cost is 0 for models without a price, and booked at the session's start.",
)
REGISTRY: Final = "projects.json"
DATABASE: Final = "crush.db"
MOST_REGISTRY: Final = 16 << 20


def _of_messages(name: str) -> Column:
    """The one value of a session's messages; several say nothing about a cost that they share."""
    inner = f'SELECT CASE WHEN COUNT(DISTINCT m."{name}") = 1 THEN MAX(m."{name}") END'
    sql = f"""({inner} FROM messages m WHERE m.session_id = sessions.id AND m."{name}" <> '')"""
    return Column(name, sql, also=(("messages", name), ("messages", "session_id")))


SESSIONS: Final = Table(
    "sessions",
    (*columns("id", "cost", "created_at", "updated_at"), _of_messages("model"), _of_messages("provider")),
    where="parent_session_id IS NULL AND cost > 0", needs=("id", "cost", "parent_session_id"), grows=False,
)  # fmt: skip


class State(msgspec.Struct):
    """Sessions are read whole each time."""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``CRUSH_GLOBAL_DATA``, else where programs keep data."""
    return once([*named(home, env, "CRUSH_GLOBAL_DATA"), *data(home, env, "crush")])


def _wanted(name: str) -> bool:
    return name in {REGISTRY, DATABASE}


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The sessions of every project whose database changed."""
    if context.root is None:
        return
    seen = look(
        [str(context.root)], _wanted, skip=frozenset({"node_modules", ".git", "logs"}), depth=4, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    databases = {found.path: "" for found in seen.files if found.path.endswith(DATABASE)}
    for found in seen.files:
        if found.path.endswith(REGISTRY):
            for path, folder in _registered(Path(found.path)):
                databases[str(path)] = folder
    for name, folder in databases.items():
        for piece in read(Path(name), [SESSIONS], context):
            yield msgspec.structs.replace(piece, context=folder)


def _registered(registry: Path) -> Iterator[tuple[Path, str]]:
    """Databases and the folders of their projects; a list, a ``projects`` list, or an object by name."""
    try:
        with open(registry, "rb") as file:
            whole = document(file.read(MOST_REGISTRY))
    except OSError:
        return
    listed: Any = whole.get("projects", whole) if isinstance(whole, dict) else whole
    for entry in listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ():
        project, kept = fields(entry).get("path"), fields(entry).get("data_dir")
        if isinstance(project, str) and isinstance(kept, str) and "\0" not in project + kept:
            path = Path(project) / kept / DATABASE
            yield Path(path.as_posix()).resolve(), plain(project, LONGEST_PATH)


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    if not isinstance(raw, Piece):
        return state or State(), []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        row = fields(document(line.data))
        session = text(row.get("id"))
        notes = Notes(raw.cursor.name, f"session {line.offset + 1}")
        money = notes.money(MoneyKind.LIST_PRICE, row.get("cost")) if row.get("cost") and session else ()
        at = millis(row.get("created_at")) or millis(row.get("updated_at"))
        if money and at is not None:
            items.append(UsageRecord(
                stable_key(f"crush:{session}"), f"crush:{session}", at // 1000, text(row.get("model")), requests=None, grain=Grain.REQUEST,
                folder=raw.context if isinstance(raw.context, str) else "", precedence=money[0].pico >> 10, money=money,
                quality=Quality.AGGREGATE, provider=provider_id(text(row.get("provider"))),
            ))  # fmt: skip
        items += notes.problems()
    return state or State(), items
