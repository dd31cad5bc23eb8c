"""What the ledger is told besides the records: which copies count, prices, projects and tasks (store.ledger.Rules)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenpal.engine.branches import Branches
from tokenpal.engine.places import Places
from tokenpal.insight.tasks import attribute
from tokenpal.store import ledger


class Rulebook:
    """``of(source)`` is that source's Rules. Kept as long as the app runs: prices and places are remembered."""

    def __init__(self, price: Callable[..., Any], place: Places | None = None) -> None:
        self.price = price
        self.place = place if place is not None else Places()
        self.branch = Branches()
        self._made: dict[str, ledger.Rules] = {}

    def of(self, source: Any) -> ledger.Rules:
        """The rules of one source module; without a ``settle`` of its own every record counts."""
        known = self._made.get(source.INFO.id)
        if known is None:
            settle = getattr(source, "settle", None)
            known = self._made[source.INFO.id] = ledger.Rules(settle, self.price, self.place, attribute)
        return known
