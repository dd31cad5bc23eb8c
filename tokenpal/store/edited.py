"""The tables that edits write, and the statements for one row of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

TABLES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {  # table -> key columns, all columns
    "task": (("id",), ("id", "uid", "name", "ticket", "link", "done", "archived", "color", "changed_at")),
    "task_tag": (("task", "tag"), ("task", "tag")),
    "rule": (("id",), ("id", "position", "kind", "pattern", "task")),
    "timer": (("id",), ("id", "task", "start", "end")),
    "annotation": (
        ("session",),
        ("session", "label", "reason", "label_at", "note", "link", "minutes_saved", "note_at", "tags_at"),
    ),
    "session_tag": (("session", "tag"), ("session", "tag")),
    "hand": (("session",), ("session", "task", "changed_at")),
    "split": (("session", "at"), ("session", "at", "task")),
    "project_default": (("project",), ("project", "task")),
    "checkin": (("week",), ("week", "tried", "worked", "failed", "learned", "evidence", "changed_at")),
    "account": (("id",), ("id", "counts", "mirror_of", "name")),  # what of it counts is the person's word; the rest of the row is not
    "model": (("id",), ("id", "alias")),
    "rate": (("id",), ("id", "until", "noted_at")),  # rows are never deleted: one that ends where it begins never holds
    "exchange_rate": (("currency", "day", "origin"), ("currency", "day", "origin", "usd", "noted_at")),
    "reprice": (("id",), ("id", "at", "records")),
    "budget": (("id",), ("id", "uid", "measure", "amount", "currency", "period", "scope", "of", "changed_at")),
    "checkin_pin": (("week", "field", "position"), ("week", "field", "position", "session")),
    "dismissed": (("key",), ("key", "at")),
    "silenced": (("session",), ("session", "at")),
    "template": (("name",), ("name", "tried", "worked", "failed", "learned", "changed_at")),
}
SEARCHED: Final = {  # table -> kind in the search index, columns that are searched; the first key column is its reference
    "task": ("task", ("name", "ticket", "link")),
    "task_tag": ("task", ("tag",)),
    "annotation": ("note", ("note", "link")),
    "session_tag": ("note", ("tag",)),
    "checkin": ("checkin", ("tried", "worked", "failed", "learned")),
}

LEDGER: Final = frozenset({"account", "model", "rate"})
"""Tables whose rows come and go with what is read: an edit only changes those that are there."""


@lru_cache(maxsize=256)
def select(table: str) -> str:
    """Read a row by its key."""
    keys, columns = TABLES[table]
    return f"SELECT {listed(columns)} FROM {table} WHERE {every(keys)}"


@lru_cache(maxsize=256)
def insert(table: str, names: tuple[str, ...]) -> str:
    """Write a row with these columns."""
    return f"INSERT INTO {table}({listed(names)}) VALUES({', '.join('?' * len(names))})"


@lru_cache(maxsize=256)
def update(table: str, names: tuple[str, ...]) -> str:
    """Change these columns of a row by its key."""
    marks = ", ".join(f'"{name}" = ?' for name in names)
    return f"UPDATE {table} SET {marks} WHERE {every(TABLES[table][0])}"


def listed(names: Iterable[str]) -> str:
    """Columns, with commas between them."""
    return ", ".join(f'"{name}"' for name in names)


def every(names: Iterable[str]) -> str:
    """All of these columns have a value."""
    return " AND ".join(f'"{name}" = ?' for name in names)
