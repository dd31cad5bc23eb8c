"""What things cost: today's prices for what has a price already, the person's own prices, and exchange rates.

Shared by window and command line, as ``commands`` are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import structs

from tokenpal.engine.changes import changes
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Converted, ExchangeRate, Money, convert
from tokenpal.model.names import whole
from tokenpal.model.ranges import day_start, local_day
from tokenpal.model.rates import Prices, Rate, Repricing
from tokenpal.pricing.table import PERSON, PriceBook, Pricer, pricer
from tokenpal.store import exchange, maintenance, price_edits, rates, repricing
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


# ---------------------------------------------------------------------------------------------- the person's own prices


@changes("usage", "prices")
def alias_model(store: Store, model: str, alias: str) -> int:
    """Price the records of ``model`` ("" = a log that names none) as those of ``alias``; how many changed."""
    return price_edits.set_alias(store, whole(model), whole(alias), lambda: pricer_for(store))


@changes("usage", "prices")
def set_price_override(
    store: Store, model: str, per_million: Mapping[str, Decimal | str], since: int = 0, until: int | None = None, provider: str = ""
) -> int:
    """The person's own price of a model: US dollars for a million tokens of each class (``fresh_input``, ``output`` ...).

    It holds for what is read from now on and for records without a price; what was priced keeps its price. Returns how many
    records got one. Raises UsageError.
    """
    known = structs.fields(Prices)
    try:
        pico = {name: int((Decimal(amount) * 1_000_000).to_integral_value()) for name, amount in per_million.items()}
    except (InvalidOperation, ValueError, OverflowError):
        raise UsageError(tr("A price is a number of US dollars for a million tokens."), tr("Write it like 3.00.")) from None
    if not model.strip() or not pico or set(pico) - {field.name for field in known} or min(pico.values()) < 0:
        raise UsageError(
            tr("A price needs a model and amounts that are not negative."), tr("Classes: {words}.", words=", ".join(field.name for field in known))
        )
    rate = Rate(whole(provider), whole(model).strip(), Prices(**pico), PERSON, store.now(), since=since, until=until)
    return price_edits.add_rate(store, rate, lambda: pricer_for(store))


@changes("usage", "prices")
def remove_price_override(store: Store, model: str) -> int:
    """Take the person's prices of a model back; how many records changed: they have the public price again, or none. Raises UsageError."""
    changed = price_edits.end_rates(store, whole(model).strip(), PERSON, lambda: pricer_for(store))
    if changed is None:
        raise UsageError(tr("You gave no price for {model}.", model=repr(model)), tr("List your prices with: tokenpal prices list"))
    return changed


def pricer_for(store: Store) -> Pricer:
    """Prices as this store knows them: the person's, those of the price ledger, the public table."""
    return pricer(PriceBook(rates.rates(store), now=store.now()))


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
