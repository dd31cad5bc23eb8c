"""What a stacked bar chart takes: frozen plain values, whole figures, no Qt."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from tokenpal.ui import numbers
from tokenpal.ui.paint import Tint
from tokenpal.ui.widgets.table import Table


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
class StackedSeries:
    """A whole chart. `series` stand from the baseline up; "else" and then "none" are put on top whatever their place.

    `gaps` were not read (hatched column), `pending` are not read yet (dashed outlines), `feet` say per bucket what stands
    at the foot of its tooltip ("Measured · click to list 6 sessions"), `today` is the running bucket or -1.
    """

    title: str = ""
    buckets: tuple[Bucket, ...] = ()
    series: tuple[Series, ...] = ()
    today: int = -1
    today_word: str = "Today"
    gaps: frozenset[int] = frozenset()
    pending: frozenset[int] = frozenset()
    feet: tuple[str, ...] = ()
    bucket_word: str = "Day"
    empty_words: str = "Nothing in this range."
    bare: bool = False  # a few bars with their sums above them instead of a value axis and level lines (check-in)
    overlapping: bool = False  # bars whose parts share use (tags): the sum is left out
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


def figure(value: float | None, write: Callable[[float], str]) -> str:
    """A value as it stands in a table: a dash for what is not a number."""
    return write(value) if value is not None and math.isfinite(value) else numbers.DASH


def as_table(data: StackedSeries, hidden: frozenset[str] = frozenset()) -> Table:
    """The same figures as a table: a row per bucket, a column per visible series, the sum last."""
    shown = [s for s in data.ordered() if s.key not in hidden]
    rows = []
    for i, bucket in enumerate(data.buckets):
        if i in data.gaps:
            rows.append((bucket.long, *("not read" for _ in shown), *(() if data.overlapping else (numbers.DASH,))))
            continue
        cells = [s.values[i] if i < len(s.values) else 0 for s in shown]
        total = () if data.overlapping else (data.exact(sum(clean(c) for c in cells)),)
        rows.append((bucket.long, *(figure(c, data.exact) for c in cells), *total))
    headers = (data.bucket_word, *(s.name for s in shown), *(() if data.overlapping else ("Total",)))
    return Table(headers, tuple(rows), data.title)


def as_csv(data: StackedSeries, hidden: frozenset[str] = frozenset()) -> str:
    """What is seen, for a spreadsheet: plain figures without separators, a line per bucket. Gaps are empty cells."""
    shown = [s for s in data.ordered() if s.key not in hidden]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((data.bucket_word, *(s.name for s in shown)))
    for i, bucket in enumerate(data.buckets):
        cells = ["" if i in data.gaps or i >= len(s.values) else _plain(s.values[i]) for s in shown]
        writer.writerow((bucket.long, *cells))
    return out.getvalue()


def _plain(value: float) -> str:
    return "" if not math.isfinite(value) else str(int(value)) if value == int(value) else repr(value)


def summary(data: StackedSeries, hidden: frozenset[str] = frozenset()) -> str:
    """One sentence for screen readers: how many buckets, the sum, the largest bucket and the largest series."""
    shown = [s for s in data.series if s.key not in hidden]
    sums = [sum(clean(s.values[i]) if i < len(s.values) else 0.0 for s in shown) for i in range(len(data.buckets))]
    if not any(sums):
        return data.empty_words
    peak = max(range(len(sums)), key=sums.__getitem__)
    largest = max(shown, key=lambda s: sum(clean(v) for v in s.values))
    return (
        f"{len(sums)} bars, {data.exact(sum(sums))} in all; the highest is {data.buckets[peak].long} with {data.exact(sums[peak])}; "
        f"the largest part is {largest.name} with {data.exact(sum(clean(v) for v in largest.values))}."
    )
