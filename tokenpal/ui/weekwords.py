"""What the fields of a check-in are called, and how a week, month or quarter is named."""

from __future__ import annotations

from datetime import date, timedelta

from tokenpal.model.ranges import iso_week_days
from tokenpal.translation import tr, trc
from tokenpal.ui import times

FIELDS = ("tried", "worked", "failed", "learned")


def field_name(key: str) -> str:
    """The heading of a field."""
    return {
        "tried": trc("check-in field", "Tried"), "worked": trc("check-in field", "Worked"),
        "failed": trc("check-in field", "Failed"), "learned": trc("check-in field", "Learned"),
    }[key]  # fmt: skip


def field_hint(key: str) -> str:
    """What it is for."""
    return {
        "tried": tr("what you explored"), "worked": tr("what came of it"), "failed": tr("what did not, and why"), "learned": tr("what to keep"),
    }[key]  # fmt: skip


def week_words(week: str) -> str:
    """``Week 46, 9 to 15 November``."""
    monday, after = iso_week_days(week)
    return tr("Week {number}, {days}", number=week.partition("-W")[2].lstrip("0"), days=times.day_range(monday, after - timedelta(days=1)))


def period_words(by: str, first: date) -> str:
    """``Week 46, 9 to 15 November``, ``November 2026``, ``Third quarter of 2026``."""
    if by == "month":
        return tr("{month} {year}", month=times.LONG_MONTHS[first.month - 1], year=first.year)
    if by == "quarter":
        named = (tr("First quarter of {year}", year=first.year), tr("Second quarter of {year}", year=first.year),
                 tr("Third quarter of {year}", year=first.year), tr("Fourth quarter of {year}", year=first.year))  # fmt: skip
        return named[(first.month - 1) // 3]
    iso = first.isocalendar()
    return week_words(f"{iso.year}-W{iso.week:02}")
