"""What counts of an account is the person's word: it changes sums at once, and undo gives the old sums back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.kit import NOW, api_account, log_account, open_store, price, put, raw_total, record, rollups
from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Origin
from tokenpal.store import accounts, counting, edits
from tokenpal.store.database import Store

DAY = NOW // 86_400 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db") as made:
        put(made, log_account(made), [record(at=DAY + 60, tokens=Tokens(60))])
        put(made, api_account(made), [record("r", session="anthropic:2:k:x", at=DAY, grain=Grain.DAY, origin=Origin.REPORTED, endpoint="usage", tokens=Tokens(100, 0, 0, 0, 0, 10))])
        yield made


def work(store: Store) -> int:
    return accounts.account(store, "work").id


def test_sums_follow_and_undo_and_redo_give_them_back(store: Store) -> None:
    before = rollups(store)
    assert raw_total(store) == 110
    counting.set_counts(store, work(store), "all", None, "Count everything", lambda: price)
    assert raw_total(store) == 170
    counting.set_counts(store, work(store), "none", None, "Count nothing", lambda: price)
    assert raw_total(store) == 60
    assert [title for _, title, _ in edits.history(store)] == ["Count nothing", "Count everything"]
    assert edits.undo(store, None, lambda: price) == "Count nothing"
    assert (raw_total(store), accounts.account(store, "work").counts) == (170, "all")
    assert edits.undo(store, None, lambda: price) == "Count everything"
    assert rollups(store) == before, "with the prices of the rest"
    assert edits.redo(store, None, lambda: price) == "Count everything"
    assert raw_total(store) == 170


def test_what_changes_nothing_is_no_edit(store: Store) -> None:
    counting.set_counts(store, work(store), "remainder", None, "Count the rest", lambda: price)
    assert edits.history(store) == []


def test_undo_after_the_account_was_forgotten_leaves_the_rest(store: Store) -> None:
    other = api_account(store, "other")
    counting.set_counts(store, other, "none", None, "Count nothing", lambda: price)
    store.execute("DELETE FROM account WHERE id = ?", (other,))
    assert edits.undo(store, None, lambda: price) == "Count nothing"
    assert raw_total(store) == 110


def test_impossible_rules_are_refused(store: Store) -> None:
    first, second, log = work(store), api_account(store, "gateway"), log_account(store)
    counting.set_counts(store, second, "remainder", first, "Mirror", lambda: price)
    for account, counts, mirror in ((first, "some", None), (first, "all", first), (first, "all", log), (first, "all", 99), (first, "all", second), (log, "none", None), (99, "all", None)):
        with pytest.raises(UsageError) as caught:
            counting.set_counts(store, account, counts, mirror, "x", lambda: price)
        assert caught.value.next_step
    assert accounts.account(store, "work").mirror_of is None
