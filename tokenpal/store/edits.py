"""Every edit of the person as rows before and after: the one way to write the journal, and undo and redo.

An edit is a transaction that writes journal rows through ``Change``; what it replaced is kept as JSON in table ``edit``
(the newest 200), so that undo survives a restart and works across window and command line. Segments follow in the same
transaction: cuts when timers or splits changed, tasks when anything else did.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from tokenpal.model.journal import Attribution
from tokenpal.model.session import Segment, Via
from tokenpal.store import maintenance, newcomers, repricing, search, segments
from tokenpal.store.database import Store
from tokenpal.store.upsert import Price

KEPT: Final = 200

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

Attribute = Callable[[Attribution, Segment], tuple[int | None, Via]]
Pricer = Callable[[], Price]  # made only when what counts changed
Row = dict[str, Any]
Place = tuple[str, tuple[Any, ...]]  # table and key values


class Change:
    """The rows one edit writes: as they were, as they are."""

    def __init__(self, store: Store, title: str, now: int) -> None:
        self.store = store
        self.title = title
        self.now = now
        self.before: dict[Place, Row | None] = {}
        self.after: dict[Place, Row | None] = {}

    def get(self, table: str, *key: Any) -> Row | None:
        """The row as it is now."""
        row = self.store.execute(_select(table), key).fetchone()
        return None if row is None else dict(zip(TABLES[table][1], row, strict=True))

    def rows(self, table: str, **where: Any) -> list[Row]:
        """All rows with these values, in key order."""
        keys, columns = TABLES[table]
        found = self.store.execute(
            f"SELECT {_names(columns)} FROM {table} WHERE {_where(where) or 1} ORDER BY {_names(keys)}", tuple(where.values())
        )
        return [dict(zip(columns, row, strict=True)) for row in found]

    def put(self, table: str, row: Row) -> None:
        """Write a whole row; columns left out keep what they had (or the table's default)."""
        keys, columns = TABLES[table]
        key = tuple(row[name] for name in keys)
        old = self._note(table, key)
        new = {**(old or {}), **row}
        # No ON CONFLICT here: it would overrule the one that triggers on these tables have.
        if old is None:
            names = tuple(name for name in columns if name in new)
            self.store.execute(_insert(table, names), tuple(new[name] for name in names))
        elif new != old:
            names = tuple(name for name in columns if new[name] != old[name])
            self.store.execute(_update(table, names), (*(new[name] for name in names), *key))
        self.after[table, key] = self.get(table, *key)

    def drop(self, table: str, *key: Any) -> None:
        """Delete the row if it is there."""
        if self._note(table, key) is not None:
            self.store.execute(f"DELETE FROM {table} WHERE {_where(TABLES[table][0])}", key)
        self.after[table, key] = None

    def new_id(self, table: str) -> int:
        """An id that no row has and no edit remembers, so that undo never meets a stranger under an old number."""
        highest = self.store.execute(f"SELECT IFNULL(MAX(id), 0) FROM {table}").fetchone()[0]
        counter = f"last {table}"
        known = self.store.execute("SELECT value FROM meta WHERE key = ?", (counter,)).fetchone()
        value = max(highest, int(known[0]) if known else 0) + 1
        self.store.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (counter, str(value)))
        return int(value)

    def _note(self, table: str, key: tuple[Any, ...]) -> Row | None:
        old = self.get(table, *key)
        self.before.setdefault((table, key), old)
        return old


@contextmanager
def editing(
    store: Store, title: str, attribute: Attribute | None = None, now: int | None = None, price: Pricer | None = None
) -> Iterator[Change]:
    """One edit. Nothing is recorded when nothing changed; an exception inside leaves everything as it was."""
    with store.transaction():
        store.execute("PRAGMA defer_foreign_keys = ON")
        change = Change(store, title, store.now() if now is None else now)
        yield change
        touched = [place for place, old in change.before.items() if change.after.get(place) != old]
        if not touched:
            return
        store.execute("DELETE FROM edit WHERE undone = 1")
        store.execute(
            "INSERT INTO edit(at, title, before, after) VALUES(?, ?, ?, ?)",
            (change.now, change.title, _dump(change.before, touched), _dump(change.after, touched)),
        )
        store.execute("DELETE FROM edit WHERE id <= (SELECT MAX(id) FROM edit) - ?", (KEPT,))
        follow(store, {place: (change.before[place], change.after[place]) for place in touched}, attribute, price)


def join(store: Store, within: int | None = None, since: int = 0) -> None:
    """Make edits one: with ``within`` (seconds) the newest two if both wrote the very same rows, else all after the edit ``since``.

    Inside the transaction of the newest one. What cancels itself out leaves no edit.
    """
    rows = store.execute("SELECT id, at, before, after FROM edit WHERE undone = 0 AND id > ? ORDER BY id DESC LIMIT ?", (since, 2 if within is not None else KEPT)).fetchall()
    rows.reverse()
    if len(rows) < 2 or (within is not None and (not 0 <= rows[1][1] - rows[0][1] <= within or set(_load(rows[0][2])) != set(_load(rows[1][2])))):
        return
    before: dict[Place, Row | None] = {}
    after: dict[Place, Row | None] = {}
    for _, _, old, new in rows:
        before = {**_load(old), **before}
        after |= _load(new)
    places = [place for place in before if before[place] != after[place]]
    store.execute("UPDATE edit SET before = ?, after = ? WHERE id = ?", (_dump(before, places), _dump(after, places), rows[0][0]))
    store.execute("DELETE FROM edit WHERE id > ?", (rows[0][0] if places else rows[0][0] - 1,))


def newest(store: Store) -> int:
    """The id of the newest edit, 0 when there is none: for ``join``."""
    return int(store.execute("SELECT IFNULL(MAX(id), 0) FROM edit").fetchone()[0])


def undo(store: Store, attribute: Attribute | None = None, price: Pricer | None = None) -> str | None:
    """Take back the newest edit; returns its title, or None when there is none."""
    return _step(store, "SELECT id, title, after, before FROM edit WHERE undone = 0 ORDER BY id DESC LIMIT 1", 1, attribute, price)


def redo(store: Store, attribute: Attribute | None = None, price: Pricer | None = None) -> str | None:
    """Do again what undo took back last; returns its title, or None when there is none."""
    return _step(store, "SELECT id, title, before, after FROM edit WHERE undone = 1 ORDER BY id LIMIT 1", 0, attribute, price)


def history(store: Store, limit: int = KEPT) -> list[tuple[int, str, bool]]:
    """(time, title, undone) of the edits that are kept, newest first."""
    rows = store.execute("SELECT at, title, undone FROM edit ORDER BY id DESC LIMIT ?", (limit,))
    return [(at, title, bool(undone)) for at, title, undone in rows]


def _step(store: Store, newest: str, undone: int, attribute: Attribute | None, price: Pricer | None) -> str | None:
    with store.transaction():
        store.execute("PRAGMA defer_foreign_keys = ON")
        found = store.execute(newest).fetchone()
        if found is None:
            return None
        id_, title, old, new = found
        change = Change(store, title, 0)
        rows = {place: row for place, row in _load(new).items() if place[0] not in LEDGER or change.get(*place[:1], *place[1])}
        for (table, key), row in rows.items():  # first away with what goes: names and tags are unique
            change.drop(table, *key) if row is None else None
        for (table, _), row in rows.items():
            if row is not None:
                change.put(table, _possible(store, row) if table == "account" else row)
        store.execute("UPDATE edit SET undone = ? WHERE id = ?", (undone, id_))
        before = _load(old)
        store.memory.clear()  # prices and names that were looked up may be others now
        follow(store, {place: (before.get(place), row) for place, row in rows.items()}, attribute, price)
        _newcomers(store, rows, price)
        return str(title)


def follow(
    store: Store, changed: dict[Place, tuple[Row | None, Row | None]], attribute: Attribute | None, price: Pricer | None = None
) -> None:
    """Bring the search index, the segments and what counts up to date with rows that changed."""
    for kind, ref in {(SEARCHED[table][0], str(key[0])) for (table, key), pair in changed.items() if _reads_differently(table, *pair)}:
        search.index(store, kind, ref)
    counting = [key[0] for (table, key), pair in changed.items() if table == "account" and _counts(pair[0]) != _counts(pair[1])]
    for account in sorted(counting):
        maintenance.recount(store, account, None if price is None else price())
    for (table, key), (_, row) in changed.items():
        if table == "reprice":
            repricing.switch(store, key[0], done=row is not None)
    if attribute is None:
        return
    cut_anew = {str(key[0]) for table, key in changed if table == "split"}
    edges = [(row["start"], row["end"]) for (table, _), pair in changed.items() if table == "timer" for row in pair if row is not None]
    if cut_anew:
        segments.resegment(store, cut_anew, attribute)
    if edges:
        segments.resegment(store, _span(edges), attribute)
    if any(table in {"rule", "project_default"} for table, _ in changed):
        segments.reattribute(store, attribute)
    elif by_hand := [str(key[0]) for table, key in changed if table == "hand"]:
        segments.attribute_segments(store, segments.of_sessions(store, by_hand), attribute)


def _reads_differently(table: str, before: Row | None, after: Row | None) -> bool:
    """Whether the search index says something else of this row now: labelling a hundred thousand sessions does not touch it."""
    columns = SEARCHED[table][1] if table in SEARCHED else ()
    return any(((before or {}).get(name) or "") != ((after or {}).get(name) or "") for name in columns)


def _possible(store: Store, row: Row) -> Row:
    """An account's row; a name that another account has taken since stays with that one."""
    taken = store.execute(
        "SELECT 1 FROM account o WHERE o.name = ?1 AND o.id <> ?2 AND (o.removed_at IS NULL"
        " OR EXISTS (SELECT 1 FROM account m WHERE m.id = ?2 AND m.source = o.source AND m.root = o.root))", (row.get("name"), row["id"])
    ).fetchone()  # fmt: skip
    return row if taken is None else {name: value for name, value in row.items() if name != "name"}


def _newcomers(store: Store, rows: dict[Place, Row | None], price: Pricer | None) -> None:
    models, rates, noted = ([key[0] for table, key in rows if table == kind] for kind in ("model", "rate", "reprice"))
    if price is not None and (models or rates):
        newcomers.follow(store, models, rates, noted, price())


def _counts(row: Row | None) -> tuple[Any, Any]:
    return (None, None) if row is None else (row["counts"], row["mirror_of"])


def _span(edges: list[tuple[int, int | None]]) -> tuple[int, int | None]:
    # A moved edge changes the cut of everything after it, up to the next edge: to the end, to be safe.
    return min(start for start, _ in edges), None


@lru_cache(maxsize=256)
def _select(table: str) -> str:
    keys, columns = TABLES[table]
    return f"SELECT {_names(columns)} FROM {table} WHERE {_where(keys)}"


@lru_cache(maxsize=256)
def _insert(table: str, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table}({_names(names)}) VALUES({', '.join('?' * len(names))})"


@lru_cache(maxsize=256)
def _update(table: str, names: tuple[str, ...]) -> str:
    marks = ", ".join(f'"{name}" = ?' for name in names)
    return f"UPDATE {table} SET {marks} WHERE {_where(TABLES[table][0])}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _where(names: Iterable[str]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in names)


def _dump(rows: dict[Place, Row | None], places: list[Place]) -> str:
    return json.dumps([[table, list(key), rows[table, key]] for table, key in places], ensure_ascii=False, separators=(",", ":"))


def _load(text: str) -> dict[Place, Row | None]:
    return {(table, tuple(key)): row for table, key, row in json.loads(text)}
