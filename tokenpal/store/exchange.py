"""Exchange rates of days, for showing money in one currency: those the person entered, and those of a source that was switched on.

No figure of the ledger is ever changed by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.money import ExchangeRate
from tokenpal.model.ranges import day_number, number_day
from tokenpal.store.database import Store
from tokenpal.store.edits import editing
from tokenpal.translation import tr

PERSON: Final = "person"
COLUMNS: Final = ("currency", "day", "origin", "usd", "noted_at")
ORDER: Final = f"(origin <> '{PERSON}')"
"""Of two rates of one day the person's own goes first."""


def rates(store: Store) -> list[ExchangeRate]:
    """All rates, newest day first."""
    rows = store.execute(f"SELECT currency, day, usd, origin FROM exchange_rate ORDER BY day DESC, currency, {ORDER}, origin")
    return [_rate(row) for row in rows]


def rates_on(store: Store, day: date) -> dict[str, ExchangeRate]:
    """For every currency the rate of the newest day up to this one, else of the oldest day there is."""
    wanted = day_number(day)
    rows = store.execute(
        f"SELECT currency, day, usd, origin FROM exchange_rate ORDER BY currency, day > ?1, ABS(day - ?1), {ORDER}, origin", (wanted,)
    )
    found: dict[str, ExchangeRate] = {}
    for row in rows:
        found.setdefault(row[0], _rate(row))
    return found


def set_rate(store: Store, rate: ExchangeRate) -> None:
    """Keep a rate; the same day's of the same origin is replaced. Raises UsageError for what is no rate."""
    if rate.currency == "USD" or len(rate.currency) != 3 or not rate.currency.isascii() or not rate.currency.isalpha():
        raise UsageError(
            tr("{word} is no currency to give a rate for.", word=repr(rate.currency)), tr("Use three letters such as EUR; dollars are the yardstick.")
        )
    if not rate.usd.is_finite() or not Decimal("1e-9") <= rate.usd <= Decimal("1e9"):
        raise UsageError(tr("A rate is a number of US dollars for one unit."), tr("Write it like 1.08."))
    row = (rate.currency, day_number(rate.day), rate.origin, f"{rate.usd:f}", store.now())
    if rate.origin == PERSON:
        with editing(store, tr("Set the rate of {currency}", currency=rate.currency)) as change:
            old = change.get("exchange_rate", *row[:3])
            if old is None or old["usd"] != row[3]:
                change.put("exchange_rate", dict(zip(COLUMNS, row, strict=True)))
        return
    with store.transaction():  # said last holds, also within one second
        remove_rates(store, rate.currency, rate.day, rate.origin)
        keep(store, row)


def keep(store: Store, row: tuple[Any, ...]) -> None:
    """A row of the table; of two for one day and origin the newer word stays."""
    store.execute(
        f"INSERT INTO exchange_rate({', '.join(COLUMNS)}) VALUES(?, ?, ?, ?, ?) ON CONFLICT(currency, day, origin) DO UPDATE"
        " SET usd = excluded.usd, noted_at = excluded.noted_at WHERE (excluded.noted_at, excluded.usd) >= (exchange_rate.noted_at, exchange_rate.usd)",
        row,
    )


def remove_rates(store: Store, currency: str, day: date | None = None, origin: str = PERSON) -> int:
    """Forget the rates of a currency (of one day); returns how many went."""
    wanted = None if day is None else day_number(day)
    if origin == PERSON:
        with editing(store, tr("Remove rates of {currency}", currency=currency)) as change:
            mine = [row for row in change.rows("exchange_rate", currency=currency, origin=origin) if wanted in {None, row["day"]}]
            for row in mine:
                change.drop("exchange_rate", row["currency"], row["day"], row["origin"])
        return len(mine)
    return store.execute(
        "DELETE FROM exchange_rate WHERE currency = ?1 AND origin = ?2 AND (?3 IS NULL OR day = ?3)", (currency, origin, wanted)
    ).rowcount


def newest(store: Store, origin: str) -> date | None:
    """The newest day that this origin told."""
    row = store.execute("SELECT MAX(day) FROM exchange_rate WHERE origin = ?", (origin,)).fetchone()
    return None if row[0] is None else number_day(row[0])


def rows_of(store: Store) -> Iterable[tuple[Any, ...]]:
    """The table, for an archive."""
    return store.execute(f"SELECT {', '.join(COLUMNS)} FROM exchange_rate ORDER BY currency, day, origin").fetchall()


def _rate(row: tuple[str, int, str, str]) -> ExchangeRate:
    currency, day, usd, origin = row
    return ExchangeRate(currency, number_day(day), Decimal(usd), origin)
