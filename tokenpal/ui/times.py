"""How a duration, a moment or an age is written for a person (design.md section 4). Pure Python; English words.

duration(4320)        1 h 12 min
timer(4360)           1:12:40
age(120)              2 min ago
resets(at, now)       resets in 1 h 48 min  /  resets Mon 09:00
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from tokenpal.ui.numbers import DASH, marks

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NBSP = "\u00a0"  # keeps a figure and its unit on one line


def duration(seconds: float | None) -> str:
    """The two largest units that say something: `12 s`, `48 min`, `1 h 12 min`, `3 d 4 h`."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    s = max(0, round(seconds))
    if s < 60:
        return f"{s}{_NBSP}s"
    minutes = s // 60
    if minutes < 60:
        return f"{minutes}{_NBSP}min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}{_NBSP}h" + (f" {minutes}{_NBSP}min" if minutes else "")
    days, hours = divmod(hours, 24)
    return f"{days}{_NBSP}d" + (f" {hours}{_NBSP}h" if hours else "")


def timer(seconds: float) -> str:
    """A running timer: `1:12:40`, `0:00:07`."""
    s = max(0, int(seconds))
    return f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}"


def clock(moment: datetime) -> str:
    """`14:02`, or `2:02 PM` where the locale's day has twice twelve hours."""
    if marks().hours_24:
        return f"{moment.hour:02}:{moment.minute:02}"
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{_NBSP}{'AM' if moment.hour < 12 else 'PM'}"


def span(start: datetime, end: datetime | None) -> str:
    """`16:20 – 17:45`, `14:02 – now`."""
    return f"{clock(start)} – {clock(end) if end is not None else 'now'}"


def day(d: date) -> str:
    """`Wed 18 Nov`."""
    return f"{WEEKDAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]}"


def long_day(d: date) -> str:
    """`Wednesday 18 November`."""
    return f"{LONG_WEEKDAYS[d.weekday()]} {d.day} {LONG_MONTHS[d.month - 1]}"


def header_day(d: date, today: date) -> str:
    """Day header of a list: `Today, Fri 20 November`, `Thu 19 November`, with the year once it differs."""
    text = f"{WEEKDAYS[d.weekday()]} {d.day} {LONG_MONTHS[d.month - 1]}"
    if d.year != today.year:
        text += f" {d.year}"
    return f"Today, {text}" if d == today else f"Yesterday, {text}" if d == today - timedelta(days=1) else text


def short_day(d: date) -> str:
    """`18 Nov`, for an axis."""
    return f"{d.day} {MONTHS[d.month - 1]}"


def month(d: date) -> str:
    """`Nov 2026`."""
    return f"{MONTHS[d.month - 1]} {d.year}"


def day_range(first: date, last: date) -> str:
    """`16 to 22 November`, `30 November to 6 December`; the year only when both ends differ in it."""
    if first == last:
        return f"{first.day} {LONG_MONTHS[first.month - 1]}"
    end = f"{last.day} {LONG_MONTHS[last.month - 1]}"
    if first.year != last.year:
        return f"{first.day} {LONG_MONTHS[first.month - 1]} {first.year} to {end} {last.year}"
    return f"{first.day} to {end}" if first.month == last.month else f"{first.day} {LONG_MONTHS[first.month - 1]} to {end}"


def iso_week(d: date) -> str:
    """`W47`."""
    return f"W{d.isocalendar().week:02}"


def moment(at: datetime, now: datetime) -> str:
    """A point in time as seen from `now` (same zone): `14:02`, `Mon 09:00` within a week, else `18 Nov 09:00`."""
    days = (at.date() - now.date()).days
    if days == 0:
        return clock(at)
    if abs(days) < 7:
        return f"{WEEKDAYS[at.weekday()]} {clock(at)}"
    return f"{short_day(at.date())}{f' {at.year}' if at.year != now.year else ''} {clock(at)}"


def until(at: datetime, now: datetime) -> str:
    """`in 1 h 48 min` under 24 hours, else `Mon 09:00`; `now` once it is past."""
    left = (at - now).total_seconds()
    if left <= 0:
        return "now"
    return f"in {duration(left)}" if left < 86_400 else moment(at, now)


def resets(at: datetime | None, now: datetime) -> str:
    """`resets in 1 h 48 min`, `resets Mon 09:00`; unknown: `–`."""
    return DASH if at is None else f"resets {until(at, now)}"


def age(seconds: float | None) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `4 d ago`; only the largest unit."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 45:
        return "just now"
    return f"{duration(max(60.0, seconds)).split(' ')[0]} ago"


def read_line(seconds: float | None, sources: int, problems: int = 0) -> str:
    """The foot of the side bar: `Read 2 min ago · 4 sources`, `Read 2 min ago · 1 problem`."""
    what = f"{problems} problem{'s' if problems != 1 else ''}" if problems else f"{sources} source{'s' if sources != 1 else ''}"
    return f"Not read yet · {what}" if seconds is None else f"Read {age(seconds)} · {what}"


def stale(figure: str, last_good: datetime, now: datetime) -> str:
    """A figure older than two polling periods: `86 k, until 12:58`."""
    return f"{figure}, until {moment(last_good, now)}"
