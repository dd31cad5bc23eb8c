"""The time axis of a chart: every bucket between two dates, the empty ones too (design 5)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.ranges import Bucket, bucket_date, day_start, next_bucket


class Slot(msgspec.Struct, frozen=True):
    """One bucket: ``key`` as in report rows, [start, end) in epoch seconds, cut to the range that was asked for."""

    key: str
    start: int
    end: int


def axis(
    first: date, until: date, bucket: Bucket, zone: ZoneInfo, week_start: int = 0, used: Iterable[str] = ()
) -> tuple[Slot, ...]:
    """The buckets of local days [first, until), in order.

    Days have 23, 24 or 25 hours. A date that a zone skipped (Samoa, 2011-12-30) has no time and no slot, unless a report
    has a row for it: the keys in ``used`` are always there.
    """
    if first >= until:
        return ()
    if bucket is Bucket.HOUR:
        return tuple(_hours(day_start(first, zone), day_start(until, zone), zone))
    wanted = set(used)
    slots = []
    day = bucket_date(first, bucket, week_start)
    while day < until:
        following = next_bucket(day, bucket)
        start, end = day_start(max(day, first), zone), day_start(min(following, until), zone)
        key = day.isoformat()
        if start < end or key in wanted:
            slots.append(Slot(key, start, end))
        day = following
    return tuple(slots)


def _hours(start: int, end: int, zone: ZoneInfo) -> Iterator[Slot]:
    """Hours of the local clock, named by their first instant with its offset: that tells the two 01:00 of a long day apart.

    Where the clock changes within an hour, its two parts are two slots.
    """
    while start < end:
        here = datetime.fromtimestamp(start, zone)
        edge = start + 3600 - here.minute * 60 - here.second
        if _clock(edge - 1, zone) != _clock(start, zone):
            edge = bisect_left(range(edge), True, lo=start, key=partial(_differs, clock=_clock(start, zone), zone=zone))
        yield Slot(here.isoformat(timespec="minutes"), start, min(edge, end))
        start = edge


def _clock(at: int, zone: ZoneInfo) -> tuple[int, timedelta | None]:
    here = datetime.fromtimestamp(at, zone)
    return here.hour, here.utcoffset()


def _differs(at: int, *, clock: tuple[int, timedelta | None], zone: ZoneInfo) -> bool:
    return _clock(at, zone) != clock
