"""The price ledger: the rates that records were priced with, and those the person gave."""

from __future__ import annotations

import msgspec

from tokenpal.model.rates import Prices, Rate, Tier
from tokenpal.store.database import Store
from tokenpal.store.interned import interned


def rates(store: Store) -> list[Rate]:
    """Every rate that was ever used, oldest first: the same use keeps its price (agent-logs 2.7)."""
    found: list[Rate] = []
    for provider, model, tier, since, until, origin, noted_at, text in store.execute(
        "SELECT provider, model, tier, since, until, origin, noted_at, prices FROM rate ORDER BY noted_at, id"
    ):
        prices, long_context = msgspec.json.decode(text, type=tuple[Prices, tuple[Tier, ...]])
        found.append(Rate(provider, model, prices, origin, noted_at, tier, since, until, long_context))
    return found


def add_rate(store: Store, rate: Rate) -> int:
    """Put a rate into the price ledger (the person's own); the same one again is the same row, said now."""
    with store.transaction():
        found = interned(store).rate(rate)
        store.execute("UPDATE rate SET until = ?, noted_at = ? WHERE id = ?", (rate.until, rate.noted_at, found))
        return found


def end_rates(store: Store, model: str, origin: str) -> list[int]:
    """Rates of this origin never hold any more; their ids. The rows stay: records may name them, a running app remembers them."""
    with store.transaction():
        found = store.execute(
            "SELECT id FROM rate WHERE model = ? AND origin = ? AND (until IS NULL OR until > since)", (model, origin)
        ).fetchall()
        store.many("UPDATE rate SET until = since WHERE id = ?", found)
        store.memory.clear()
        return [id_ for (id_,) in found]
