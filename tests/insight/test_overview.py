"""Marks, cache share and the usual range of weeks: the pure parts of the Overview."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tokenpal.insight.axis import axis
from tokenpal.insight.cacheuse import CacheWeek, cache_weeks, whole
from tokenpal.insight.marks import Mark, MarkKind, first_line, placed
from tokenpal.insight.usual import usual, week_values
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Measures, Query, Report, Row
from tokenpal.model.tokens import Tokens

ZONE = ZoneInfo("Europe/Berlin")


def report(first: date, until: date, bucket: Bucket, rows: dict[str, Tokens]) -> Report:
    found = tuple(Row(key, "", Measures(tokens)) for key, tokens in rows.items())
    return Report(Query("Europe/Berlin", first, until, bucket), first, until, found, Measures())


def test_cache_share_is_of_input_and_knows_weeks_without_use() -> None:
    asked = report(date(2026, 11, 2), date(2026, 11, 23), Bucket.WEEK, {
        "2026-11-02": Tokens(fresh_input=10, cache_read=80, cache_write_5m=10, output=1000),
        "2026-11-16": Tokens(output=5),
    })  # fmt: skip
    weeks = cache_weeks(asked, ("2026-11-02", "2026-11-09", "2026-11-16"))
    assert [week.share for week in weeks] == [0.8, None, None]
    assert whole(weeks) == CacheWeek("2026-11-02", 80, 100)
    assert whole(()).share is None


def test_marks_find_their_slot_and_those_outside_are_left_out() -> None:
    slots = axis(date(2026, 10, 24), date(2026, 10, 27), Bucket.DAY, ZONE)  # the clocks change on the 25th
    inside = [Mark(MarkKind.NOTE, slot.end - 1, "", str(place)) for place, slot in enumerate(slots)]
    outside = [Mark(MarkKind.NOTE, slots[0].start - 1, "", "before"), Mark(MarkKind.CHECKIN, slots[-1].end, "", "after")]
    assert [(place, mark.ref) for place, mark in placed(slots, [*outside, *reversed(inside)])] == [(0, "0"), (1, "1"), (2, "2")]
    assert placed((), inside) == ()


@pytest.mark.parametrize(("text", "first"), [("", ""), (" \n\n  one \n two", "one"), ("=cmd()", "=cmd()"), ("\r\nx", "x")])
def test_the_first_line_is_the_first_that_says_something(text: str, first: str) -> None:
    assert first_line(text) == first


def test_weeks_that_are_cut_or_still_run_are_not_usual() -> None:
    days = {date(2026, 10, day).isoformat(): Tokens(output=10) for day in range(1, 32)}
    days |= {date(2026, 11, day).isoformat(): Tokens(output=10) for day in range(1, 20)}
    asked = report(date(2026, 10, 1), date(2026, 11, 20), Bucket.DAY, days)  # the 1st of October is a Thursday
    assert week_values(asked, date(2026, 11, 19)) == (70,) * 6  # 5 October to 15 November
    found = usual(week_values(asked, date(2026, 11, 19)))
    assert found is not None
    assert (found.low, found.high, found.days) == (70, 70, 6)
