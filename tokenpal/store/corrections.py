"""What a provider said otherwise later: a report replaced the figures of a UTC day that it had told before.

A day counts as told once a window that covers it whole was stored after it had ended. Reports run late, so growth is called a
correction only where the day was read again some hours after its end; a figure that goes down always is one. Growth of a day
that is still open, or the first word on a day, never is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import day_number, number_day
from tokenpal.model.report import Correction, Filter, Report
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Window
from tokenpal.store.database import Store

__all__ = ["Correction", "Watch", "corrections", "latest", "of_report", "rows_of"]

DAY: Final = 86_400
KEPT: Final = 400  # days back
LATE: Final = 6 * 3_600  # seconds after a day's end in which reports still grow (provider-apis 6: hours, not days)
SELECT: Final = (
    "SELECT c.account, c.endpoint, c.day, c.noted_at, m.name, c.before, c.after FROM correction c JOIN model m ON m.id = c.model"
    " JOIN account a ON a.id = c.account"
)
SUMS: Final = """
  SELECT r.at / 86400, u.model, SUM(u.fresh_input), SUM(u.cache_read), SUM(u.cache_write_5m), SUM(u.cache_write_1h),
    SUM(u.cache_write_other), SUM(u.output), SUM(u.reasoning)
  FROM reported r CROSS JOIN usage u ON u.id = r.usage
  WHERE r.account = ? AND r.at >= ? AND r.at < ? AND r.endpoint = ? AND u.counted = 1 GROUP BY 1, 2"""
AMOUNTS: Final = """
  SELECT r.at / 86400, u.model, a.kind, a.currency, SUM(a.pico)
  FROM reported r CROSS JOIN usage u ON u.id = r.usage CROSS JOIN amount a ON a.usage = u.id
  WHERE r.account = ? AND r.at >= ? AND r.at < ? AND r.endpoint = ? AND u.counted = 1 GROUP BY 1, 2, 3, 4"""

Figures = tuple[tuple[int, ...], tuple[tuple[str, str, int], ...]]  # seven counts; kind, currency, pico
NOTHING: Final[Figures] = ((0,) * 7, ())


def corrections(store: Store, since: date | None = None, until: date | None = None, account: int | None = None) -> list[Correction]:
    """What was corrected of UTC days [since, until), oldest day first, then in the order in which it was noted."""
    first, end = (-(2**40) if since is None else day_number(since)), (2**40 if until is None else day_number(until))
    rows = store.execute(
        f"{SELECT} WHERE c.day >= ? AND c.day < ? AND (?3 IS NULL OR c.account = ?3) ORDER BY c.day, c.noted_at, c.account, c.endpoint, m.name",
        (first, end, account),
    )
    return [_correction(row) for row in rows]


def of_report(store: Store, answer: Report) -> list[Correction]:
    """Those of the days of a report; of a filter only one on accounts is looked at, under any other nothing is said."""
    wanted = answer.query.filter
    if wanted != Filter(accounts=wanted.accounts):
        return []
    found = corrections(store, answer.first, answer.until)
    if not wanted.accounts or not found:
        return found
    names = dict(store.execute("SELECT id, name FROM account").fetchall())
    return [one for one in found if names.get(one.account) in wanted.accounts]


def latest(store: Store, account: int, limit: int = 20) -> list[Correction]:
    """The newest corrections of an account, newest first."""
    rows = store.execute(f"{SELECT} WHERE c.account = ? ORDER BY c.noted_at DESC, c.day DESC, c.endpoint, m.name LIMIT ?", (account, limit))
    return [_correction(row) for row in rows]


class Watch:
    """The told days that a batch's windows replace: figures before, compared with ``note`` once they are replaced."""

    def __init__(self, store: Store, account: int, windows: Sequence[Window]) -> None:
        self.store, self.account = store, account
        self.spans = sorted({(window.endpoint, -(-window.start // DAY), window.end // DAY) for window in windows})
        self.told: dict[tuple[str, int], int] = {}
        for endpoint, first, end in self.spans:
            for day, at in store.execute(
                "SELECT day, at FROM complete WHERE account = ? AND endpoint = ? AND day >= ? AND day < ?", (account, endpoint, first, end)
            ):
                self.told[endpoint, day] = at
        self.before = self._figures()

    def note(self) -> int:
        """Keep what changed, and which days are told now. Returns the number of corrections."""
        now, after, found = self.store.now(), self._figures(), []
        for endpoint, day, model in sorted(self.before.keys() | after.keys()):
            was, is_ = (each.get((endpoint, day, model), NOTHING) for each in (self.before, after))
            late = self.told[endpoint, day] >= (day + 1) * DAY + LATE
            if was != is_ and (late or _less(was, is_)):
                found.append((self.account, endpoint, day, model, now, json.dumps(was), json.dumps(is_)))
        self.store.many(
            "INSERT INTO correction(account, endpoint, day, model, noted_at, before, after) VALUES(?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(account, endpoint, day, model, noted_at) DO UPDATE SET after = excluded.after",
            found,
        )
        self.store.many(
            "INSERT INTO complete(account, endpoint, day, at) VALUES(?, ?, ?, ?)"
            " ON CONFLICT(account, endpoint, day) DO UPDATE SET at = MAX(at, excluded.at)",
            [
                (self.account, endpoint, day, now)
                for endpoint, first, end in self.spans
                for day in range(max(first, now // DAY - KEPT), min(end, now // DAY))
            ],
        )
        return len(found)

    def _figures(self) -> dict[tuple[str, int, int], Figures]:
        """By endpoint, day and model; only days that were told before."""
        sums: dict[tuple[str, int, int], tuple[int, ...]] = {}
        amounts: dict[tuple[str, int, int], list[tuple[str, str, int]]] = {}
        for endpoint, first, end in self.spans:
            if not any((endpoint, day) in self.told for day in range(first, end)):
                continue
            values = (self.account, first * DAY, end * DAY, endpoint)
            for day, model, *counts in self.store.execute(SUMS, values):
                if (endpoint, day) in self.told:
                    sums[endpoint, day, model] = tuple(counts)
            for day, model, kind, currency, pico in self.store.execute(AMOUNTS, values):
                if (endpoint, day) in self.told:
                    amounts.setdefault((endpoint, day, model), []).append((kind, currency, pico))
        return {place: (counts, tuple(sorted(amounts.get(place, ())))) for place, counts in sums.items()}


def _less(was: Figures, now: Figures) -> bool:
    money = {amount[:2]: amount[2] for amount in now[1]}
    return any(a > b for a, b in zip(was[0], now[0], strict=True)) or any(pico > money.get((kind, unit), 0) for kind, unit, pico in was[1])


def _correction(row: tuple[Any, ...]) -> Correction:
    account, endpoint, day, noted_at, model, was, now = row
    (before, money_before), (after, money_after) = _read(was), _read(now)
    return Correction(account, endpoint, number_day(day), noted_at, model, before, after, money_before, money_after)


def _read(text: str) -> tuple[Tokens, tuple[Money, ...]]:
    counts, amounts = json.loads(text)
    return Tokens(*counts) if any(counts) else NO_TOKENS, tuple(Money(MoneyKind(kind), unit, pico) for kind, unit, pico in amounts)


def rows_of(store: Store) -> Iterable[tuple[Any, ...]]:
    """Account, endpoint, day, model, its provider, when noted, before, after: for an archive, in an order that depends on the content."""
    return store.execute(
        "SELECT c.account, c.endpoint, c.day, m.name, m.provider, c.noted_at, c.before, c.after FROM correction c JOIN model m ON m.id = c.model"
        " JOIN account a ON a.id = c.account ORDER BY a.source, a.root, a.name, c.endpoint, c.day, m.name, m.provider, c.noted_at"
    ).fetchall()
