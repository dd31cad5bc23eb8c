"""What reading from the prompt cache saved: tokens read from it times (price of fresh input - price of cached input).

Each model by the rates its records were priced with. What writing to the cache cost above fresh input is said beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from tokenpal.insight.rated import Rated
from tokenpal.model.tokens import NO_TOKENS

FRESH: Final = 0  # places in PerToken
READ: Final = 1


class SavingLine(msgspec.Struct, frozen=True):
    """One model at one rate: tokens read from the cache, both prices in picodollars per token, and their product."""

    model: str
    read: int
    fresh: int
    cached: int
    saved: int  # picodollars; below zero where reading from the cache is dearer
    origin: str


class Saving(msgspec.Struct, frozen=True):
    """The whole: shares of the input, the sum at list price, and what could not be counted."""

    prompt: int  # all input of whatever class
    read: int
    saved: int  # picodollars
    writes: int  # picodollars that writing cost above fresh input
    lines: tuple[SavingLine, ...]  # the greatest saving first
    unpriced: int  # tokens read from the cache whose price is not known

    @property
    def rate(self) -> float | None:
        """The hit rate, 0 to 1; None without any input."""
        return self.read / self.prompt if self.prompt else None


def saving(parts: Iterable[Rated]) -> Saving:
    """Sums over the parts; those of one model at equal prices are one line."""
    total, unpriced, writes = NO_TOKENS, 0, 0
    reads: dict[tuple[str, int, int, str], int] = {}
    for part in parts:
        total += part.tokens
        fresh = None if part.each is None else part.each[FRESH]
        cached = None if part.each is None else part.each[READ]
        if fresh is None or cached is None:
            unpriced += part.tokens.cache_read
            continue
        if part.tokens.cache_read:
            place = (part.model, fresh, cached, part.origin)
            reads[place] = reads.get(place, 0) + part.tokens.cache_read
        writes += _writes(part, fresh)
    lines = [SavingLine(model, read, fresh, cached, read * (fresh - cached), origin) for (model, fresh, cached, origin), read in reads.items()]
    lines.sort(key=lambda line: (-line.saved, line.model, line.origin, line.fresh, line.cached))
    return Saving(total.prompt, total.cache_read, sum(line.saved for line in lines), writes, tuple(lines), unpriced)


def _writes(part: Rated, fresh: int) -> int:
    """What its cache writes cost above fresh input; those without a price count as none."""
    tokens, each = part.tokens, part.each
    if each is None:
        return 0
    written = ((tokens.cache_write_5m, each.cache_write_5m), (tokens.cache_write_1h, each.cache_write_1h), (tokens.cache_write_other, each.cache_write_other))
    return sum(count * (price - fresh) for count, price in written if price is not None)
