"""Charts add up to their report, in whatever grouping, bucket and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight.axis import axis
from tokenpal.insight.series import COLORS, ELSE, Chart, Measure, Part, chart, color_slots, currencies, table, value
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import Bucket, day_start, next_bucket
from tokenpal.model.report import Dimension, Measures, Query, Report, Row
from tokenpal.model.session import Label
from tokenpal.model.tokens import CLASSES, NO_TOKENS, Tokens

MONDAY = date(2026, 11, 16)


def dollars(amount: str, kind: MoneyKind = MoneyKind.LIST_PRICE, currency: str = "USD") -> Money:
    return Money.of(kind, Decimal(amount), currency)


def measures(tokens: int, requests: int | None = 1, utc_day: int = 0, money: tuple[Money, ...] = (), unpriced: int = 0) -> Measures:
    return Measures(Tokens(output=tokens), requests, unpriced, money, utc_day)


def total(rows: list[Row]) -> Measures:
    tokens, requests, hatched, unpriced = NO_TOKENS, 0, 0, 0
    counted, money = True, dict[tuple[MoneyKind, str], Money]()
    for row in rows:
        tokens += row.measures.tokens
        hatched += row.measures.utc_day_tokens
        unpriced += row.measures.unpriced_requests
        counted &= row.measures.requests is not None
        requests += row.measures.requests or 0
        for one in row.measures.money:
            money[one.kind, one.currency] = money[one.kind, one.currency] + one if (one.kind, one.currency) in money else one
    return Measures(tokens, requests if counted else None, unpriced, tuple(money[key] for key in sorted(money)), hatched)


def report(
    rows: list[Row], bucket: Bucket | None = Bucket.DAY, by: Dimension | None = Dimension.PROJECT, days: int = 3, zone: str = "UTC", left_out: int = 0
) -> Report:
    return Report(Query(zone, bucket=bucket, by=by), MONDAY, MONDAY + timedelta(days=days), tuple(rows), total(rows), left_out)


def day(number: int) -> str:
    return (MONDAY + timedelta(days=number)).isoformat()


def names(found: Chart) -> list[str]:
    return [one.key for one in found.series]


# ------------------------------------------------------------------------------------------------------------ axis


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [("America/New_York", date(2026, 3, 8), 23), ("America/New_York", date(2026, 11, 1), 25), ("Asia/Kathmandu", date(2026, 3, 8), 24),
     ("America/Santiago", date(2026, 9, 6), 23), ("Australia/Lord_Howe", date(2026, 10, 4), 24), ("Australia/Lord_Howe", date(2026, 4, 5), 25)],
)  # fmt: skip
def test_hours_of_long_and_short_days(zone: str, on: date, hours: int) -> None:
    slots = axis(on, on + timedelta(days=1), Bucket.HOUR, ZoneInfo(zone))
    assert len(slots) == len({slot.key for slot in slots}) == hours
    assert (slots[0].start, slots[-1].end) == (day_start(on, ZoneInfo(zone)), day_start(on + timedelta(days=1), ZoneInfo(zone)))


def test_the_two_equal_hours_have_two_keys() -> None:
    keys = [slot.key[11:] for slot in axis(date(2026, 11, 1), date(2026, 11, 2), Bucket.HOUR, ZoneInfo("America/New_York"))]
    assert keys[:4] == ["00:00-04:00", "01:00-04:00", "01:00-05:00", "02:00-05:00"]


def test_half_an_hour_lost_and_won() -> None:
    """Lord Howe Island changes by 30 minutes: the hour it happens in has two offsets or is short."""
    zone = ZoneInfo("Australia/Lord_Howe")
    spring = [(slot.key[11:], slot.end - slot.start) for slot in axis(date(2026, 10, 4), date(2026, 10, 5), Bucket.HOUR, zone)[1:4]]
    autumn = [(slot.key[11:], slot.end - slot.start) for slot in axis(date(2026, 4, 5), date(2026, 4, 6), Bucket.HOUR, zone)[1:4]]
    assert spring == [("01:00+10:30", 3600), ("02:30+11:00", 1800), ("03:00+11:00", 3600)]
    assert autumn == [("01:00+11:00", 3600), ("01:30+10:30", 1800), ("02:00+10:30", 3600)]


def test_a_change_one_minute_past_midnight() -> None:
    keys = [(slot.key[11:], slot.end - slot.start) for slot in axis(date(2011, 3, 13), date(2011, 3, 14), Bucket.HOUR, ZoneInfo("America/St_Johns"))]
    assert keys[:3] == [("00:00-03:30", 60), ("01:01-02:30", 3540), ("02:00-02:30", 3600)]


def test_a_day_that_never_was_has_no_slot_unless_something_is_booked_on_it() -> None:
    zone = ZoneInfo("Pacific/Apia")
    range_ = (date(2011, 12, 29), date(2012, 1, 1), Bucket.DAY, zone)
    assert [slot.key for slot in axis(*range_)] == ["2011-12-29", "2011-12-31"]
    assert [slot.key for slot in axis(*range_, used=["2011-12-30"])] == ["2011-12-29", "2011-12-30", "2011-12-31"]
    assert axis(date(2011, 12, 30), date(2011, 12, 31), Bucket.HOUR, zone) == ()


def test_weeks_and_months_are_cut_to_the_range() -> None:
    slots = axis(date(2026, 11, 18), date(2026, 12, 2), Bucket.WEEK, ZoneInfo("UTC"))
    assert [slot.key for slot in slots] == ["2026-11-16", "2026-11-23", "2026-11-30"]
    assert slots[0].start == day_start(date(2026, 11, 18), ZoneInfo("UTC"))
    assert slots[-1].end == day_start(date(2026, 12, 2), ZoneInfo("UTC"))
    assert [slot.key for slot in axis(date(2026, 11, 18), date(2026, 11, 19), Bucket.WEEK, ZoneInfo("UTC"), 6)] == ["2026-11-15"]
    assert [slot.key for slot in axis(date(2025, 12, 31), date(2026, 2, 2), Bucket.MONTH, ZoneInfo("UTC"))] == ["2025-12-01", "2026-01-01", "2026-02-01"]


def test_an_empty_range_has_no_axis() -> None:
    assert axis(MONDAY, MONDAY, Bucket.DAY, ZoneInfo("UTC")) == ()


@given(
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Pacific/Chatham"]),
    st.dates(date(2023, 1, 1), date(2027, 1, 1)), st.integers(1, 70), st.sampled_from(list(Bucket)), st.integers(0, 6),
)  # fmt: skip
def test_slots_follow_one_another_without_gap(name: str, first: date, days: int, bucket: Bucket, week_start: int) -> None:
    zone, until = ZoneInfo(name), first + timedelta(days=days)
    slots = axis(first, until, bucket, zone, week_start)
    assert (slots[0].start, slots[-1].end) == (day_start(first, zone), day_start(until, zone))
    assert all(before.end == after.start for before, after in pairwise(slots))
    assert len({slot.key for slot in slots}) == len(slots)


# ------------------------------------------------------------------------------------------------------------ charts


def test_empty_days_are_there_with_nothing() -> None:
    found = chart(report([Row(day(0), "a", measures(5)), Row(day(2), "a", measures(7))]))
    assert [slot.key for slot in found.slots] == [day(0), day(1), day(2)]
    assert found.series[0].values == (5, 0, 7)
    assert (found.totals, found.total) == ((5, 0, 7), 12)


def test_a_report_without_use() -> None:
    found = chart(report([]))
    assert (found.series, found.totals, found.total) == ((), (0, 0, 0), 0)


def test_top_then_everything_else_then_none_on_top() -> None:
    rows = [Row(day(0), f"p{number}", measures(100 - number)) for number in range(12)] + [Row(day(0), "no project", measures(1000))]
    found = chart(report(rows))
    assert names(found) == [*(f"p{number}" for number in range(8)), ELSE, "no project"]
    assert [one.part for one in found.series[-2:]] == [Part.ELSE, Part.NONE]
    assert found.series[-2].keys == ("p8", "p9", "p10", "p11")
    assert found.series[-2].total == 92 + 91 + 90 + 89
    assert names(chart(report(rows), top=2)) == ["p0", "p1", ELSE, "no project"]
    assert len(chart(report(rows), top=50).series) == COLORS + 2
    assert len(chart(report(rows), top=0).series) == 3


def test_every_shown_series_has_a_colour_of_its_own() -> None:
    found = chart(report([Row(day(0), f"p{number}", measures(10)) for number in range(20)]))
    assert sorted(one.color for one in found.series if one.part is Part.KEY) == list(range(COLORS))
    assert found.series[-1].color == -1


def test_colours_stay_when_the_rank_changes() -> None:
    keys = ["shop", "blog", "tools"]
    first = chart(report([Row(day(0), key, measures(10 + place)) for place, key in enumerate(keys)]))
    second = chart(report([Row(day(0), key, measures(30 - place)) for place, key in enumerate(keys)]))
    assert {one.key: one.color for one in first.series} == {one.key: one.color for one in second.series}
    assert names(first) != names(second)


def test_tasks_keep_their_stored_colour_even_when_two_share_it() -> None:
    rows = [Row(day(0), "one", measures(3)), Row(day(0), "two", measures(2)), Row(day(0), "free", measures(1))]
    found = chart(report(rows, by=Dimension.TASK), colors={"one": 3, "two": 11, "gone": 5})
    by_name = {one.key: one.color for one in found.series}
    assert (by_name["one"], by_name["two"]) == (3, 3)
    assert by_name["free"] != 3


def test_more_names_than_colours() -> None:
    slots = color_slots([f"n{number}" for number in range(10)], {})
    assert set(slots.values()) == set(range(COLORS))


def test_labels_and_classes_have_an_order_of_their_own() -> None:
    labels = chart(report([Row(day(0), key, measures(size)) for key, size in (("waste", 9), ("not labelled", 99), ("delivered", 5), ("exploration", 1))], by=Dimension.LABEL))
    assert names(labels) == [*Label, "not labelled"]
    assert {one.color for one in labels.series} == {-1}
    classes = chart(report([Row(day(0), key, measures(place)) for place, key in enumerate(reversed(CLASSES), 1)], by=Dimension.CLASS))
    assert names(classes) == list(CLASSES)
    assert [one.color for one in classes.series] == [0, 1, 2, 3, 4, 5]


def test_without_a_dimension_there_is_one_series() -> None:
    found = chart(report([Row(day(0), "", measures(5))], by=None))
    assert [(one.key, one.part, one.total) for one in found.series] == [("", Part.KEY, 5)]


def test_tags_overlap_and_the_total_does_not() -> None:
    rows = [Row(day(0), "red", measures(5)), Row(day(0), "blue", measures(5))]
    both = Report(Query("UTC", bucket=Bucket.DAY, by=Dimension.TAG), MONDAY, MONDAY + timedelta(days=1), tuple(rows), measures(5))
    found = chart(both)
    assert (found.overlapping, found.totals, found.total) == (True, (10,), 5)


def test_utc_days_are_hatched() -> None:
    price = (dollars("10"),)
    rows = [Row(day(0), "a", measures(100, 4, utc_day=25, money=price)), Row(day(1), "a", measures(50, money=price))]
    assert chart(report(rows)).series[0].hatched == (25, 0, 0)
    assert chart(report(rows), Measure.LIST_PRICE).series[0].hatched == (dollars("2.5").pico, 0, 0)
    assert chart(report(rows), Measure.REQUESTS).series[0].hatched == (1, 0, 0)


def test_requests_that_cannot_be_told_are_a_gap() -> None:
    found = chart(report([Row(day(0), "a", measures(1, None)), Row(day(1), "a", measures(1, 4))]), Measure.REQUESTS)
    assert (found.series[0].values, found.series[0].unknown) == ((0, 4, 0), (True, False, False))
    assert (found.total, found.total_unknown) == (4, True)


def test_everything_else_keeps_gaps_and_hatches() -> None:
    rows = [Row(day(0), "big", measures(100, 100)), Row(day(0), "a", measures(4, None, 4)), Row(day(1), "b", measures(3, 2, 3))]
    assert chart(report(rows), top=1).series[1].hatched == (4, 3, 0)
    other = chart(report(rows), Measure.REQUESTS, top=1).series[1]
    assert (other.values, other.unknown) == ((0, 2, 0), (True, False, False))


def test_billed_money_shows_one_currency_at_a_time() -> None:
    rows = [
        Row(day(0), "a", measures(1, money=(dollars("5", MoneyKind.CASH, "EUR"), dollars("2", MoneyKind.CASH), dollars("9")))),
        Row(day(1), "a", measures(1, money=(dollars("1", MoneyKind.CREDITS),))),
    ]
    some = report(rows)
    assert currencies(some) == ("EUR", "USD")
    found = chart(some, Measure.BILLED)
    assert (found.currency, found.series[0].values) == ("EUR", (dollars("5").pico, 0, 0))
    assert chart(some, Measure.BILLED, currency="USD").total == dollars("2").pico
    assert chart(some, Measure.LIST_PRICE).total == dollars("9").pico
    assert chart(report([]), Measure.BILLED).currency == "USD"
    assert chart(some).currency == ""


def test_hours_say_what_was_left_out() -> None:
    rows = [Row(f"{day(0)}T13:00+00:00", "a", measures(5))]
    found = chart(report(rows, Bucket.HOUR, days=1, left_out=77))
    assert (found.totals[13], sum(found.totals), found.left_out_of_hours) == (5, 5, 77)
    assert chart(report([], left_out=77)).left_out_of_hours == 0


def test_an_hour_of_another_name_goes_where_its_time_lies() -> None:
    rows = [Row(f"{day(0)}T05:17+00:00", "a", measures(5)), Row("2026-11-01T00:00+00:00", "a", measures(1))]
    assert chart(report(rows, Bucket.HOUR, days=1)).totals[:6] == (1, 0, 0, 0, 0, 5)


def test_unpriced_requests_are_told() -> None:
    assert chart(report([Row(day(0), "a", measures(1, unpriced=3))]), Measure.LIST_PRICE).unpriced_requests == 3


def test_a_chart_needs_a_time_axis() -> None:
    with pytest.raises(ValueError, match="time bucket"):
        chart(report([], bucket=None))


# ------------------------------------------------------------------------------------------------------------ sums

rows_strategy = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([*"abcdefghijklm", "no project"]), st.integers(0, 10**12), st.integers(0, 50), st.booleans()),
    max_size=60, unique_by=lambda row: row[:2],
)  # fmt: skip


@given(rows_strategy, st.sampled_from(list(Measure)), st.integers(1, 8), st.sampled_from([Bucket.DAY, Bucket.WEEK, Bucket.MONTH]))
def test_no_figure_is_lost_or_made(raw: list[tuple[int, str, int, int, bool]], measure: Measure, top: int, bucket: Bucket) -> None:
    """Sum of the series = sum of the slots = sum of the rows = total = the table's foot."""
    merged: dict[tuple[str, str], list[Row]] = {}
    for number, key, tokens, requests, utc in raw:
        money = (Money(MoneyKind.CASH, "USD", tokens // 3), Money(MoneyKind.LIST_PRICE, "USD", tokens // 7))
        name = (MONDAY + timedelta(days=number)).isoformat()
        if bucket is not Bucket.DAY:
            name = axis(date.fromisoformat(name), date.fromisoformat(name) + timedelta(days=1), bucket, ZoneInfo("UTC"))[0].key
        merged.setdefault((name, key), []).append(Row(name, key, measures(tokens, requests, tokens if utc else 0, money)))
    rows = [Row(name, key, total(parts)) for (name, key), parts in merged.items()]
    found = chart(report(rows, bucket, days=41), measure, top=top)
    expected = sum(value(row.measures, measure) or 0 for row in rows)
    assert found.total == sum(found.totals) == sum(one.total for one in found.series) == expected
    assert all(sum(one.values) == one.total for one in found.series)
    assert all(0 <= part <= whole for one in found.series for part, whole in zip(one.hatched, one.values))
    shown = table(found)
    assert [row[2] for row in shown.rows] == list(found.totals)
    assert all(sum(values) == whole for _, values, whole in shown.rows)
    assert shown.foot == (tuple(one.total for one in found.series), expected)
    assert shown.columns == tuple(names(found))
    assert sorted(key for one in found.series for key in one.keys) == sorted({row.key for row in rows})


def test_slots_select_what_they_say() -> None:
    """A click on a bar asks for [start, end): the same seconds as the bucket."""
    slot = chart(report([], Bucket.WEEK, days=7)).slots[0]
    assert datetime.fromtimestamp(slot.start, UTC).date() == MONDAY
    assert datetime.fromtimestamp(slot.end, UTC).date() == next_bucket(MONDAY, Bucket.WEEK)
