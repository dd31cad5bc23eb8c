"""Pace of week and month windows against working days: where an even use of them would be by now. Arithmetic, no advice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.insight.usual import usual
from tokenpal.model.ranges import LATEST, day_range, local_day
from tokenpal.model.report import Report
from tokenpal.model.usage import LimitReading

SHORTEST: Final = 2 * 1440  # minutes; days say nothing of shorter windows
MONTH: Final = (40_000, 45_000)
LEAST_DAYS: Final = 10  # days of use before there is a pattern
EVEN: Final = 5.0  # per cent of the window around the even pace

EVERY_DAY: Final = (1.0,) * 7
DAYS: Final[dict[str, tuple[float, ...]]] = {
    "weekdays": (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
    "sunday-thursday": (1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0),
    "every day": EVERY_DAY,
}
"""Setting (general.working_days) -> weight of each day, Monday first; "usual" is the person's own pattern."""


class Pace(msgspec.Struct, frozen=True):
    """``even`` is where an even use of the working days would be when the window was read, 0 to 100."""

    even: float
    used: float
    own_pattern: bool  # by the days the person usually works, not by a setting

    @property
    def place(self) -> str:
        """One of "below", "about even", "above"."""
        if abs(self.used - self.even) <= EVEN:
            return "about even"
        return "below" if self.used < self.even else "above"


def pattern(by_day: Report, today: date) -> tuple[float, ...] | None:
    """How the person's use spreads over weekdays, Monday first, from a report by day; None without enough days.

    A day counts at most as much as a full usual day, so that one burst makes no weekday.
    """
    totals: dict[date, int] = {}
    for row in by_day.rows:
        day = date.fromisoformat(row.bucket)
        if day < today and row.measures.tokens.total > 0:
            totals[day] = totals.get(day, 0) + row.measures.tokens.total
    range_ = usual(totals.values())
    if range_ is None or len(totals) < LEAST_DAYS:
        return None
    weights = [0.0] * 7
    for day, tokens in totals.items():
        weights[day.weekday()] += min(1.0, tokens / max(1, range_.high))
    return tuple(weights)


def start_of(reading: LimitReading, zone: ZoneInfo) -> int | None:
    """When a long window began: a month goes from a day to the same day; None where that cannot be known."""
    if reading.resets_at is None or not reading.window_minutes or reading.resets_at >= LATEST:
        return None
    if MONTH[0] <= reading.window_minutes <= MONTH[1]:
        end = datetime.fromtimestamp(reading.resets_at, zone)
        last = end.replace(day=1) - timedelta(days=1)  # the last day of the month before
        return int(last.replace(day=min(end.day, last.day)).timestamp())
    return reading.resets_at - reading.window_minutes * 60


def pace(reading: LimitReading, now: int, zone: ZoneInfo, setting: str = "usual", own: Sequence[float] | None = None) -> Pace | None:
    """None for short windows, those whose start is unknown, and those that were reset since."""
    if (reading.window_minutes or 0) < SHORTEST or reading.resets_at is None or now >= reading.resets_at:
        return None
    start = start_of(reading, zone)
    if start is None or start < 0:
        return None
    mine = setting not in DAYS and own is not None
    weights = own if mine and own is not None else DAYS.get(setting, EVERY_DAY)
    whole = worked(start, reading.resets_at, zone, weights)
    if whole <= 0:
        weights, mine = EVERY_DAY, False
        whole = worked(start, reading.resets_at, zone, weights)
    passed = worked(start, min(max(reading.at, start), reading.resets_at), zone, weights)
    return Pace(min(100.0, passed / whole * 100), max(0.0, reading.used_percent), mine)


def worked(start: int, end: int, zone: ZoneInfo, weights: Sequence[float]) -> float:
    """Working days in [start, end): each local day counts by its weight, a part of it by its share."""
    found, day = 0.0, local_day(start, zone)
    while True:
        range_ = day_range(day, zone)
        if range_.start >= end:
            return found
        inside = min(end, range_.end) - max(start, range_.start)
        if inside > 0:
            found += weights[day.weekday()] * inside / (range_.end - range_.start)
        day += timedelta(days=1)
