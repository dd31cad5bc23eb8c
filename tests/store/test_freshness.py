"""How new the newest figure of each source is, whatever kind of source it is; and what was left out, counted by reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.kit import NOW, api_account, log_account, open_store, put, record
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, LimitReading, Origin, Problem, Superseded, UsageRecord, stable_key
from tokenpal.store import freshness
from tokenpal.store.database import Store

TODAY = NOW // 86_400 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db") as made:
        yield made


def told(at: int, grain: Grain, key: str = "") -> UsageRecord:
    return record(f"told {key}{at}", session=f"x:{at}", at=at, grain=grain, origin=Origin.REPORTED, endpoint="usage", tokens=Tokens(5))


def test_logs_are_as_new_as_their_last_request_that_counts(store: Store) -> None:
    log = log_account(store)
    assert freshness.newest(store) == {}
    put(store, log, [record("a", at=NOW - 500), record("b", at=NOW - 90, session="claude-code:s2")])
    assert freshness.newest(store) == {log: (NOW - 90, False)}
    put(store, log, [Superseded(stable_key("b"))])
    assert freshness.newest(store) == {log: (NOW - 500, False)}, "a copy is no figure"


def test_reports_are_as_new_as_their_last_bucket_but_not_newer_than_now(store: Store) -> None:
    days, hours, running = api_account(store, "days"), api_account(store, "hours"), api_account(store, "running")
    put(store, days, [told(TODAY - 86_400, Grain.DAY), told(TODAY - 5 * 86_400, Grain.DAY)])
    put(store, hours, [told(TODAY, Grain.HOUR)])
    put(store, running, [told(TODAY, Grain.DAY, "r")])
    assert freshness.newest(store) == {days: (TODAY, True), hours: (TODAY + 3600, False), running: (NOW, True)}


def test_limits_and_balances_are_figures_too(store: Store) -> None:
    work, log = api_account(store), log_account(store)
    put(store, work, [Balance("credits", Money.of(MoneyKind.CREDITS, 3), NOW - 60)])
    put(store, log, [LimitReading("5 hours", 5.0, NOW - 70, NOW, 300)])
    assert freshness.newest(store) == {work: (NOW - 60, False), log: (NOW - 70, False)}


def test_what_was_left_out_is_counted_by_reason(store: Store) -> None:
    log = log_account(store)
    put(store, log, [Problem(f"/a/{number}", "line 1", "not JSON") for number in range(3)] + [Problem("/b", "line 2", "too long")])
    assert freshness.left_out(store) == {log: [("not JSON", 3), ("too long", 1)]}
