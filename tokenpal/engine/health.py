"""How every source is doing, for the Accounts page and ``tokenpal doctor``: the same query, the same words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tokenpal.engine import queries
from tokenpal.insight.health import Health, LeftOut, Newest, health as in_words
from tokenpal.store import freshness
from tokenpal.store.database import Store


def health(store: Store, zone: str, poll_minutes: int = 0) -> list[Health]:
    """One each for accounts and agents' log roots, in the order in which they were added. ``zone`` is an IANA name."""
    newest, left_out, now = freshness.newest(store), freshness.left_out(store), store.now()
    return [
        in_words(
            row, Newest(*newest[row.id]) if row.id in newest else None,
            [LeftOut(reason, count) for reason, count in left_out.get(row.id, ())], now, ZoneInfo(zone),
        )
        for row in queries.accounts(store, poll_minutes=poll_minutes)
    ]  # fmt: skip
