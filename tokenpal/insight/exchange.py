"""Converted money and repricing in words: a converted total always says by which rate, and of which day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenpal.insight.numbers import DASH, count, exact, money
from tokenpal.insight.summary import money_parts
from tokenpal.model.money import PICO, Converted, ExchangeRate
from tokenpal.model.rates import Repricing, Why

ORIGINS: Final = {"person": "your rate", "ecb": "European Central Bank"}
WHYS: Final = {
    Why.OWN: "your own price", Why.PUBLIC: "the public list changed", Why.FOUND: "a price is known now", Why.GONE: "no price any more",
}  # fmt: skip
USD: Final = "USD"


def rate_words(rate: ExchangeRate) -> str:
    """``1 EUR = 1.08 USD on 2026-11-20, your rate``"""
    usd = f"{rate.usd.normalize():f}"
    return f"1 {rate.currency} = {usd} USD on {rate.day.isoformat()}, {ORIGINS.get(rate.origin, rate.origin)}"


def converted_words(found: Converted | None, currency: str) -> str:
    """``In EUR: €2.87 at list price, €11.11 billed (1 EUR = 1.08 USD on 2026-11-20, your rate)``; "" when nothing was asked for.

    What has no rate is named apart, kinds are never added.
    """
    if found is None:
        return ""
    parts = money_parts(found.money)
    if not parts:
        return f"There is no exchange rate to show this in {currency}."
    words = f"In {currency}: {', '.join(parts)}"
    if found.rates:
        words += f" ({'; '.join(map(rate_words, found.rates))})"
    if found.apart:
        words += f". Without a rate, apart: {', '.join(money_parts(found.apart))}"
    return words


HEADS: Final = ("Model", "Month", "Records", "Now", "Would be", "Change", "Why")


def repricing_cells(row: Repricing) -> tuple[str, ...]:
    """One row below ``HEADS``."""
    before, after = _sum(row.before, row.records - row.unpriced_before), _sum(row.after, row.records - row.unpriced_after)
    change = _change(row.after - row.before)
    return (row.model or "unknown", row.month, exact(row.records), before, after, change, WHYS[row.why])


def repricing_total(rows: Sequence[Repricing]) -> str:
    """``42 records: $12.10 at list price would be $11.40.``"""
    records, before, after = (sum(getattr(row, name) for row in rows) for name in ("records", "before", "after"))
    known, unknown = sum(row.unpriced_before for row in rows), sum(row.unpriced_after for row in rows)
    words = f"{count(records, 'record')}: {_sum(before, 1)} at list price would be {_sum(after, 1)}"
    if known or unknown:
        words += f", and {count(unknown, 'record')} would have no price instead of {count(known, 'record')}"
    return f"{words}."


def _sum(pico: int, priced: int) -> str:
    return money(pico * PICO, USD) if priced else DASH


def _change(pico: int) -> str:
    return money(0, USD) if not pico else ("+" if pico > 0 else "") + money(pico * PICO, USD)
