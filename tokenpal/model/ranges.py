"""Half-open time ranges and calendar boundaries in the person's zone.

Every range is [start, end) in epoch seconds, UTC. Days, weeks and months start at local midnight; where midnight does
not exist (some zones change clocks at 00:00) the day starts at the first instant that does. Days of 23 and 25 hours and
zones off by 30 or 45 minutes are plain cases of the same arithmetic.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
DAY_SECONDS: Final = 86_400
EARLIEST: Final = 946_684_800  # 2000-01-01: no agent and no provider wrote anything before
LATEST: Final = 4_102_444_800  # 2100-01-01: what lies beyond is no time, and no calendar can draw the years between


class Bucket(StrEnum):
    """The time axis of a chart or report."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class TimeRange(msgspec.Struct, frozen=True):
    """[start, end) in epoch seconds; an end at or before the start is an empty range."""

    start: int
    end: int

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end


def day_start(day: date, zone: ZoneInfo) -> int:
    """Epoch seconds of the first instant of ``day`` in ``zone``; of a date that the zone skipped, where it would have been."""
    at = int(datetime.combine(day, time(), zone).timestamp())  # fold=0: the earlier of two midnights
    if local_day(at - 1, zone) < day <= local_day(at, zone):
        return at
    # Midnight lies inside a gap of the clock (23:30 became 00:30): the first instant after it.
    around = range(at - DAY_SECONDS, at + DAY_SECONDS)
    return around[bisect_left(around, day, key=lambda moment: local_day(moment, zone))]


def local_day(at: int, zone: ZoneInfo) -> date:
    """The calendar date of an instant."""
    return datetime.fromtimestamp(at, zone).date()


def day_range(day: date, zone: ZoneInfo) -> TimeRange:
    """One local day: 23, 24 or 25 hours."""
    return TimeRange(day_start(day, zone), day_start(day + timedelta(days=1), zone))


def days_range(first: date, until: date, zone: ZoneInfo) -> TimeRange:
    """Local days from ``first`` to before ``until``."""
    return TimeRange(day_start(first, zone), day_start(until, zone))


def bucket_date(day: date, bucket: Bucket, week_start: int = 0) -> date:
    """First day of the week or month that ``day`` is in; ``week_start`` 0 = Monday ... 6 = Sunday."""
    if bucket is Bucket.WEEK:
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if bucket is Bucket.MONTH:
        return day.replace(day=1)
    return day


def next_bucket(first: date, bucket: Bucket) -> date:
    """First day of the following day, week or month."""
    if bucket is Bucket.WEEK:
        return first + timedelta(days=7)
    if bucket is Bucket.MONTH:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first + timedelta(days=1)


def iso_week(day: date) -> str:
    """The ISO week, such as "2026-W47": check-ins and the share week use ISO weeks."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def iso_week_days(week: str) -> tuple[date, date]:
    """Monday, and the Monday after. Raises ValueError for anything but "YYYY-Www" of 1970 to 2199."""
    year, _, number = week.partition("-W")
    if not 1970 <= int(year) < 2200:
        raise ValueError(week)
    monday = date.fromisocalendar(int(year), int(number), 1)
    return monday, monday + timedelta(days=7)


def day_number(day: date) -> int:
    """Days since 1970-01-01: how the store writes dates."""
    return day.toordinal() - EPOCH_ORDINAL


def number_day(number: int) -> date:
    """The inverse of ``day_number``."""
    return date.fromordinal(number + EPOCH_ORDINAL)


def grain_seconds(zone: ZoneInfo, around: int) -> int:
    """3600 where local days start on UTC hours, else 900 (Asia/Kathmandu, Asia/Kolkata, Australia/Lord_Howe).

    Looks at the offsets of the ten years up to ``around`` and one after, every 30 days.
    """
    for step in range(-122, 13):
        moment = datetime.fromtimestamp(max(0, around + step * 30 * DAY_SECONDS), UTC).astimezone(zone)
        offset = moment.utcoffset() or timedelta()
        if int(offset.total_seconds()) % 3600:
            return 900
    return 3600
