"""``tokenpal limits`` and ``tokenpal accounts roots`` from the command line."""

from __future__ import annotations

import shutil
import time

from tests.cli.runner import Machine, codex_lines, write_codex
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.store import accounts, readings
from tokenpal.store.database import Store


def fill(machine: Machine) -> int:
    """A window that is used evenly, and a balance that was topped up."""
    now = int(time.time())
    machine.run("scan")
    with Store.open(machine.profile / "tokenpal.db") as store:
        id_ = accounts.add_account(store, "openrouter", "Router", "openrouter")
        with store.transaction():
            for step in range(12, -1, -1):
                at = now - 60 - step * 300
                readings.note_limits(store, id_, [LimitReading("5 hours", 90.0 - step * 2, at, now + 9000, 300), LimitReading("week", 12.0, at, now + 400_000, 10_080)])
            for day, left in ((6, "8"), (4, "4"), (2, "24"), (0, "20")):
                readings.note_balances(store, id_, [Balance("credits", Money.of(MoneyKind.CREDITS, left), now - 60 - day * 86_400)])
    return now


def test_windows_and_balances_with_pace_and_run_out(machine: Machine) -> None:
    now = fill(machine)
    said = machine.json("limits")
    windows = {(one["account"], one["name"]): one for one in said["windows"]}
    short = windows["Router", "5 hours"]
    assert short["near"] is True
    assert short["burn"]["outlook"] == "runs out"
    assert 20 < short["burn"]["per_hour_low"] < 24 < short["burn"]["per_hour_high"] < 29
    assert short["burn"]["earliest"] <= short["burn"]["runs_out_at"] <= short["burn"]["latest"] < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 9000))
    assert windows["Router", "week"]["even_percent"] is not None
    (left,) = said["balances"]
    assert (left["amount"], left["low"], left["per_day"], left["topped_up"]["amount"]) == ("20", False, "1.3333", "20")
    table = machine.run("limits").out
    for word in ("Router 5 hours", "near the limit", "runs out about", "reported, 1", "$20.00 credit left", "topped up by $20.00"):
        assert word in table
    narrow = machine.run("limits", env={"COLUMNS": "70"}).out
    assert max(len(line) for line in narrow.splitlines()) <= 70
    for word in ("Router 5 hours", "near the limit", "reported,", "topped up"):
        assert word in narrow.replace("\n  ", " ")


def test_no_window_at_all(machine: Machine) -> None:
    assert machine.run("limits").out.startswith("No limit or balance is known.")
    assert machine.json("limits") == {"windows": [], "budgets": [], "balances": []}


def test_further_folders_of_an_agent(machine: Machine) -> None:
    write_codex(machine.home, "0197aaaa-0000-7000-8000-000000000001", codex_lines("0197aaaa-0000-7000-8000-000000000001", "2026-11-20T12:00:00.000Z"))
    other = machine.home / "other place"
    shutil.move(machine.home / ".codex", other)
    assert machine.run("accounts", "roots").out.startswith("No agent's folder is on this machine.")
    assert machine.run("accounts", "roots", "add", "Codex", str(other)).code == 0
    assert machine.run("accounts", "roots", "add", "codex", str(other)).code == 0
    there = [one for one in machine.json("accounts", "roots") if one["there"]]
    assert there == [{"agent": "codex", "root": str(other), "origin": "yours", "there": True, "read": True}]
    assert machine.json("scan")["records"] == 1
    assert machine.run("accounts", "roots", "remove", "codex", str(other)).code == 0
    assert machine.json("scan")["records"] == 0
    assert machine.json("report")["total"]["requests"] == 1, "what was read stays"
    for words in (["add", "nobody", str(other)], ["add", "codex", str(machine.home / "missing")], ["remove", "codex", str(other)], ["add", "codex"]):
        assert machine.run("accounts", "roots", *words).code == 2
