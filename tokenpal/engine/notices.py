"""What is worth telling, asked on the database thread: each crossing once, across windows and restarts (product 2.6)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tokenpal.engine import budgets, burning
from tokenpal.insight.numbers import plain
from tokenpal.model.events import Notable
from tokenpal.model.insight import Burn
from tokenpal.store import accounts, report as reports, told
from tokenpal.store.database import Store
from tokenpal.translation import tr

TROUBLED = frozenset({"key missing", "key locked", "key refused", "not allowed", "not available", "unreadable"})
"""States that need the person; a provider's own trouble passes by itself."""


class Heard(msgspec.Struct, frozen=True):
    """``news`` were never told before; ``holding`` are the keys of all that holds now, told or not."""

    news: tuple[Notable, ...] = ()
    holding: frozenset[str] = frozenset()


def first_time(store: Store, found: Iterable[Notable], silent: bool = False, over: Iterable[str] = ()) -> Heard:
    """Those that were never told; they are now. ``silent``: only take note, as at the start, where nothing crosses.

    ``over``: keys of what no longer holds; the next time is news again.
    """
    told.forget(store, over)
    every = tuple(found)
    now = store.now()
    news = tuple(one for one in every if told.tell_once(store, one.key, now))
    return Heard(() if silent else news, frozenset(one.key for one in every))


def problems(store: Store) -> tuple[Notable, ...]:
    """Accounts that need the person. An account that was well in between is another problem: its key holds the last success."""
    return tuple(
        Notable("problems", f"problem {row.id} {row.state} {row.last_success or 0}", row.sentence or f"{row.name}: {row.state}", row.next_step, "accounts", row.id)
        for row in accounts.accounts(store)
        if row.state in TROUBLED and not row.removed
    )


def burn(one: Burn) -> Notable:
    """A session that is still running and uses far more than usual; told once for it."""
    from tokenpal.insight.insight_words import burn_sentence  # with the words of every other insight, and seldom said

    return Notable("burn", f"burn {one.session}", tr("A session uses more than usual"), burn_sentence(one), "sessions", one.session)


def heard(store: Store, zone: str, week_start: int, look_for_burn: bool = True) -> Heard:
    """Everything but limits, whose words are made where they are shown: accounts, budgets, unusual burn."""
    with plain():
        found = problems(store)
        if look_for_burn:
            found += tuple(burn(one) for one in burning.burning(store, store.now()))
        crossed = budgets.crossings(store, zone, week_start, reports.today(store, zone))
    first = first_time(store, found)
    return Heard((*first.news, *crossed), first.holding)
