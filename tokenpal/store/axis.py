"""The time axis of a report: local days or hours as numbers that roll-ups are keyed by."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tokenpal.model.ranges import Bucket, bucket_date, day_number, day_start, next_bucket
from tokenpal.store.rollups import SLOT


class Axis:
    """Buckets in order: their names, and their half-open ranges in local days, slots and UTC dates."""

    def __init__(self, first: date, until: date, zone: ZoneInfo, bucket: Bucket | None, week_start: int) -> None:
        self.names: list[str] = []
        self.days: list[tuple[int, int]] = []  # also the UTC calendar dates: such records keep their date (decisions 3)
        self.slots: list[tuple[int, int]] = []
        if bucket is Bucket.HOUR:
            self._hours(first, until, zone)
            return
        if bucket is None:
            self._add("", first, until, zone)
            return
        start = first
        while start < until:
            named = bucket_date(start, bucket, week_start)
            end = min(next_bucket(named, bucket), until)
            self._add(named.isoformat(), start, end, zone)
            start = end

    def _add(self, name: str, first: date, until: date, zone: ZoneInfo) -> None:
        self.names.append(name)
        self.days.append((day_number(first), day_number(until)))
        self.slots.append((day_start(first, zone) // SLOT, day_start(until, zone) // SLOT))

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
                self.slots.append((slot, slot))
            self.slots[-1] = (self.slots[-1][0], slot + 1)
