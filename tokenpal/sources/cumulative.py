"""Sessions of which an agent keeps only running totals: what was added between two looks (agent-logs 7.8, 8).

Each record covers the interval from one total to the next and says so by its key, so that copies of a session, looks of
two machines and a lost state all lead to the same sum: ``settle`` counts the chain of intervals that ends at the greatest total.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, stable_key

CLASSES: Final = 7  # of Tokens, reasoning included


class Total(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """The last total of a session: its seven token classes, and an amount of money or credits in picounits."""

    counts: tuple[int, ...] = (0,) * CLASSES
    pico: int = 0
    before: tuple[int, ...] = (0,) * CLASSES  # the total before that: where the last interval starts
    pico_before: int = 0
    at: int = 0  # time of the last interval, epoch seconds

    @property
    def sum(self) -> int:
        return sum(self.counts[:-1])


class Interval(msgspec.Struct, frozen=True):
    """What was added since the last look; ``again`` = nothing, and this is the last interval once more."""

    key: bytes
    tokens: Tokens
    pico: int
    precedence: int
    first: bool
    again: bool
    total: Total


def interval(family: str, known: Total | None, counts: Tokens, pico: int, at: int) -> Interval | None:
    """The interval up to ``counts``; None = there is nothing at all. A counter that fell stays where it was."""
    old = known if known is not None and len(known.counts) == CLASSES == len(known.before) else Total()
    counted: tuple[int, ...] = tuple(map(max, old.counts, msgspec.structs.astuple(counts)))
    grown = sum(counted[:-1]) > old.sum
    if not grown and not old.sum:
        return None
    if grown:
        total = Total(counted, max(pico, old.pico), old.counts, old.pico, at)
    else:
        total = Total(old.counts, max(pico, old.pico), old.before, old.pico_before, old.at)
    start = sum(total.before[:-1])
    added = [now - before for now, before in zip(total.counts, total.before, strict=True)]
    added[-1] = min(added[-1], added[-2])  # reasoning is part of output, of the same interval
    return Interval(
        stable_key(family, f"{start}-{total.sum}"), Tokens(*added), total.pico - total.pico_before, total.sum, start == 0, not grown, total,
    )  # fmt: skip


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """The longest chain of intervals from nothing to the greatest total; of equal chains the finest."""
    ends: dict[int, list[Candidate]] = {}
    for candidate in family:
        ends.setdefault(candidate.precedence, []).append(candidate)
    best: dict[int, list[bytes]] = {0: []}
    for end in sorted(ends):
        for candidate in sorted(ends[end], key=lambda each: each.key):
            chain = best.get(end - candidate.tokens.total)
            if chain is not None and candidate.tokens.total and len(chain) + 1 > len(best.get(end, ())):
                best[end] = [*chain, candidate.key]
    return set(best[max(best)])
