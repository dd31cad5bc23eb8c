"""What may be worth a look, asked in one go: each idea's figures from the store, its rule and words from ``insight``."""

from __future__ import annotations

from datetime import date

from tokenpal.engine.commands import changes
from tokenpal.model.insight import Burn, Insight
from tokenpal.store.database import Store


def insights(store: Store, zone: str, first: date, until: date) -> list[Insight]:
    """What is worth a look in local days [first, until), the most pressing first. ``zone`` is an IANA name."""
    return []


def burning(store: Store, now: int) -> list[Burn]:
    """Sessions still running at ``now`` (epoch seconds) far above the person's own range; those silenced are left out."""
    return []


@changes("labels")
def silence(store: Store, session: str) -> None:
    """Say nothing more of this session's use; can be undone."""


def question(store: Store, week: str) -> str:
    """What the check-in of an ISO week may ask: from the most frequent reason of waste in it; "" when there is none."""
    return ""
