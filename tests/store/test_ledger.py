"""The ledger's three operations: whatever the order, the chunks and the repetitions, the same ledger."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings, strategies as st

from tests.store.kit import (
    NOW,
    RULES,
    api_account,
    attribute,
    chunks,
    contents,
    log_account,
    log_items,
    open_store,
    price,
    put,
    raw_total,
    record,
    rollups,
    settle,
)  # fmt: skip
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.report import Dimension, Query
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Problem, SessionFact, Superseded, Window, stable_key
from tokenpal.store import accounts, ledger, maintenance, readings, tasks
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.sessions import session_detail, session_row, sessions


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def total(store: Store) -> int:
    return report(store, Query("UTC")).total.tokens.total


# ---------------------------------------------------------------------------------------------- any order, any chunks


@given(log_items, st.randoms(use_true_random=False), st.lists(st.integers(0, 100), max_size=5), st.booleans())
def test_order_chunks_and_repetition_do_not_matter(items: list[Item], rnd: random.Random, cuts: list[int], timer: bool) -> None:
    with TemporaryDirectory() as folder:
        found = []
        shuffled = list(items)
        rnd.shuffle(shuffled)
        for number, batches in enumerate(([items], chunks(items, cuts), chunks(shuffled, cuts), [*chunks(shuffled, cuts), items])):
            with open_store(Path(folder) / f"{number}.db") as store:
                if timer:
                    first, second = tasks.add_task(store, "one").id, tasks.add_task(store, "two").id
                    tasks.start_timer(store, first, now=NOW - 86_400)
                    tasks.stop_timer(store, now=NOW - 40_000)
                    tasks.add_rule(store, "model", "dear", second)
                account = log_account(store)
                for batch in batches:
                    put(store, account, batch)
                found.append(contents(store))
                before = rollups(store)
                maintenance.rebuild(store)
                assert rollups(store) == before, "rebuilding gives the same bytes"
                assert total(store) == raw_total(store) == sum(row.measures.tokens.total for row in sessions(store, limit=None))
        assert found[0] == found[1] == found[2] == found[3]


def test_applying_the_same_batch_again_writes_nothing(store: Store) -> None:
    account = log_account(store)
    items = [record(f"m{number}", "r", session=f"claude-code:{number % 3}", at=NOW - number) for number in range(50)]
    assert put(store, account, items).records == 50
    before = store.connection.total_changes
    again = put(store, account, items)
    assert again.records == 0
    assert not again.changed_days
    assert store.connection.total_changes - before <= 10, "nothing but bounds that are set to what they are"


def test_a_more_complete_copy_replaces_the_numbers_and_never_adds(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record(tokens=Tokens(10, output=1), model="")])
    put(store, account, [record(tokens=Tokens(10, output=7), model="cheap")])
    put(store, account, [record(tokens=Tokens(90, output=3), model="dear")])
    answer = report(store, Query("UTC"))
    assert answer.total.tokens == Tokens(10, output=7)
    assert answer.total.requests == 1


def test_the_smaller_home_gives_session_folder_and_branch_and_the_earliest_time_holds(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record(session="claude-code:resumed", at=NOW - 10, home=8, folder="/new", tokens=Tokens(1, output=9))])
    put(store, account, [record(session="claude-code:first", at=NOW - 50, home=5, folder="/old", branch="main", tokens=Tokens(1, output=5))])
    (row,) = sessions(store)
    assert (row.id, row.project, row.branch, row.started, row.measures.tokens.output) == ("claude-code:first", "/old", "main", NOW - 50, 9)


# ---------------------------------------------------------------------------------------------- supersede


def test_the_rule_of_the_source_decides_among_copies_and_can_change_its_mind(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record("m1", "a", tokens=Tokens(output=5), sub_agent=True)])
    assert total(store) == 5
    put(store, account, [record("m1", "b", tokens=Tokens(output=4))])
    assert total(store) == 4, "the main thread's copy counts, the sub-agent's stays as evidence"
    put(store, account, [record("m1", "c", tokens=Tokens(output=6))])
    assert total(store) == 6
    assert store.execute("SELECT COUNT(*) FROM usage").fetchone()[0] == 3
    put(store, account, [Superseded(stable_key("m1", "c"))])
    assert total(store) == 4, "without c, b counts again"
    put(store, account, [Superseded(stable_key("m1", "c"), again=True)])
    assert total(store) == 6, "the proof was wrong"


def test_superseding_may_come_before_the_record(store: Store) -> None:
    account = log_account(store)
    put(store, account, [Superseded(stable_key("m1"))])
    put(store, account, [record("m1"), record("m2")])
    assert total(store) == 35
    put(store, account, [record("m1", tokens=Tokens(output=900))])
    assert total(store) == 35, "it stays superseded whatever it says"
    (row,) = sessions(store)
    assert row.measures.requests == 1


def test_a_session_whose_records_are_all_copies_is_not_listed(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record("m1", session="claude-code:fork"), record("m2")])
    put(store, account, [Superseded(stable_key("m1"))])
    assert [row.id for row in sessions(store)] == ["claude-code:s1"]


def test_without_a_rule_every_record_counts(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record("m1", "a"), record("m1", "b")], ledger.Rules())
    assert total(store) == 70


# ---------------------------------------------------------------------------------------------- replace window


def test_a_window_replaces_what_the_report_said_before_and_vanished_rows_go(store: Store) -> None:
    account = api_account(store)
    day = NOW // 86_400 * 86_400

    def hour(number: int, output: int, **changes: object) -> Item:
        values = {"session": "anthropic:1:k:2025-11-21", "at": day + number * 3600, "grain": Grain.HOUR, "endpoint": "usage", "tokens": Tokens(output=output)}
        return record(f"h{number}", **(values | changes))

    put(store, account, [Window("usage", day, day + 86_400), hour(1, 100), hour(2, 200), hour(3, 300, money=(Money.of(MoneyKind.CASH, 3),))])
    put(store, account, [Window("costs", day, day + 86_400), hour(9, 7, endpoint="costs")])
    assert total(store) == 607
    put(store, account, [Window("usage", day, day + 2 * 3600 + 1), hour(1, 40)])
    assert total(store) == 40 + 300 + 7, "smaller numbers win, hour 2 is gone, hour 3 and the other report are outside"
    put(store, account, [Window("usage", day, day + 86_400)])
    answer = report(store, Query("UTC"))
    assert answer.total.tokens.total == 7
    assert not [money for money in answer.total.money if money.kind is MoneyKind.CASH]
    before = rollups(store)
    maintenance.rebuild(store)
    assert rollups(store) == before


# ---------------------------------------------------------------------------------------------- what comes with usage


def test_cursors_facts_and_problems_are_saved_with_the_batch(store: Store) -> None:
    account = log_account(store)
    cursor = Cursor("/log.jsonl", 2**64 - 1, 2**63, 900, 5, 800, b"h", b"t", b"state")
    problem = Problem("/log.jsonl", "line 3", "It is no JSON.")
    fact = SessionFact("claude-code:s1", parent="claude-code:s0", version="2.1")
    applied = ledger.apply(store, ledger.Batch(account, [record(), fact, problem, problem], [cursor]), RULES)
    ledger.apply(store, ledger.Batch(account, [SessionFact("claude-code:s1"), problem]), RULES)
    assert applied.problems == 2
    assert accounts.cursors(store, account) == {"/log.jsonl": cursor}
    assert readings.problems(store) == [(account, problem)]
    row = session_row(store, "claude-code:s1")
    assert row is not None
    assert (row.parent, row.version) == ("claude-code:s0", "2.1")


def test_a_failure_inside_leaves_nothing_behind(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record("m1")])
    before = contents(store)

    def broken(family: object) -> set[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ledger.apply(
            store,
            ledger.Batch(account, [record("m2", session="claude-code:other", model="new"), record("m1", "again")], [Cursor("/x")]),
            ledger.Rules(settle=broken),
        )
    assert contents(store) == before
    assert accounts.cursors(store, account) == {}
    put(store, account, [record("m2", session="claude-code:other", model="new")])
    assert total(store) == 70, "what was looked up for the failed batch was forgotten"


def test_an_unknown_account_is_said_in_words(store: Store) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        put(store, 77, [record()])


def test_changed_days_are_local_days(tmp_path: Path) -> None:
    with open_store(tmp_path / "k.db", "Asia/Kathmandu") as store:
        applied = put(store, log_account(store), [record(at=1_763_748_000)])  # 18:00 UTC, 23:45 in Kathmandu
        assert [day.isoformat() for day in applied.changed_days] == ["2025-11-21"]
        applied = put(store, log_account(store), [record("m2", at=1_763_748_900)])
        assert [day.isoformat() for day in applied.changed_days] == ["2025-11-22"]


def test_merged_sessions_keep_the_words_said_of_their_parts(store: Store) -> None:
    from tokenpal.store import journal

    account = api_account(store)
    early, late = "openai:1:k:100", "openai:1:k:200"
    put(store, account, [record("b", session=late, endpoint="usage", grain=Grain.MINUTE, home=1)])
    journal.annotate(store, [late], label="delivered", note="shipped", tags=["release"])
    put(store, account, [SessionFact(early, parts=(late,)), record("b", session=early, endpoint="usage", grain=Grain.MINUTE, home=0)])
    (row,) = sessions(store)
    assert (row.id, row.label, row.note, row.tags) == (early, "delivered", "shipped", ("release",))
    detail = session_detail(store, late)
    assert detail is not None
    assert (detail.row.id, detail.parts) == (early, (late,))


# ---------------------------------------------------------------------------------------------- prices


def test_prices_are_kept_with_the_record_and_change_only_on_command(store: Store) -> None:
    account = log_account(store)
    put(store, account, [record("m1"), record("m2", model="strange")])
    first = report(store, Query("UTC")).total
    assert (first.money[0].pico, first.unpriced_requests) == (10 * 3 + 20 + 5 * 15, 1)

    def dearer(*args: object) -> object:
        found = price(*args)  # type: ignore[arg-type]  # handed through
        return found and type(found)(found.pico * 10, found.rate)

    put(store, account, [record("m1")], ledger.Rules(price=dearer))  # type: ignore[arg-type]  # as above
    assert report(store, Query("UTC")).total == first
    assert maintenance.reprice(store, dearer) == 1  # type: ignore[arg-type]  # as above
    assert report(store, Query("UTC")).total.money[0].pico == 1250
    assert maintenance.set_alias(store, "strange", "dear", price) == 1
    assert report(store, Query("UTC")).total.unpriced_requests == 0
    before = rollups(store)
    maintenance.rebuild(store)
    assert rollups(store) == before


def test_a_list_price_that_the_source_states_takes_the_place_of_ours(store: Store) -> None:
    account = api_account(store)
    put(store, account, [record(endpoint="usage", money=(Money.of(MoneyKind.LIST_PRICE, "0.5"), Money.of(MoneyKind.CREDITS, 2)))])
    money = {(each.kind, each.currency): each.amount for each in report(store, Query("UTC")).total.money}
    assert {str(kind): str(amount) for (kind, _), amount in money.items()} == {"list_price": "0.5", "credits": "2"}


# ---------------------------------------------------------------------------------------------- segments


def test_splits_and_timers_cut_what_is_there_and_what_comes(store: Store) -> None:
    account = log_account(store)
    first, second = tasks.add_task(store, "one").id, tasks.add_task(store, "two").id
    put(store, account, [record("m1", at=NOW - 300), record("m2", at=NOW - 200)])
    from tokenpal.store import journal

    journal.split(store, "claude-code:s1", NOW - 250, second, _by_split)
    put(store, account, [record("m3", at=NOW - 100)], ledger.Rules(attribute=_by_split))
    detail = session_detail(store, "claude-code:s1")
    assert detail is not None
    assert [(part.cut, part.task, part.measures.requests) for part in detail.segments] == [(0, "", 1), (NOW - 250, "two", 2)]
    journal.unsplit(store, "claude-code:s1", attribute=_by_split)
    detail = session_detail(store, "claude-code:s1")
    assert detail is not None
    assert [(part.cut, part.task, part.measures.requests) for part in detail.segments] == [(0, "", 3)]
    tasks.start_timer(store, first, attribute, now=NOW - 150)
    assert {row.task for row in sessions(store)} == {""}
    detail = session_detail(store, "claude-code:s1")
    assert detail is not None
    assert [(part.task, part.measures.requests) for part in detail.segments] == [("", 2), ("one", 1)]
    before = rollups(store)
    maintenance.rebuild(store)
    assert rollups(store) == before


def _by_split(known, segment):  # type: ignore[no-untyped-def]
    splits = [split.task for split in known.splits.get(segment.session, ()) if split.at <= segment.start]
    return (splits[-1], "split") if splits else (None, "unassigned")


@given(log_items, st.lists(st.integers(NOW - 3 * 86_400, NOW), min_size=1, max_size=4, unique=True))
def test_cutting_afterwards_is_the_same_as_cutting_before(items: list[Item], edges: list[int]) -> None:
    with TemporaryDirectory() as folder:
        found = []
        for after in (False, True):
            with open_store(Path(folder) / f"{after}.db") as store:
                account = log_account(store)
                task = tasks.add_task(store, "one").id
                if after:
                    put(store, account, items)
                for edge in sorted(edges):
                    tasks.start_timer(store, task, attribute, now=edge)
                    tasks.stop_timer(store, attribute, now=edge + 600)
                if not after:
                    put(store, account, items)
                found.append(contents(store))
        assert found[0] == found[1]


def test_forgetting_an_account_takes_its_usage_and_leaves_the_rest(store: Store) -> None:
    first, second = log_account(store), log_account(store, "/other")
    put(store, first, [record("m1")])
    put(store, second, [record("m2", session="claude-code:s2")])
    accounts.remove_account(store, first, keep_history=False)
    assert [row.id for row in sessions(store)] == ["claude-code:s2"]
    assert total(store) == 35
    accounts.remove_account(store, second)
    assert total(store) == 35, "history stays unless it is to be forgotten"
    assert [row.id for row in accounts.accounts(store)] == []
    assert settle  # the kit's rule is the one all of this ran with


@settings(max_examples=25)
@given(st.lists(st.tuples(log_items, st.booleans()), max_size=3), st.randoms(use_true_random=False))
def test_two_accounts_with_the_same_sessions_meet_in_one_ledger(batches: list[tuple[list[Item], bool]], rnd: random.Random) -> None:
    """A copied log folder: whichever is read first, the records count once, and a session with its segments has one owner."""
    with TemporaryDirectory() as folder:
        found = []
        shuffled = list(batches)
        rnd.shuffle(shuffled)
        for number, order in enumerate((batches, shuffled, [*shuffled, *batches])):
            with open_store(Path(folder) / f"{number}.db") as store:
                one, other = log_account(store), log_account(store, "/copy")
                for items, first in order:
                    put(store, one if first else other, [item for item in items if not isinstance(item, Superseded)])
                found.append(contents(store))
                torn = store.execute("SELECT COUNT(*) FROM session x JOIN segment g ON g.session = x.id WHERE x.account <> g.account")
                assert torn.fetchone()[0] == 0
        assert found[0] == found[1] == found[2]


def test_a_session_in_two_accounts_belongs_to_the_older(store: Store) -> None:
    one, other = log_account(store), log_account(store, "/copy")
    put(store, other, [record("m1", folder="/p")])
    put(store, one, [record("m1", folder="/p"), record("m2", folder="/p")])
    put(store, other, [record("m3", folder="/p")])
    assert {row.account for row in sessions(store)} == {"claude-code /home/me/.claude"}
    assert report(store, Query("UTC", by=Dimension.ACCOUNT)).rows[0].measures.requests == 3
