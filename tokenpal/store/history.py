"""How limits and balances went: points thinned as they age, so that a year of them is a few hundred rows.

At most one point in 5 minutes for two days, one an hour for 60 days, one a day after that; of several the newest stays. The
spans lie within one another, so the order in which readings arrive makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.store.database import Store

DAY: Final = 86_400
STEPS: Final = ((2 * DAY, 3_600), (60 * DAY, DAY))  # from this age on, one point in so many seconds
FINE: Final = 300

INSERT: Final = {
    "limit_history": (
        "INSERT INTO limit_history(account, name, at, used_percent, resets_at) VALUES(?, ?, ?, ?, ?) ON CONFLICT(account, name, at) DO UPDATE"
        " SET used_percent = excluded.used_percent, resets_at = excluded.resets_at"
        " WHERE (excluded.used_percent, IFNULL(excluded.resets_at, 0)) > (limit_history.used_percent, IFNULL(limit_history.resets_at, 0))"
    ),
    "balance_history": (
        "INSERT INTO balance_history(account, name, at, kind, currency, pico) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(account, name, at) DO UPDATE"
        " SET kind = excluded.kind, currency = excluded.currency, pico = excluded.pico"
        " WHERE (excluded.pico, excluded.currency, excluded.kind) > (balance_history.pico, balance_history.currency, balance_history.kind)"
    ),
}


def limit_history(store: Store, account: int, name: str, since: int = 0) -> list[tuple[int, float, int | None]]:
    """(at, used percent, resets at) of a limit from ``since`` on, oldest first; epoch seconds."""
    return store.execute(
        "SELECT at, used_percent, resets_at FROM limit_history WHERE account = ? AND name = ? AND at >= ? ORDER BY at", (account, name, since)
    ).fetchall()


def balance_history(store: Store, account: int, name: str, since: int = 0) -> list[tuple[int, Money]]:
    """(at, what was left) of a prepaid balance from ``since`` on, oldest first; epoch seconds."""
    return [
        (at, Money(MoneyKind(kind), currency, pico))
        for at, kind, currency, pico in store.execute(
            "SELECT at, kind, currency, pico FROM balance_history WHERE account = ? AND name = ? AND at >= ? ORDER BY at", (account, name, since)
        )
    ]


def note_limits(store: Store, account: int, found: Sequence[LimitReading]) -> None:
    """Keep points of these limits."""
    points = [(account, one.name, one.at, one.used_percent, one.resets_at) for one in found]
    note(store, "limit_history", account, points)


def note_balances(store: Store, account: int, found: Sequence[Balance]) -> None:
    """Keep points of these balances."""
    points = [(account, one.name, one.at, one.left.kind.value, one.left.currency, one.left.pico) for one in found]
    note(store, "balance_history", account, points)


def note(store: Store, table: str, account: int, points: Sequence[tuple[Any, ...]]) -> None:
    """Keep points of an account, as rows of the table."""
    if not points:
        return
    now = store.now()
    newest: dict[tuple[str, int], int] = {}
    for _, name, at, *_ in points:  # an agent's log says its limits with every answer
        place = (name, _span(at, now))
        newest[place] = max(newest.get(place, at), at)
    store.many(INSERT[table], [point for point in points if newest[point[1], _span(point[2], now)] == point[2]])
    for name in {point[1] for point in points}:
        _thin(store, table, account, name, now)


def _span(at: int, now: int) -> int:
    """The end of the span that a point lies in."""
    width = FINE
    for age, wider in STEPS:
        if at < (now - age) // wider * wider:
            width = wider
    return at // width * width + width


def _thin(store: Store, table: str, account: int, name: str, now: int) -> None:
    points = [row[0] for row in store.execute(f"SELECT at FROM {table} WHERE account = ? AND name = ? ORDER BY at", (account, name))]
    gone = [(account, name, at) for at, later in pairwise(points) if later < _span(at, now)]
    store.many(f"DELETE FROM {table} WHERE account = ? AND name = ? AND at = ?", gone)
