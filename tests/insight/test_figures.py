"""Label mixes, context covered, limits, usual ranges, and the sentences made from them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight import summary
from tokenpal.insight.labels import (
    ORDER,
    UNASSIGNED,
    UNLABELLED,
    Coverage,
    coverage,
    coverage_queries,
    mix_of,
    token_mix,
)
from tokenpal.insight.limits import limit_state
from tokenpal.insight.numbers import NNBSP, Marks, money, money_line, percent, shares, short, use_marks, whole_shares
from tokenpal.insight.usual import UsualRange, usual, week_map, weekday_values
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Measures, Query, Report, Row
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import LimitReading

FRIDAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def english_marks() -> None:
    use_marks(Marks())


def plain(text: str) -> str:
    return text.replace(NNBSP, " ")


def measures(tokens: int = 0, money_: tuple[Money, ...] = (), unpriced: int = 0, requests: int | None = 1) -> Measures:
    return Measures(Tokens(fresh_input=tokens), requests, unpriced, money_)


def report(rows: list[tuple[str, str, int]], **query: Any) -> Report:
    found = tuple(Row(bucket, key, measures(tokens)) for bucket, key, tokens in rows)
    return Report(Query("UTC", **query), FRIDAY, FRIDAY + timedelta(days=1), found, measures(sum(tokens for *_, tokens in rows)))


def usd(amount: str, kind: MoneyKind = MoneyKind.LIST_PRICE) -> Money:
    return Money.of(kind, amount)


# ------------------------------------------------------------------------------------------------------------ per cents


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=12))
def test_per_cents_add_up_to_100(values: list[int]) -> None:
    found = whole_shares(values)
    assert sum(found) == (100 if any(values) else 0)
    assert all(abs(share - value * 100 / (sum(values) or 1)) < 1 for share, value in zip(found, values))


@given(st.dictionaries(st.sampled_from(ORDER), st.integers(0, 10**12)))
def test_a_mix_adds_up(values: dict[str, int]) -> None:
    mix = mix_of("w", values)
    assert [part.label for part in mix.parts] == list(ORDER)
    assert sum(part.value for part in mix.parts) == mix.total == sum(values.values())
    assert sum(part.percent for part in mix.parts) == (100 if mix.total else 0)


def test_largest_remainder_by_hand() -> None:
    assert whole_shares((1, 1, 1)) == (34, 33, 33)
    assert whole_shares((335, 335, 330)) == (34, 33, 33)
    assert [plain(text) for text in shares((9999, 1, 0))] == ["100 %", "< 1 %", "0 %"]


def test_token_mix_by_week() -> None:
    mixes = token_mix(report([("2026-11-16", "waste", 5), ("2026-11-09", "delivered", 30), ("2026-11-16", UNLABELLED, 15)], bucket=Bucket.WEEK, by=Dimension.LABEL))
    assert [(mix.bucket, [part.percent for part in mix.parts]) for mix in mixes] == [("2026-11-09", [0, 100, 0, 0]), ("2026-11-16", [0, 0, 25, 75])]


# ------------------------------------------------------------------------------------------------------------ context covered


def test_covered_needs_a_task_and_a_label() -> None:
    """100 delivered with task, 20 delivered without, 30 unlabelled with task, 50 neither: half of 200."""
    by_label = report([("", "delivered", 120), ("", UNLABELLED, 80)], by=Dimension.LABEL)
    without_task = report([("", "delivered", 20), ("", UNLABELLED, 50)], by=Dimension.LABEL)
    found = coverage(by_label, without_task)
    assert (found.covered, found.total, found.percent, found.share) == (100, 200, 50, 0.5)


def test_the_two_questions_of_coverage() -> None:
    query = Query("UTC", FRIDAY, bucket=Bucket.DAY, by=Dimension.MODEL, filter=Filter(projects=("shop",), tasks=("one",)))
    first, second = coverage_queries(query)
    assert (first.bucket, first.by, first.filter, first.first) == (None, Dimension.LABEL, query.filter, FRIDAY)
    assert second.filter == Filter(projects=("shop",), tasks=(UNASSIGNED,))
    only_tasks = Report(first, FRIDAY, FRIDAY, (Row("", "delivered", measures(7)),), measures(7))
    assert coverage(only_tasks, report([("", "delivered", 7)])).covered == 7


@pytest.mark.parametrize(("covered", "total", "expected"), [(0, 0, None), (0, 5, 0), (5, 5, 100), (1, 10**9, 1), (10**9 - 1, 10**9, 99), (2, 3, 67)])
def test_almost_all_is_not_all(covered: int, total: int, expected: int | None) -> None:
    assert Coverage(covered, total).percent == expected


def test_nothing_has_no_share() -> None:
    assert Coverage(0, 0).share is None


# ------------------------------------------------------------------------------------------------------------ limits

NOW = 10_000


def reading(used: float = 40.0, at: int = NOW - 60, resets: int | None = NOW + 600, name: str = "week") -> LimitReading:
    return LimitReading(name, used, at, resets)


def test_a_window_that_runs() -> None:
    state = limit_state(reading(), NOW)
    assert (state.age, state.used_percent, state.void, state.near) == (60, 40.0, False, False)


def test_a_window_that_is_over_is_unknown_and_not_zero() -> None:
    state = limit_state(reading(99.0, resets=NOW), NOW)
    assert (state.used_percent, state.void, state.near) == (None, True, False)
    assert not limit_state(reading(99.0, resets=NOW + 1), NOW).void
    assert not limit_state(reading(99.0, resets=None), NOW + 10**9).void


@pytest.mark.parametrize(("used", "threshold", "near"), [(84.9, 85, False), (85.0, 85, True), (120.0, 85, True), (50.0, 50, True)])
def test_near_the_limit(used: float, threshold: int, near: bool) -> None:
    assert limit_state(reading(used), NOW, threshold).near is near


def test_a_reading_from_the_future_has_no_age() -> None:
    assert limit_state(reading(-3.0, at=NOW + 50), NOW).age == 0
    assert limit_state(reading(-3.0), NOW).used_percent == 0.0


# ------------------------------------------------------------------------------------------------------------ usual range


def test_the_middle_half_of_days_with_use() -> None:
    assert usual([10, 20, 30, 40, 50, 0, 0]) == UsualRange(20, 40, 5)
    assert usual([1, 2, 3, 0]) is None
    assert usual([4, 4, 4, 4]) == UsualRange(4, 4, 4)
    assert usual([0, 10, 20, 30, 41]) == UsualRange(17, 32, 4)


def test_places_in_words() -> None:
    assert [UsualRange(10, 20, 4).place(value) for value in (9, 10, 20, 21)] == ["below", "within", "within", "above"]


@given(st.lists(st.integers(0, 10**12), max_size=40))
def test_a_usual_range_lies_within_what_was(values: list[int]) -> None:
    found = usual(values)
    if found is not None:
        known = [value for value in values if value]
        assert min(known) <= found.low <= found.high <= max(known)


def test_same_weekdays_before() -> None:
    rows = [(str(FRIDAY - timedelta(days=days)), key, days + 1) for days in (0, 1, 7, 14, 21) for key in ("x", "y")]
    assert weekday_values(report(rows, bucket=Bucket.DAY), FRIDAY) == (44, 30, 16)


def test_map_of_weekday_and_hour() -> None:
    rows = [("2026-11-20T09:00+01:00", "a", 5), ("2026-11-20T09:00+01:00", "b", 6), ("2026-11-22T23:00+01:00", "a", 7)]
    monday_first, sunday_first = week_map(report(rows)), week_map(report(rows), 6)
    assert (monday_first[4][9], monday_first[6][23]) == (11, 7)
    assert (sunday_first[5][9], sunday_first[0][23]) == (11, 7)
    assert sum(map(sum, monday_first)) == 18


# ------------------------------------------------------------------------------------------------------------ sentences


def test_todays_line() -> None:
    today = measures(1_240_000, (usd("3.10"), usd("7", MoneyKind.CASH)))
    assert plain(summary.today_line(today, 2)) == "Today 1.24 M tokens · $3.10 at list price · 2 sessions to label"
    assert plain(summary.today_line(measures(842, (usd("0.001"),)), 1)) == "Today 842 tokens · < $0.01 at list price · 1 session to label"
    assert summary.today_line(measures(5, unpriced=3)) == "Today 5 tokens · 3 requests unpriced"
    assert summary.today_line(measures()) == "Nothing today"
    assert summary.today_line(measures(), 4) == "Nothing today · 4 sessions to label"
    assert summary.today_line(measures(0, (usd("1"),))) == "Today 0 tokens · $1.00 at list price"


def test_kinds_of_money_stand_side_by_side() -> None:
    every = (usd("3", MoneyKind.CREDITS), usd("2", MoneyKind.CASH), usd("0", MoneyKind.PLAN_VALUE), usd("1"))
    assert summary.money_parts(every) == ("$1.00 at list price", "$2.00 billed", "$3.00 from credits")
    assert summary.money_parts(every, (MoneyKind.CASH,)) == ("$2.00 billed",)


def test_numbers_for_people() -> None:
    """design 4."""
    assert [plain(short(number)) for number in (842, 9_840, 214_000, 1_240_000, 31_300_000, 1_020_000_000, 999_999)] == [
        "842", "9.84 k", "214 k", "1.24 M", "31.3 M", "1.02 B", "1.00 M",
    ]
    assert [plain(percent(share)) for share in (0, 0.001, 0.784, 0.999, 1)] == ["0 %", "< 1 %", "78 %", "> 99 %", "100 %"]
    assert plain(money(usd("0.004").amount, "USD")) == "< $0.01"
    assert money_line(usd("12").amount, "USD", "cash") == "$12.00 billed"
