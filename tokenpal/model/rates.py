"""What a token costs: a rate of the price ledger, with its origin and date (product 2.4, agent-logs 2.7)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Prices(msgspec.Struct, frozen=True):
    """Picodollars (10^-12 USD) per token, by class. None = the provider states no such price: the caller says what then."""

    fresh_input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None


class Tier(msgspec.Struct, frozen=True):
    """Long context: these prices hold for the whole request once its prompt has more than ``above`` tokens."""

    above: int
    prices: Prices


class Rate(msgspec.Struct, frozen=True):
    """One price of one model over [since, until) epoch seconds; ``origin`` says who said so ("genai-prices 0.2.3", "person")."""

    provider: str
    model: str
    prices: Prices
    origin: str
    noted_at: int
    tier: str = ""  # "", "batch", "flex", "priority", "fast"
    since: int = 0
    until: int | None = None
    long_context: tuple[Tier, ...] = ()  # by falling ``above``


class Priced(msgspec.Struct, frozen=True, gc=False):
    """List price of one record in picodollars, and the rate it came from."""

    pico: int
    rate: Rate


class Why(StrEnum):
    """Where a new price comes from."""

    OWN = "own_price"  # the person gave it
    PUBLIC = "public_update"  # the public list says otherwise than when the record was priced
    FOUND = "new_price"  # there was none before
    GONE = "no_price"  # nothing gives it a price any more


class Repricing(msgspec.Struct, frozen=True):
    """What today's prices would change: records of a model in a month ("2026-11"), sums in picodollars of those with a price."""

    month: str
    model: str
    why: Why
    records: int
    before: int
    after: int
    unpriced_before: int  # records
    unpriced_after: int
