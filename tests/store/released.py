"""Writes a small data file of the present version, to be kept for ever once that version is out.

    python -m tests.store.released tests/data/schema/v4.db
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.store.kit import NOW, RULES, api_account, attribute, log_account, open_store, put, record
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, LimitReading, Problem, SessionFact, Superseded, stable_key
from tokenpal.store import budgets, checkins, facts, journal, sharing, sharing_audit, silence, tasks, templates, told as notified

DAY = NOW // 86_400 * 86_400


def write(path: Path) -> None:
    """A bit of everything that a data file can hold."""
    path.unlink(missing_ok=True)
    with open_store(path) as store:
        log, api = log_account(store), api_account(store)
        task = tasks.add_task(store, "pay", tags=["billing"])
        tasks.add_rule(store, "model", "dear", task.id)
        put(store, log, [record(f"m{n}", "r", session=f"claude-code:{n % 4}", at=NOW - n * 40_000, folder="/p", branch="main", model=["cheap", "dear", ""][n % 3]) for n in range(30)])
        several = log_account(store, "/opencode", "any", "opencode")
        put(store, several, [record(f"o{n}", session="opencode:1", at=NOW - n * 40_000, model="cheap", provider=("anthropic", "openai")[n % 2]) for n in range(8)])
        put(store, log, [Superseded(stable_key("m3", "r")), SessionFact("claude-code:1", "claude-code:0", "2.1"), Problem("/log", "line 3", "It is no JSON.")])
        told = {"session": "anthropic:2:k:2025-11-21", "at": DAY, "endpoint": "usage", "money": (Money.of(MoneyKind.CASH, 2),)}
        put(store, api, [record("d", grain=Grain.DAY, tokens=Tokens(300, output=90), requests=4, **told), LimitReading("week", 40.0, NOW), Balance("credit", Money.of(MoneyKind.CREDITS, 5), NOW)])
        journal.annotate(store, ["claude-code:1"], label="delivered", note="shipped", tags=["own"])
        journal.assign(store, ["claude-code:2"], task.id, attribute)
        tasks.start_timer(store, task.id, attribute, now=NOW)
        checkins.save_checkin(store, CheckIn("2025-W47", tried="a smaller model"))
        checkins.set_pins(store, "2025-W47", "tried", ["claude-code:1"])
        templates.save_template(store, Template("short", tried="What I tried"))
        budgets.set_budget(store, Budget(BudgetMeasure.LIST_PRICE, 50 * 10**12, BudgetPeriod.MONTH, BudgetScope.TASK, task.id))
        notified.tell_once(store, "a crossing", NOW)
        silence.silence(store, "claude-code:1", "Silence a session")
        for team in ("", "a-team"):
            facts.keep_draw(store, "2025-W46", "{}", team)
        sharing.put_team(store, "a-team", "{}")
        sharing.extend_roster(store, "a-team", 0, [b"{}"])
        sharing.keep_manifest(store, "a-team", "2025-W46", b"{}")
        sharing.keep_release(store, "a-team", "2025-W46", b"{}")
        sharing.put_plan(store, "a-team", "2025-W46", "{}")
        sharing.set_learnings(store, "a-team", [("one", b"{}")])
        sharing_audit.append_audit(store, NOW, "note", {"text": "kept"})
        store.execute("VACUUM")
        store.execute("PRAGMA journal_mode = DELETE")
    assert RULES.attribute is attribute


if __name__ == "__main__":
    write(Path(sys.argv[1]))
