"""Every edit of the person as rows before and after: the one way to write the journal, and undo and redo.

An edit is a transaction that writes journal rows through ``Change``; what it replaced is kept in table ``edit`` (``records``;
the newest 200, of 64 MB at most), so that undo survives a restart and works across window and command line. Segments follow
in the same transaction: cuts when timers or splits changed, tasks when anything else did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tokenpal.model.journal import Attribution
from tokenpal.model.names import whole
from tokenpal.model.session import Segment, Via
from tokenpal.store import search, segments
from tokenpal.store.database import Store
from tokenpal.store.edited import LEDGER, SEARCHED, TABLES as TABLES, every, insert, listed, select, update
from tokenpal.store.records import Place, Record, Row, dump, load
from tokenpal.store.upsert import Price

KEPT: Final = 200
MOST_BYTES: Final = 64 << 20
"""Of all records together: two dozen edits of a hundred thousand sessions. What goes before its time is counted in ``let_go``."""
BIG: Final = 200_000
"""Bytes of a record that takes long enough to take back to be no part of the queue of questions."""
LET_GO: Final = "edits let go"
AT_ONCE: Final = 500

NEXT_BACK: Final = "SELECT id, title, before, after FROM edit WHERE undone = 0 ORDER BY id DESC LIMIT 1"
NEXT_AGAIN: Final = "SELECT id, title, before, after FROM edit WHERE undone = 1 ORDER BY id LIMIT 1"
SIZE: Final = "LENGTH(CAST(before AS BLOB)) + LENGTH(CAST(after AS BLOB))"

Attribute = Callable[[Attribution, Segment], tuple[int | None, Via]]
Pricer = Callable[[], Price]  # made only when what counts changed


class Change:
    """The rows one edit writes: as they were, as they are."""

    def __init__(self, store: Store, title: str, now: int) -> None:
        self.store = store
        self.title = title
        self.now = now
        self.before: dict[Place, Row | None] = {}
        self.after: dict[Place, Row | None] = {}
        self._ahead: dict[Place, Row | None] = {}

    def ahead(self, table: str, keys: Iterable[Any]) -> None:
        """Read the rows of many keys at once, in a table with one key column: ``get`` and ``put`` then need no question each."""
        keys = [key for key in keys if (table, (key,)) not in self._ahead]
        (name,), columns = TABLES[table]
        found: dict[Any, Row] = {}
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            marks = ", ".join("?" * len(some))
            for row in self.store.execute(f'SELECT {listed(columns)} FROM {table} WHERE "{name}" IN ({marks})', some):
                made = dict(zip(columns, row, strict=True))
                found[made[name]] = made
        self._ahead |= {(table, (key,)): found.get(key) for key in keys}

    def get(self, table: str, *key: Any) -> Row | None:
        """The row as it is now."""
        if (table, key) in self._ahead:
            known = self._ahead[table, key]
            return None if known is None else dict(known)
        row = self.store.execute(select(table), key).fetchone()
        return None if row is None else dict(zip(TABLES[table][1], row, strict=True))

    def rows(self, table: str, **where: Any) -> list[Row]:
        """All rows with these values, in key order."""
        keys, columns = TABLES[table]
        found = self.store.execute(
            f"SELECT {listed(columns)} FROM {table} WHERE {every(where) or 1} ORDER BY {listed(keys)}", tuple(where.values())
        )
        return [dict(zip(columns, row, strict=True)) for row in found]

    def put(self, table: str, row: Row) -> None:
        """Write a whole row; columns left out keep what they had (or the table's default)."""
        keys, columns = TABLES[table]
        row = {name: whole(value) if isinstance(value, str) else value for name, value in row.items()}
        key = tuple(row[name] for name in keys)
        old = self._note(table, key)
        new = {**(old or {}), **row}
        # No ON CONFLICT here: it would overrule the one that triggers on these tables have.
        if old is None:
            names = tuple(name for name in columns if name in new)
            self.store.execute(insert(table, names), tuple(new[name] for name in names))
        elif new != old:
            names = tuple(name for name in columns if new[name] != old[name])
            self.store.execute(update(table, names), (*(new[name] for name in names), *key))
        if (table, key) in self._ahead:
            self._ahead[table, key] = new = {**self._defaults(table), **new} if old is None else new
            self.after[table, key] = new
        else:
            self.after[table, key] = self.get(table, *key)

    def drop(self, table: str, *key: Any) -> None:
        """Delete the row if it is there."""
        key = tuple(whole(value) if isinstance(value, str) else value for value in key)
        if self._note(table, key) is not None:
            self.store.execute(f"DELETE FROM {table} WHERE {every(TABLES[table][0])}", key)
        if (table, key) in self._ahead:
            self._ahead[table, key] = None
        self.after[table, key] = None

    def new_id(self, table: str) -> int:
        """An id that no row has and no edit remembers, so that undo never meets a stranger under an old number."""
        highest = self.store.execute(f"SELECT IFNULL(MAX(id), 0) FROM {table}").fetchone()[0]
        counter = f"last {table}"
        known = self.store.execute("SELECT value FROM meta WHERE key = ?", (counter,)).fetchone()
        value = max(highest, int(known[0]) if known else 0) + 1
        self.store.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (counter, str(value)))
        return int(value)

    def _defaults(self, table: str) -> Row:
        """What a column holds that an insert leaves out."""
        known: dict[str, Row] = self.store.memory.setdefault("column defaults", {})
        if table not in known:
            said = {name: default for _, name, _, _, default, _ in self.store.execute(f"PRAGMA table_info({table})")}
            values = self.store.execute("SELECT " + ", ".join(str(said[name] or "NULL") for name in TABLES[table][1])).fetchone()
            known[table] = dict(zip(TABLES[table][1], values, strict=True))
        return known[table]

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
            (change.now, whole(change.title), *dump(change.before, change.after, touched)),
        )
        _let_go(store)
        follow(store, {place: (change.before[place], change.after[place]) for place in touched}, attribute, price)


def join(store: Store, within: int | None = None, since: int = 0) -> None:
    """Make edits one: with ``within`` (seconds) the newest two if both wrote the very same rows, else all after the edit ``since``.

    Inside the transaction of the newest one. What cancels itself out leaves no edit.
    """
    rows = store.execute("SELECT id, at, before, after FROM edit WHERE undone = 0 AND id > ? ORDER BY id DESC LIMIT ?", (since, 2 if within is not None else KEPT)).fetchall()
    rows.reverse()
    if len(rows) < 2 or (within is not None and (not 0 <= rows[1][1] - rows[0][1] <= within or not _same_places(rows))):
        return
    before: dict[Place, Row | None] = {}
    after: dict[Place, Row | None] = {}
    for _, _, *record in rows:
        old, new = load(*record)
        before = {**old, **before}
        after |= new
    places = [place for place in before if before[place] != after[place]]
    store.execute("UPDATE edit SET before = ?, after = ? WHERE id = ?", (*dump(before, after, places), rows[0][0]))
    store.execute("DELETE FROM edit WHERE id > ?", (rows[0][0] if places else rows[0][0] - 1,))


def newest(store: Store) -> int:
    """The id of the newest edit, 0 when there is none: for ``join``."""
    return int(store.execute("SELECT IFNULL(MAX(id), 0) FROM edit").fetchone()[0])


def undo(store: Store, attribute: Attribute | None = None, price: Pricer | None = None) -> str | None:
    """Take back the newest edit; returns its title, or None when there is none."""
    return _step(store, NEXT_BACK, 1, attribute, price)


def redo(store: Store, attribute: Attribute | None = None, price: Pricer | None = None) -> str | None:
    """Do again what undo took back last; returns its title, or None when there is none."""
    return _step(store, NEXT_AGAIN, 0, attribute, price)


def is_big(store: Store, *, back: bool = True, count: int = 1) -> bool:
    """Whether the next of these to take back (or to do again) takes long."""
    which = "undone = 0 ORDER BY id DESC" if back else "undone = 1 ORDER BY id"
    sizes = store.execute(f"SELECT IFNULL(SUM(bytes), 0) FROM (SELECT {SIZE} AS bytes FROM edit WHERE {which} LIMIT ?)", (count,)).fetchone()
    return bool(sizes[0] > BIG)


def let_go(store: Store) -> int:
    """How many edits of the newest 200 are no longer kept because the records took too much room."""
    known = store.execute("SELECT value FROM meta WHERE key = ?", (LET_GO,)).fetchone()
    oldest, newest_ = store.execute("SELECT IFNULL(MIN(id), 0), IFNULL(MAX(id), 0) FROM edit").fetchone()
    return max(0, min(int(known[0]), oldest - 1) - max(0, newest_ - KEPT)) if known else 0


def _let_go(store: Store) -> None:
    """Keep the newest edits, but no more than have room; the newest one stays whatever it takes."""
    store.execute("DELETE FROM edit WHERE id <= (SELECT MAX(id) FROM edit) - ?", (KEPT,))
    total = 0
    for place, (id_, size) in enumerate(store.execute(f"SELECT id, {SIZE} FROM edit ORDER BY id DESC").fetchall()):
        total += size
        if total > MOST_BYTES and place:
            store.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (LET_GO, str(id_)))
            store.execute("DELETE FROM edit WHERE id <= ?", (id_,))
            return


def _same_places(rows: list[tuple[int, int, Record, Record]]) -> bool:
    first, second = (set(load(before, after)[0]) for _, _, before, after in rows)
    return first == second


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
        id_, title, *record = found
        before, wanted = load(*record)
        if undone:
            before, wanted = wanted, before
        change = Change(store, title, 0)
        for table in {table for table, _ in wanted if len(wanted) > AT_ONCE and len(TABLES[table][0]) == 1 and table not in LEDGER}:
            change.ahead(table, [key[0] for name, key in wanted if name == table])
        rows = {place: row for place, row in wanted.items() if place[0] not in LEDGER or change.get(*place[:1], *place[1])}
        for (table, key), row in rows.items():  # first away with what goes: names and tags are unique
            change.drop(table, *key) if row is None else None
        for (table, _), row in rows.items():
            if row is not None:
                change.put(table, _possible(store, row) if table == "account" else row)
        store.execute("UPDATE edit SET undone = ? WHERE id = ?", (undone, id_))
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
    if counting:
        from tokenpal.store import maintenance  # rare, and every app imports this module

        for account in sorted(counting):
            maintenance.recount(store, account, None if price is None else price())
    repriced = [(key[0], row is not None) for (table, key), (_, row) in changed.items() if table == "reprice"]
    if repriced:
        from tokenpal.store import repricing

        for number, done in repriced:
            repricing.switch(store, number, done=done)
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
        from tokenpal.store import newcomers

        newcomers.follow(store, models, rates, noted, price())


def _counts(row: Row | None) -> tuple[Any, Any]:
    return (None, None) if row is None else (row["counts"], row["mirror_of"])


def _span(edges: list[tuple[int, int | None]]) -> tuple[int, int | None]:
    # A moved edge changes the cut of everything after it, up to the next edge: to the end, to be safe.
    return min(start for start, _ in edges), None
