"""How times are written for a person: `insight.moments`, and what only the window needs (design.md section 4).

timer(4360)             1:12:40
span(start, end)        16:20 – 17:45
header_day(d, today)    Today, Fri 20 November
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tokenpal.insight.moments import (
    MONTHS as MONTHS,
    WEEKDAYS as WEEKDAYS,
    age as age,
    clock as clock,
    duration as duration,
    moment as moment,
    resets as resets,
    short_day as short_day,
    until as until,
)

LONG_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def timer(seconds: float) -> str:
    """A running timer: `1:12:40`, `0:00:07`."""
    s = max(0, int(seconds))
    return f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}"


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


def read_line(seconds: float | None, sources: int, problems: int = 0) -> str:
    """The foot of the side bar: `Read 2 min ago · 4 sources`, `Read 2 min ago · 1 problem`."""
    what = f"{problems} problem{'s' if problems != 1 else ''}" if problems else f"{sources} source{'s' if sources != 1 else ''}"
    return f"Not read yet · {what}" if seconds is None else f"Read {age(seconds)} · {what}"


def stale(figure: str, last_good: datetime, now: datetime) -> str:
    """A figure older than two polling periods: `86 k, until 12:58`."""
    return f"{figure}, until {moment(last_good, now)}"
