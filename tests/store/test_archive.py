"""Everything out as JSON lines and in again: equal, idempotent, and merged by age."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.rates import Priced, Prices, Rate, Tier
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import (
    Balance,
    Grain,
    LimitReading,
    Origin,
    SessionFact,
    Superseded,
    UsageRecord,
    Window,
    stable_key,
)
from tokenpal.store import accounts, archive, budgets, checkins, edits, journal, ledger, segments, tasks, templates
from tokenpal.store.database import Store

RATE = Rate("anthropic", "m1", Prices(fresh_input=3_000_000, output=15_000_000), "public 1", 100, long_context=(Tier(200_000, Prices(output=1)),))


def price(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
    return Priced(3_000_000 * tokens.fresh_input + 15_000_000 * tokens.output, RATE) if model == "m1" else None


RULES = ledger.Rules(None, price, None, attribute)
NO_PRICE = ledger.Rules(None, None, None, attribute)


def exported(store: Store) -> list[str]:
    return list(archive.export(store))


def rolled_up(store: Store) -> dict[str, Any]:
    """What reports stand on, without local numbers."""
    return {
        table: sorted(
            tuple(row)
            for row in store.execute(
                f"""SELECT s.key, IFNULL(p.path, ''), g.branch, g.cut, IFNULL(t.name, ''), g.via, m.name, b.requests, b.records,
                b.fresh_input, b.output, b.list_pico, b.unpriced FROM {table} b JOIN segment g ON g.id = b.segment
                JOIN session s ON s.id = g.session JOIN model m ON m.id = b.model LEFT JOIN project p ON p.id = g.project
                LEFT JOIN task t ON t.id = g.task"""
            )
        )
        for table in ("by_segment", "by_day", "by_hour", "by_utc_day")
    }


# ---------------------------------------------------------------------------------------------- made-up content

names = st.sampled_from(["alpha", "beta", "gamma", "Checkout – retry", "日本"])
sessions = st.sampled_from(["claude-code:s1", "claude-code:s2", "codex:s3"])
times = st.integers(1_790_000_000, 1_790_400_000)
small = st.integers(0, 10**6)

record = st.builds(
    lambda number, session, at, model, tokens, folder, branch, requests, precedence: UsageRecord(
        stable_key(f"f{number // 2}", "" if number % 2 else "v"), session, at, model, tokens, requests,
        folder=folder, branch=branch, precedence=precedence,
    ),
    st.integers(0, 12), sessions, times, st.sampled_from(["m1", "m2", ""]),
    st.builds(Tokens, small, small, small, small, small, small, small),
    st.sampled_from(["", "/a", "/b"]), st.sampled_from(["", "main", "PAY-1"]), st.sampled_from([1, 2, None]), st.integers(0, 1),
)  # fmt: skip
report_record = st.builds(
    lambda number, at, tokens, cash, listed: UsageRecord(
        stable_key(f"r{number}"), f"openrouter:2:k:{number}", at - at % 86_400, "m1", tokens, None, Grain.DAY, endpoint="activity",
        money=tuple(Money(kind, "USD", pico) for kind, pico in ((MoneyKind.CASH, cash), (MoneyKind.LIST_PRICE, listed)) if pico),
        origin=Origin.REPORTED,
    ),
    st.integers(0, 4), times, st.builds(Tokens, small, small, output=small), small, small,
)  # fmt: skip

edit = st.one_of(
    st.tuples(st.just("task"), names, st.lists(names, max_size=2)),
    st.tuples(st.just("label"), sessions, st.sampled_from(["waste", "delivered", None])),
    st.tuples(st.just("note"), sessions, st.text(max_size=8)),
    st.tuples(st.just("tags"), sessions, st.lists(names, max_size=2)),
    st.tuples(st.just("hand"), sessions, st.booleans()),
    st.tuples(st.just("split"), sessions, times),
    st.tuples(st.just("rule"), st.sampled_from(["branch", "folder", "account"]), st.sampled_from(["main", "/a", "1"])),
    st.tuples(st.just("timer"), st.booleans(), st.none()),
    st.tuples(st.just("default"), st.sampled_from(["/a", "/b"]), st.none()),
    st.tuples(st.just("checkin"), st.sampled_from(["2026-W46", "2026-W47"]), st.text(max_size=8)),
    st.tuples(st.just("budget"), st.sampled_from(list(BudgetScope)), st.sampled_from([*BudgetMeasure])),
    st.tuples(st.just("pins"), st.sampled_from(["2026-W46", "2026-W47"]), st.lists(sessions, max_size=2)),
    st.tuples(st.just("template"), names, st.text(max_size=8)),
    st.tuples(st.sampled_from(["undo", "delete", "move", "no budget"]), st.none(), st.none()),
    st.tuples(st.sampled_from(["release", "unsplit"]), sessions, st.none()),
)


def play(store: Store, what: list[Any], now: int) -> None:
    """Do these edits, skipping those that make no sense here."""
    for kind, first, second in what:
        now += 3_600
        every = tasks.tasks(store, archived=True)
        task = every[now % len(every)].id if every else None
        try:
            if kind == "task":
                tasks.add_task(store, first, tags=second, now=now)
            elif kind == "label":
                journal.annotate(store, [first], label=second, now=now)
            elif kind == "note":
                journal.annotate(store, [first], note=second, now=now)
            elif kind == "tags":
                journal.annotate(store, [first], tags=second, now=now)
            elif kind == "hand":
                journal.assign(store, [first], task if second else None, attribute, now=now)
            elif kind == "split":
                journal.split(store, first, second, task, attribute, now=now)
            elif kind == "rule" and task:
                tasks.add_rule(store, first, second, task, attribute, now=now)
            elif kind == "timer" and task:
                tasks.start_timer(store, task, attribute, now=now) if first else tasks.stop_timer(store, attribute, now=now)
            elif kind == "default" and task:
                tasks.project_default(store, first, task, attribute, now=now)
            elif kind == "checkin":
                checkins.save_checkin(store, CheckIn(first, tried=second), now=now)
            elif kind == "budget":
                of = {BudgetScope.ALL: None, BudgetScope.TASK: task, BudgetScope.ACCOUNT: 1}[first]
                budgets.set_budget(store, Budget(second, 10 + now % 5, BudgetPeriod.WEEK, first, of), now=now)
            elif kind == "no budget" and (every_budget := budgets.budgets(store)):
                budgets.delete_budget(store, every_budget[-1].id, now=now)
            elif kind == "pins":
                checkins.set_pins(store, first, "worked", second, now=now)
            elif kind == "template":
                templates.save_template(store, Template(first, learned=second), now=now)
            elif kind == "undo":
                edits.undo(store, attribute)
            elif kind == "redo":
                edits.redo(store, attribute)
            elif kind == "delete" and task:
                tasks.delete_task(store, task, attribute, now=now)
            elif kind == "release":
                journal.release(store, [first], attribute, now=now)
            elif kind == "unsplit":
                journal.unsplit(store, first, None, attribute, now=now)
            elif kind == "move" and (every_rule := tasks.rules(store)):
                tasks.move_rule(store, every_rule[now % len(every_rule)].id, 0, attribute, now=now)
        except UsageError:
            pass


def fill(store: Store, records: list[UsageRecord], reports: list[UsageRecord], what: list[Any], now: int = 1_790_000_000) -> None:
    log = accounts.ensure_log_account(store, "claude-code", "/home/me/.claude", "Claude Code", "anthropic")
    api = accounts.add_account(store, "openrouter", "router", "openrouter", root="https://router.example/v1")
    half = len(what) // 2
    play(store, what[:half], now)
    facts = [SessionFact("codex:s3", "claude-code:s1", "1.2", ("codex:old",))]
    killed = [Superseded(each.key) for each in records[::5]] + [Superseded(stable_key("never seen"))]
    ledger.apply(store, ledger.Batch(log, [*facts, *records, *killed]), RULES)
    window = Window("activity", 1_780_000_000, 1_800_000_000)
    newest = {each.key: each for each in reports}
    readings = [LimitReading("week", 41.5, now, now + 99, 10_080, used=Money(MoneyKind.CASH, "USD", 5)), Balance("credit", Money(MoneyKind.CREDITS, "EUR", 7), now)]
    ledger.apply(store, ledger.Batch(api, [window, *newest.values(), *readings]), NO_PRICE)
    store.execute("INSERT OR IGNORE INTO share_draw(week, team, draw) VALUES('2026-W47', '', '{}')")
    play(store, what[half:], now + 50_000)


@given(st.lists(record, max_size=20), st.lists(report_record, max_size=5), st.lists(edit, max_size=25))
@settings(max_examples=40)
def test_export_then_import_into_an_empty_store_gives_the_same_export(
    tmp_path_factory: pytest.TempPathFactory, records: list[UsageRecord], reports: list[UsageRecord], what: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    with Store.open(folder / "one.db") as one, Store.open(folder / "two.db") as two:
        fill(one, records, reports, what)
        before = exported(one)
        done = archive.merge(two, before, lambda account: NO_PRICE, attribute)
        assert done.unknown == 0
        assert exported(two) == before
        assert rolled_up(two) == rolled_up(one)
        journal_edits = edits.history(two)
        again = archive.merge(two, before, lambda account: NO_PRICE, attribute)
        assert (again.records, again.journal) == (0, 0)
        assert exported(two) == before
        assert edits.history(two) == journal_edits, "importing the same again is no edit"


@given(st.lists(record, max_size=12), st.lists(record, max_size=12), st.lists(edit, max_size=15), st.lists(edit, max_size=15))
@settings(max_examples=40)
def test_two_machines_meet_in_the_same_usage_and_words(
    tmp_path_factory: pytest.TempPathFactory, here: list[UsageRecord], there: list[UsageRecord], mine: list[Any], theirs: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    with Store.open(folder / "one.db") as one, Store.open(folder / "two.db") as two:
        fill(one, here, [], mine)
        fill(two, there, [], theirs, now=1_790_000_001)
        from_one, from_two = exported(one), exported(two)
        archive.merge(one, from_two, lambda account: RULES, attribute)
        archive.merge(two, from_one, lambda account: RULES, attribute)

        def shared(store: Store, *kinds: str) -> list[str]:
            return [line for line in exported(store) if json.loads(line)["is"] in kinds]

        assert shared(one, "usage", "annotation", "checkin", "limit", "balance") == shared(two, "usage", "annotation", "checkin", "limit", "balance")
        timers = tasks.timers(one)
        assert all(a.end is not None and a.end <= b.start for a, b in pairwise(timers))


attributing = st.one_of(
    st.tuples(st.sampled_from(["hand"]), sessions, st.booleans()),
    st.tuples(st.just("split"), sessions, times),
    st.tuples(st.just("rule"), st.sampled_from(["branch", "folder"]), st.sampled_from(["main", "/a"])),
    st.tuples(st.just("timer"), st.booleans(), st.none()),
    st.tuples(st.just("default"), st.sampled_from(["/a", "/b"]), st.none()),
    st.tuples(st.sampled_from(["undo", "redo", "delete", "move"]), st.none(), st.none()),
    st.tuples(st.sampled_from(["release", "unsplit"]), sessions, st.none()),
)


@given(st.lists(record, min_size=1, max_size=8), st.lists(attributing, min_size=1, max_size=12))
@settings(max_examples=100)
def test_every_edit_leaves_segments_as_if_all_were_made_anew(
    tmp_path_factory: pytest.TempPathFactory, records: list[UsageRecord], what: list[Any]
) -> None:
    with Store.open(tmp_path_factory.mktemp("follow") / "one.db") as store:
        fill(store, records, [], [])
        first = ("task", "alpha", []), ("task", "beta", [])
        play(store, [*first, *what], 1_790_000_000)
        assert segments.reattribute(store, attribute) == 0, "segments have other tasks than the journal says"
        assert segments.resegment(store, (0, None), attribute) == 0, "records lie in other segments than their cuts say"


# ---------------------------------------------------------------------------------------------- cases by hand


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    with Store.open(tmp_path / "one.db") as one, Store.open(tmp_path / "two.db") as two:
        yield one, two


def test_newer_words_win_and_older_ones_can_be_had_back(pair: tuple[Store, Store]) -> None:
    one, two = pair
    journal.annotate(one, ["s"], label="delivered", now=100)
    journal.annotate(one, ["s"], note="old note", now=100)
    journal.annotate(two, ["s"], label="waste", reason="loop", now=50)
    journal.annotate(two, ["s"], note="new note", now=200)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    row = two.execute("SELECT label, reason, note FROM annotation").fetchone()
    assert tuple(row) == ("delivered", "", "new note"), "each part by its own age"
    assert edits.undo(two) == archive.TITLE
    assert tuple(two.execute("SELECT label, reason, note FROM annotation").fetchone()) == ("waste", "loop", "new note")


def test_a_task_is_one_task_after_a_rename_elsewhere(pair: tuple[Store, Store]) -> None:
    one, two = pair
    task = tasks.add_task(one, "checkout", tags=["pay"], now=10)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    tasks.edit_task(one, task.id, name="Checkout retry", tags=["pay", "q4"], now=20)
    tasks.add_task(two, "other", now=15)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    assert [(each.name, each.tags) for each in tasks.tasks(two)] == [("Checkout retry", ("pay", "q4")), ("other", ())]


def test_a_task_of_the_same_name_is_the_same_task(pair: tuple[Store, Store]) -> None:
    one, two = pair
    mine = tasks.add_task(one, "checkout", now=10)
    journal.assign(one, ["s"], mine.id, now=11)
    theirs = tasks.add_task(two, "Checkout", now=5)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    assert [each.id for each in tasks.tasks(two)] == [theirs.id]
    assert journal.attribution(two).hand == {"s": theirs.id}


def bucket(account: int, day: int, tokens: int) -> UsageRecord:
    """A bucket as provider sources make them: the number of the account is in both keys."""
    at = 1_790_035_200 + day * 86_400
    session = f"openai:{account}:no-key:{day}"
    key = stable_key(f"openai:{account}:usage:{at}", "row")
    return UsageRecord(key, session, at, "m1", Tokens(tokens), 1, Grain.DAY, endpoint="usage", origin=Origin.REPORTED)


@pytest.mark.parametrize("name", ["work", "called otherwise"])
def test_a_report_that_both_machines_read_counts_once(pair: tuple[Store, Store], name: str) -> None:
    one, two = pair
    window = Window("usage", 0, 2_000_000_000)
    accounts.ensure_log_account(two, "codex", "/c", "Codex", "openai")
    numbers = {}
    for store, title, days in ((one, "work", (1, 2, 3)), (two, name, (3, 4))):
        number = numbers[store] = accounts.add_account(store, "openai", title, "openai", options={"identity": "org-1"})
        ledger.apply(store, ledger.Batch(number, [window, *(bucket(number, day, 100 * day) for day in days)]), NO_PRICE)
    assert numbers[one] != numbers[two]
    journal.annotate(one, [f"openai:{numbers[one]}:no-key:2"], label="delivered", now=5)
    for _ in range(2):
        archive.merge(two, exported(one), lambda account: NO_PRICE, attribute)
        rows = two.execute("SELECT s.key, SUM(b.fresh_input) FROM by_segment b JOIN segment g ON g.id = b.segment"
                           " JOIN session s ON s.id = g.session GROUP BY 1 ORDER BY 1").fetchall()  # fmt: skip
        assert rows == [(f"openai:{numbers[two]}:no-key:{day}", 100 * day) for day in (1, 2, 3, 4)]
    assert [row[0] for row in two.execute("SELECT session FROM annotation")] == [f"openai:{numbers[two]}:no-key:2"]
    again = [window, *(bucket(numbers[two], day, 100 * day) for day in (1, 2, 3, 4))]
    ledger.apply(two, ledger.Batch(numbers[two], again), NO_PRICE)
    assert two.execute("SELECT SUM(fresh_input) FROM by_utc_day").fetchone() == (1000,), "asking the provider again changes nothing"


def test_two_accounts_of_one_number_stay_two(pair: tuple[Store, Store]) -> None:
    one, two = pair
    for store, name, tokens in ((one, "work", 5), (two, "private", 70)):
        number = accounts.add_account(store, "openai", name, "openai")
        ledger.apply(store, ledger.Batch(number, [bucket(number, 1, tokens)]), NO_PRICE)
    for _ in range(2):
        archive.merge(two, exported(one), lambda account: NO_PRICE, attribute)
        rows = two.execute("SELECT a.name, SUM(b.fresh_input) FROM by_segment b JOIN segment g ON g.id = b.segment"
                           " JOIN account a ON a.id = g.account GROUP BY 1 ORDER BY 1").fetchall()  # fmt: skip
        assert rows == [("private", 70), ("work", 5)]


def test_timers_of_two_machines_do_not_overlap(pair: tuple[Store, Store]) -> None:
    one, two = pair
    a, b = tasks.add_task(one, "a", now=1).id, tasks.add_task(two, "b", now=1).id
    tasks.start_timer(one, a, now=100)
    tasks.stop_timer(one, now=1000)
    tasks.start_timer(one, a, now=2000)
    tasks.start_timer(two, b, now=300)
    tasks.stop_timer(two, now=400)
    tasks.start_timer(two, b, now=2500)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    by_name = {each.id: each.name for each in tasks.tasks(two)}
    assert [(by_name[each.task], each.start, each.end) for each in tasks.timers(two)] == [
        ("a", 100, 300), ("b", 300, 400), ("a", 400, 1000), ("a", 2000, 2500), ("b", 2500, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["{}"],
        ["not json"],
        ['{"is":"something else"}'],
        ['{"is":"tokenpal-archive/1"}', '{"is":"task","uid":"a","name":"half'],
        ['{"is":"tokenpal-archive/1"}', '{"is":"task","uid":"a"}'],
        ['{"is":"tokenpal-archive/1"}', '{"is":"usage","key":"zz"}'],
        ['{"is":"tokenpal-archive/1"}', "[1]"],
        ['{"is":"tokenpal-archive/1"}', '{"is":"rule","kind":"branch","pattern":"x","task":"nobody"}'],
        [b"\xff\xfe"],
    ],
)
def test_what_is_no_archive_changes_nothing(pair: tuple[Store, Store], lines: list[str | bytes]) -> None:
    one, _ = pair
    tasks.add_task(one, "kept", now=1)
    before = exported(one)
    with pytest.raises(UsageError) as raised:
        archive.merge(one, lines, lambda account: RULES, attribute)
    assert raised.value.next_step
    assert exported(one) == before


def test_kinds_of_a_newer_version_are_counted_and_left_out(pair: tuple[Store, Store]) -> None:
    one, _ = pair
    done = archive.merge(one, ['{"is":"tokenpal-archive/1"}', '{"is":"horoscope","task":"x"}'], lambda account: RULES, attribute)
    assert (done.lines, done.unknown) == (2, 1)


def test_no_key_and_no_folder_of_this_machine_is_exported(pair: tuple[Store, Store]) -> None:
    one, _ = pair
    accounts.add_account(one, "openrouter", "router", "openrouter", secret="tokenpal/openrouter/1")
    assert "tokenpal/openrouter/1" not in "\n".join(exported(one))


def test_budgets_pins_and_templates_travel_and_the_newer_stays(pair: tuple[Store, Store]) -> None:
    one, two = pair
    task = tasks.add_task(one, "checkout", now=10)
    api = accounts.add_account(one, "openai", "work", "openai")
    accounts.ensure_log_account(two, "codex", "/c", "Codex", "openai")  # so that numbers differ
    tasks.add_task(two, "other", now=1)
    mine = budgets.set_budget(one, Budget(BudgetMeasure.TOKENS, 100, BudgetPeriod.DAY, BudgetScope.TASK, task.id), now=20)
    budgets.set_budget(one, Budget(BudgetMeasure.CASH, 5, BudgetPeriod.WEEK, BudgetScope.ACCOUNT, api, "EUR"), now=20)
    checkins.save_checkin(one, CheckIn("2026-W47", worked="a line"), now=20)
    checkins.set_pins(one, "2026-W47", "worked", ["", "codex:s3"], now=20)
    templates.save_template(one, Template("short", tried="What I tried"), now=20)
    for _ in range(2):
        archive.merge(two, exported(one), lambda account: RULES, attribute)
        there = {each.id: each.name for each in tasks.tasks(two)}
        assert [(each.measure, each.amount) for each in budgets.budgets(two)] == [("cash", 5), ("tokens", 100)]
        assert there[budgets.budgets(two)[1].of or 0] == "checkout"
        assert accounts.account(two, budgets.budgets(two)[0].of or 0).name == "work"
        assert [(pin.position, pin.session) for pin in checkins.pins(two, "2026-W47")] == [(1, "codex:s3")]
        assert templates.templates(two) == [Template("short", tried="What I tried")]
    budgets.set_budget(one, msgspec.structs.replace(budgets.budgets(one)[1], amount=300), now=30)
    assert mine == budgets.budgets(one)[1].id
    checkins.save_checkin(one, CheckIn("2026-W47", worked="another line"), now=30)
    checkins.set_pins(one, "2026-W47", "worked", [], now=30)
    archive.merge(two, exported(one), lambda account: RULES, attribute)
    assert [each.amount for each in budgets.budgets(two)] == [5, 300]
    assert checkins.pins(two, "2026-W47") == [], "pins go with the words they stood behind"
    edits.undo(two, attribute)
    assert [each.amount for each in budgets.budgets(two)] == [5, 100]


@pytest.mark.parametrize("wrong", [
    {"scope": "all", "task": "t"}, {"scope": "task"}, {"scope": "account", "task": "t"}, {"scope": "task", "task": "nobody"}, {"scope": "account", "account": 9},
    {"amount": 0}, {"amount": 2**63}, {"currency": "euro"}, {"measure": "tokens", "currency": "USD"}, {"period": "year"},
])  # fmt: skip
def test_a_budget_that_makes_no_sense_is_refused_whole(pair: tuple[Store, Store], wrong: dict[str, Any]) -> None:
    one, _ = pair
    line = {"is": "budget", "uid": "u", "measure": "cash", "amount": 5, "currency": "USD", "period": "day", "scope": "all", "changed_at": 5, "account": None, "task": None}
    archive.merge(one, ['{"is":"tokenpal-archive/1"}', json.dumps(line)], lambda account: RULES, attribute)
    before = exported(one)
    with pytest.raises(UsageError):
        archive.merge(one, ['{"is":"tokenpal-archive/1"}', json.dumps({**line, "uid": "v", **wrong})], lambda account: RULES, attribute)
    assert exported(one) == before
