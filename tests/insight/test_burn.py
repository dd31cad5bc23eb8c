"""Pace and run-out: the truth lies in the range, whatever is rounded, missing, repeated or reset; too little gives no figure."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, strategies as st

from tokenpal.insight.burn import Outlook, Seen, balance_burn, burn, crossings, current, look_back
from tokenpal.insight.pace import EVERY_DAY, pace, pattern, start_of, worked
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import day_start
from tokenpal.model.report import Measures, Query, Report, Row
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, LimitReading

NOW = 1_795_270_000
UTC_ZONE = ZoneInfo("UTC")
HOUR, DAY = 3600, 86_400
LENGTHS = (300, 1440, 10_080, 43_200)
rounding = st.sampled_from([math.floor, round, math.ceil, lambda x: x])


def reading(used: float, at: int = NOW, resets: int | None = NOW + HOUR, minutes: int | None = 300) -> LimitReading:
    return LimitReading("window", used, at, resets, minutes)


def steady(rate: float, times: list[int], start: int) -> list[tuple[int, float]]:
    return [(at, rate * (at - start)) for at in times]


# ---------------------------------------------------------------------------------------------- the range holds the truth


@given(
    minutes=st.sampled_from(LENGTHS), passed=st.floats(0.05, 0.95), total=st.floats(0.5, 99), count=st.integers(2, 40), rounded=rounding,
    offsets=st.lists(st.floats(0, 1), min_size=40, max_size=40), late=st.floats(0, 0.1), anchored=st.booleans(),
)  # fmt: skip
def test_a_steady_pace_lies_in_the_range(minutes, passed, total, count, rounded, offsets, late, anchored) -> None:
    """Used evenly since the window began, read at any moments, rounded in any way: the true rate and run-out are inside."""
    length = minutes * 60
    newest = NOW - int(late * look_back(length))
    start = newest - int(length * passed)
    rate = total / (newest - start)
    times = sorted({newest, *(start + int(offset * (newest - start)) for offset in offsets[:count])})
    seen = [(at, float(rounded(used)), start + length) for at, used in steady(rate, times, start)]
    at, used, resets = seen[-1]
    assume(used < 100 and resets > NOW)
    found = burn(seen[:-1], reading(used, at, resets if anchored else None, minutes), NOW)
    if found.outlook in {Outlook.UNKNOWN, Outlook.QUIET}:
        return
    assert found.per_hour is not None
    assert found.low - 1e-9 <= found.per_hour <= found.high + 1e-9
    idle = late > 0  # then a smaller rate is possible too, never a greater one
    assert rate * HOUR <= found.high + 1e-6
    assert idle or found.low <= rate * HOUR + 1e-6
    truth = newest + (100 - total) / rate
    assert found.earliest is not None
    assert found.earliest <= max(NOW, truth + 1)
    assert found.latest is None or truth <= found.latest + 2
    assert found.earliest <= found.run_out <= (found.latest or 2**60)  # type: ignore[operator]  # told together
    if anchored and found.outlook is Outlook.RUNS_OUT:
        assert truth <= resets + 2
    if anchored and found.outlook is Outlook.LASTS:
        assert truth >= resets - 2


any_seen = st.lists(
    st.tuples(st.integers(NOW - 40 * DAY, NOW), st.floats(-5, 150, allow_nan=False), st.none() | st.integers(NOW - 40 * DAY, NOW + 40 * DAY)), max_size=30
)


@given(history=any_seen, used=st.floats(0, 200), age=st.integers(0, 10 * DAY), resets=st.none() | st.integers(NOW - DAY, NOW + 40 * DAY), minutes=st.sampled_from([None, 5, *LENGTHS]))
def test_whatever_was_read_the_answer_is_in_order(history: list[Seen], used: float, age: int, resets: int | None, minutes: int | None) -> None:
    one = reading(used, NOW - age, resets, minutes)
    found = burn(history, one, NOW)
    assert found == burn(list(reversed(history)) + history, one, NOW), "neither order nor repetition matters"
    if found.per_hour is not None:
        assert 0 <= found.low <= found.high
        assert found.readings >= 2
    if found.run_out is not None:
        assert found.earliest is not None
        assert NOW <= found.earliest <= found.run_out
        assert found.latest is None or found.run_out <= found.latest
    moved = burn([(at + 777, percent, None if end is None else end + 777) for at, percent, end in history], reading(used, NOW - age + 777, None if resets is None else resets + 777, minutes), NOW + 777)
    assert (moved.outlook, moved.per_hour) == (found.outlook, found.per_hour), "the clock's zero does not matter"


@given(older=any_seen, rate=st.floats(1, 30), gap=st.integers(1, DAY))
def test_readings_of_earlier_windows_change_nothing(older: list[Seen], rate: float, gap: int) -> None:
    start, resets = NOW - 2 * HOUR, NOW + 3 * HOUR
    mine = [(start + n * 600, rate * n / 6, resets) for n in range(1, 13)]
    before = [(min(at, start - gap), percent, start) for at, percent, _ in older]  # they ended when this one began
    last = reading(mine[-1][1], mine[-1][0], resets)
    assert burn(before + mine[:-1], last, NOW) == burn(mine[:-1], last, NOW)


# ---------------------------------------------------------------------------------------------- by hand


def test_a_fall_is_a_reset_and_a_step_back_of_one_is_rounding() -> None:
    seen: list[Seen] = [(NOW - 400, 80, None), (NOW - 300, 12, None), (NOW - 200, 11, None)]
    assert current(seen, reading(13, resets=None)) == [(NOW - 300, 12), (NOW - 200, 12), (NOW, 13)]


def test_another_reset_time_is_another_window_unless_it_only_trembles() -> None:
    seen: list[Seen] = [(NOW - 900, 5, NOW + 10), (NOW - 600, 6, NOW + 7200), (NOW - 300, 7, NOW + 7260)]
    assert [at for at, _ in current(seen, reading(8, resets=NOW + 7230))] == [NOW - 600, NOW - 300, NOW]


@pytest.mark.parametrize(
    ("history", "one", "outlook"),
    [
        ([], reading(40), Outlook.UNKNOWN),
        ([(NOW - 60, 39, NOW + HOUR)], reading(40, resets=None), Outlook.UNKNOWN),  # a minute tells nothing of an hour
        ([(NOW - 3000, 39, NOW + HOUR)], reading(40, at=NOW - 2 * HOUR), Outlook.UNKNOWN),  # too old
        ([(NOW - 3000, 90, NOW + HOUR)], reading(95, resets=NOW), Outlook.OVER),
        ([(NOW - 3000, 90, NOW + HOUR)], reading(100), Outlook.USED_UP),
        ([(NOW - 3600, 40, None), (NOW - 1800, 40, None)], reading(40, resets=NOW + HOUR, minutes=None), Outlook.QUIET),
        ([(NOW - 600 * n, 90 - 6 * n, NOW + 3 * HOUR) for n in range(6, 0, -1)], reading(90, resets=NOW + 3 * HOUR), Outlook.RUNS_OUT),
        ([(NOW - 600 * n, 20 - n, NOW + HOUR) for n in range(6, 0, -1)], reading(20, resets=NOW + HOUR), Outlook.LASTS),
    ],
)
def test_outlooks(history: list[Seen], one: LimitReading, outlook: Outlook) -> None:
    assert burn(history, one, NOW).outlook is outlook


def test_a_burst_after_a_pause_may_run_out_and_may_not() -> None:
    resets = NOW + 2 * HOUR
    seen: list[Seen] = [(NOW - 3600, 50, resets), (NOW - 2400, 50, resets), (NOW - 1200, 51, resets), (NOW - 600, 65, resets)]
    found = burn(seen, reading(80, resets=resets), NOW)
    assert found.outlook is Outlook.MAY
    assert found.low < 10 < found.per_hour < found.high  # type: ignore[operator]  # it is known


def test_the_more_readings_the_surer() -> None:
    resets = NOW + 3 * HOUR
    few = burn([(NOW - 3600, 30.5, resets)], reading(60.5, resets=resets), NOW)
    many = burn([(NOW - 3600 + 60 * n, 30.5 + n / 2, resets) for n in range(60)], reading(60.5, resets=resets), NOW)
    assert few.per_hour == pytest.approx(many.per_hour) == pytest.approx(30)
    assert few.high - few.low > 5 * (many.high - many.low)


def test_look_backs_of_long_windows_are_whole_days() -> None:
    assert [look_back(minutes * 60) for minutes in LENGTHS] == [HOUR, int(4.8 * HOUR), 2 * DAY, 8 * DAY]


# ---------------------------------------------------------------------------------------------- balances


def money(amount: str | Decimal, currency: str = "USD") -> Money:
    return Money.of(MoneyKind.CREDITS, amount, currency)


@given(
    steps=st.lists(st.tuples(st.integers(HOUR, 2 * DAY), st.integers(0, 500), st.booleans()), min_size=1, max_size=30), end=st.integers(1, 10_000)
)
def test_what_was_spent_is_spent_whether_topped_up_or_not(steps: list[tuple[int, int, bool]], end: int) -> None:
    """A top-up between two readings never makes the pace smaller than what the falls alone say, and never negative."""
    at, left = NOW - sum(step for step, *_ in steps), 10**7
    history = [(at, money(Decimal(left) / 100))]
    for step, spent, top_up in steps:
        at, left = at + step, left - spent + (100_000 if top_up else 0)
        history.append((at, money(Decimal(left) / 100)))
    shift = Decimal(end - left) / 100
    history = [(when, money(one.amount + shift)) for when, one in history]
    found = balance_burn(history[:-1], Balance("credits", history[-1][1], NOW), NOW)
    assert found.topped_up is None or found.topped_up[1].pico > 0
    if found.per_day is not None:
        assert found.per_day >= 0
    if found.run_out is not None:
        assert NOW <= found.earliest <= found.run_out  # type: ignore[operator]  # told together
        assert found.latest is None or found.run_out <= found.latest
        tops = [when for (when, one), (_, before) in zip(history[1:], history) if one.pico > before.pico]
        assert (found.topped_up is not None) == bool(tops)


def test_a_balance_by_hand() -> None:
    history = [(NOW - DAY * n, money(10 + 2 * n)) for n in range(10, 0, -1)]
    found = balance_burn(history, Balance("credits", money(10), NOW), NOW)
    assert (found.outlook, found.per_day, found.low_balance) == (Outlook.RUNS_OUT, Decimal("2.0000"), False)
    assert found.run_out == NOW + 5 * DAY
    assert balance_burn(history, Balance("credits", money(10), NOW), NOW, 10).low_balance
    assert balance_burn([(NOW - HOUR, money(90))], Balance("credits", money(10), NOW), NOW).outlook is Outlook.UNKNOWN
    assert balance_burn([(NOW - 3 * DAY, money(10))], Balance("credits", money(10), NOW), NOW).outlook is Outlook.QUIET
    spent = balance_burn([(NOW - 3 * DAY, money(10))], Balance("credits", money(-1), NOW), NOW)
    assert (spent.outlook, spent.low_balance) == (Outlook.USED_UP, True)
    soon = balance_burn([(NOW - 10 * DAY, money(3000))], Balance("credits", money(600), NOW), NOW)
    assert soon.low_balance, "three days of use are left, whatever the amount"
    assert not balance_burn([], Balance("points", money(3, "points"), NOW), NOW).low_balance, "three points are no three dollars"
    assert balance_burn([(NOW - 9 * DAY, money(90, "EUR"))], Balance("credits", money(10), NOW), NOW).outlook is Outlook.UNKNOWN


# ---------------------------------------------------------------------------------------------- crossings


def test_one_word_for_each_crossing() -> None:
    near, news = crossings(None, {"a"}, {"a"})
    assert news == (), "what was near at the start is no crossing"
    near, news = crossings(near, {"a", "b"}, {"a", "b"})
    assert news == ("b",)
    near, news = crossings(near, {"a"}, {"a", "b"})  # b wobbles just below
    near, news = crossings(near, {"a", "b"}, {"a", "b"})
    assert news == ()
    near, news = crossings(near, {"a"}, {"a"})  # b was reset
    near, news = crossings(near, {"a", "b"}, {"a", "b"})
    assert news == ("b",)


# ---------------------------------------------------------------------------------------------- pace of working days


def test_an_even_pace_over_working_days() -> None:
    monday = day_start(date(2026, 11, 16), UTC_ZONE)
    week = LimitReading("week", 41, monday + 3 * DAY, monday + 7 * DAY, 10_080)
    assert pace(week, NOW - 2 * DAY, UTC_ZONE, "weekdays").even == 60  # type: ignore[union-attr]  # it is known
    assert pace(week, NOW - 2 * DAY, UTC_ZONE, "sunday-thursday").even == 60  # type: ignore[union-attr]  # as above
    assert round(pace(week, NOW - 2 * DAY, UTC_ZONE, "every day").even) == 43  # type: ignore[union-attr]  # as above
    own = pace(week, NOW - 2 * DAY, UTC_ZONE, "usual", (4, 2, 2, 0, 0, 0, 0))
    assert (own.even, own.own_pattern, own.place) == (100, True, "below")  # type: ignore[union-attr]  # as above
    assert not pace(week, NOW - 2 * DAY, UTC_ZONE, "usual", None).own_pattern  # type: ignore[union-attr]  # as above
    assert pace(reading(50), NOW, UTC_ZONE) is None, "an hour has no working days"
    assert pace(week, monday + 7 * DAY, UTC_ZONE) is None
    weekend = LimitReading("x", 3, monday + 5 * DAY + HOUR, monday + 7 * DAY, 2 * 1440)
    assert pace(weekend, monday + 6 * DAY, UTC_ZONE, "weekdays").even > 0  # type: ignore[union-attr]  # falls back to every day


@given(start=st.integers(1_700_000_000, 1_900_000_000), parts=st.lists(st.integers(0, 9 * DAY), min_size=1, max_size=5), zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]), weights=st.lists(st.floats(0, 3), min_size=7, max_size=7))
def test_working_days_add_up(start: int, parts: list[int], zone: str, weights: list[float]) -> None:
    place, at, found = ZoneInfo(zone), start, 0.0
    for part in parts:
        found += worked(at, at + part, place, weights)
        at += part
    assert found == pytest.approx(worked(start, at, place, weights), abs=1e-6)
    assert worked(start, at, place, EVERY_DAY) == pytest.approx((at - start) / DAY, abs=0.1)


@pytest.mark.parametrize(("end", "begin"), [((2026, 12, 1), (2026, 11, 1)), ((2026, 3, 31), (2026, 2, 28)), ((2026, 1, 15), (2025, 12, 15))])
def test_a_month_goes_from_a_day_to_the_same_day(end: tuple[int, int, int], begin: tuple[int, int, int]) -> None:
    at = int(datetime(*end, 9, tzinfo=UTC).timestamp())
    assert start_of(reading(5, resets=at, minutes=43_200), UTC_ZONE) == int(datetime(*begin, 9, tzinfo=UTC).timestamp())
    assert start_of(reading(5, resets=10**11, minutes=43_200), UTC_ZONE) is None


def test_the_own_pattern_is_the_days_that_were_used() -> None:
    def by_day(days: dict[date, int]) -> Report:
        rows = tuple(Row(day.isoformat(), "", Measures(Tokens(output=tokens))) for day, tokens in days.items())
        return Report(Query("UTC"), date(2026, 9, 1), date(2026, 11, 21), rows, Measures())

    today = date(2026, 11, 20)
    used = {today - timedelta(days=n): 1000 for n in range(1, 57) if (today - timedelta(days=n)).weekday() < 4}
    found = pattern(by_day(used), today)
    assert found is not None
    assert found[4:] == (0, 0, 0)
    assert len(set(found[:4])) == 1
    burst = pattern(by_day({**used, today - timedelta(days=5): 10**9}), today)
    assert burst is not None
    assert burst[6] <= 1, "one burst is one day"
    assert pattern(by_day(dict(list(used.items())[:5])), today) is None
