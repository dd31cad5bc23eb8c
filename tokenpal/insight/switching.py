"""What the same tokens of one model would have cost at another's list price: class by class. Arithmetic, not advice.

Another model may use other numbers of tokens for the same work: no figure here knows how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tokenpal.insight.rated import Rated, class_cost
from tokenpal.model.tokens import CLASSES
from tokenpal.pricing.cost import PerToken


class SwitchLine(msgspec.Struct, frozen=True):
    """A token class: what it cost and would have cost, in picodollars; None = no price is known."""

    name: str  # one of CLASSES
    tokens: int
    was: int | None
    price: int | None  # of the other model, picodollars per token
    would: int | None


class Switch(msgspec.Struct, frozen=True):
    """The lines with any tokens, and their sums; a sum is None when a line has no price."""

    lines: tuple[SwitchLine, ...]
    was: int | None
    would: int | None


def switch(parts: Sequence[Rated], other: PerToken) -> Switch:
    """``parts`` are one model's tokens by the rates they were priced with; ``other`` is the base price of the other model."""
    lines = []
    for place, name in enumerate(CLASSES):
        tokens = sum(getattr(part.tokens, name) for part in parts)
        if tokens:
            price = other[place]
            lines.append(SwitchLine(name, tokens, class_cost(tuple(parts), name), price, None if price is None else tokens * price))
    return Switch(tuple(lines), _sum([line.was for line in lines]), _sum([line.would for line in lines]))


def _sum(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
