"""Records that came after an edit of prices, when that edit is taken back or made again: what the edit knew of is put back exactly
(``repricing.switch``), these follow the prices that hold now.
"""

from __future__ import annotations

from collections.abc import Collection

from tokenpal.store import maintenance
from tokenpal.store.database import Store
from tokenpal.store.upsert import Price


def follow(store: Store, models: Collection[int], rates: Collection[int], noted: Collection[int], price: Price) -> None:
    """``models``: whose alias changed; ``rates``: of which another until holds; ``noted``: the repricings that were switched."""
    besides = f" AND u.id NOT IN (SELECT usage FROM repriced WHERE reprice IN ({', '.join(map(str, noted)) or '-1'}))"
    for (name,) in store.execute(f"SELECT DISTINCT name FROM model WHERE id IN ({', '.join(map(str, models)) or '-1'})").fetchall():
        maintenance.reprice(store, price, name, where=besides)
    for id_ in rates:
        row = store.execute("SELECT model, until IS NOT NULL AND until <= since FROM rate WHERE id = ?", (id_,)).fetchone()
        if row is not None and row[1]:
            maintenance.reprice(store, price, of_rate=id_, where=besides)
        elif row is not None:
            maintenance.reprice(store, price, row[0], only_unpriced=True, where=besides)
