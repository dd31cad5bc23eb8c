"""The reminder of the check-in: once a week at the person's time, whatever the clocks do, and never for a week that is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from tokenpal.engine import commands, reminders
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week, iso_week_days
from tokenpal.settings import WEEKDAYS
from tokenpal.store.database import Store

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


def test_once_a_week_from_the_time_on_and_not_after_the_week(tmp_path: Path) -> None:
    clock = Clock()
    with Store.open(tmp_path / "t.db", now=clock) as store:
        said = []
        for hour in range(24 * 7 * 5):
            clock.now = at("2026-11-02T00:30") + hour * 3600
            if (one := reminders.remind(store, "Europe/Berlin", "friday", "15:00")) is not None:
                said.append((datetime.fromtimestamp(clock.now, BERLIN).strftime("%A %H:%M"), one.key, one.page, one.item))
        assert [(when, item) for when, _, _, item in said] == [("Friday 15:30", f"2026-W{week}") for week in range(45, 50)]
        assert {page for _, _, page, _ in said} == {"check-in"}


def test_a_week_with_words_and_a_missed_week_are_not_mentioned(tmp_path: Path) -> None:
    clock = Clock()
    with Store.open(tmp_path / "t.db", now=clock) as store:
        clock.now = at("2026-11-20T16:00")
        commands.save_checkin(store, CheckIn("2026-W47", tried="x"))
        assert reminders.remind(store, "Europe/Berlin", "friday", "15:00") is None
        clock.now = at("2026-12-14T09:00")  # three weeks away, back on a Monday
        assert reminders.remind(store, "Europe/Berlin", "friday", "15:00") is None
        clock.now = at("2026-12-18T15:00")
        found = reminders.remind(store, "Europe/Berlin", "friday", "15:00")
        assert found is not None
        assert found.item == "2026-W51"
        for word in ("missed", "forgot", "late", "overdue", "!"):
            assert word not in f"{found.title} {found.sentence}"


def test_an_empty_check_in_counts_as_none(tmp_path: Path) -> None:
    clock = Clock()
    with Store.open(tmp_path / "t.db", now=clock) as store:
        clock.now = at("2026-11-20T15:00")
        commands.save_checkin(store, CheckIn("2026-W47", tried="x"))
        commands.save_checkin(store, CheckIn("2026-W47", tried=" "))
        assert reminders.remind(store, "Europe/Berlin", "friday", "15:00") is not None


@pytest.mark.parametrize(
    ("day", "clock", "wanted"),
    [("sunday", "02:30", "2026-03-29T01:30:00+00:00"), ("sunday", "03:30", "2026-03-29T01:30:00+00:00"), ("saturday", "02:30", "2026-03-28T01:30:00+00:00")],
)
def test_a_time_that_the_clocks_skip_is_the_moment_it_would_have_been(day: str, clock: str, wanted: str) -> None:
    assert reminders.moment(iso_week_days("2026-W13")[0], day, clock, BERLIN) == int(datetime.fromisoformat(wanted).timestamp())


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    found = reminders.moment(iso_week_days("2026-W43")[0], "sunday", "02:30", BERLIN)
    assert found == int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())


@given(
    st.integers(1_400_000_000, 2_000_000_000), st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.sampled_from(WEEKDAYS), st.times().map(lambda time: f"{time:%H:%M}"),
)  # fmt: skip
def test_the_next_moment_is_within_eight_days_and_due_then(now: int, zone: str, day: str, clock: str) -> None:
    place = ZoneInfo(zone)
    following = reminders.next_moment(now, place, day, clock)
    assert now < following <= now + 8 * 86_400
    said = reminders.due(following, place, day, clock, written=False)
    assert said is not None
    assert said.item == iso_week(datetime.fromtimestamp(following, place).date())
    assert reminders.due(following, place, day, clock, written=True) is None
    before = reminders.due(following - 1, place, day, clock, written=False)
    assert before is None or day == "monday" or datetime.fromtimestamp(following, place).time() < (datetime.min + timedelta(hours=2)).time()
