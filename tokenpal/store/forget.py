"""Taking usage away for good: an account's history, when the person says forget it."""

from __future__ import annotations

from tokenpal.store import remainder, rows
from tokenpal.store.database import Store
from tokenpal.store.interned import interned
from tokenpal.store.rollups import DAY, Deltas, clock
from tokenpal.store.segments import settle_bounds
from tokenpal.store.upsert import Price, remove


def forget_account(store: Store, account: int, price: Price | None = None) -> int:
    """Delete all usage of an account; what the person wrote of its sessions stays. Returns how many records went."""
    with store.transaction():
        names = interned(store)
        reports = remainder.any_reports(store)
        segments = [row[0] for row in store.execute("SELECT id FROM segment WHERE account = ?", (account,))]
        gone = 0
        for segment in segments:
            found = store.execute(f"SELECT {rows.COLUMNS} FROM usage WHERE segment = ?", (segment,)).fetchall()
            deltas = Deltas(names, clock(store))
            days: remainder.Days = {}
            for row in found if reports else ():
                days.setdefault(names.whose(row[rows.MODEL], account), set()).add(row[rows.AT] // DAY)
            remove(store, deltas, found, set())
            deltas.flush(store)
            if days:
                remainder.recount(store, names, deltas, days, price)
                deltas.flush(store)
            gone += len(found)
        for table in ("reported", "correction"):
            store.execute(f"DELETE FROM {table} WHERE account = ?", (account,))
        settle_bounds(store, {}, segments)
        store.execute("DELETE FROM segment WHERE account = ?", (account,))
        store.execute("DELETE FROM session WHERE account = ?", (account,))
        store.memory.clear()
        return gone
