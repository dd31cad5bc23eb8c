"""The time axis of a report: local days or hours as numbers that roll-ups are keyed by."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from tokenpal.model.ranges import Bucket, bucket_date, day_number, day_start, next_bucket, number_day
from tokenpal.store.rollups import SLOT


class Axis:
    """Buckets in order: their names, and their half-open ranges in local days, slots and UTC dates."""

    def __init__(self, first: date, until: date, zone: ZoneInfo, bucket: Bucket | None, week_start: int) -> None:
        self.names: list[str] = []
        self.days: list[tuple[int, int]] = []  # also the UTC calendar dates: such records keep their date (decisions 3)
        self._slots: list[tuple[int, int]] = []
        self._zone = zone
        if bucket is Bucket.HOUR:
            self._hours(first, until, zone)
            return
        start = first
        while start < until:
            named = start if bucket is None else bucket_date(start, bucket, week_start)
            end = until if bucket is None else min(next_bucket(named, bucket), until)
            self.names.append("" if bucket is None else named.isoformat())
            self.days.append((day_number(start), day_number(end)))
            start = end

    @property
    def slots(self) -> list[tuple[int, int]]:
        """Ranges in quarter hours; worked out only where they are needed, as local midnights of ten years take their time."""
        if not self._slots and self.days:
            edges = [self.days[0][0], *(end for _, end in self.days)]
            starts = [day_start(number_day(day), self._zone) // SLOT for day in edges]
            self._slots = list(pairwise(starts))
        return self._slots

    def _hours(self, first: date, until: date, zone: ZoneInfo) -> None:
        """Hours of the wall clock; where it jumps by half an hour a bucket is shorter, and a repeated hour has another offset."""
        at, end = day_start(first, zone), day_start(until, zone)
        shown = None
        for slot in range(at // SLOT, end // SLOT):
            here = datetime.fromtimestamp(slot * SLOT, zone)
            hour = (here.date(), here.hour, here.utcoffset())
            if hour != shown:
                shown = hour
                self.names.append(here.isoformat(timespec="minutes"))
                self._slots.append((slot, slot))
            self._slots[-1] = (self._slots[-1][0], slot + 1)
