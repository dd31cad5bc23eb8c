"""Earlier check-ins by week, month or quarter with the figures they were written with, a page at a time (product 5.4).

A week belongs to the month and quarter of its Thursday, as ISO 8601 gives it a year. Figures are the frozen ones, so that ten years cost no
more than a page; a week without words is no part of it, and nothing says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Final

import msgspec

from tokenpal.engine import weeks
from tokenpal.engine.weekpage import Pinned
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week_days
from tokenpal.store import checkins, sessions
from tokenpal.store.database import Store

BY: Final = ("week", "month", "quarter")
PAGE: Final = {"week": 8, "month": 14, "quarter": 27}
"""Weeks on a page, about; a month or quarter is never torn."""


class Written(msgspec.Struct, frozen=True):
    """A week as it was written."""

    checkin: CheckIn
    figures: weeks.Evidence | None
    pins: tuple[Pinned, ...] = ()


class Period(msgspec.Struct, frozen=True):
    """A week, month or quarter with the check-ins in it, newest first. Figures are sums of the frozen ones."""

    by: str
    first: date  # of its first day: a Monday, or the first of a month
    weeks: tuple[Written, ...]
    tokens: int
    sessions: int
    covered: int
    labels: dict[str, int]  # tokens by label


class Page(msgspec.Struct, frozen=True):
    """``older``: the week from which the next page goes on, "" = that was all. ``text`` and ``by`` say what was asked."""

    by: str
    text: str
    periods: tuple[Period, ...]
    older: str = ""
    last: str = ""  # the newest week that was asked for, "" = from the newest on


def look_back(store: Store, by: str = "month", text: str = "", last: str = "") -> Page:
    """A page of check-ins up to week ``last``, those with all words of ``text`` when it has any."""
    every = checkins.written_weeks(store, last=last, text=text)
    taken: list[str] = []
    for _, some in _grouped(every, by):
        if taken and len(taken) + len(some) > PAGE[by]:
            break
        taken += some
    rest = every[len(taken) :]
    written = {week: _written(store, week) for week in taken}
    periods = tuple(_period(by, first, tuple(written[week] for week in some)) for first, some in _grouped(taken, by))
    return Page(by, text, periods, rest[0] if rest else "", last)


def _grouped(every: list[str], by: str) -> Iterator[tuple[date, list[str]]]:
    for first, some in groupby(every, lambda week: period_of(week, by)):
        yield first, list(some)


def period_of(week: str, by: str) -> date:
    """The first day of the period that a week belongs to."""
    monday = iso_week_days(week)[0]
    thursday = monday + timedelta(days=3)
    if by == "month":
        return thursday.replace(day=1)
    return thursday.replace(month=(thursday.month - 1) // 3 * 3 + 1, day=1) if by == "quarter" else monday


def _written(store: Store, week: str) -> Written:
    checkin = checkins.checkin_of(store, week) or CheckIn(week)
    pins = tuple(Pinned(pin.field, pin.session, sessions.session_row(store, pin.session)) for pin in checkins.pins(store, week))
    return Written(msgspec.structs.replace(checkin, evidence=""), weeks.frozen_evidence(checkin), pins)


def _period(by: str, first: date, some: tuple[Written, ...]) -> Period:
    known = [one.figures for one in some if one.figures is not None]
    labels: dict[str, int] = {}
    for figures in known:
        for label, tokens in figures.label_tokens.items():
            labels[label] = labels.get(label, 0) + tokens
    return Period(by, first, some, sum(one.tokens for one in known), sum(one.sessions for one in known), sum(one.context_covered for one in known), labels)


def weeks_of(store: Store, by: str, first: date) -> list[str]:
    """Written weeks of a period, oldest first."""
    return [week for week in reversed(checkins.written_weeks(store)) if period_of(week, by) == first]
