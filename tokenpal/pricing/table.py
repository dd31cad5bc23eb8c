"""The price book: what a token of a model costs at a time, and who says so.

Three voices, in this order:
1. the person's own rates (origin "person");
2. the price ledger: rates that records were priced with before, so that the same use keeps its price;
3. the public table that is installed.
A rate that an older public table gave says nothing about the time after it was noted: prices may have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from tokenpal.model.names import base_name
from tokenpal.model.rates import Priced, Rate
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import GRAIN_SECONDS, Grain
from tokenpal.pricing.cost import Priceable, price, priceable
from tokenpal.pricing.public import PublicPrices
from tokenpal.pricing.tiers import tier_name

PERSON: Final = "person"
"""Origin of rates that the person gave."""
DAY_SECONDS: Final = 86_400

Pricer = Callable[[str, str, int, str, Grain, Tokens], Priced | None]
"""(provider, model, at, tier, grain, tokens) -> list price and rate, or None = unpriced."""


class PublicTable(Protocol):
    """A table of list prices; see ``PublicPrices``."""

    @property
    def origin(self) -> str: ...

    def rate(self, provider: str, model: str, at: int, tier: str, noted_at: int) -> Rate | None: ...


class PriceBook:
    """``rates`` are those of the ledger, oldest first, the person's among them; ``now`` (epoch seconds) dates what is learned."""

    def __init__(self, rates: Iterable[Rate] = (), *, now: int, public: PublicTable | None = None) -> None:
        self._now = now
        self._public = public if public is not None else PublicPrices()
        self._person: dict[str, list[Rate]] = {}
        self._ledger: dict[tuple[str, str, str], list[Rate]] = {}
        # Of two of one second the later word goes first.
        for _, rate in sorted(enumerate(rates), key=lambda pair: (-pair[1].noted_at, -pair[1].since, -pair[0])):
            if rate.origin == PERSON:
                self._person.setdefault(base_name(rate.model), []).append(rate)
            else:
                self._ledger.setdefault((rate.provider, rate.model, rate.tier), []).append(rate)

    def rate(self, provider: str, model: str, at: int, tier: str = "") -> Rate | None:
        """The rate that holds at ``at`` (epoch seconds); None = unpriced. ``tier`` as the provider names it."""
        tier = tier_name(tier)
        name = model.strip().lower()
        own = self._person.get(base_name(model), ())
        # The exact name wins over another spelling of the model, the provider's own over "any provider".
        for rate in sorted(own, key=lambda rate: (rate.model.strip().lower() != name, not rate.provider)):
            if rate.tier == tier and rate.provider in {"", provider} and _holds(rate, at):
                return rate
        key = (provider, model, tier)
        known = self._ledger.get(key, ())
        for rate in known:
            if _holds(rate, at) and (at < rate.noted_at or rate.origin == self._public.origin):
                return rate
        fresh = self._public.rate(provider, model, at, tier, self._now)
        if fresh is not None:
            self._ledger[key] = [fresh, *known]
        return fresh


def _holds(rate: Rate, at: int) -> bool:
    return rate.since <= at and (rate.until is None or at < rate.until)


def pricer(book: PriceBook) -> Pricer:
    """The price callable of the store's Rules: one dictionary lookup per record once a model's day is known."""
    days: dict[tuple[str, str, str, int], Priceable | None] = {}

    def priced(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
        if not model:
            return None
        key = (provider, model, tier, at // DAY_SECONDS)
        try:
            ready = days[key]
        except KeyError:
            ready = days[key] = _ready(book, provider, model, at, tier)
        if ready is None:
            return None
        rate = ready.rate
        if not _holds(rate, at):  # the price changes within the day
            ready = days[key] = _ready(book, provider, model, at, tier)
            if ready is None:
                return None
            rate = ready.rate
        if rate.until is not None and at + max(1, GRAIN_SECONDS[grain]) > rate.until:
            return None  # a bucket across a change of price: its parts are not known
        pico = price(ready, tokens, grain)
        return None if pico is None else Priced(pico, rate)

    return priced


def _ready(book: PriceBook, provider: str, model: str, at: int, tier: str) -> Priceable | None:
    rate = book.rate(provider, model, at, tier)
    return None if rate is None else priceable(rate)
