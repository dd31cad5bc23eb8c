"""What may be worth a look, asked in one go: each idea's figures from the store, its rule and words from ``insight``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine.burning import burning, name
from tokenpal.engine.changes import changes
from tokenpal.engine.rated import UNKNOWN, by_model, output_price, rated
from tokenpal.insight import insight_words as words, modelclass, savings, switching, unlabelled, unused, unusual, waste
from tokenpal.model.errors import UsageError
from tokenpal.model.insight import Insight
from tokenpal.model.ranges import DAY_SECONDS, days_range, iso_week_days
from tokenpal.pricing.cost import PerToken, priceable
from tokenpal.store import accounts, maintenance, rated as rate_sums, readings, recent, silence as silence_rows, told
from tokenpal.store.database import Store
from tokenpal.translation import tr

LONG_DAYS: Final = 90
RUNNING: Final = 600  # seconds since its last use in which a session is not asked to be labelled


def insights(store: Store, zone: str, first: date, until: date) -> list[Insight]:
    """What is worth a look in local days [first, until), the most pressing first; without what the person put aside. ``zone`` is an IANA name."""
    aside = told.silenced(store)
    return [one for one in _all(store, zone, first, until) if one.key not in aside]


def _all(store: Store, zone: str, first: date, until: date) -> Iterator[Insight]:
    now, place = store.now(), ZoneInfo(zone)
    span = days_range(first, until, place)
    period = f"{until - timedelta(days=1):%Y-%m}"  # what says the same for months is put aside for a month
    for burn in burning(store, now):
        yield words.burning(burn, burn.last_at + unusual.PAUSE)
    long = _unlabelled(store, span.start, span.end, now)
    if long is not None:
        keys = [key for key, _ in long.sessions]
        yield words.unlabelled(long, {key: name(*parts) for key, parts in recent.names(store, keys[:8]).items()})
    yield from _unused(store, place, now)
    wasted = recent.waste(store, span.start, span.end)
    counts = _counts(wasted)
    if (most := waste.most_frequent(counts)) is not None:
        yield words.wasted(most[0], counts, [key for key, reason in wasted if reason == most[0].value], period)
    yield from _models(store, zone, first, until, period)


@changes("labels")
def put_aside(store: Store, key: str) -> None:
    """Show this insight no more; can be undone."""
    silence_rows.silence(store, key, tr("Put an insight aside"))


# ---------------------------------------------------------------------------------------------- the quiet ones


def _unlabelled(store: Store, start: int, end: int, now: int) -> unlabelled.Long | None:
    own = recent.sizes(store, now - LONG_DAYS * DAY_SECONDS, now + 1)
    waiting = [(key, tokens) for key, tokens, label, first_at, last_at in own if not label and start <= first_at < end and now - last_at >= RUNNING]
    return unlabelled.long_unlabelled([tokens for _, tokens, *_ in own], waiting)


def _unused(store: Store, zone: ZoneInfo, now: int) -> Iterator[Insight]:
    owners = {row.id: row.name for row in accounts.accounts(store)}
    for account, reading in readings.limits(store):
        length = reading.window_minutes or 0
        if account in owners and length >= unused.SHORTEST:
            points = readings.limit_history(store, account, reading.name, now - (unused.MOST_WINDOWS + 1) * length * 60)
            found = unused.unused(points, length, now)
            if found:
                yield words.unused(f"{owners[account]} {reading.name}", found, zone)


def question(store: Store, week: str) -> str:
    """What the check-in of an ISO week may ask: from the most frequent reason of waste in it; "" when there is none. Raises ValueError for no week."""
    first, until = iso_week_days(week)
    span = days_range(first, until, ZoneInfo(maintenance.zone_of(store)))
    return waste.question(_counts(recent.waste(store, span.start, span.end)))


def _counts(wasted: list[tuple[str, str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _, reason in wasted:
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _models(store: Store, zone: str, first: date, until: date, period: str) -> Iterator[Insight]:
    used = by_model(store, zone, first, until)
    rates = rate_sums.ledger_rates(store, [model for model, _ in used])
    parts = [part for model, sums in used if sums.tokens.prompt for part in rated(store, zone, first, until, model, sums, rates[model])]
    saved = savings.saving(parts)
    if saved.read:
        yield words.cached(saved, period)
    shares = modelclass.shares(("" if model == UNKNOWN else model, output_price(rates[model]), sums.tokens.total) for model, sums in used)
    if shares.share is not None and (len(shares.models) > 1 or shares.share):
        yield words.classed(shares, period)


# ---------------------------------------------------------------------------------------------- another model


class Offered(msgspec.Struct, frozen=True):
    """What can be compared: models with use, by falling tokens, and models whose price is known, by name with $ per million output."""

    used: tuple[tuple[str, int], ...]
    priced: tuple[tuple[str, int], ...]


class ModelSwitch(msgspec.Struct, frozen=True):
    """One model's use at another's list price."""

    model: str
    other: str
    first: date
    until: date
    requests: int | None
    result: switching.Switch
    origin: str  # who says the other's price
    noted_at: int


def switch_choices(store: Store, zone: str, first: date, until: date) -> Offered:
    """Only models that were used once have a price in the ledger: others would mean to guess their names."""
    used = by_model(store, zone, first, until)
    names = rate_sums.model_names(store)
    rates = rate_sums.ledger_rates(store, names)
    priced = [(model, price) for model in names if (price := output_price(rates[model])) is not None]
    return Offered(tuple((model, sums.tokens.total) for model, sums in used if sums.tokens.total), tuple(priced))


def model_switch(store: Store, zone: str, first: date, until: date, model: str, other: str) -> ModelSwitch:
    """What the use of ``model`` in local days [first, until) would have cost at the newest known price of ``other``. Raises UsageError."""
    measures = dict(by_model(store, zone, first, until)).get(model)
    if measures is None:
        raise UsageError(tr("{model} was not used in these days.", model=model), tr("Choose another model or more days."))
    rates = rate_sums.ledger_rates(store, [model, other])
    plain = [rate for rate in rates[other].values() if not rate.tier]
    if not plain:
        raise UsageError(tr("The price of {model} is not known.", model=other), tr("Choose another model, or give its price with: tokenpal prices set"))
    parts = rated(store, zone, first, until, model, measures, rates[model])
    base: PerToken = priceable(plain[-1]).base
    return ModelSwitch(model, other, first, until, measures.requests, switching.switch(parts, base), plain[-1].origin, plain[-1].noted_at)
