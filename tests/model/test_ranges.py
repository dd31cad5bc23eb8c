"""Calendar boundaries in zones that are anything but simple."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, strategies as st

from tokenpal.model.ranges import (
    Bucket,
    TimeRange,
    bucket_date,
    day_number,
    day_range,
    day_start,
    days_range,
    grain_seconds,
    iso_week,
    iso_week_days,
    local_day,
    next_bucket,
    number_day,
)

ODD = ["Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York", "America/Santiago", "America/Sao_Paulo", "Africa/Cairo",
       "Africa/Casablanca", "Asia/Beirut", "Asia/Tehran", "America/Havana", "Pacific/Chatham", "Pacific/Apia", "Europe/Dublin", "America/Asuncion",
       "Atlantic/Azores", "Antarctica/Troll", "Pacific/Kiritimati", "UTC"]  # fmt: skip


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-08", 24), ("America/New_York", "2026-03-08", 23), ("America/New_York", "2026-11-01", 25), ("America/New_York", "2026-11-02", 24),
        ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Asia/Kathmandu", "2026-03-29", 24),
        ("Australia/Lord_Howe", "2026-10-04", 23.5), ("Australia/Lord_Howe", "2026-04-05", 24.5), ("Antarctica/Troll", "2026-03-29", 22),
        ("America/Santiago", "2026-09-06", 23), ("America/Santiago", "2026-04-04", 25), ("America/Sao_Paulo", "2018-11-04", 23),
        ("Africa/Cairo", "2026-04-24", 23), ("Pacific/Apia", "2011-12-30", 0), ("Pacific/Apia", "2011-12-29", 24), ("Pacific/Apia", "2011-12-31", 24),
    ],
)  # fmt: skip
def test_how_long_a_day_is(zone: str, day: str, hours: float) -> None:
    found = day_range(date.fromisoformat(day), ZoneInfo(zone))
    assert found.end - found.start == hours * 3600


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Kathmandu", "2026-03-29", "2026-03-28T18:15"), ("America/New_York", "2026-11-01", "2026-11-01T04:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00"),  # 00:00 became 01:00
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"), ("America/Havana", "2026-03-08", "2026-03-08T05:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),  # 00:00 to 01:00 is there twice: the first one starts the day
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"), ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00"), ("Pacific/Chatham", "2026-09-27", "2026-09-26T11:15"),
    ],
)  # fmt: skip
def test_when_a_day_starts(zone: str, day: str, start: str) -> None:
    assert day_start(date.fromisoformat(day), ZoneInfo(zone)) == at(start)


@given(st.sampled_from(ODD), st.dates(date(2012, 1, 2), date(2030, 1, 1)))
def test_a_day_starts_where_the_one_before_ends(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    assert start < end
    assert local_day(start, zone) == day
    assert local_day(start - 1, zone) == day - timedelta(days=1)
    assert day_range(day, zone) == TimeRange(start, end)
    assert day_range(day, zone).end == day_range(day + timedelta(days=1), zone).start


@given(st.sampled_from(ODD), st.integers(at("2012-01-02T00:00"), at("2030-01-01T00:00")))
def test_every_instant_lies_in_its_day(name: str, instant: int) -> None:
    zone = ZoneInfo(name)
    assert instant in day_range(local_day(instant, zone), zone)


@pytest.mark.parametrize("name", sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("posix", "right")))[::7])
def test_all_midnights_of_two_years(name: str) -> None:
    zone, day = ZoneInfo(name), date(2025, 1, 1)
    starts = [day_start(day + timedelta(days=number), zone) for number in range(731)]
    assert all(local_day(start, zone) == day + timedelta(days=number) for number, start in enumerate(starts))
    assert all(local_day(start - 1, zone) == day + timedelta(days=number - 1) for number, start in enumerate(starts))


def test_the_zones_whose_day_may_start_at_midnight_and_a_bit() -> None:
    """Casey changed its clock at 00:01 until 2022: the minute before belongs to the day, so does what comes after."""
    zone = ZoneInfo("Antarctica/Casey")
    start = day_start(date(2022, 10, 2), zone)
    assert local_day(start, zone) == date(2022, 10, 2)
    assert local_day(start - 1, zone) == date(2022, 10, 1)


def test_a_gap_around_midnight() -> None:
    """In Toronto, 23:30 of 30 March 1919 was followed by 00:30 of the next day."""
    assert day_start(date(1919, 3, 31), ZoneInfo("America/Toronto")) == at("1919-03-31T04:30")


def test_ranges_are_half_open() -> None:
    range_ = TimeRange(10, 20)
    assert [instant in range_ for instant in (9, 10, 19, 20)] == [False, True, True, False]
    assert 10 not in TimeRange(10, 10)
    assert 10 not in TimeRange(20, 5)


def test_days_until_is_not_inside() -> None:
    zone = ZoneInfo("America/New_York")
    assert days_range(date(2026, 11, 1), date(2026, 11, 3), zone) == TimeRange(at("2026-11-01T04:00"), at("2026-11-03T05:00"))


@pytest.mark.parametrize(
    ("day", "bucket", "week_start", "first", "following"),
    [
        ("2026-11-21", Bucket.DAY, 0, "2026-11-21", "2026-11-22"),
        ("2026-11-21", Bucket.WEEK, 0, "2026-11-16", "2026-11-23"),
        ("2026-11-21", Bucket.WEEK, 6, "2026-11-15", "2026-11-22"),
        ("2026-11-21", Bucket.WEEK, 5, "2026-11-21", "2026-11-28"),
        ("2026-11-15", Bucket.WEEK, 6, "2026-11-15", "2026-11-22"),
        ("2027-01-01", Bucket.WEEK, 0, "2026-12-28", "2027-01-04"),
        ("2026-11-21", Bucket.MONTH, 0, "2026-11-01", "2026-12-01"),
        ("2026-12-31", Bucket.MONTH, 3, "2026-12-01", "2027-01-01"),
        ("2028-02-29", Bucket.MONTH, 0, "2028-02-01", "2028-03-01"),
        ("2026-11-21", Bucket.HOUR, 0, "2026-11-21", "2026-11-22"),
    ],
)
def test_buckets(day: str, bucket: Bucket, week_start: int, first: str, following: str) -> None:
    start = bucket_date(date.fromisoformat(day), bucket, week_start)
    assert (start.isoformat(), next_bucket(start, bucket).isoformat()) == (first, following)


@given(st.dates(date(1971, 1, 1), date(2099, 1, 1)), st.sampled_from([Bucket.DAY, Bucket.WEEK, Bucket.MONTH]), st.integers(0, 6))
def test_a_day_lies_in_its_bucket(day: date, bucket: Bucket, week_start: int) -> None:
    first = bucket_date(day, bucket, week_start)
    assert first <= day < next_bucket(first, bucket)
    assert bucket_date(first, bucket, week_start) == first
    assert bucket is not Bucket.WEEK or first.weekday() == week_start


@given(st.dates(date(1990, 1, 1), date(2099, 1, 1)))
def test_iso_weeks_there_and_back(day: date) -> None:
    monday, following = iso_week_days(iso_week(day))
    assert monday <= day < following
    assert (monday.weekday(), (following - monday).days) == (0, 7)


def test_weeks_at_the_turn_of_years() -> None:
    assert [iso_week(date.fromisoformat(day)) for day in ("2026-12-31", "2027-01-03", "2027-01-04", "2024-12-30")] == ["2026-W53", "2026-W53", "2027-W01", "2025-W01"]


@pytest.mark.parametrize("text", ["", "2026", "2026-47", "2026-W00", "2026-W54", "2025-W53", "W47", "2026-W", "x-Wy"])
def test_what_is_no_week(text: str) -> None:
    with pytest.raises(ValueError):
        iso_week_days(text)


@given(st.dates())
def test_day_numbers_there_and_back(day: date) -> None:
    assert number_day(day_number(day)) == day


def test_day_zero() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(datetime.fromtimestamp(86_400 * 20_000, UTC).date()) == 20_000


@pytest.mark.parametrize(
    ("zone", "grain"),
    [("UTC", 3600), ("Europe/Berlin", 3600), ("America/New_York", 3600), ("America/Santiago", 3600), ("Asia/Kathmandu", 900), ("Asia/Kolkata", 900),
     ("Australia/Lord_Howe", 900), ("Australia/Adelaide", 900), ("America/St_Johns", 900), ("Pacific/Chatham", 900), ("Asia/Pyongyang", 900)],
)  # fmt: skip
def test_grain_of_the_hour_roll_up(zone: str, grain: int) -> None:
    """Pyongyang was half an hour off until May 2018: within ten years of the date below."""
    assert grain_seconds(ZoneInfo(zone), at("2026-11-21T00:00")) == grain


@given(st.sampled_from(ODD), st.dates(date(2018, 1, 1), date(2027, 1, 1)))
def test_days_start_on_the_grain(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    assert day_start(day, zone) % grain_seconds(zone, at("2026-11-21T00:00")) == 0
