"""What a stacked bar chart takes: frozen plain values, whole figures, no Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import add

from tokenpal.translation import mark
from tokenpal.ui import numbers
from tokenpal.ui.paint import Tint


@dataclass(frozen=True, slots=True)
class Bucket:
    """One position on the axis. `long` names it in the tooltip and the table ("Wed 18 Nov"); `axis` is its word on the
    axis ("16 Nov"); a chart shows the words of `major` buckets first and leaves out what does not fit.
    """

    long: str
    axis: str = ""
    major: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One layer of the stack: a value per bucket. `tint` is a palette slot 1..8, a label name, "else" or "none".

    `hatched` marks buckets whose figure is provisional. Values below zero and those that are not finite count as none.
    """

    key: str
    name: str
    tint: Tint
    values: tuple[float, ...]
    hatched: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something the person wrote, below a bucket. `kind` names its icon: "check-in" or "note"; `ref` is what it opens."""

    bucket: int
    kind: str
    words: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The person's own usual range behind one bar, from `low` to `high`; never a target, so it has no colour of its own."""

    bucket: int
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """A thin line across the chart that the person asked for: their own budget."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class StackedSeries:
    """A whole chart. `series` stand from the baseline up; "else" and then "none" are put on top whatever their place.

    `gaps` were not read (hatched column), `pending` are not read yet (dashed outlines), `feet` say per bucket what stands
    at the foot of its tooltip ("Measured · click to list 6 sessions"), `today` is the running bucket or -1.
    """

    title: str = ""
    buckets: tuple[Bucket, ...] = ()
    series: tuple[Series, ...] = ()
    today: int = -1
    today_word: str = mark("Today")
    gaps: frozenset[int] = frozenset()
    pending: frozenset[int] = frozenset()
    feet: tuple[str, ...] = ()
    bucket_word: str = mark("Day")
    empty_words: str = mark("Nothing in this range.")
    bare: bool = False  # a few bars with their sums above them instead of a value axis and level lines (check-in)
    overlapping: bool = False  # bars whose parts share use (tags): the sum is left out
    marks: tuple[Mark, ...] = ()  # by bucket
    band: Band | None = None
    levels: tuple[Level, ...] = ()
    exact: Callable[[float], str] = field(default=numbers.exact, compare=False)
    axis: Callable[[float], str] = field(default=numbers.axis, compare=False)
    short: Callable[[float], str] = field(default=numbers.short, compare=False)  # above the bars of a bare chart

    def ordered(self) -> tuple[Series, ...]:
        """The series from the baseline up: as given, then "else", then "none"."""
        rank = {"else": 1, "none": 2, "unlabelled": 2}
        return tuple(sorted(self.series, key=lambda s: rank.get(s.tint, 0) if isinstance(s.tint, str) else 0))


def clean(value: float | None) -> float:
    """A value as it counts in a picture: finite and above zero, else 0."""
    return value if value is not None and value > 0 and math.isfinite(value) else 0.0


def totals_of(data: StackedSeries, shown: Sequence[Series]) -> list[float]:
    """Height of every bar: the sum of what counts of these series, 0 where nothing was read."""
    n = len(data.buckets)
    sums = [0.0] * n
    for one in shown:
        counted = [v if 0 < v < math.inf else 0.0 for v in one.values[:n]]
        sums[: len(counted)] = map(add, sums, counted)
    for i in data.gaps | data.pending:
        if 0 <= i < n:
            sums[i] = 0.0
    return sums
