"""Sums kept by month and group give what the days give, whatever was edited between two questions and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.store.kit import NOW, api_account, attribute, log_account, open_store, put, record
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Query, Report
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Superseded, stable_key
from tokenpal.store import accounts, edits, journal, maintenance, months, tasks
from tokenpal.store.database import Store
from tokenpal.store.report import report

MONTH = 30 * 86_400
TASKS = ["pay", "docs"]
SESSIONS = [f"claude-code:{number}" for number in range(6)]
sessions = st.sampled_from(SESSIONS)


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "WORTH", 0)


def by_days(store: Store, query: Query) -> Report:
    worth, months.WORTH = months.WORTH, 10**9  # type: ignore[misc]  # the one way to switch it off
    try:
        return report(store, query)
    finally:
        months.WORTH = worth  # type: ignore[misc]  # as above


class Edits(RuleBasedStateMachine):
    """Random edits between questions."""

    @initialize()
    def start(self) -> None:
        months.WORTH = 0  # type: ignore[misc]  # hypothesis builds the machine outside the fixture
        self.folder = TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "x.db")
        self.other = open_store(Path(self.folder.name) / "x.db")
        self.account, self.second = log_account(self.store, "/b"), log_account(self.store, "/a")
        self.tasks = [tasks.add_task(self.store, name).id for name in TASKS]
        self.store.execute("DELETE FROM edit")  # undo must not take the tasks away
        self.number = 0
        for number, session in enumerate(SESSIONS):
            put(self.store, self.second, [record(f"start{number}", session=session, at=NOW - number * MONTH, folder=f"/p{number % 2}")])

    def teardown(self) -> None:
        self.store.close()
        self.other.close()
        self.folder.cleanup()

    @rule(session=sessions, ago=st.integers(0, 400), model=st.sampled_from(["cheap", "dear"]), first=st.booleans())
    def use(self, session: str, ago: int, model: str, first: bool) -> None:
        self.number += 1
        put(self.store, self.account if first else self.second, [record(f"m{self.number}", session=session, at=NOW - ago * 86_400, model=model, branch=model)])

    @rule(number=st.integers(0, 9))
    def supersede(self, number: int) -> None:
        put(self.store, self.account, [Superseded(stable_key(f"m{number}"))])

    @rule(session=sessions, label=st.sampled_from(["delivered", "waste", None]), foreign=st.booleans())
    def label(self, session: str, label: str | None, foreign: bool) -> None:
        journal.annotate(self.other if foreign else self.store, [session], label=label)

    @rule(session=sessions, tags=st.sets(st.sampled_from(["a", "b"])))
    def tag(self, session: str, tags: set[str]) -> None:
        journal.annotate(self.store, [session], tags=tags)

    @rule(session=sessions, task=st.integers(0, 1), foreign=st.booleans())
    def assign(self, session: str, task: int, foreign: bool) -> None:
        journal.assign(self.other if foreign else self.store, [session], self.tasks[task], attribute)

    @rule(task=st.integers(0, 1), tags=st.sets(st.sampled_from(["a", "c"])))
    def tag_task(self, task: int, tags: set[str]) -> None:
        tasks.edit_task(self.store, self.tasks[task], tags=tags)

    @rule()
    def undo(self) -> None:
        edits.undo(self.store, attribute)

    @rule(zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
    def move(self, zone: str) -> None:
        maintenance.set_zone(self.store, zone)

    @invariant()
    def same_answers(self) -> None:
        zone = self.store.execute("SELECT value FROM meta WHERE key = 'zone'").fetchone()[0]
        some = [Dimension.TASK, Dimension.TAG, Dimension.LABEL, Dimension.ACCOUNT, Dimension.MODEL]
        asked = [(by, bucket, None) for by in some for bucket in (None, Bucket.MONTH)]
        asked += [(by, Bucket.WEEK, date(2025, 3, 20)) for by in (None, Dimension.TAG, Dimension.LABEL)]
        for by, bucket, first in [*asked, (Dimension.BRANCH, None, date(2025, 3, 20))]:
            query = Query(zone, first, bucket=bucket, by=by, week_start=self.number % 7)
            assert report(self.store, query) == by_days(self.store, query), (by, bucket, first)


Edits.TestCase.settings = settings(max_examples=8, stateful_step_count=10)
TestEdits = Edits.TestCase


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        put(opened, log_account(opened), [record(f"m{n}", session=f"claude-code:{n}", at=NOW - n * MONTH, tokens=Tokens(n + 1)) for n in range(12)])
        yield opened


QUERY = Query("UTC", bucket=Bucket.MONTH, by=Dimension.MODEL)


def ready(store: Store) -> int:
    return int(store.execute("SELECT COUNT(*) FROM group_ready").fetchone()[0])


def test_months_are_made_once_and_only_what_changed_is_made_again(store: Store) -> None:
    first = report(store, QUERY)
    made = ready(store)
    assert made >= 10
    changes = store.connection.total_changes
    assert report(store, QUERY) == first
    assert store.connection.total_changes == changes, "asking again writes nothing"
    put(store, 1, [record("late", at=NOW - 5 * MONTH)])
    assert ready(store) == made - 2, "the groups of one month, and its total"
    assert report(store, QUERY).total.tokens.total == first.total.tokens.total + 35


def test_a_task_given_by_hand_reaches_the_months(store: Store) -> None:
    query = Query("UTC", bucket=Bucket.MONTH, by=Dimension.TASK)
    before = report(store, query)
    journal.assign(store, ["claude-code:3"], tasks.add_task(store, "pay").id, attribute)
    after = report(store, query)
    assert after == by_days(store, query) != before


@pytest.mark.parametrize("hinder", ["locked", "read-only"])
def test_a_file_that_cannot_be_written_still_answers(store: Store, tmp_path: Path, hinder: str) -> None:
    expected = by_days(store, QUERY)
    if hinder == "locked":
        with open_store(tmp_path / "tokenpal.db") as writer, writer.transaction():
            writer.execute("UPDATE meta SET value = value")
            assert report(store, QUERY) == expected
    else:
        with Store.open(tmp_path / "tokenpal.db", read_only=True, now=lambda: NOW) as reader:
            assert report(reader, QUERY) == expected
    assert ready(store) == 0


CHANGES: list[Callable[[Store], Any]] = [
    lambda store: accounts.remove_account(store, 1, keep_history=False),
    lambda store: maintenance.reprice(store, lambda *_: None),
    lambda store: maintenance.set_counts(store, api_account(store), "none", None, None),
    maintenance.rebuild,
]


@pytest.mark.parametrize("change", CHANGES)
def test_rare_work_forgets_months_too(store: Store, change: Callable[[Store], Any]) -> None:
    report(store, QUERY)
    change(store)
    assert report(store, QUERY) == by_days(store, QUERY)
