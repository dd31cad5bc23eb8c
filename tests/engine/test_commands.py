"""What window and command line share: commands that say what they change, and the answers pages stand on."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tokenpal.engine import commands, prices, providers, queries, sorting, weeks
from tokenpal.engine.changes import changed_by
from tokenpal.engine.sharing.preview import share_preview
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.journal import CheckIn
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import day_number
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Origin, UsageRecord, stable_key
from tokenpal.store import accounts, facts, ledger
from tokenpal.store.database import Store

NOW = 1_795_262_400  # Saturday 2026-11-21, 12:00 UTC: ISO week 47
DAY = 86_400
RULES = ledger.Rules(None, None, None, attribute)


def record(
    number: int, session: str, at: int, *, folder: str = "/shop", branch: str = "main", model: str = "m1", tokens: int = 100
) -> UsageRecord:
    return UsageRecord(stable_key(f"k{number}"), f"claude-code:{session}", at, model, Tokens(output=tokens), folder=folder, branch=branch)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four sessions: today, yesterday in the same folder, two weeks ago, and one with a ticket branch."""
    with Store.open(tmp_path / "tokenpal.db", now=lambda: NOW) as opened:
        log = accounts.ensure_log_account(opened, "claude-code", "/c", "Claude Code", "anthropic")
        records = [
            record(1, "today", NOW - 3600), record(2, "today", NOW - 1800), record(3, "yesterday", NOW - DAY, tokens=50),
            record(4, "old", NOW - 14 * DAY, folder="/attic", tokens=7), record(5, "ticket", NOW - 2 * DAY, branch="feature/PAY-142-x", folder="/pay", tokens=1000),
        ]  # fmt: skip
        ledger.apply(opened, ledger.Batch(log, records), RULES)
        yield opened


def test_every_command_says_what_it_changes() -> None:
    words = {"usage", "labels", "tasks", "checkins", "budgets", "accounts", "limits", "settings", "prices"}
    helpers = {"provider_address"}
    found = {
        name: function
        for name, function in inspect.getmembers(commands, inspect.isfunction)
        if function.__module__ == commands.__name__ and name not in helpers
    }
    assert len(found) > 20
    for name, function in found.items():
        assert changed_by(function), name
        assert changed_by(function) <= words, name
    assert changed_by(queries.report) == frozenset()


def test_today_is_one_line_of_facts(store: Store) -> None:
    task = commands.add_task(store, "Retry")
    commands.start_timer(store, task.id)
    commands.label_sessions(store, ["claude-code:yesterday"], "delivered")
    found = queries.today(store, "UTC")
    assert (found.day, found.measures.tokens.total, found.to_label, found.running_task) == (date(2026, 11, 21), 200, 3, "Retry")
    assert [row.id for row in queries.sessions_to_label(store, "UTC")] == ["claude-code:today", "claude-code:ticket", "claude-code:old"]
    assert len(queries.sessions_to_label(store, "UTC", days=7)) == 2


def test_the_same_as_last_time_is_offered_and_never_applied(store: Store) -> None:
    assert queries.offer(store, "claude-code:today") is None
    task = commands.add_task(store, "Retry")
    commands.label_sessions(store, ["claude-code:yesterday"], "waste", "loop")
    commands.assign_sessions(store, ["claude-code:yesterday"], task.id)
    assert queries.offer(store, "claude-code:today") == queries.Offer("waste", "loop", task.id)
    assert queries.offer(store, "claude-code:old") is None, "another folder"
    row = queries.session(store, "claude-code:today")
    assert row is not None
    assert (row.label, row.task) == ("", "")


def test_rules_are_previewed_with_what_they_match_and_move(store: Store) -> None:
    one, two = commands.add_task(store, "one"), commands.add_task(store, "two")
    commands.assign_sessions(store, ["claude-code:yesterday"], two.id)
    found = queries.preview_rule(store, "branch", "main", one.id)
    assert (found.sessions, found.tokens) == (3, 257)
    assert (found.moved_sessions, found.moved_tokens) == (2, 207), "what was assigned by hand stays"
    commands.add_rule(store, "branch", "main", one.id)
    by_task = {row.key: row.measures.tokens.total for row in queries.report(store, Query("UTC", by=Dimension.TASK)).rows}
    assert by_task == {"one": 207, "two": 50, "unassigned": 1000}
    assert commands.undo(store)
    by_task = {row.key: row.measures.tokens.total for row in queries.report(store, Query("UTC", by=Dimension.TASK)).rows}
    assert by_task == {"two": 50, "unassigned": 1207}


def test_tickets_in_branches_are_suggested(store: Store) -> None:
    (one,) = [one for one in sorting.suggestions(store) if one.ticket]
    assert (one.ticket, one.sessions, one.tokens) == ("PAY-142", 1, 1000)
    task = sorting.take_suggestion(store, one)
    assert [one for one in sorting.suggestions(store) if one.ticket] == []
    assert [(row.task.name if row.task else None, row.tokens) for row in queries.tasks(store)] == [("PAY-142", 1000), (None, 257)]
    assert commands.undo(store) == "Add the task PAY-142"
    assert queries.tasks(store)[0].task is None
    assert queries.task_name(store, task) == ""


def test_timers_cut_sessions_and_undo_joins_them(store: Store) -> None:
    task = commands.add_task(store, "Retry")
    store.now = lambda: NOW - 2000
    commands.start_timer(store, task.id)
    store.now = lambda: NOW
    commands.stop_timer(store)

    def total() -> dict[str, int]:
        return {row.key: row.measures.tokens.total for row in queries.report(store, Query("UTC", by=Dimension.TASK)).rows}

    assert total() == {"Retry": 100, "unassigned": 1157}
    assert commands.undo(store) == "Stop the timer"
    assert commands.undo(store) == "Work on Retry"
    assert total() == {"unassigned": 1257}
    assert commands.redo(store) == "Work on Retry"
    assert total() == {"Retry": 100, "unassigned": 1157}
    commands.split_session(store, "claude-code:today", NOW - 3000, None)
    assert total() == {"Retry": 100, "unassigned": 1157}


def test_tasks_come_with_their_use_and_label_mix(store: Store) -> None:
    task = commands.add_task(store, "Retry")
    commands.assign_sessions(store, ["claude-code:today", "claude-code:yesterday"], task.id)
    commands.label_sessions(store, ["claude-code:today"], "delivered")
    row = queries.tasks(store)[0]
    assert (row.tokens, row.sessions, row.mix) == (250, 2, {"delivered": 200, "": 50})
    assert queries.recent_tasks(store) == [task]


# ---------------------------------------------------------------------------------------------- weeks


def test_a_week_has_its_evidence(store: Store) -> None:
    task = commands.add_task(store, "Retry")
    commands.assign_sessions(store, ["claude-code:today"], task.id)
    commands.label_sessions(store, ["claude-code:today"], "delivered", note="works")
    commands.label_sessions(store, ["claude-code:ticket"], "exploration")
    found = weeks.evidence(store, "2026-W47", "UTC")
    assert (found.tokens, found.requests, found.sessions) == (1250, 4, 3)
    assert found.labels == {"delivered": 1, "exploration": 1, "not labelled": 1}
    assert found.label_tokens == {"exploration": 1000, "delivered": 200, "not labelled": 50}
    assert found.tasks == {"unassigned": 1050, "Retry": 200}
    assert found.days == {"2026-11-19": 1000, "2026-11-20": 50, "2026-11-21": 200}
    assert found.context_covered == 200
    assert found.notes == (("claude-code:today", "delivered", "works"),)
    assert weeks.evidence(store, "2026-W40", "UTC").sessions == 0
    with pytest.raises(UsageError):
        weeks.evidence(store, "2026-W99", "UTC")


def test_a_checkin_freezes_the_figures_it_was_written_with(store: Store) -> None:
    saved = commands.save_checkin(store, CheckIn("2026-W47", tried="jitter"))
    frozen = weeks.frozen_evidence(saved)
    assert frozen is not None
    assert frozen.tokens == 1250
    log = accounts.accounts(store)[0].id
    ledger.apply(store, ledger.Batch(log, [record(9, "late", NOW - 60, tokens=5)]), RULES)
    kept = queries.checkin(store, "2026-W47")
    assert kept is not None
    assert weeks.frozen_evidence(kept) == frozen
    assert "1.25" in weeks.checkin_markdown(store, "2026-W47", "UTC")
    assert weeks.evidence(store, "2026-W47", "UTC").tokens == 1255


def test_a_page_can_be_read_back(store: Store) -> None:
    words = {"tried": "one\n\ntwo", "worked": "", "failed": "# no heading", "learned": "üñ"}
    page = weeks.markdown(CheckIn("2026-W47", **words), weeks.evidence(store, "2026-W47", "UTC"))  # type: ignore[arg-type]  # all are text
    assert weeks.read_fields(page) == words
    with pytest.raises(UsageError):
        weeks.read_fields("nothing of the kind")


def test_week_facts_are_two_counts_and_no_more(store: Store) -> None:
    api = accounts.add_account(store, "openrouter", "router", "openrouter")
    bucket = UsageRecord(
        stable_key("r"), "openrouter:2:k:20774", (NOW // DAY - 4) * DAY, "m1", Tokens(5), None, Grain.DAY, endpoint="activity",
        origin=Origin.REPORTED, money=(Money(MoneyKind.CASH, "USD", 5),),
    )  # fmt: skip
    ledger.apply(store, ledger.Batch(api, [bucket]), RULES)
    commands.label_sessions(store, ["claude-code:today", "claude-code:old"], "delivered")
    found = facts.week_facts(store, day_number(date(2026, 11, 16)))
    assert (found.days_used, found.labels) == (4, {"": 3, "delivered": 1})
    assert facts.week_facts(store, day_number(date(2026, 9, 28))).labels == {}


def test_the_share_preview_is_drawn_once(store: Store) -> None:
    first = share_preview(store, "2026-W47", NOW)
    commands.label_sessions(store, ["claude-code:today", "claude-code:yesterday", "claude-code:ticket"], "waste")
    assert share_preview(store, "2026-w47", NOW) == first
    assert share_preview(store, "", NOW).week == "2026-W46", "the week that ended last"
    assert first.banner
    assert all(line.code in first.text for line in first.lines)
    assert sum(line.answer for line in first.lines) == 2
    with pytest.raises(UsageError):
        share_preview(store, "2026-W48", NOW)


# ---------------------------------------------------------------------------------------------- prices and accounts


def priced(store: Store) -> tuple[int, dict[str, str]]:
    total = queries.report(store, Query("UTC")).total
    return total.unpriced_requests, {one.kind.value: f"{one.amount:f}" for one in total.money}


def test_a_price_of_the_person_prices_what_had_none(store: Store) -> None:
    assert priced(store) == (5, {})
    assert prices.set_price_override(store, "m1", {"output": "15", "fresh_input": "3.00"}) == 5
    assert priced(store) == (0, {"list_price": "0.018855"}), "1,257 tokens at $15 for a million"
    assert prices.set_price_override(store, "m1", {"output": "30"}) == 0, "what was priced keeps its price"
    for wrong in ({"output": "free"}, {"output": "-1"}, {"gold": "1"}, {}):
        with pytest.raises(UsageError):
            prices.set_price_override(store, "m1", wrong)


def test_own_prices_are_listed_taken_back_and_given_again(store: Store) -> None:
    prices.set_price_override(store, "m1", {"output": "15"})
    assert [(rate.model, rate.prices.output) for rate in queries.own_prices(store)] == [("m1", 15_000_000)]
    assert prices.remove_price_override(store, "m1") == 5
    assert (priced(store), queries.own_prices(store)) == ((5, {}), [])
    with pytest.raises(UsageError):
        prices.remove_price_override(store, "m1")
    assert prices.set_price_override(store, "m1", {"output": "15"}) == 5, "the same price again holds again"
    assert priced(store)[0] == 0


def test_an_alias_prices_a_model_under_another_name(store: Store) -> None:
    assert prices.alias_model(store, "m1", "claude-sonnet-4-20250514") == 5
    assert priced(store) == (0, {"list_price": "0.018855"})
    assert [row.key for row in queries.report(store, Query("UTC", by=Dimension.MODEL)).rows] == ["m1"], "the log's own name stays"
    assert prices.alias_model(store, "m1", "") == 5
    assert priced(store) == (5, {})


def test_accounts_are_added_with_an_address_and_no_key(store: Store) -> None:
    number = commands.add_account(store, "openai", " work ")
    row = queries.find_account(store, "WORK")
    assert (row.id, row.root, row.secret) == (number, "https://api.openai.com/v1", "")
    commands.set_counts(store, number, "none")
    assert queries.find_account(store, str(number)).counts == "none"
    for wrong in (("nobody", "x", ""), ("litellm", "x", ""), ("openai", "x", "ftp://x"), ("claude-code", "x", ""), ("openai", "work", "")):
        with pytest.raises(UsageError):
            commands.add_account(store, *wrong)
    commands.remove_account(store, number)
    with pytest.raises(UsageError):
        queries.find_account(store, "work")


def test_sessions_are_found_by_what_one_types(store: Store) -> None:
    assert queries.find_session(store, "last") == "claude-code:today"
    assert queries.find_session(store, "tod") == "claude-code:today"
    assert queries.find_session(store, "claude-code:old") == "claude-code:old"
    for wrong in ("", "t", "nobody", "claude-code:"):
        with pytest.raises(UsageError) as raised:
            queries.find_session(store, wrong)
        assert raised.value.next_step
    assert [row.id for row in queries.sessions(store, Filter(projects=("/pay",)))] == ["claude-code:ticket"]


def test_an_account_that_has_not_answered_for_two_periods_is_stale(store: Store) -> None:
    now = store.now()
    api = commands.add_account(store, "openai", "work")
    log = accounts.ensure_log_account(store, "codex", "/logs", "Codex", "openai")
    every = providers.every()["openai"].poll_seconds

    def states(age: int, state: AccountState = AccountState.OK, minutes: int = 0) -> list[str]:
        for account in (api, log):
            accounts.set_health(store, AccountHealth(account, state, last_success=now - age))
        return [row.state for row in queries.accounts(store, poll_minutes=minutes) if row.id in (api, log)]

    assert states(2 * every - 60) == ["ok", "ok"]
    assert states(2 * every + 60) == ["stale", "ok"], "logs are read when they change"
    assert states(2 * every + 60, minutes=600) == ["ok", "ok"], "the person asked for a longer period"
    assert states(1200 * 60 + 60, minutes=600) == ["stale", "ok"]
    assert states(9 * every, AccountState.KEY_REFUSED) == ["key refused"] * 2, "what is wrong is said, not how old it is"
