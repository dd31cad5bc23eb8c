"""Tokens with the rates they were priced by: from roll-ups where one rate explains the whole sum, from the records where it does not."""

from __future__ import annotations

from datetime import date
from typing import Final

from tokenpal.insight.rated import Rated
from tokenpal.model.money import MoneyKind
from tokenpal.model.rates import Rate
from tokenpal.model.report import NONE_KEYS, Dimension, Measures, Query
from tokenpal.model.usage import Grain
from tokenpal.pricing.cost import price, priceable
from tokenpal.store import rated as sums, report as reports
from tokenpal.store.database import Store

UNKNOWN: Final = NONE_KEYS[Dimension.MODEL]


def by_model(store: Store, zone: str, first: date, until: date) -> list[tuple[str, Measures]]:
    """(model as reports print it, its figures) in local days [first, until), by falling tokens."""
    return [(row.key, row.measures) for row in reports.report(store, Query(zone, first, until, by=Dimension.MODEL)).rows]


def rated(store: Store, zone: str, first: date, until: date, model: str, measures: Measures, ledger: dict[int, Rate]) -> list[Rated]:
    """A model's tokens in parts of one price each; ``measures`` are its sums, ``ledger`` the rates noted for it.

    A rate whose base price times the sums is the list price of the sums to the last picodollar priced them all: dearer steps
    and other rates would add up to something else. Else the records are asked.
    """
    name = "" if model == UNKNOWN else model
    tokens = measures.tokens
    listed = next((one.pico for one in measures.money if one.kind is MoneyKind.LIST_PRICE and one.currency == "USD"), None)
    if listed is None:
        return [Rated(model, tokens, None)]
    if not measures.unpriced_requests:
        for rate in reversed(ledger.values()):
            ready = priceable(rate)
            if price(ready, tokens, Grain.DAY) == listed:  # of a bucket: the base price
                return [Rated(model, tokens, ready.base, rate.origin, rate.noted_at)]
    return [
        _part(model, one, ledger.get(one.rate) if one.rate is not None else None)
        for one in sums.rate_sums(store, name, zone, first, until, ledger.items())
    ]


def _part(model: str, one: sums.RateSum, rate: Rate | None) -> Rated:
    if rate is None:
        return Rated(model, one.tokens, None)
    ready = priceable(rate)
    each = next((dearer for above, dearer in ready.long_context if above == one.above), ready.base) if one.above else ready.base
    return Rated(model, one.tokens, each, rate.origin, rate.noted_at)


def output_price(ledger: dict[int, Rate]) -> int | None:
    """The newest list price for output of a standard request, in picodollars per token; None = no price was ever used."""
    plain = [rate for rate in ledger.values() if not rate.tier] or list(ledger.values())
    return plain[-1].prices.output if plain else None
