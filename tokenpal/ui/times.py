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
    day as day,
    duration as duration,
    moment as moment,
    resets as resets,
    short_day as short_day,
    until as until,
)
from tokenpal.insight.numbers import digits
from tokenpal.translation import Words, tr, trc, trn

LONG_WEEKDAYS = Words("weekday", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
LONG_MONTHS = Words("month", (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
))  # fmt: skip


def timer(seconds: float) -> str:
    """A running timer: `1:12:40`, `0:00:07`."""
    s = max(0, int(seconds))
    return f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}"


def span(start: datetime, end: datetime | None) -> str:
    """`16:20 – 17:45`, `14:02 – now`."""
    return f"{clock(start)} – {clock(end) if end is not None else trc('moment', 'now')}"


def long_day(d: date) -> str:
    """`Wednesday 18 November`."""
    return trc("Wednesday 18 November", "{weekday} {day} {month}", weekday=LONG_WEEKDAYS[d.weekday()], day=d.day, month=LONG_MONTHS[d.month - 1])


def header_day(d: date, today: date) -> str:
    """Day header of a list: `Today, Fri 20 November`, `Thu 19 November`, with the year once it differs."""
    text = trc("Wed 18 November", "{weekday} {day} {month}", weekday=WEEKDAYS[d.weekday()], day=d.day, month=LONG_MONTHS[d.month - 1])
    if d.year != today.year:
        text += f" {d.year}"
    if d == today:
        return tr("Today, {day}", day=text)
    return tr("Yesterday, {day}", day=text) if d == today - timedelta(days=1) else text


def month(d: date) -> str:
    """`Nov 2026`."""
    return f"{MONTHS[d.month - 1]} {d.year}"


def day_range(first: date, last: date) -> str:
    """`16 to 22 November`, `30 November to 6 December`; the year only when both ends differ in it."""
    end = _day_and_month(last)
    if first == last:
        return end
    if first.year != last.year:
        return tr("{first} to {last}", first=f"{_day_and_month(first)} {first.year}", last=f"{end} {last.year}")
    if first.month == last.month:
        return trc("16 to 22 November", "{first} to {last}", first=first.day, last=end)
    return tr("{first} to {last}", first=_day_and_month(first), last=end)


def dated_range(first: date, last: date) -> str:
    """The same with the year in any case: `16 to 22 November 2026`."""
    said = day_range(first, last)
    return said if first.year != last.year else tr("{month} {year}", month=said, year=last.year)


def _day_and_month(d: date) -> str:
    return trc("18 November", "{day} {month}", day=d.day, month=LONG_MONTHS[d.month - 1])


def iso_week(d: date) -> str:
    """`W47`."""
    return trc("week of the year", "W{number}", number=f"{d.isocalendar().week:02}")


def read_line(seconds: float | None, sources: int, problems: int = 0) -> str:
    """The foot of the side bar: `Read 2 min ago · 4 sources`, `Read 2 min ago · 1 problem`, `Nothing read yet`."""
    if seconds is None and not sources and not problems:
        return tr("Nothing read yet")
    if problems:
        what = trn("{n} problem", "{n} problems", problems, shown=digits(problems))
    else:
        what = trn("{n} source", "{n} sources", sources, shown=digits(sources))
    return tr("Not read yet · {what}", what=what) if seconds is None else tr("Read {age} · {what}", age=age(seconds), what=what)


def stale(figure: str, last_good: datetime, now: datetime) -> str:
    """A figure older than two polling periods: `86 k, until 12:58`."""
    return tr("{figure}, until {when}", figure=figure, when=moment(last_good, now))
