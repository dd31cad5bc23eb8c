"""How a duration, a moment or an age is written for a person (design.md section 4): one way for window, terminal and tray.

duration(4320)        1 h 12 min
age(120)              2 min ago
resets(at, now)       resets in 1 h 48 min  /  resets Mon 09:00

``ui.times`` has those that only the window needs. Words, order and units follow `tokenpal.translation`.
"""

from __future__ import annotations

import math
from datetime import date, datetime

from tokenpal.insight.numbers import DASH, marks
from tokenpal.translation import Words, tr, trc

WEEKDAYS = Words("weekday, short", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
MONTHS = Words("month, short", ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"))
_NBSP = "\u00a0"  # keeps a figure and its unit on one line


def duration(seconds: float | None) -> str:
    """The two largest units that say something: `12 s`, `48 min`, `1 h 12 min`, `3 d 4 h`."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    s = max(0, round(seconds))
    if s < 60:
        return _figure(s, trc("seconds", "s"))
    minutes = s // 60
    if minutes < 60:
        return _figure(minutes, trc("minutes", "min"))
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _figure(hours, trc("hours", "h")) + (f" {_figure(minutes, trc('minutes', 'min'))}" if minutes else "")
    days, hours = divmod(hours, 24)
    return _figure(days, trc("days", "d")) + (f" {_figure(hours, trc('hours', 'h'))}" if hours else "")


def _figure(n: int, unit: str) -> str:
    return f"{n}{_NBSP}{unit}"


def clock(moment: datetime) -> str:
    """`14:02`, or `2:02 PM` where the locale's day has twice twelve hours."""
    if marks().hours_24:
        return f"{moment.hour:02}:{moment.minute:02}"
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{_NBSP}{'AM' if moment.hour < 12 else 'PM'}"


def short_day(d: date) -> str:
    """`18 Nov`, for an axis."""
    return trc("18 Nov", "{day} {month}", day=d.day, month=MONTHS[d.month - 1])


def day(d: date) -> str:
    """`Wed 18 Nov`."""
    return trc("Wed 18 Nov", "{weekday} {day} {month}", weekday=WEEKDAYS[d.weekday()], day=d.day, month=MONTHS[d.month - 1])


def moment(at: datetime, now: datetime) -> str:
    """A point in time as seen from `now` (same zone): `14:02`, `Mon 09:00` within a week, else `18 Nov 09:00`."""
    days = (at.date() - now.date()).days
    if days == 0:
        return clock(at)
    if abs(days) < 7:
        return trc("Mon 09:00", "{weekday} {clock}", weekday=WEEKDAYS[at.weekday()], clock=clock(at))
    return f"{short_day(at.date())}{f' {at.year}' if at.year != now.year else ''} {clock(at)}"


def until(at: datetime, now: datetime) -> str:
    """`in 1 h 48 min` under 24 hours, else `Mon 09:00`; `now` once it is past."""
    left = (at - now).total_seconds()
    if left <= 0:
        return trc("moment", "now")
    return tr("in {duration}", duration=duration(left)) if left < 86_400 else moment(at, now)


def resets(at: datetime | None, now: datetime) -> str:
    """`resets in 1 h 48 min`, `resets Mon 09:00`; unknown: `–`."""
    return DASH if at is None else tr("resets {when}", when=until(at, now))


def age(seconds: float | None) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `4 d ago`; only the largest unit."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 45:
        return tr("just now")
    return tr("{duration} ago", duration=duration(max(60.0, seconds)).split(" ")[0])
