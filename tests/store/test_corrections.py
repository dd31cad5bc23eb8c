"""What a provider says otherwise of a day that it had told before is noted; the growth of an open day never is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.kit import NOW, api_account, log_account, open_store, put, record
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import number_day
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, UsageRecord, Window
from tokenpal.store import accounts
from tokenpal.store.corrections import corrections, latest
from tokenpal.store.database import Store

DAY = 86_400
MIDNIGHT = NOW // DAY * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def told(at: int, *counts: int, grain: Grain = Grain.HOUR, dollars: str = "", model: str = "cheap", key: str = "") -> UsageRecord:
    money = (Money.of(MoneyKind.CASH, dollars),) if dollars else ()
    return record(f"{key}{model}{at}", at=at, tokens=Tokens(*counts), grain=grain, endpoint="usage", session="anthropic:1:k", model=model, money=money)


def read(store: Store, account: int, now: int, *records: UsageRecord, start: int = MIDNIGHT, end: int = MIDNIGHT + DAY) -> None:
    store.now = lambda: now
    items: list[Item] = [Window("usage", start, end), *records]
    put(store, account, items)


def test_a_day_that_was_told_and_changes_is_a_correction(store: Store) -> None:
    account = api_account(store)
    read(store, account, MIDNIGHT + DAY + 7 * 3600, told(MIDNIGHT, 100, dollars="2"), told(MIDNIGHT + 3600, 50, 0, 0, 0, 0, 9), told(MIDNIGHT, 7, model="dear"))
    assert corrections(store) == []
    read(store, account, MIDNIGHT + 2 * DAY, told(MIDNIGHT, 130, dollars="2.50"), told(MIDNIGHT + 3600, 50, 0, 0, 0, 0, 9), told(MIDNIGHT, 7, model="dear"))
    (one,) = corrections(store)
    assert (one.account, one.endpoint, one.day, one.noted_at, one.model) == (account, "usage", number_day(MIDNIGHT // DAY), MIDNIGHT + 2 * DAY, "cheap")
    assert (one.before, one.after) == (Tokens(150, output=9), Tokens(180, output=9))
    assert (one.money_before, one.money_after) == ((Money.of(MoneyKind.CASH, 2),), (Money.of(MoneyKind.CASH, "2.5"),))
    read(store, account, MIDNIGHT + 3 * DAY, told(MIDNIGHT, 180, 0, 0, 0, 0, 9, grain=Grain.DAY, dollars="2.5", key="d"), told(MIDNIGHT, 7, model="dear"))
    assert corrections(store) == [one], "the same figures by the day are no correction"
    read(store, account, MIDNIGHT + 4 * DAY, told(MIDNIGHT, 180, 0, 0, 0, 0, 9, grain=Grain.DAY, dollars="2.5", key="d"))
    assert [(each.model, each.before.total, each.after.total) for each in latest(store, account)] == [("dear", 7, 0), ("cheap", 159, 189)]
    day = number_day(MIDNIGHT // DAY)
    assert len(corrections(store, day)) == len(corrections(store, None, number_day(MIDNIGHT // DAY + 1))) == 2
    assert corrections(store, number_day(MIDNIGHT // DAY + 1)) == corrections(store, None, day) == corrections(store, account=account + 1) == []


def test_growth_of_an_open_day_and_late_growth_are_none(store: Store) -> None:
    account = api_account(store)
    for hour, count in ((3, 10), (12, 40), (23, 90)):
        read(store, account, MIDNIGHT + hour * 3600, told(MIDNIGHT, count))
    read(store, account, MIDNIGHT + 10 * 3600, told(MIDNIGHT, 5))  # open: even less is none
    read(store, account, MIDNIGHT + DAY + 60, told(MIDNIGHT, 95))
    read(store, account, MIDNIGHT + DAY + 3600, told(MIDNIGHT, 99))
    assert corrections(store) == []
    read(store, account, MIDNIGHT + DAY + 7200, told(MIDNIGHT, 80))
    assert [(each.before.total, each.after.total) for each in corrections(store)] == [(99, 80)], "less than was told is a correction at once"


def test_only_days_that_a_window_held_whole_were_told(store: Store) -> None:
    account = api_account(store)
    read(store, account, MIDNIGHT + 2 * DAY, told(MIDNIGHT, 10), start=MIDNIGHT - 3600, end=MIDNIGHT + 7200)
    read(store, account, MIDNIGHT + 3 * DAY, told(MIDNIGHT, 20), told(MIDNIGHT + 7200, 5))
    assert corrections(store) == []
    read(store, account, MIDNIGHT + 4 * DAY, told(MIDNIGHT, 20), start=MIDNIGHT - 5 * DAY, end=MIDNIGHT + 3 * DAY)
    assert [each.after.total for each in corrections(store)] == [20]


def test_a_day_that_had_nothing_and_gets_something_is_one(store: Store) -> None:
    account = api_account(store)
    read(store, account, MIDNIGHT + 2 * DAY)
    read(store, account, MIDNIGHT + 3 * DAY, told(MIDNIGHT, 20))
    assert [(each.before.total, each.after.total) for each in corrections(store)] == [(0, 20)]


def test_other_answers_are_no_corrections_and_logs_have_none(store: Store) -> None:
    account = api_account(store)
    read(store, account, MIDNIGHT + 2 * DAY, told(MIDNIGHT, 20))
    accounts.set_options(store, account, {"identity": "org"})
    accounts.set_options(store, account, {"identity": "org"})
    assert store.execute("SELECT COUNT(*) FROM complete").fetchone()[0] == 1
    accounts.set_options(store, account, {"identity": "another org"})
    assert store.execute("SELECT COUNT(*) FROM complete").fetchone()[0] == 0, "another key, another organisation"
    read(store, account, MIDNIGHT + 2 * DAY, told(MIDNIGHT, 20))
    accounts.set_options(store, account, {"identity": "org"})
    read(store, account, MIDNIGHT + 2 * DAY, told(MIDNIGHT, 20))
    accounts.set_options(store, account, {"identity": "org", "given": {"mine": "yes"}})
    read(store, account, MIDNIGHT + 3 * DAY, told(MIDNIGHT, 8))
    assert corrections(store) == []
    read(store, account, MIDNIGHT + 4 * DAY, told(MIDNIGHT, 7))
    put(store, log_account(store), [record(tokens=Tokens(5))])
    put(store, log_account(store), [record(tokens=Tokens(9))])
    assert [each.after.total for each in corrections(store)] == [7]
    accounts.remove_account(store, account)
    assert len(corrections(store)) == 1, "history stays"
    accounts.remove_account(store, account, keep_history=False)
    assert corrections(store) == []
