"""Accounts, their health, and what is current rather than added up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from tests.store.kit import NOW, api_account, log_account, open_store, put, record
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import UsageError
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading, Origin, Problem
from tokenpal.store import accounts, readings
from tokenpal.store.database import Store
from tokenpal.store.renaming import rename_account
from tokenpal.store.sessions import sessions


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def test_a_log_root_gets_one_account_and_a_removed_one_stays_removed(store: Store) -> None:
    first = log_account(store)
    assert log_account(store) == first
    assert [row.name for row in accounts.accounts(store)] == ["claude-code /home/me/.claude"]
    accounts.remove_account(store, first)
    assert log_account(store) == first
    assert accounts.accounts(store) == []
    assert [row.removed for row in accounts.accounts(store, removed=True)] == [True]


def test_names_are_told_apart(store: Store) -> None:
    first = accounts.ensure_log_account(store, "claude-code", "/a", "Claude Code", "anthropic")
    second = accounts.ensure_log_account(store, "claude-code", "/b", "Claude Code", "anthropic")
    assert [row.name for row in accounts.accounts(store)] == ["Claude Code", "Claude Code (/b)"]
    with pytest.raises(UsageError, match="already"):
        rename_account(store, second, "Claude Code")
    rename_account(store, second, "laptop")
    assert accounts.account(store, "laptop").id == accounts.account(store, second).id == second != first
    for name in ("laptop", " "):
        with pytest.raises(UsageError):
            api_account(store, name)
    with pytest.raises(UsageError, match="no way to count"):
        api_account(store, "x", counts="some")
    with pytest.raises(UsageError, match="no account"):
        accounts.account(store, "nobody")


def test_an_account_added_again_has_its_history(store: Store) -> None:
    account = api_account(store)
    put(store, account, [record(endpoint="usage")])
    accounts.set_options(store, account, {"organisation": "o-1"})
    accounts.remove_account(store, account)
    assert len(sessions(store)) == 1
    again = accounts.add_account(store, "anthropic", "work", "anthropic", secret="anthropic/work")
    assert again == account
    row = accounts.account(store, again)
    assert (row.removed, row.secret, row.state) == (False, "anthropic/work", "new")
    assert accounts.options(store, again) == {}


def test_health_counts_failures_and_keeps_the_last_success(store: Store) -> None:
    account = api_account(store)

    def tell(state: AccountState, **rest: int) -> None:
        accounts.set_health(store, AccountHealth(account, state, "A sentence.", "A step.", **rest))

    tell(AccountState.OK, last_success=NOW)
    tell(AccountState.RATE_LIMITED, next_try=NOW + 60)
    tell(AccountState.OFFLINE)
    row = accounts.account(store, account)
    assert (row.state, row.sentence, row.next_step, row.last_success, row.next_try) == ("offline", "A sentence.", "A step.", NOW, None)
    assert accounts.failures(store, account) == 2
    tell(AccountState.OK, last_success=NOW + 5)
    assert (accounts.failures(store, account), accounts.account(store, account).last_success) == (0, NOW + 5)


def test_the_newest_reading_holds_in_whatever_order_it_comes(tmp_path: Path) -> None:
    told = [
        LimitReading("week", 40.5, NOW - 5, NOW + 60, 10_080), LimitReading("week", 12.0, NOW, origin=Origin.ESTIMATED),
        LimitReading("week", 13.0, NOW, used=Money.of(MoneyKind.CASH, 3), limit=Money.of(MoneyKind.CASH, 10)),
    ]  # fmt: skip
    left = [Balance("credit", Money.of(MoneyKind.CREDITS, amount), at) for amount, at in ((9, NOW - 60), (4, NOW))]
    for number, order in enumerate(permutations(told)):
        with open_store(tmp_path / f"{number}.db") as store:
            account = api_account(store)
            for reading in order:
                put(store, account, [reading])
            for balance in left if number % 2 else reversed(left):
                put(store, account, [balance])
            assert readings.limits(store) == [(account, told[2])]
            assert readings.limits(store, account + 1) == []
            assert readings.balances(store) == [(account, left[1])]


def test_cursors_are_kept_and_replaced(store: Store) -> None:
    account = log_account(store)
    one, two = Cursor("/a", 1, 2**64 - 1, 10, 11, 12, b"h", b"t", b"s"), Cursor("/b")
    readings.save_cursors(store, account, [one, two])
    readings.save_cursors(store, account, [Cursor("/b", offset=9)])
    assert accounts.cursors(store, account) == {"/a": one, "/b": Cursor("/b", offset=9)}


def test_a_problem_met_again_is_one_problem(store: Store) -> None:
    account = log_account(store)
    problem = Problem("/log", "line 3", "It is no JSON.", 2)
    put(store, account, [problem, Problem("/log", "line 3", "It is no JSON.", 1)])
    put(store, account, [problem, Problem("/log", "line 4", "It is no JSON.")])
    assert sorted(each.count for _, each in readings.problems(store)) == [1, 2]
    assert accounts.account(store, account).problems == 2
