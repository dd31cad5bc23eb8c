"""The person's own usual range: the middle half of what the same weekdays had. Compared in words, never as plus or minus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from tokenpal.model.ranges import Bucket, bucket_date
from tokenpal.model.report import Report

LEAST_DAYS: Final = 4
"""With fewer days of use nothing is called usual."""


class UsualRange(msgspec.Struct, frozen=True):
    """From ``low`` to ``high``, both inside; ``days`` is how many days it rests on."""

    low: int
    high: int
    days: int

    def place(self, value: int) -> str:
        """One of "below", "within", "above"."""
        return "below" if value < self.low else "above" if value > self.high else "within"


def usual(values: Iterable[int]) -> UsualRange | None:
    """The first to the third quartile of the days that had any use; None for fewer than ``LEAST_DAYS`` such days."""
    known = sorted(value for value in values if value > 0)
    if len(known) < LEAST_DAYS:
        return None
    return UsualRange(_quantile(known, 1), _quantile(known, 3), len(known))


def _quantile(ordered: Sequence[int], quarters: int) -> int:
    """Linear interpolation between the two neighbours, rounded down."""
    place, rest = divmod((len(ordered) - 1) * quarters, 4)
    following = ordered[min(place + 1, len(ordered) - 1)]
    return ordered[place] + (following - ordered[place]) * rest // 4


def weekday_values(by_day: Report, day: date) -> tuple[int, ...]:
    """Tokens of the days before ``day`` that fall on its weekday, from a report by day."""
    totals: dict[date, int] = {}
    for row in by_day.rows:
        bucket = date.fromisoformat(row.bucket)
        if bucket < day and bucket.weekday() == day.weekday():
            totals[bucket] = totals.get(bucket, 0) + row.measures.tokens.total
    return tuple(total for _, total in sorted(totals.items()))


def week_values(by_day: Report, day: date, week_start: int = 0) -> tuple[int, ...]:
    """Tokens of the whole weeks before the one of ``day``, from a report by day; a week it has only a part of is left out."""
    totals: dict[date, int] = {}
    running, first = bucket_date(day, Bucket.WEEK, week_start), by_day.first
    for row in by_day.rows:
        week = bucket_date(date.fromisoformat(row.bucket), Bucket.WEEK, week_start)
        if first <= week < running:
            totals[week] = totals.get(week, 0) + row.measures.tokens.total
    return tuple(total for _, total in sorted(totals.items()))


def week_map(by_hour: Report, week_start: int = 0) -> tuple[tuple[int, ...], ...]:
    """Tokens by weekday and hour of the clock: seven rows from the first day of the week, 24 columns."""
    grid = [[0] * 24 for _ in range(7)]
    for row in by_hour.rows:
        hour = datetime.fromisoformat(row.bucket)
        grid[(hour.weekday() - week_start) % 7][hour.hour] += row.measures.tokens.total
    return tuple(tuple(line) for line in grid)
