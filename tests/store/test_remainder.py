"""What counts when a log and a report may have seen the same requests (decisions 3)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.store.kit import (
    NOW,
    RULES,
    api_account,
    contents,
    log_account,
    log_records,
    open_store,
    price,
    put,
    record,
    report_records,
    rollups,
)
from tokenpal.model.errors import UsageError
from tokenpal.model.names import base_name
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.model.usage import Grain, UsageRecord, Window
from tokenpal.store import accounts, maintenance
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.sessions import sessions, timeline

DAY = NOW // 86_400 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def reported(key: str = "d", **changes: Any) -> UsageRecord:
    values: dict[str, Any] = {"session": "anthropic:2:k:2025-11-21", "at": DAY, "grain": Grain.DAY, "endpoint": "usage", "requests": 9}
    return record(key, **(values | changes))


def of_accounts(store: Store) -> dict[str, int]:
    return {row.key: row.measures.tokens.total for row in report(store, Query("UTC", by=Dimension.ACCOUNT)).rows}


@given(
    st.lists(log_records, max_size=12), st.lists(report_records, max_size=8), st.randoms(use_true_random=False),
    st.sampled_from(["remainder", "remainder", "all", "none"]),
)  # fmt: skip
def test_no_token_counts_twice_whatever_comes_first(
    logged: list[UsageRecord], told: list[UsageRecord], rnd: random.Random, mode: str
) -> None:
    """For every UTC day, model and class that both name: what counts is the greater of log and report, never more, never less."""
    with TemporaryDirectory() as folder:
        found = []
        for name in ("log first", "report first", "in small steps", "mode changed later"):
            with open_store(Path(folder) / f"{name}.db") as store:
                late = name == "mode changed later"
                log, report_ = log_account(store), api_account(store, counts="all" if late else mode)
                steps = [(log, [item]) for item in logged] + [(report_, [item]) for item in told]
                if name == "log first":
                    steps = [(log, logged), (report_, told)]
                elif name == "report first":
                    steps = [(report_, told), (log, logged)]
                else:
                    rnd.shuffle(steps)
                for account, items in steps:
                    put(store, account, items)
                if late:
                    maintenance.set_counts(store, report_, mode, None, price)
                found.append(contents(store))
                if mode == "remainder":
                    check_remainder(store, log, report_)
                before = rollups(store)
                maintenance.rebuild(store)
                assert rollups(store) == before
        assert found[0] == found[1] == found[2] == found[3]


def check_remainder(store: Store, log: int, told: int) -> None:
    columns = ", ".join(f"u.{name}" for name in CLASSES)
    covered = ", ".join(f"IFNULL(c.{name}, 0)" for name in CLASSES)
    seen: dict[int, Counter[tuple[int, str, str]]] = {log: Counter(), told: Counter(), -1: Counter()}
    for account, at, model, provider, *values in store.execute(
        f"SELECT g.account, u.at, m.name, m.provider, {columns}, {covered} FROM usage u JOIN segment g ON g.id = u.segment JOIN model m ON m.id = u.model"
        " LEFT JOIN covered c ON c.usage = u.id WHERE u.counted = 1"
    ):
        assert provider in {"", "aws"}, "the account's own needs no name"
        if provider == "aws":  # bought elsewhere: in no report of Anthropic
            continue
        for name, whole, gone in zip(CLASSES, values[:6], values[6:], strict=True):
            key = (at // 86_400, base_name(model), name)
            seen[account][key] += whole
            seen[-1][key] += whole - gone
            assert 0 <= gone <= whole
            assert account == told or gone == 0, "nothing is taken off logs"
    unnamed = {key[0] for key, count in seen[-1].items() if count and not key[1]}
    for key in seen[-1]:
        # Use without a model is set against whatever is left of the day, writes of one life against those of another.
        if key[0] in unnamed or "write" in key[2]:
            assert seen[-1][key] <= seen[log][key] + seen[told][key]
        else:
            assert seen[-1][key] == max(seen[log][key], seen[told][key]), key
    for day in {key[0] for key in seen[-1]}:
        for name in ("fresh_input", "cache_read", "cache_write", "output"):
            parts = [sum(count for key, count in seen[each].items() if key[0] == day and key[2].startswith(name)) for each in (log, told, -1)]
            assert max(parts[:2]) <= parts[2] <= sum(parts[:2])
    for day, base in {key[:2] for key in seen[-1] if key[0] not in unnamed}:
        written = [sum(seen[each][day, base, name] for name in CLASSES if "write" in name) for each in (log, told, -1)]
        assert written[2] == max(written[:2])


def test_the_report_adds_what_no_log_covers_and_its_list_price_is_that_of_the_rest(store: Store) -> None:
    put(store, api_account(store), [reported(tokens=Tokens(100, 50, 0, 0, 0, 30))])
    assert of_accounts(store) == {"work": 180}
    put(store, log_account(store), [record(at=DAY + 70, tokens=Tokens(60, 80, 0, 0, 0, 10))])
    assert of_accounts(store) == {"work": 60, "claude-code /home/me/.claude": 150}
    answer = report(store, Query("UTC", by=Dimension.ACCOUNT))
    rest = next(row.measures for row in answer.rows if row.key == "work")
    assert rest.tokens == Tokens(40, 0, 0, 0, 0, 20)
    assert rest.requests == 8
    assert rest.money[0].pico == 40 * 3 + 20 * 15
    put(store, log_account(store), [record("m2", at=DAY + 99, tokens=Tokens(60, 80, 0, 0, 0, 40))])
    assert of_accounts(store) == {"claude-code /home/me/.claude": 330}, "covered to the last token: it is no use of its own"
    assert [row.agent for row in sessions(store)] == ["claude-code"]
    assert timeline(store, "anthropic:2:k:2025-11-21") == []


def test_other_providers_days_and_models_cover_nothing(store: Store) -> None:
    put(store, api_account(store), [reported(tokens=Tokens(100))])
    put(store, log_account(store), [record("a", at=DAY - 1, tokens=Tokens(7)), record("b", at=DAY, model="dear", tokens=Tokens(7))])
    put(store, log_account(store, "/codex", "openai", "codex"), [record("c", at=DAY, session="codex:1", tokens=Tokens(7))])
    assert of_accounts(store)["work"] == 100


def test_spellings_of_a_model_are_one_model(store: Store) -> None:
    put(store, api_account(store), [reported(model="claude-sonnet-5-20260929", tokens=Tokens(100))])
    put(store, log_account(store), [record(at=DAY, model="us.anthropic.claude-sonnet-5-20260929-v1:0", tokens=Tokens(70))])
    assert of_accounts(store)["work"] == 30


def test_two_accounts_share_what_the_logs_cover_and_each_token_is_taken_off_once(store: Store) -> None:
    first, second = api_account(store), api_account(store, "home")
    put(store, log_account(store), [record(at=DAY, tokens=Tokens(120))])
    put(store, first, [reported("a", tokens=Tokens(100))])
    put(store, second, [reported("b", session="anthropic:3:k:2025-11-21", tokens=Tokens(100))])
    assert sum(of_accounts(store).values()) == 200


def test_all_none_and_mirrors(store: Store) -> None:
    whole, other = api_account(store, counts="all"), api_account(store, "gateway", counts="remainder")
    put(store, log_account(store), [record(at=DAY, tokens=Tokens(60))])
    put(store, whole, [reported("a", tokens=Tokens(100))])
    put(store, other, [reported("b", session="anthropic:3:k:2025-11-21", tokens=Tokens(100))])
    assert of_accounts(store) == {"work": 100, "gateway": 40, "claude-code /home/me/.claude": 60}
    maintenance.set_counts(store, other, "remainder", whole, price)
    assert of_accounts(store) == {"work": 100, "claude-code /home/me/.claude": 60}
    maintenance.set_counts(store, whole, "none", None, price)
    assert of_accounts(store) == {"claude-code /home/me/.claude": 60}
    maintenance.set_counts(store, whole, "all", None, price)
    maintenance.set_counts(store, other, "all", None, price)
    assert sum(of_accounts(store).values()) == 260
    for mistake in (("some", None), ("all", whole), ("all", 99)):
        with pytest.raises(UsageError):
            maintenance.set_counts(store, whole, *mistake, price)


def test_a_window_that_shrinks_gives_its_cover_back(store: Store) -> None:
    account = api_account(store)
    put(store, log_account(store), [record(at=DAY, tokens=Tokens(60))])
    window = Window("usage", DAY, DAY + 86_400)
    put(store, account, [window, reported("a", at=DAY, grain=Grain.HOUR, tokens=Tokens(50)), reported("b", at=DAY + 3600, grain=Grain.HOUR, tokens=Tokens(50))])
    assert of_accounts(store)["work"] == 40
    put(store, account, [window, reported("b", at=DAY + 3600, grain=Grain.HOUR, tokens=Tokens(50))])
    assert "work" not in of_accounts(store)
    assert store.execute("SELECT COUNT(*) FROM usage JOIN covered ON usage = id").fetchone()[0] == 1
    assert RULES.price is price


def test_the_log_of_any_agent_covers_the_report_of_the_provider_it_talked_to(store: Store) -> None:
    """OpenCode with an Anthropic key, and what it did with other keys; the record's own word decides."""
    put(store, api_account(store), [reported(tokens=Tokens(100, 0, 0, 0, 40, 30))])
    several = log_account(store, "/opencode", "any", "opencode")
    put(store, several, [record("a", at=DAY + 5, session="opencode:1", tokens=Tokens(60, 0, 10, 20, 0, 10), provider="anthropic")])
    put(store, several, [record("b", at=DAY + 6, session="opencode:1", tokens=Tokens(7), provider="openrouter")])
    assert of_accounts(store) == {"work": 70, "opencode /opencode": 107}, "40 fresh, 20 out, and 10 of the 40 written"
    assert {row.key: row.measures.tokens.total for row in report(store, Query("UTC", by=Dimension.PROVIDER)).rows} == {"anthropic": 170, "openrouter": 7}
    assert [row.key for row in report(store, Query("UTC", by=Dimension.MODEL)).rows] == ["cheap"], "one model, whoever sold it"
    other = log_account(store, "/codex", "openai", "codex")
    put(store, other, [record("c", at=DAY + 7, session="codex:1", tokens=Tokens(40), provider="anthropic")])
    assert of_accounts(store)["work"] == 30, "also a record that is not its account's own"
    put(store, several, [record("a", at=DAY + 5, session="opencode:1", tokens=Tokens(60, 0, 10, 20, 0, 30), provider="anthropic")])
    assert of_accounts(store)["work"] == 10, "as the log grows"
    accounts.remove_account(store, several, keep_history=False, price=price)
    assert of_accounts(store)["work"] == 130, "what no log knows any more is the report's again; Codex has 40"


def test_a_provider_that_nobody_names_is_the_maker_of_the_model(store: Store) -> None:
    put(store, api_account(store), [reported(model="claude-sonnet-5", tokens=Tokens(100))])
    several = log_account(store, "/llm", "any", "llm")
    put(store, several, [record("a", at=DAY, session="llm:1", model="claude-sonnet-5", tokens=Tokens(30)), record("b", at=DAY, session="llm:1", model="qwen3", tokens=Tokens(5))])
    assert of_accounts(store) == {"work": 70, "llm /llm": 35}
    assert {row.key: row.measures.tokens.total for row in report(store, Query("UTC", by=Dimension.PROVIDER)).rows} == {"anthropic": 100, "unknown": 5}
    for name, total in (("anthropic", 100), ("unknown", 5)):
        assert report(store, Query("UTC", filter=Filter(providers=(name,)))).total.tokens.total == total
    assert [row.id for row in sessions(store, Filter(providers=("unknown",)))] == ["llm:1"]
    assert sessions(store, Filter(providers=("unknown",), models=("claude-sonnet-5",))) == [], "the same use has to fit both"
    assert len(sessions(store, Filter(providers=("anthropic",)))) == 2


def test_what_is_handed_over_comes_between_logs_and_reports(store: Store) -> None:
    """A file of another tool repeats the logs, and the report repeats both; two such files repeat each other."""
    first = accounts.add_account(store, "ccusage", "file", "any", kind="inbox")
    second = accounts.add_account(store, "tokscale", "other", "any", kind="inbox")
    handed: dict[str, Any] = {"session": "import:1", "at": DAY, "grain": Grain.DAY, "endpoint": "import", "provider": "anthropic"}
    put(store, first, [record("x", tokens=Tokens(80), **handed)])
    put(store, second, [record("y", tokens=Tokens(90), **{**handed, "session": "import:2"})])
    put(store, api_account(store), [reported(tokens=Tokens(100))])
    assert of_accounts(store) == {"file": 80, "other": 10, "work": 10}
    put(store, log_account(store), [record(at=DAY, tokens=Tokens(85))])
    assert of_accounts(store) == {"claude-code /home/me/.claude": 85, "other": 5, "work": 10}
    maintenance.set_counts(store, first, "all", None, price)
    assert of_accounts(store) == {"claude-code /home/me/.claude": 85, "file": 80}, "another machine's, says the person: then the report has both"


def test_use_without_a_model_covers_what_is_left_of_the_day(store: Store) -> None:
    put(store, api_account(store), [reported("a", tokens=Tokens(100)), reported("b", model="dear", tokens=Tokens(50))])
    put(store, log_account(store), [record("m", at=DAY, model="", tokens=Tokens(120)), record("n", at=DAY, model="dear", tokens=Tokens(20))])
    assert of_accounts(store) == {"claude-code /home/me/.claude": 140, "work": 10}
