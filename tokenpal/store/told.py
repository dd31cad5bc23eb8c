"""What was notified already: one notification per crossing (product 2.6), across windows, command lines and restarts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenpal.store.database import Store

KEPT_SECONDS: Final = 400 * 86_400
"""Longer than any period or window lasts: what was told before it can never be told again."""


def tell_once(store: Store, key: str, at: int) -> bool:
    """True the first time that this key is told, and never again."""
    with store.transaction():
        new = store.execute("INSERT OR IGNORE INTO told(key, at) VALUES(?, ?)", (key, at)).rowcount == 1
        if new:
            store.execute("DELETE FROM told WHERE at < ?", (at - KEPT_SECONDS,))
    return new


def told(store: Store, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys that were told."""
    return frozenset(key for key in keys if store.execute("SELECT 1 FROM told WHERE key = ?", (key,)).fetchone())


def forget(store: Store, keys: Iterable[str]) -> None:
    """What these keys stand for is over: the next time is news again."""
    store.many("DELETE FROM told WHERE key = ?", [(key,) for key in keys])


def silenced(store: Store) -> frozenset[str]:
    """The sessions that the person silenced."""
    return frozenset(row[0] for row in store.execute("SELECT session FROM silenced"))
