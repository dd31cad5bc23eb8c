"""An attacker who re-links rows of anonymous people over weeks and orders them by volume (sharing-protocol 2.4).

The people are made up: log-normal tokens, an own mix of labels, own working days. The attack knows how steady
each column is, but not whose a row is: it matches each week's rows greedily to the chains of the weeks before.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import fmean, pstdev

import msgspec

Row = tuple[float, ...]


class Person(msgspec.Struct, frozen=True):
    """A habit. ``volume`` is the mean of log2 of a week's tokens."""

    volume: float
    mix: tuple[float, float, float, float]  # exploration, delivered, waste, nothing labelled
    active: float  # chance of a day


class Week(msgspec.Struct, frozen=True):
    """What really happened in a person's week."""

    tokens: float
    labels: tuple[int, int, int, int]  # sessions by label
    days: int


def people(n: int, dice: random.Random) -> list[Person]:
    """Heavy users beside light ones, as log-normal use is."""
    found = []
    for _ in range(n):
        weights = [dice.gammavariate(a, 1) for a in (1.5, 2.0, 0.5, 1.5)]
        mix = tuple(weight / sum(weights) for weight in weights)
        found.append(Person(dice.gauss(20, 2.0), mix, dice.choice((0.2, 0.4, 0.6, 0.7))))
    return found


def week(person: Person, dice: random.Random) -> Week:
    days = sum(dice.random() < person.active for _ in range(7))
    labels = dice.choices(range(4), person.mix, k=8 * days)
    return Week(2 ** dice.gauss(person.volume, 0.35), tuple(map(labels.count, range(4))), days)


def plain(one: Week) -> Row:
    """The row that a naive design would send without any name: log2 bucket, two label shares in tenths, active days."""
    total = max(1, sum(one.labels))
    return (
        float(round(math.log2(one.tokens))),
        float(round(10 * one.labels[1] / total)),
        float(round(10 * one.labels[0] / total)),
        float(one.days),
    )


def linked(weeks: Sequence[Sequence[tuple[int, Row]]]) -> float:
    """Share of the later weeks' rows that the attack put into the chain of the person whom the chain began with.

    Each row comes with its true owner, which only the judge looks at. Chance is 1/N.
    """
    return fmean(owner == chain[0][0] for chain in chained(weeks) for owner, _ in chain[1:])


def chained(weeks: Sequence[Sequence[tuple[int, Row]]]) -> list[list[tuple[int, Row]]]:
    """Greedy weekly matching: the closest pair of a chain's mean and a row first. Ties are broken by the rows, not by owners."""
    wobbles = wobble(weeks)

    def scaled(row: Row) -> Row:
        return tuple(value / each for value, each in zip(row, wobbles, strict=True))

    chains = [[(owner, scaled(row))] for owner, row in weeks[0]]
    for rows in weeks[1:]:
        centres = [tuple(map(fmean, zip(*(row for _, row in chain), strict=True))) for chain in chains]
        fresh = [(owner, scaled(row)) for owner, row in rows]
        pairs = sorted((math.dist(centre, row), c, r) for c, centre in enumerate(centres) for r, (_, row) in enumerate(fresh))
        taken_chains, taken_rows = set(), set()
        for _, c, r in pairs:
            if c not in taken_chains and r not in taken_rows:
                taken_chains.add(c)
                taken_rows.add(r)
                chains[c].append(fresh[r])
    return chains


def wobble(weeks: Sequence[Sequence[tuple[int, Row]]]) -> Row:
    """How much each column varies within a person: the attacker has watched people before and trusts steady columns more."""
    own: dict[int, list[Row]] = {}
    for rows in weeks:
        for owner, row in rows:
            own.setdefault(owner, []).append(row)
    return tuple(
        fmean(pstdev(column) for column in each) or 1.0 for each in zip(*(zip(*rows, strict=True) for rows in own.values()), strict=True)
    )


def tau(one: Sequence[float], other: Sequence[float]) -> float:
    """Kendall's tau: 1 = the same order, 0 = none, -1 = reversed."""

    def sign(number: float) -> int:
        return (number > 0) - (number < 0)

    pairs = [(a, b) for a in range(len(one)) for b in range(a)]
    return fmean(sign(one[a] - one[b]) * sign(other[a] - other[b]) for a, b in pairs)
