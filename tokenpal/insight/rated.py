"""Tokens with the rate they were priced by: what the arithmetic of the cache and of another model starts from."""

from __future__ import annotations

import msgspec

from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.pricing.cost import PerToken


class Rated(msgspec.Struct, frozen=True):
    """Tokens of one model that one rate priced; ``each`` None = no price list gave their price. Prices are picodollars per token."""

    model: str
    tokens: Tokens
    each: PerToken | None
    origin: str = ""  # who says the price: "genai-prices 0.2.3", "person"
    noted_at: int = 0  # when it was put into the price ledger, epoch seconds


def class_cost(parts: tuple[Rated, ...], name: str) -> int | None:
    """What the tokens of a class cost, in picodollars; None when some of them have no price."""
    place, sum_ = CLASSES.index(name), 0
    for part in parts:
        count = getattr(part.tokens, name)
        if count:
            price = None if part.each is None else part.each[place]
            if price is None:
                return None
            sum_ += count * price
    return sum_
