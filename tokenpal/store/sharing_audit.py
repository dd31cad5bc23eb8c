"""The audit log of sharing: appended and read, never changed (sharing-protocol 5.8). Triggers of the table see to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tokenpal.model.audit import FIRST, AuditRow, body_text, broken_at, chained
from tokenpal.store.database import Store

COLUMNS: Final = "n, at, kind, body, prev, hash"


@contextmanager
def durable(store: Store) -> Iterator[Store]:
    """A transaction that is on the disk when it ends, even if the power goes: for draws and logs of what leaves next.

    Other transactions may lose their last seconds to a power cut. Inside another transaction it is part of that one.
    """
    if store.connection.in_transaction:
        with store.transaction():
            yield store
        return
    usual = int(store.execute("PRAGMA synchronous").fetchone()[0])
    store.execute("PRAGMA synchronous = FULL")
    try:
        with store.transaction():
            yield store
    finally:
        store.execute(f"PRAGMA synchronous = {usual}")


def append_audit(store: Store, at: int, kind: str, body: dict[str, Any]) -> AuditRow:
    """Add a row at the end of the chain; on the disk on return, unless the caller holds a transaction. Raises StoreError."""
    with durable(store):
        last = store.execute("SELECT n, hash FROM share_audit ORDER BY n DESC LIMIT 1").fetchone() or (0, FIRST)
        row = chained(last[0] + 1, at, kind, body_text(body), last[1])
        _insert(store, row)
    return row


def audit_rows(store: Store, search: str = "", limit: int = 200, before: int | None = None, kind: str = "") -> list[AuditRow]:
    """Rows newest first, older than row ``before``; ``search`` finds text in bodies and kinds, whatever the case of a-z."""
    where, values = ["n < ?"], [before if before is not None else 1 << 62]
    found: list[Any] = list(values)
    if kind:
        where.append("kind = ?")
        found.append(kind)
    for word in search.split():
        where.append("(body LIKE ? ESCAPE '!' OR kind LIKE ? ESCAPE '!')")
        found += [f"%{_plain(word)}%"] * 2
    rows = store.execute(f"SELECT {COLUMNS} FROM share_audit WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?", (*found, limit))
    return [AuditRow(*row) for row in rows.fetchall()]


def audit_row(store: Store, n: int) -> AuditRow | None:
    """One row, or None."""
    row = store.execute(f"SELECT {COLUMNS} FROM share_audit WHERE n = ?", (n,)).fetchone()
    return None if row is None else AuditRow(*row)


def audit_chain(store: Store) -> Iterator[AuditRow]:
    """All rows, oldest first."""
    return (AuditRow(*row) for row in store.execute(f"SELECT {COLUMNS} FROM share_audit ORDER BY n"))


def audit_size(store: Store) -> int:
    """How many rows there are."""
    return int(store.execute("SELECT COUNT(*) FROM share_audit").fetchone()[0])


def audit_answer(store: Store, request: int) -> AuditRow | None:
    """The row that says what came of a request; None while it is under way or when nobody was there to note it."""
    found = store.execute(
        f"SELECT {COLUMNS} FROM share_audit WHERE n > ? AND kind = 'answer' AND json_extract(body, '$.request') = ? ORDER BY n LIMIT 1", (request, request)
    ).fetchone()
    return None if found is None else AuditRow(*found)


def audit_sent_bytes(store: Store) -> int:
    """Bytes of all bodies of requests."""
    return int(store.execute("SELECT IFNULL(SUM(json_extract(body, '$.size')), 0) FROM share_audit WHERE kind = 'request'").fetchone()[0])


def audit_broken_at(store: Store) -> int | None:
    """Number of the first row that does not fit the chain, or None."""
    return broken_at(audit_chain(store))


def adopt_audit(store: Store, rows: list[AuditRow]) -> bool:
    """Take over the log of an export when this file has none; an own log is never replaced, and rows that are no whole chain are left out."""
    with store.transaction():
        if not rows or audit_size(store) or broken_at(rows) is not None:
            return False
        for row in rows:
            _insert(store, row)
    return True


def _insert(store: Store, row: AuditRow) -> None:
    store.execute(f"INSERT INTO share_audit({COLUMNS}) VALUES(?, ?, ?, ?, ?, ?)", (row.n, row.at, row.kind, row.body, row.prev, row.hash))


def _plain(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
