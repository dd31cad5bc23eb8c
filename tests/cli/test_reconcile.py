"""``tokenpal reconcile`` from outside: what it prints, what scripts read, how the rule is changed and what it refuses."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.runner import Machine
from tokenpal.engine import commands
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Origin, UsageRecord, stable_key
from tokenpal.store import accounts, ledger
from tokenpal.store.database import Store
from tokenpal.system.paths import inside

DAY = 1_795_132_800  # 2026-11-20 00:00 UTC, on which the machine's logs lie


@pytest.fixture
def reporting(filled: Machine) -> Machine:
    """The machine with its logs, and an Anthropic account that reported that day."""
    with Store.open(inside(filled.profile).database) as store:
        account = commands.add_account(store, "anthropic", "Work")
        accounts.set_health(store, AccountHealth(account, AccountState.OK, last_success=DAY + 2 * 86_400))
        told = {"session": "anthropic:1:k", "at": DAY, "grain": Grain.DAY, "origin": Origin.REPORTED, "endpoint": "usage"}
        records = [
            UsageRecord(stable_key("a"), model="claude-sonnet-4-20250514", tokens=Tokens(90_000, 35_000, 0, 0, 0, 900), requests=7, **told),
            UsageRecord(stable_key("b"), model="claude-haiku-4", tokens=Tokens(1_000), requests=2, **told),
        ]
        ledger.apply(store, ledger.Batch(account, records), ledger.Rules())
        commands.add_account(store, "openrouter", "Gateway")
    return filled


def test_both_sides_and_causes_that_add_up(reporting: Machine) -> None:
    found = reporting.json("reconcile", "--since", "2026-11-19", "--until", "2026-11-21")
    (work,) = found["accounts"]
    assert (work["account"], work["provider"], work["counts"], work["mirror_of"], work["from"], work["to"]) == ("Work", "anthropic", "remainder", None, "2026-11-19", "2026-11-21")
    assert {(row["day"], row["model"]) for row in work["rows"]} == {("2026-11-20", name) for name in ("claude-sonnet-4", "claude-haiku-4", "made-up-model")}
    for row in (*work["rows"], work["total"]):
        for name, apart in row["difference"].items():
            assert apart == row["reported"][name] - row["measured"][name]
            assert apart == sum(cause[name] for cause in row["causes"])
        assert all(cause["sentence"].endswith(".") and cause["sure"] for cause in row["causes"])
    assert work["total"]["reported"]["requests"] == 9
    assert work["headline"] in reporting.run("reconcile", "--since", "2026-11-19", "--until", "2026-11-21").out
    totals = reporting.json("report", "--by", "account", "--since", "2026-11-19", "--until", "2026-11-22", "--tz", "UTC")["rows"]
    assert next(row["total"] for row in totals if row["key"] == "Work") == work["total"]["counted"]


def test_by_day_by_model_and_csv(reporting: Machine) -> None:
    span = ("--since", "2026-11-19", "--until", "2026-11-21")
    by_model = reporting.json("reconcile", *span, "--by", "model")["accounts"][0]["rows"]
    assert by_model[0]["model"] == "claude-sonnet-4"
    assert all("day" not in row for row in by_model)
    (day,) = reporting.json("reconcile", *span, "--by", "day")["accounts"][0]["rows"]
    assert day["reported"]["fresh_input"] == 91_000
    rows = list(csv.DictReader(io.StringIO(reporting.run("reconcile", *span, "--csv").out)))
    assert {row["account"] for row in rows} == {"Work"}
    for row in rows:
        apart = sum(int(row[f"difference_{name}"]) for name in ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output"))
        assert apart == sum(int(value) for name, value in row.items() if name.startswith("because_"))
    for width in ("40", "80", "200"):
        out = reporting.run("reconcile", *span, env={"COLUMNS": width}).out
        assert max(map(len, out.splitlines())) <= int(width)


def test_the_rule_is_set_and_taken_back(reporting: Machine) -> None:
    span = ("--since", "2026-11-19", "--until", "2026-11-21")

    def counted() -> int:
        return int(reporting.json("reconcile", *span)["accounts"][0]["total"]["counted"])

    rest = counted()
    done = reporting.run("reconcile", "--set", "work=all")
    assert (done.code, "Everything that Work reports" in done.out, "tokenpal undo" in done.err) == (0, True, True)
    assert counted() == 126_900 > rest
    assert reporting.run("reconcile", "--set", "Work=none", "--set", "Gateway=mirror:Work").code == 0
    assert counted() == 0
    assert "same requests as Work" in reporting.run("reconcile", "--account", "Gateway").out
    for _ in range(3):
        assert reporting.run("undo").code == 0
    assert counted() == rest


@pytest.mark.parametrize(
    "words",
    [
        ("--account", "nobody"), ("--set", "Work"), ("--set", "Work=some"), ("--set", "Work=mirror:nobody"), ("--set", "Work=mirror:Work"),
        ("--set", "nobody=all"), ("--set", "codex=none"), ("--set", "Work=all", "--by", "day"), ("--set", "Work=all", "--json"), ("--by", "hour"),
        ("--since", "2026-11-21", "--until", "2026-11-20"),
    ],
)  # fmt: skip
def test_what_it_refuses(reporting: Machine, words: tuple[str, ...]) -> None:
    done = reporting.run("reconcile", *words)
    assert done.code == 2
    assert len(done.err.splitlines()) == 2, "a sentence and a next step"
    assert not done.out


def test_nothing_to_compare(filled: Machine) -> None:
    done = filled.run("reconcile")
    assert (done.code, "no account has reported" in done.out.lower(), "accounts add" in done.err) == (0, True, True)
    assert filled.json("reconcile")["accounts"] == []
    assert filled.run("reconcile", "--csv").out.startswith("account,day,model,")
    assert "other side" in filled.run("reconcile", "--account", "codex").out
