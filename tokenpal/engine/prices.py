"""Today's prices for what has a price already, and exchange rates for showing money in one currency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.engine.commands import changes
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Converted, ExchangeRate, Money, convert
from tokenpal.model.ranges import day_start, local_day
from tokenpal.model.rates import Repricing
from tokenpal.pricing.table import PERSON, PriceBook, Pricer, pricer
from tokenpal.store import exchange, maintenance, rates, repricing
from tokenpal.store.database import Store
from tokenpal.store.reprice import reprice as change_prices
from tokenpal.translation import tr

NEVER: Final = 2**62


def todays_prices(store: Store) -> Pricer:
    """What the person and the installed public list say now, whatever records were priced with before."""
    return pricer(PriceBook([rate for rate in rates.rates(store) if rate.origin == PERSON], now=store.now()))


def repricings(store: Store, first: date | None = None, until: date | None = None) -> list[Repricing]:
    """What today's prices would change of local days [first, until), by month and model; nothing is changed."""
    return repricing.preview(store, todays_prices(store), PERSON, _span(store, first, until))


@changes("usage", "prices")
def reprice(store: Store, first: date | None = None, until: date | None = None) -> int:
    """Give records today's prices, as one edit that can be taken back; returns how many changed."""
    return change_prices(store, todays_prices(store), _span(store, first, until))


def _span(store: Store, first: date | None, until: date | None) -> tuple[int, int]:
    zone = ZoneInfo(maintenance.zone_of(store))
    return (0 if first is None else day_start(first, zone), NEVER if until is None else day_start(until, zone))


# ---------------------------------------------------------------------------------------------- exchange rates


def exchange_rates(store: Store) -> list[ExchangeRate]:
    """All rates, newest day first."""
    return exchange.rates(store)


@changes("prices")
def set_exchange_rate(store: Store, currency: str, usd: str, day: date | None = None) -> ExchangeRate:
    """What one unit was worth in US dollars on a day (None = today), by the person. Raises UsageError."""
    try:
        worth = Decimal(usd.strip())
    except InvalidOperation:
        raise UsageError(tr("{text} is no rate.", text=repr(usd)), tr("Write what one unit is worth in US dollars, like 1.08.")) from None
    rate = ExchangeRate(currency.strip().upper(), day or local_day(store.now(), ZoneInfo(maintenance.zone_of(store))), worth)
    exchange.set_rate(store, rate)
    return rate


@changes("prices")
def remove_exchange_rate(store: Store, currency: str, day: date | None = None) -> int:
    """Forget the person's rates of a currency (of one day); how many. Raises UsageError when there was none."""
    gone = exchange.remove_rates(store, currency.strip().upper(), day)
    if not gone:
        raise UsageError(tr("You gave no such rate for {currency}.", currency=currency.strip().upper()), tr("List the rates with: tokenpal prices rates"))
    return gone


def shown_in(store: Store, money: Iterable[Money], currency: str, until: date) -> Converted | None:
    """Money in the currency that the person wants to see, by the rates of the last day before ``until``.

    None = nothing is to be converted: no currency is set, or everything is in it already.
    """
    amounts = [one for one in money if one.pico]
    if not currency or all(one.currency == currency for one in amounts):
        return None
    last = date.fromordinal(max(1, until.toordinal() - 1))
    return convert(amounts, currency, exchange.rates_on(store, last))
