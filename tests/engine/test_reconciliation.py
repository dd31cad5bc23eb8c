"""Report against logs over a real data file: what is set against what, and that nothing is lost between the two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.store.kit import NOW, api_account, log_account, log_records, open_store, put, record, report_records
from tokenpal.engine import commands, options
from tokenpal.engine.reconciliation import Reconciliation, reconciliation, reporting
from tokenpal.insight.differences import Cause, Sure
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.names import base_name
from tokenpal.model.report import Dimension, Query
from tokenpal.model.sides import NOTHING, add, tokens
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, LimitReading, Origin, Quality, UsageRecord, Window
from tokenpal.store import accounts, report
from tokenpal.store.database import Store

TODAY = NOW // 86_400 * 86_400
DAY = TODAY - 86_400
EVERYTHING = {"first": date(2000, 1, 1)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db") as made:
        yield made


def told(key: str = "r1", at: int = DAY, **changes: object) -> UsageRecord:
    values = {"session": f"anthropic:2:k:{at}", "at": at, "model": "sonnet-5", "grain": Grain.DAY, "origin": Origin.REPORTED, "requests": 10, "endpoint": "usage"}
    return record(f"told {key} {at}", **{**values, **changes})


def answered(store: Store, account: int, at: int = NOW) -> int:
    accounts.set_health(store, AccountHealth(account, AccountState.OK, last_success=at))
    return account


def causes(found: Reconciliation) -> dict[tuple[Cause, Sure], int]:
    return {(part.cause, part.sure): part.tokens for part in found.total.parts}


def test_it_says_what_is_on_both_sides_before_any_cover(store: Store) -> None:
    work = answered(store, api_account(store))
    put(store, work, [told(tokens=Tokens(100, 50, 0, 0, 0, 30)), told("other", model="haiku-4", tokens=Tokens(7), requests=1)])
    put(store, log_account(store), [record(at=DAY + 5 * 3600, model="anthropic/sonnet-5-20260101", tokens=Tokens(60, 50, 0, 0, 0, 30))])
    found = reconciliation(store, work)
    assert [(line.model, line.reported, line.measured, line.counted) for line in found.lines] == [
        ("haiku-4", (7, 0, 0, 0, 0, 0, 1), NOTHING, 7),
        ("sonnet-5", (100, 50, 0, 0, 0, 30, 10), (60, 50, 0, 0, 0, 30, 1), 40),
    ]
    assert causes(found) == {(Cause.ELSEWHERE, Sure.LIKELY): 47}
    assert found.headline == "The report has 47 tokens more: 187 reported, 140 in logs."
    assert found.rule.startswith("Logs count.")
    assert found.empty == ("", "")
    commands.set_counts(store, work, "none")
    assert [line.counted for line in reconciliation(store, work).lines] == [0, 0]
    assert [row.name for row in reporting(store)] == ["work"]


def test_only_logs_of_the_same_provider_are_set_against_it(store: Store) -> None:
    work = answered(store, api_account(store))
    put(store, work, [told(tokens=Tokens(100))])
    other = log_account(store, "/codex", "openai", "codex")
    put(store, other, [record("c", session="codex:1", at=DAY, model="sonnet-5", tokens=Tokens(40))])
    assert tokens(reconciliation(store, work).total.measured) == 0
    put(store, other, [record("d", session="codex:1", at=DAY, model="sonnet-5", tokens=Tokens(30), provider="anthropic")])
    assert tokens(reconciliation(store, work).total.measured) == 30


def test_use_after_the_last_answer_waits_and_use_just_before_it_probably_does(store: Store) -> None:
    work = answered(store, api_account(store), NOW - 3600 * 3)
    put(store, work, [told(at=TODAY - 40 * 86_400, tokens=Tokens(1)), told("x", at=TODAY, tokens=Tokens(100), grain=Grain.HOUR, requests=1)])
    log = log_account(store, source="other")
    for hours, amount in ((-12, 100), (-4, 20), (-2, 7), (-1, 5)):
        put(store, log, [record(f"m{hours}", at=NOW + hours * 3600, model="sonnet-5", tokens=Tokens(amount))])
    found = reconciliation(store, work)
    assert causes(found) == {(Cause.WAITING, Sure.CERTAIN): -12, (Cause.WAITING, Sure.LIKELY): -20}


def test_what_a_plan_covers_and_what_another_account_reports(store: Store) -> None:
    work, home = answered(store, api_account(store)), answered(store, api_account(store, "home"))
    put(store, work, [told(at=DAY - 86_400, tokens=Tokens(1)), told(at=DAY, model="other", tokens=Tokens(5))])
    put(store, home, [told("home", session="anthropic:3:k", tokens=Tokens(30))])
    log = log_account(store, source="other")
    put(store, log, [record(at=DAY + 40_000, model="sonnet-5", tokens=Tokens(100)), LimitReading("5 hours", 20.0, NOW, NOW + 3600, 300)])
    assert {(part.cause, part.sure, part.tokens) for line in reconciliation(store, work).lines if line.model == "sonnet-5" and line.day == DAY // 86_400 for part in line.parts} == {
        (Cause.OTHER_ACCOUNT, Sure.LIKELY, -30), (Cause.PLAN, Sure.LIKELY, -70),
    }  # fmt: skip


def test_what_was_imported_and_what_is_mirrored_is_no_other_account(store: Store) -> None:
    work = answered(store, api_account(store))
    inbox = accounts.add_account(store, "jsonl", "laptop", "anthropic", kind="inbox")
    gateway = accounts.add_account(store, "litellm", "gateway", "anthropic", mirror_of=work)
    put(store, work, [told(tokens=Tokens(100))])
    put(store, inbox, [told("laptop", session="jsonl:1", tokens=Tokens(70), requests=6)])
    put(store, gateway, [told("gateway", session="litellm:1", tokens=Tokens(100))])
    put(store, log_account(store, source="other"), [record(at=DAY + 40_000, model="sonnet-5", tokens=Tokens(20)), record("m2", at=DAY + 40_000, model="mine", tokens=Tokens(9))])
    assert causes(reconciliation(store, work)) == {(Cause.HANDED, Sure.LIKELY): 70, (Cause.ELSEWHERE, Sure.LIKELY): 10, (Cause.UNKNOWN, Sure.OPEN): -9}
    assert reconciliation(store, inbox).total.parts[0].cause is not Cause.HANDED


def test_a_hand_over_that_does_not_say_whose_it_is(store: Store) -> None:
    inbox = accounts.add_account(store, "jsonl", "other tracker", "any", kind="inbox")
    put(store, inbox, [told(model="mystery", tokens=Tokens(70), requests=1), told("said", model="sonnet-5", tokens=Tokens(5), requests=1, provider="anthropic")])
    put(store, log_account(store, "/codex", "openai", "codex"), [record("c", session="codex:1", at=DAY + 40_000, model="mystery", tokens=Tokens(70)), record("d", session="codex:1", at=DAY + 40_000, model="sonnet-5", tokens=Tokens(5))])
    found = reconciliation(store, inbox, date(2020, 1, 1))
    assert [(line.model, tokens(line.reported), tokens(line.measured)) for line in found.lines] == [("mystery", 70, 70), ("sonnet-5", 5, 0)]


def test_an_account_with_only_these_keys(store: Store) -> None:
    work = answered(store, api_account(store))
    put(store, work, [told(tokens=Tokens(10), requests=1)])
    put(store, log_account(store, source="other"), [record(at=DAY + 40_000, model="sonnet-5", tokens=Tokens(40))])
    assert causes(reconciliation(store, work)) == {(Cause.UNKNOWN, Sure.OPEN): -30}
    options.give(store, work, {"api_key_id": "apikey_1"})
    assert causes(reconciliation(store, work)) == {(Cause.NARROWED, Sure.POSSIBLE): -30}


def test_a_log_that_says_it_lacks_the_end_of_an_answer(store: Store) -> None:
    work = answered(store, api_account(store))
    put(store, work, [told(tokens=Tokens(50, 0, 0, 0, 0, 90), requests=1)])
    put(store, log_account(store), [record(at=DAY + 40_000, model="sonnet-5", tokens=Tokens(50, 0, 0, 0, 0, 20), quality=Quality.LOWER_BOUND)])
    assert causes(reconciliation(store, work)) == {(Cause.STREAM, Sure.LIKELY): 70}


def test_what_the_provider_corrected_later(store: Store) -> None:
    work = answered(store, api_account(store))
    window = Window("usage", DAY - 5 * 86_400, DAY - 4 * 86_400)
    put(store, work, [window, told(at=window.start, tokens=Tokens(60), requests=1)])
    put(store, log_account(store), [record(at=window.start + 40_000, model="sonnet-5", tokens=Tokens(60))])
    assert causes(reconciliation(store, work)) == {}
    put(store, work, [window, told(at=window.start, tokens=Tokens(75), requests=1)])
    assert causes(reconciliation(store, work)) == {(Cause.CORRECTION, Sure.LIKELY): 15}


def test_use_over_midnight_is_found_at_the_edge_of_what_is_shown(store: Store) -> None:
    work = answered(store, api_account(store))
    put(store, work, [told(at=DAY - 86_400, tokens=Tokens(100), requests=1), told(at=DAY, tokens=Tokens(60), requests=1)])
    log = log_account(store, source="other")
    put(store, log, [record("a", at=DAY - 40_000, model="sonnet-5", tokens=Tokens(100)), record("b", at=DAY - 60, model="sonnet-5", tokens=Tokens(60))])
    assert causes(reconciliation(store, work)) == {}, "it evens out"
    first = date.fromtimestamp(DAY)
    found = reconciliation(store, work, first, first + timedelta(days=1))
    assert causes(found) == {(Cause.MIDNIGHT, Sure.LIKELY): 60}
    assert len(found.lines) == 1


def test_what_there_is_to_say_when_there_is_nothing_to_compare(store: Store) -> None:
    work, log = api_account(store), log_account(store)
    assert reconciliation(store, log).empty[0] == "Logs are compared from the other side."
    assert reconciliation(store, work).empty[0] == "Nothing to compare yet."
    answered(store, work)
    assert reconciliation(store, work).empty[0] == "Nothing to compare."
    put(store, work, [told(at=DAY - 400 * 86_400, tokens=Tokens(9))])
    assert reconciliation(store, work).empty[0] == "Only one side."
    put(store, log, [record(at=DAY - 500 * 86_400, model="sonnet-5", tokens=Tokens(9))])
    assert reconciliation(store, work).empty[0] == "Nothing in these days."
    assert len(reconciliation(store, work, **EVERYTHING).lines) == 1, "what logs had before the report began is not compared"
    assert reconciliation(store, work, date(2026, 1, 2), date(2026, 1, 2)).lines == ()


# ---------------------------------------------------------------------------------------------- any ledger


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs=st.lists(log_records, max_size=12), reports=st.lists(report_records, max_size=8), counts=st.sampled_from(["all", "remainder", "none"]))
def test_both_sides_are_those_of_the_ledger_and_causes_add_up(tmp_path_factory: pytest.TempPathFactory, logs: list[UsageRecord], reports: list[UsageRecord], counts: str) -> None:
    with open_store(tmp_path_factory.mktemp("any") / "t.db") as store:
        log, work = log_account(store), answered(store, api_account(store, counts=counts))
        put(store, log, logs)
        put(store, work, reports)
        found = reconciliation(store, work, **EVERYTHING)
        if not found.lines:
            assert not any(sum(row) for row in store.execute("SELECT u.fresh_input + u.output + u.cache_read FROM usage u JOIN reported r ON r.usage = u.id"))
            return
        begin = min(one.at for one in reports if one.tokens.total) // 86_400
        sums: dict[tuple[str, int, str], int] = {}
        others = 0
        for account, at, model, provider, total_, covered in store.execute(
            "SELECT g.account, u.at, m.name, m.provider, u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output,"
            " IFNULL(c.fresh_input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.cache_write_other + c.output, 0)"
            " FROM usage u JOIN segment g ON g.id = u.segment JOIN model m ON m.id = u.model LEFT JOIN covered c ON c.usage = u.id WHERE u.counted = 1"
        ):
            if provider not in {"", "anthropic"}:  # a log's request to somebody else
                others += total_
                continue
            for side, amount in (("reported", total_), ("counted", total_ - covered)) if account == work else (("measured", total_),):
                key = (side, at // 86_400, base_name(model))
                sums[key] = sums.get(key, 0) + amount
        for line in found.lines:
            place = (line.day, line.model)
            assert tokens(line.reported) == sums.pop(("reported", *place), 0)
            assert tokens(line.measured) == sums.pop(("measured", *place), 0)
            assert line.counted == sums.pop(("counted", *place), 0)
            assert add(NOTHING, *(part.figures for part in line.parts)) == line.difference
        assert not any(amount for (_, day, _), amount in sums.items() if day >= begin), "nothing is left out"
        whole = report.report(store, Query("UTC", by=Dimension.ACCOUNT)).rows
        if all(one.at // 86_400 >= begin for one in logs):
            assert sum(row.measures.tokens.total for row in whole) == tokens(found.total.measured) + found.total.counted + others
