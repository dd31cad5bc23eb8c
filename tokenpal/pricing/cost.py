"""Tokens times a rate, in whole picodollars: sums and differences stay exact (agent-logs 2.7)."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokenpal.model.names import base_name
from tokenpal.model.rates import Prices, Rate
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain

HOUR_WRITES: Final = 2  # times the input price, where Anthropic's one-hour price is not stated
SHORT_WRITES: Final = (5, 4)  # 1.25 times the input price, where only the one-hour price is stated


class PerToken(NamedTuple):
    """Picodollars per token of every class; None = such tokens have no known price."""

    fresh_input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    cache_write_other: int | None
    output: int | None


class Priceable(NamedTuple):
    """A rate made ready for the hot loop: prices of every class, and of long prompts by falling threshold."""

    rate: Rate
    base: PerToken
    long_context: tuple[tuple[int, PerToken], ...]


def per_token(prices: Prices, *, claude: bool) -> PerToken:
    """Fills in what the provider does not state.

    No price for cached input: plain input. Writes: the stated price; where one of two is missing, Anthropic's published
    factors (1.25 and 2.0 of input) for Claude and the one stated price for others; where none is stated, plain input.
    No factor is invented.
    """
    fresh, short, long = prices.fresh_input, prices.cache_write_5m, prices.cache_write_1h
    if short is None and long is None:
        short = long = fresh
    elif claude and fresh is not None:
        short = _scaled(fresh, *SHORT_WRITES) if short is None else short
        long = fresh * HOUR_WRITES if long is None else long
    else:
        short = long if short is None else short
        long = short if long is None else long
    read = fresh if prices.cache_read is None else prices.cache_read
    return PerToken(fresh, read, short, long, short, prices.output)


def _scaled(value: int, by: int, over: int) -> int:
    """``value * by / over``, half-even."""
    whole, rest = divmod(value * by, over)
    return whole + (2 * rest > over or (2 * rest == over and whole % 2 == 1))


def priceable(rate: Rate) -> Priceable:
    """What ``price`` needs of a rate."""
    claude = base_name(rate.model).startswith("claude")
    tiers = sorted(rate.long_context, key=lambda tier: -tier.above)
    return Priceable(rate, per_token(rate.prices, claude=claude), tuple((tier.above, per_token(tier.prices, claude=claude)) for tier in tiers))


def price(ready: Priceable, tokens: Tokens, grain: Grain = Grain.REQUEST) -> int | None:
    """Picodollars; None when tokens of a class without a price were used.

    Long-context prices hold for the whole request and look at its whole prompt. A bucket of many requests does not tell
    how long each prompt was, so it is priced at the base (agent-logs 2.7).
    """
    each = ready.base
    if ready.long_context and grain is Grain.REQUEST:
        prompt = tokens.prompt
        for above, dearer in ready.long_context:
            if prompt > above:
                each = dearer
                break
    sum_ = 0
    for count, pico in (
        (tokens.fresh_input, each[0]),
        (tokens.cache_read, each[1]),
        (tokens.cache_write_5m, each[2]),
        (tokens.cache_write_1h, each[3]),
        (tokens.cache_write_other, each[4]),
        (tokens.output, each[5]),
    ):
        if count:
            if pico is None:
                return None
            sum_ += count * pico
    return sum_


def cost(rate: Rate, tokens: Tokens, grain: Grain = Grain.REQUEST) -> int | None:
    """As ``price``, for a single question."""
    return price(priceable(rate), tokens, grain)
