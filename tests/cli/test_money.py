"""Exchange rates, repricing and corrections from outside: what is printed, what scripts read, what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cli.runner import Machine
from tokenpal.engine import commands
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Origin, UsageRecord, Window, stable_key
from tokenpal.store import ledger
from tokenpal.store.database import Store
from tokenpal.system.paths import inside

DAY = 1_795_132_800  # 2026-11-20 00:00 UTC, on which the machine's logs lie
SPAN = ("--since", "2026-11-19", "--until", "2026-11-22", "--tz", "UTC")


def report_twice(machine: Machine) -> None:
    """An account that billed euros, and said less of the day later."""
    with Store.open(inside(machine.profile).database) as store:
        account = commands.add_account(store, "anthropic", "Work")
        for now, tokens, euros in ((DAY + 2 * 86_400, 90_000, "2.16"), (DAY + 3 * 86_400, 80_000, "1.08")):
            store.now = lambda now=now: now  # type: ignore[misc]  # bound early
            told = UsageRecord(
                stable_key("a"), "anthropic:1:k", DAY, "claude-sonnet-4-20250514", Tokens(tokens), grain=Grain.DAY, endpoint="usage",
                origin=Origin.REPORTED, money=(Money.of(MoneyKind.CASH, euros, "EUR"),),
            )  # fmt: skip
            items: list[Item] = [Window("usage", DAY, DAY + 86_400), told]
            ledger.apply(store, ledger.Batch(account, items), ledger.Rules())


def test_rates_are_entered_listed_and_forgotten(machine: Machine) -> None:
    assert machine.run("prices", "rate", "eur", "1.08", "--day", "2026-11-20").out == "1 EUR = 1.08 USD on 2026-11-20, your rate.\n"
    machine.run("prices", "rate", "EUR", "1.10", "--day", "2026-11-21")
    machine.run("prices", "rate", "GBP", "1.3", "--day", "2026-11-20")
    assert machine.json("prices", "rates") == [
        {"currency": "EUR", "day": "2026-11-21", "usd": "1.10", "origin": "person"},
        {"currency": "EUR", "day": "2026-11-20", "usd": "1.08", "origin": "person"},
        {"currency": "GBP", "day": "2026-11-20", "usd": "1.3", "origin": "person"},
    ]
    machine.run("prices", "rate", "EUR", "1.09", "--day", "2026-11-21")
    assert "1.09" in machine.run("prices", "rates").out
    assert machine.run("prices", "rate", "EUR", "--remove", "--day", "2026-11-21").out == "1 rate forgotten.\n"
    assert [row["currency"] for row in machine.json("prices", "rates")] == ["EUR", "GBP"]
    for wrong in (("EUR",), ("EUR", "abc"), ("EUR", "0"), ("EUR", "nan"), ("USD", "1"), ("EURO", "1"), ("CHF", "--remove"), ("EUR", "1", "--day", "soon")):
        done = machine.run("prices", "rate", *wrong)
        assert (done.code, done.out) == (2, ""), wrong
        assert len(done.err.splitlines()) == 2
    assert [row["usd"] for row in machine.json("prices", "rates")] == ["1.08", "1.3"]


def test_a_converted_total_says_its_rate_and_day_and_changes_nothing(filled: Machine) -> None:
    report_twice(filled)
    plain = filled.json("report", "--by", "account", *SPAN)
    assert "converted" not in plain
    apart = filled.json("report", "--by", "account", *SPAN, "--in", "USD")["converted"]
    assert (apart["apart"], apart["rates"]) == ({"cash": {"EUR": "1.08"}}, []), "no rate: shown apart"
    filled.run("prices", "rate", "EUR", "1.2", "--day", "2026-11-20")
    found = filled.json("report", "--by", "account", *SPAN, "--in", "usd")
    assert {key: value for key, value in found.items() if key != "converted"} == plain
    assert found["converted"]["money"]["cash"] == {"USD": "1.296"}
    assert found["converted"]["rates"] == [{"currency": "EUR", "usd": "1.2", "day": "2026-11-20", "origin": "person"}]
    in_euros = filled.json("report", "--by", "account", *SPAN, "--in", "EUR")["converted"]["money"]
    assert in_euros["cash"] == {"EUR": "1.08"}
    dollars = Decimal(plain["total"]["money"]["list_price"]["USD"])
    assert abs(Decimal(in_euros["list_price"]["EUR"]) * Decimal("1.2") - dollars) <= Decimal("1e-12")
    said = filled.run("report", "--by", "account", *SPAN, "--in", "EUR").err
    assert "In EUR:" in said
    assert "1 EUR = 1.2 USD on 2026-11-20, your rate" in said
    settings = filled.profile / "config" / "settings.toml"
    assert not settings.exists() or "currency" not in settings.read_text("utf-8")


def test_a_correction_is_said_as_one(filled: Machine) -> None:
    report_twice(filled)
    (one,) = filled.json("report", *SPAN)["corrections"]
    assert (one["account"], one["report"], one["day"], one["model"]) == ("Work", "usage", "2026-11-20", "claude-sonnet-4-20250514")
    assert (one["before"]["total"], one["after"]["total"]) == (90_000, 80_000)
    assert (one["before"]["money"], one["after"]["money"]) == ({"cash": {"EUR": "2.16"}}, {"cash": {"EUR": "1.08"}})
    said = filled.run("report", *SPAN).err
    assert "Corrected by the provider: Work, 2026-11-20, claude-sonnet-4-20250514: 90,000 tokens became 80,000, €2.16 billed became €1.08 billed." in said
    assert "Corrected" not in filled.run("report", "--since", "2026-11-21", "--until", "2026-11-22").err
    assert "Corrected" in filled.run("report", *SPAN, "--account", "Work").err
    assert "corrections" not in filled.json("report", *SPAN, "--model", "gpt-5")
    listed = {row["name"]: row["corrections"] for row in filled.json("accounts", "list")}
    assert listed["Work"] == [one]
    assert listed["Claude Code"] == []
    assert "Work: Corrected by the provider: 2026-11-20, claude-sonnet-4-20250514: 90,000 tokens became 80,000" in filled.run("accounts", "list").err


@pytest.fixture
def priced(filled: Machine) -> Machine:
    """An own price for the model that had none, then another one: what has a price keeps it."""
    for usd in ("1", "3"):
        assert filled.run("prices", "set", "made-up-model", "--input", usd, "--output", usd).code == 0
    return filled


def test_reprice_shows_first_and_changes_only_when_told(priced: Machine) -> None:
    before = priced.json("report", "--by", "model")
    (row,) = priced.json("reprice")["rows"]
    assert (row["month"], row["model"], row["why"], row["records"]) == ("2026-11", "made-up-model", "own_price", 1)
    assert (row["before"], row["after"]) == ({"USD": "0.000314", "unpriced_records": 0}, {"USD": "0.000942", "unpriced_records": 0})
    shown = priced.run("reprice")
    assert "made-up-model" in shown.out
    assert "tokenpal reprice --yes" in shown.out
    assert priced.run("reprice", "--since", "2026-11-21").out == "Everything has today's prices already.\n"
    assert priced.json("report", "--by", "model") == before
    done = priced.run("reprice", "--yes")
    assert "1 record changed" in done.out
    after = {one["key"]: one["money"] for one in priced.json("report", "--by", "model")["rows"]}
    assert after["made-up-model"] == {"list_price": {"USD": "0.000942"}}
    assert priced.json("reprice", "--yes") == {"changed": 0, "rows": []}
    assert priced.run("undo").code == 0
    assert priced.json("report", "--by", "model") == before
    assert priced.run("redo").code == 0
    assert priced.json("reprice")["rows"] == []


def test_days_that_make_no_sense_are_refused(machine: Machine) -> None:
    for wrong in (("--since", "soon"), ("--since", "2026-11-21", "--until", "2026-11-20")):
        assert machine.run("reprice", *wrong).code == 2
    assert machine.run("reprice", "--json").json == {"changed": 0, "rows": []}
