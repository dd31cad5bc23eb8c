"""Token counts as agents write them, made possible: clamped and said, never silently (agent-logs 2.1, decisions 1)."""

from __future__ import annotations

from typing import Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Item, Problem
from tokenpal.sources.base import Piece

IMPOSSIBLE: Final = 1 << 40
"""Tokens of one response, or of one session's total: more is an error."""
NEGATIVE: Final = "has negative token counts; they were taken for zero"
MOST_MONEY: Final = 1e6
"""Money of one response, or of one session: more is an error."""


class Notes:
    """The items of one piece: its problems with their places, and what ``parse`` adds."""

    def __init__(self, piece: Piece) -> None:
        self.path = piece.cursor.name
        self.items: list[Item] = list(piece.problems)

    def problem(self, place: str, reason: str) -> None:
        """``reason`` is a sentence of ours and never a piece of the input."""
        self.items.append(Problem(self.path, place, reason))

    def clean(self, place: str, *found: int | None) -> list[int]:
        """None and what is below zero become zero, the latter with a problem."""
        if any(each is not None and each < 0 for each in found):
            self.problem(place, NEGATIVE)
        return [max(0, each or 0) for each in found]

    def tokens(
        self, place: str, *, fresh: int | None = 0, read: int | None = 0, written: int | None = 0, output: int | None = 0,
        reasoning: int | None = 0, other: int | None = 0,
    ) -> Tokens | None:
        """Disjoint classes; ``written`` has no known lifetime and is priced as five minutes. None = nothing that counts."""
        found = self.clean(place, fresh, read, written, output, reasoning, other)
        if max(found) >= IMPOSSIBLE:
            self.problem(place, "has impossible token counts; it was left out")
            return None
        tokens = Tokens(found[0], found[1], found[2], 0, found[5], found[3], min(found[3], found[4]))
        return tokens if tokens != NO_TOKENS else None

    def parts(self, place: str, whole: int | None, read: int | None, written: int | None = 0) -> tuple[int, int, int]:
        """(fresh, read, written) of an input count that contains both cache classes."""
        total, cached, put = self.clean(place, whole, read, written)
        if cached + put > total:
            self.problem(place, "has more cached input than input; the cached part was cut")
            cached = min(cached, total)
            put = min(put, total - cached)
        return total - cached - put, cached, put

    def money(self, place: str, kind: MoneyKind, amount: float | None) -> tuple[Money, ...]:
        """Dollars that the agent recorded; 0 says nothing: a subscription, or no price known (agent-logs 2.7)."""
        if not amount:
            return ()
        if not 0 < amount < MOST_MONEY:
            self.problem(place, "has an impossible cost; it was left out")
            return ()
        money = Money.of(kind, repr(amount))
        return (money,) if money.pico else ()
