"""Converted money and repricing in words: a converted total always says by which rate, and of which day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenpal.insight.numbers import DASH, digits, exact, money
from tokenpal.insight.summary import money_parts
from tokenpal.model.money import PICO, Converted, ExchangeRate
from tokenpal.model.rates import Repricing, Why
from tokenpal.translation import mark, tr, trn

ORIGINS: Final = {"person": mark("your rate"), "ecb": mark("European Central Bank")}
WHYS: Final = {
    Why.OWN: mark("your own price"), Why.PUBLIC: mark("the public list changed"), Why.FOUND: mark("a price is known now"), Why.GONE: mark("no price any more"),
}  # fmt: skip
USD: Final = "USD"


def rate_words(rate: ExchangeRate, day: str = "") -> str:
    """``1 EUR = 1.08 USD on 2026-11-20, your rate``; ``day`` as the window writes it."""
    return tr("1 {currency} = {usd} USD on {day}, {origin}", currency=rate.currency, usd=f"{rate.usd.normalize():f}", day=day or rate.day.isoformat(),
              origin=origin_words(rate.origin))  # fmt: skip


def origin_words(origin: str) -> str:
    """Who says a rate."""
    return tr(ORIGINS[origin]) if origin in ORIGINS else origin


def converted_words(found: Converted | None, currency: str) -> str:
    """``In EUR: €2.87 at list price, €11.11 billed (1 EUR = 1.08 USD on 2026-11-20, your rate)``; "" when nothing was asked for.

    What has no rate is named apart, kinds are never added.
    """
    if found is None:
        return ""
    parts = money_parts(found.money)
    if not parts:
        return tr("There is no exchange rate to show this in {currency}.", currency=currency)
    amounts = ", ".join(parts) + (f" ({'; '.join(map(rate_words, found.rates))})" if found.rates else "")
    if found.apart:
        return tr("In {currency}: {amounts}. Without a rate, apart: {apart}", currency=currency, amounts=amounts, apart=", ".join(money_parts(found.apart)))
    return tr("In {currency}: {amounts}", currency=currency, amounts=amounts)


HEADS: Final = (mark("Model"), mark("Month"), mark("Records"), mark("Now"), mark("Would be"), mark("Difference"), mark("Why"))


def repricing_cells(row: Repricing) -> tuple[str, ...]:
    """One row below ``HEADS``."""
    before, after = _sum(row.before, row.records - row.unpriced_before), _sum(row.after, row.records - row.unpriced_after)
    change = _change(row.after - row.before)
    return (row.model or tr("unknown"), row.month, exact(row.records), before, after, change, tr(WHYS[row.why]))


def repricing_total(rows: Sequence[Repricing]) -> str:
    """``42 records: $12.10 at list price would be $11.40.``"""
    records, before, after = (sum(getattr(row, name) for row in rows) for name in ("records", "before", "after"))
    known, unknown = sum(row.unpriced_before for row in rows), sum(row.unpriced_after for row in rows)
    sums = {"shown": digits(records), "before": _sum(before, 1), "after": _sum(after, 1)}
    if known or unknown:
        without = trn("{n} record", "{n} records", unknown, shown=digits(unknown))
        had = trn("{n} record", "{n} records", known, shown=digits(known))
        return trn("{n} record: {before} at list price would be {after}, and {unknown} would have no price instead of {known}.",
                   "{n} records: {before} at list price would be {after}, and {unknown} would have no price instead of {known}.",
                   records, unknown=without, known=had, **sums)  # fmt: skip
    return trn("{n} record: {before} at list price would be {after}.", "{n} records: {before} at list price would be {after}.", records, **sums)


def _sum(pico: int, priced: int) -> str:
    return money(pico * PICO, USD) if priced else DASH


def _change(pico: int) -> str:
    return money(0, USD) if not pico else ("+" if pico > 0 else "") + money(pico * PICO, USD)
