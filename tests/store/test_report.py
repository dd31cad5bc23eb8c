"""One question, three tables that can answer it, one answer; and what each grouping means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tests.store.kit import NOW, api_account, log_account, open_store, put, raw_total, record, report_records, rollups
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import Bucket, bucket_date
from tokenpal.model.report import Dimension, Filter, Query, Report
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Origin, UsageRecord
from tokenpal.store import journal, maintenance, tasks
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.sessions import sessions

# Around clock changes: New York 2025-11-02 and 2026-03-08, Lord Howe (half an hour) 2025-10-05 and 2026-04-05.
CHANGES = [datetime(2025, 11, 2, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC), datetime(2025, 10, 5, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC)]
ZONES = ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def figures(answer: Report) -> tuple[object, ...]:
    return answer.first, answer.until, answer.rows, answer.total, answer.left_out_of_hours


instants = st.builds(
    lambda day, seconds: int(day.timestamp()) + seconds, st.sampled_from(CHANGES), st.integers(-2 * 86_400, 2 * 86_400)
)


@settings(max_examples=12)
@given(st.lists(instants, min_size=1, max_size=12), st.lists(report_records, max_size=3), st.sampled_from(list(Bucket)), st.integers(0, 6))
def test_three_tables_give_the_same_answer_in_every_zone(
    times: list[int], reports: list[UsageRecord], bucket: Bucket, week_start: int
) -> None:
    with TemporaryDirectory() as folder:
        answers: dict[str, list[tuple[object, ...]]] = {}
        for kept_in in ZONES:
            with open_store(Path(folder) / f"{kept_in.replace('/', '-')}.db", kept_in) as store:
                put(store, log_account(store), [record(f"m{n}", at=at, tokens=Tokens(n + 1, output=n), model="dear") for n, at in enumerate(times)])
                put(store, api_account(store, provider="openai"), reports)
                for zone in ZONES:
                    # Only the days around the changes: hours of half a year are many.
                    first = datetime.fromtimestamp(min(times), ZoneInfo(zone)).date()
                    query = Query(zone, first, first + timedelta(days=5), bucket, Dimension.MODEL, week_start)
                    answers.setdefault(zone, []).append(figures(report(store, query)))
                    answers.setdefault(zone + " all", []).append(figures(report(store, Query(zone, by=Dimension.PROJECT))))
        for zone, found in answers.items():
            assert all(each == found[0] for each in found), zone


@settings(max_examples=30)
@given(st.lists(instants, min_size=1, max_size=15), st.sampled_from(ZONES), st.sampled_from([Bucket.DAY, Bucket.WEEK, Bucket.MONTH, Bucket.HOUR]))
def test_buckets_are_those_of_the_calendar(times: list[int], name: str, bucket: Bucket) -> None:
    zone = ZoneInfo(name)
    expected: Counter[str] = Counter()
    for number, at in enumerate(times):
        here = datetime.fromtimestamp(at, zone)
        if bucket is Bucket.HOUR:
            slot = datetime.fromtimestamp(at // 900 * 900, zone)
            while (before := datetime.fromtimestamp(slot.timestamp() - 900, zone)).hour == slot.hour and before.utcoffset() == slot.utcoffset():
                slot = before
            expected[slot.isoformat(timespec="minutes")] += number + 1
        else:
            expected[bucket_date(here.date(), bucket).isoformat()] += number + 1
    with TemporaryDirectory() as folder, open_store(Path(folder) / "x.db", name) as store:
        put(store, log_account(store), [record(f"m{n}", at=at, tokens=Tokens(output=n + 1)) for n, at in enumerate(times)])
        first, last = min(times), max(times)
        days = [datetime.fromtimestamp(at, zone).date() for at in (first, last)]
        answer = report(store, Query(name, days[0], days[1] + timedelta(days=1), bucket))
    # A week or month that began before the range is named by its first day all the same.
    assert {row.bucket: row.measures.tokens.total for row in answer.rows} == dict(expected)
    assert answer.total.tokens.total == sum(expected.values())


@given(st.lists(report_records, max_size=8))
def test_report_is_the_sum_of_sessions_and_of_records(items: list[UsageRecord]) -> None:
    with TemporaryDirectory() as folder, open_store(Path(folder) / "x.db") as store:
        put(store, api_account(store), items)
        answer = report(store, Query("UTC"))
        rows = sessions(store, limit=None)
        assert answer.total.tokens.total == raw_total(store) == sum(row.measures.tokens.total for row in rows)
        cash = [money.pico for money in answer.total.money if money.kind is MoneyKind.CASH]
        assert sum(cash) == sum(money.pico for row in rows for money in row.measures.money if money.kind is MoneyKind.CASH)
        assert answer.total.utc_day_tokens == sum(row.measures.utc_day_tokens for row in rows)
        for by in set(Dimension) - {Dimension.TAG}:
            assert sum(row.measures.tokens.total for row in report(store, Query("UTC", by=by)).rows) == answer.total.tokens.total, by
        before = rollups(store)
        maintenance.rebuild(store)
        assert rollups(store) == before


def test_records_of_a_utc_day_keep_their_date_in_every_zone_and_stay_out_of_hours(store: Store) -> None:
    day = NOW // 86_400 * 86_400
    put(store, api_account(store), [record("d", at=day, grain=Grain.DAY, endpoint="usage", tokens=Tokens(output=70), money=(Money.of(MoneyKind.CASH, 2),))])
    put(store, log_account(store), [record("m", at=day, tokens=Tokens(output=3), model="other")])
    for zone in ZONES:
        rows = report(store, Query(zone, bucket=Bucket.DAY)).rows
        of_day = next(row for row in rows if row.bucket == "2025-11-21")
        assert of_day.measures.utc_day_tokens == 70
        assert [str(money.amount) for money in of_day.measures.money if money.kind is MoneyKind.CASH] == ["2"]
    hours = report(store, Query("UTC", date(2025, 11, 21), date(2025, 11, 22), Bucket.HOUR))
    assert [(row.bucket, row.measures.tokens.total) for row in hours.rows] == [("2025-11-21T00:00+00:00", 3)]
    assert (hours.total.tokens.total, hours.left_out_of_hours) == (3, 70)
    assert not [money for money in hours.total.money if money.kind is MoneyKind.CASH], "its hour is not known"


def test_a_change_of_zone_moves_days_and_gives_the_same_bytes_as_starting_there(tmp_path: Path) -> None:
    times = [NOW - number * 3_333 for number in range(60)]
    for zone in ZONES[1:]:
        with open_store(tmp_path / f"{zone[:4]}-a.db") as moved, open_store(tmp_path / f"{zone[:4]}-b.db", zone) as there:
            for each in (moved, there):
                put(each, log_account(each), [record(f"m{n}", at=at) for n, at in enumerate(times)])
            seen: list[tuple[int, int]] = []
            assert maintenance.set_zone(moved, zone, lambda done, whole, seen=seen: seen.append((done, whole)))  # type: ignore[misc]  # bound early
            assert seen[-1][0] == seen[-1][1]
            assert rollups(moved) == rollups(there)
            assert not maintenance.set_zone(moved, zone)
            put(moved, log_account(moved), [record("late", at=NOW - 7)])
            put(there, log_account(there), [record("late", at=NOW - 7)])
            assert rollups(moved) == rollups(there)


# ---------------------------------------------------------------------------------------------- groups and filters


@pytest.fixture
def full(store: Store) -> Store:
    claude, codex = log_account(store), log_account(store, "/home/me/.codex", "openai", "codex")
    pay, docs = tasks.add_task(store, "pay", tags=["billing", "q4"]), tasks.add_task(store, "docs")
    put(store, claude, [record("m1", session="claude-code:1", folder="/p", branch="main", tokens=Tokens(100)), record("m2", session="claude-code:2", folder="/q", tokens=Tokens(output=20), model="dear")])
    put(store, codex, [record("m3", session="codex:3", tokens=Tokens(cache_read=3), model="", origin=Origin.ESTIMATED)])
    from tests.store.kit import attribute

    journal.assign(store, ["claude-code:1"], pay.id, attribute)
    journal.assign(store, ["claude-code:2"], docs.id, attribute)
    journal.annotate(store, ["claude-code:1"], label="delivered", tags=["q4", "own"])
    journal.annotate(store, ["codex:3"], label="waste", tags=["own"])
    return store


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (Dimension.TASK, {"pay": 100, "docs": 20, "unassigned": 3}),
        (Dimension.TAG, {"billing": 100, "q4": 100, "own": 103, "untagged": 20}),
        (Dimension.LABEL, {"delivered": 100, "not labelled": 20, "waste": 3}),
        (Dimension.PROJECT, {"/p": 100, "/q": 20, "no project": 3}),
        (Dimension.BRANCH, {"main": 100, "no branch": 23}),
        (Dimension.AGENT, {"claude-code": 120, "codex": 3}),
        (Dimension.ACCOUNT, {"claude-code /home/me/.claude": 120, "codex /home/me/.codex": 3}),
        (Dimension.MODEL, {"cheap": 100, "dear": 20, "unknown": 3}),
        (Dimension.CLASS, {"fresh_input": 100, "output": 20, "cache_read": 3}),
    ],
)
def test_groups(full: Store, by: Dimension, expected: dict[str, int]) -> None:
    answer = report(full, Query("UTC", by=by))
    assert {row.key: row.measures.tokens.total for row in answer.rows} == expected
    assert [row.measures.tokens.total for row in answer.rows] == sorted(expected.values(), reverse=True)
    assert answer.total.tokens.total == 123, "tags overlap, the total does not"
    assert answer.total.estimated


@pytest.mark.parametrize(
    ("filter_", "expected", "listed"),
    [
        (Filter(tasks=("pay",)), 100, 1),
        (Filter(tasks=("unassigned", "docs")), 23, 2),
        (Filter(tags=("own",)), 103, 2),
        (Filter(tags=("billing", "untagged")), 120, 2),
        (Filter(labels=("waste", "not labelled")), 23, 2),
        (Filter(labels=("delivered",)), 100, 1),
        (Filter(projects=("/p", "no project")), 103, 2),
        (Filter(branches=("no branch",)), 23, 2),
        (Filter(agents=("codex",)), 3, 1),
        (Filter(accounts=("codex /home/me/.codex",)), 3, 1),
        (Filter(models=("unknown", "dear")), 23, 2),
        (Filter(models=("dear",), agents=("codex",)), 0, 0),
        (Filter(tasks=("nothing of the kind",)), 0, 0),
    ],
)
def test_filters_mean_the_same_for_reports_and_lists(full: Store, filter_: Filter, expected: int, listed: int) -> None:
    for by in (None, *Dimension):
        assert report(full, Query("UTC", by=by, filter=filter_)).total.tokens.total == expected
    assert len(sessions(full, filter_)) == listed


def test_requests_that_a_source_cannot_count_are_unknown(store: Store) -> None:
    put(store, log_account(store), [record("m1", model="cheap"), record("m2", model="dear", requests=None)])
    rows = {row.key: row.measures.requests for row in report(store, Query("UTC", by=Dimension.MODEL)).rows}
    assert rows == {"cheap": 1, "dear": None}


def test_an_empty_ledger_answers(store: Store) -> None:
    for bucket in (None, *Bucket):
        for by in (None, *Dimension):
            answer = report(store, Query("Europe/Berlin", bucket=bucket, by=by))
            assert answer.rows == ()
            assert answer.total.tokens == Tokens()
            assert answer.until - answer.first == timedelta(days=1)


def test_what_is_answered_is_the_range_asked_for(store: Store) -> None:
    put(store, log_account(store), [record("m1", at=NOW - 10 * 86_400), record("m2", at=NOW)])
    query = Query("UTC", date(2025, 11, 20), date(2025, 11, 22))
    assert report(store, query).total.requests == 1
    assert report(store, msgspec.structs.replace(query, until=date(2025, 11, 21))).total.requests == 0
    whole = report(store, Query("UTC"))
    assert (whole.first, whole.until, whole.total.requests) == (date(2025, 11, 11), date(2025, 11, 22), 2)
