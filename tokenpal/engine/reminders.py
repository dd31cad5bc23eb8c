"""When to remind of the week's check-in: once in an ISO week, from the person's day and time on, and never of a week that is over.

A week with words in it needs no reminder. Days and times are those of a clock in the person's zone: a time that a change of the clocks skips
is the moment it would have been, one that comes twice is the first of the two. A week that went by without a check-in is not mentioned
(product 5.4, issue 5).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.engine.changes import changes
from tokenpal.model.events import Notable
from tokenpal.model.ranges import iso_week, local_day
from tokenpal.settings import WEEKDAYS
from tokenpal.store import checkins, told
from tokenpal.store.database import Store
from tokenpal.translation import tr

NOON: Final = time(12)


def moment(monday: date, day: str, clock: str, zone: ZoneInfo) -> int:
    """The epoch second of a week's reminder. ``day`` is a word of ``settings.WEEKDAYS``, ``clock`` "HH:MM"; what is neither is Friday, noon."""
    place = WEEKDAYS.index(day) if day in WEEKDAYS else 4
    try:
        at = time.fromisoformat(clock)
    except ValueError:
        at = NOON
    return int(datetime.combine(monday + timedelta(days=place), at.replace(tzinfo=None), zone).timestamp())


def monday_of(now: int, zone: ZoneInfo) -> date:
    """The first day of the ISO week that runs."""
    today = local_day(now, zone)
    return today - timedelta(days=today.weekday())


def due(now: int, zone: ZoneInfo, day: str, clock: str, *, written: bool) -> Notable | None:
    """What to say now, or nothing. Whether it was said already is ``told``'s to know, by its key."""
    monday = monday_of(now, zone)
    if written or now < moment(monday, day, clock, zone):
        return None
    week = iso_week(monday)
    return Notable(
        "checkin", f"checkin {week}", tr("Time for the check-in of week {number}", number=week.partition("-W")[2].lstrip("0")),
        tr("The week's figures, sessions and notes stand ready beside the four fields."), "check-in", week,
    )  # fmt: skip


def next_moment(now: int, zone: ZoneInfo, day: str, clock: str) -> int:
    """The next epoch second, after now, at which a reminder can be due."""
    monday = monday_of(now, zone)
    return next(at for weeks in range(3) if (at := moment(monday + timedelta(weeks=weeks), day, clock, zone)) > now)


@changes()
def remind(store: Store, zone: str, day: str, clock: str) -> Notable | None:
    """What to say now, once: the next call says nothing more in this week."""
    now, place = store.now(), ZoneInfo(zone)
    week = iso_week(monday_of(now, place))
    found = checkins.checkin_of(store, week)
    said = due(now, place, day, clock, written=found is not None and any(getattr(found, field).strip() for field in checkins.FIELDS))
    return said if said is not None and told.tell_once(store, said.key, now) else None
