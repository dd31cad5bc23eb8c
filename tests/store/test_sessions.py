"""Lists of sessions, page by page, say what sorting and filtering everything by hand says; and one session in detail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.store.kit import NOW, api_account, attribute, log_account, log_records, open_store, put, record
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.report import Filter
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, UsageRecord
from tokenpal.store import journal, tasks
from tokenpal.store.database import Store
from tokenpal.store.sessions import count_sessions, find_sessions, session_detail, session_row, sessions, timeline

KEYS = ["claude-code:a", "claude-code:b", "claude-code:c"]
ORDERS: dict[str, Any] = {
    "started": lambda row: row.started,
    "ended": lambda row: row.ended,
    "tokens": lambda row: row.measures.tokens.total,
    "cost": lambda row: sum(money.pico for money in row.measures.money),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


@settings(max_examples=40)
@given(
    st.lists(log_records, max_size=25), st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["waste", "delivered"])),
    st.dictionaries(st.sampled_from(KEYS), st.sets(st.sampled_from(["t1", "t2"]), min_size=1)),
)  # fmt: skip
def test_orders_pages_and_filters(items: list[UsageRecord], labels: dict[str, str], tags: dict[str, set[str]]) -> None:
    with TemporaryDirectory() as folder, open_store(Path(folder) / "x.db") as store:
        for key, label in labels.items():  # before the sessions are known: an import, or logs that come back
            journal.annotate(store, [key], label=label, note=f"words on {key[-1]} about café")
        put(store, log_account(store), items)
        for key, words in tags.items():
            journal.annotate(store, [key], tags=words)
        every = sessions(store, limit=None)
        assert count_sessions(store) == len(every) == len({row.id for row in every})
        for order, value in ORDERS.items():
            for ascending in (False, True):
                listed = sessions(store, limit=None, order=order, ascending=ascending)
                assert [value(row) for row in listed] == sorted((value(row) for row in every), reverse=not ascending)
                pages = [row for offset in range(0, len(every) + 1, 2) for row in sessions(store, limit=2, offset=offset, order=order, ascending=ascending)]
                assert pages == listed
        for filter_, fits in filters(labels, tags):
            expected = {row.id for row in every if fits(row)}
            assert {row.id for row in sessions(store, filter_, limit=None)} == expected, filter_
            assert count_sessions(store, filter_) == len(expected)


def filters(labels: dict[str, str], tags: dict[str, set[str]]) -> list[tuple[Filter, Any]]:
    def has(key: str, *words: str) -> bool:
        return labels.get(key, "not labelled") in words

    return [
        (Filter(labels=("waste",)), lambda row: has(row.id, "waste")),
        (Filter(labels=("not labelled", "delivered")), lambda row: has(row.id, "not labelled", "delivered")),
        (Filter(tags=("t1",)), lambda row: "t1" in tags.get(row.id, ())),
        (Filter(tags=("untagged",)), lambda row: not tags.get(row.id)),
        (Filter(models=("dear",)), lambda row: "dear" in row.models),
        (Filter(models=("dear",), labels=("waste",)), lambda row: "dear" in row.models and has(row.id, "waste")),
        (Filter(text="cafe words"), lambda row: row.id in labels),
        (Filter(text="t2"), lambda row: "t2" in tags.get(row.id, ())),
        (Filter(text='"quoted* (and AND odd'), lambda row: False),
        (Filter(text="?!"), lambda row: False),
    ]


def test_sessions_of_some_days_are_those_with_use_in_them(store: Store) -> None:
    account = log_account(store)
    day = NOW // 86_400 * 86_400
    put(store, account, [record("a", session="claude-code:over midnight", at=day - 60), record("b", session="claude-code:over midnight", at=day + 60)])
    put(store, account, [record("c", session="claude-code:early", at=day - 30_000)])
    for first, until, expected in (
        (date(2025, 11, 21), None, ["claude-code:over midnight"]),
        (date(2025, 11, 20), date(2025, 11, 21), ["claude-code:over midnight", "claude-code:early"]),
        (date(2025, 11, 22), None, []),
        (None, date(2025, 11, 20), []),
    ):
        assert [row.id for row in sessions(store, first=first, until=until)] == expected
        assert count_sessions(store, first=first, until=until) == len(expected)
    assert [row.id for row in sessions(store, first=date(2025, 11, 21), zone="Asia/Kathmandu")] == ["claude-code:over midnight"]


def test_a_row_says_where_most_of_it_happened(store: Store) -> None:
    pay = tasks.add_task(store, "pay")
    tasks.add_rule(store, "model", "dear", pay.id)
    put(store, log_account(store), [
        record("m1", at=NOW - 50, folder="/p", branch="main", model="dear", tokens=Tokens(500)),
        record("m2", at=NOW, folder="/q", tokens=Tokens(7, output=2)),
    ])  # fmt: skip
    (row,) = sessions(store)
    assert (row.project, row.branch, row.task, row.via, row.models) == ("/p", "main", "pay", "rule", ("dear", "cheap"))
    assert (row.started, row.ended, row.measures.tokens, row.measures.requests) == (NOW - 50, NOW, Tokens(507, output=2), 2)
    assert sessions(store, Filter(text="pay")) == sessions(store, Filter(text="/q")) == [row]


def test_detail_shows_parts_models_sub_agents_and_moments(store: Store) -> None:
    put(store, log_account(store), [
        record("m1", at=NOW - 50, folder="/p", tokens=Tokens(500)),
        record("m2", at=NOW - 40, folder="/p", model="dear", sub_agent=True, tokens=Tokens(9, output=1)),
        record("m3", at=NOW, folder="/q", model="strange", tokens=Tokens(7)),
    ])  # fmt: skip
    detail = session_detail(store, "claude-code:s1")
    assert detail is not None
    assert [(part.project, part.started, part.measures.tokens.total) for part in detail.segments] == [("/p", NOW - 50, 510), ("/q", NOW, 7)]
    assert [(row.key, row.measures.tokens.total) for row in detail.models] == [("cheap", 500), ("dear", 10), ("strange", 7)]
    assert (detail.sub_agents.tokens.total, detail.sub_agents.requests) == (10, 1)
    assert [(each.at, each.model, each.tokens.total, each.sub_agent, each.list_pico) for each in detail.moments] == [
        (NOW - 50, "cheap", 500, False, 1500), (NOW - 40, "dear", 10, True, 9 * 30 + 150), (NOW, "strange", 7, False, None),
    ]  # fmt: skip
    assert [each.at for each in timeline(store, "claude-code:s1", most=2)] == [NOW - 40, NOW], "the newest"
    assert session_row(store, "claude-code:s1") == detail.row
    assert session_detail(store, "nothing") is session_row(store, "nothing") is None


def test_stated_money_stays_with_its_session(store: Store) -> None:
    day = NOW // 86_400 * 86_400
    told = {"grain": Grain.DAY, "endpoint": "costs", "at": day, "tokens": Tokens(), "requests": 0}
    put(store, api_account(store), [
        record("a", session="anthropic:1:k", money=(Money.of(MoneyKind.CASH, "1.5"), Money.of(MoneyKind.CASH, 2, "EUR")), **told),
        record("b", session="anthropic:1:k", money=(Money.of(MoneyKind.CASH, "0.5"),), **told),
        record("c", session="anthropic:1:other", money=(Money.of(MoneyKind.PLAN_VALUE, 9),), **told),
    ])  # fmt: skip
    money = {row.id: [(each.kind.value, each.currency, str(each.amount)) for each in row.measures.money] for row in sessions(store)}
    assert money == {"anthropic:1:k": [("cash", "EUR", "2"), ("cash", "USD", "2")], "anthropic:1:other": [("plan_value", "USD", "9")]}


def test_sessions_are_found_by_the_beginning_of_their_id(store: Store) -> None:
    put(store, log_account(store), [record("m1", session="claude-code:abc-1", at=NOW - 5), record("m2", session="claude-code:abc-2"), record("m3", session="codex:xyz")])
    assert find_sessions(store, "abc") == ["claude-code:abc-2", "claude-code:abc-1"]
    assert find_sessions(store, "claude-code:abc-1") == ["claude-code:abc-1"]
    assert find_sessions(store, "x") == ["codex:xyz"]
    assert find_sessions(store, "%") == []
    assert attribute
