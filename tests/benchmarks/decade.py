"""A profile with ten years of heavy use behind it: sessions, tasks, rules, labels, notes, check-ins, budgets.

``profile(200_000)`` gives its folder, made once and kept in the temporary folder; take a copy before changing anything.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tests.benchmarks.corpus import make
from tokenpal.engine import commands
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.journal import CheckIn
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import iso_week, local_day
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Item, LimitReading, Problem, SessionFact, UsageRecord, stable_key
from tokenpal.settings import Settings
from tokenpal.store import accounts, journal, ledger, tasks
from tokenpal.store.database import Store
from tokenpal.store.maintenance import set_zone
from tokenpal.system.paths import Paths, inside

NOW = 1_795_262_400
YEARS = 10
CALLS = 3  # requests of a session
DAY = 86_400
TASKS = 60
PROJECTS = 80
MODELS = ("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5", "claude-opus-4-7")
VERSION = 1  # of what is made: another number makes it anew


def profile(sessions: int) -> Path:
    """The folder of the profile."""
    kept = Path(tempfile.gettempdir()) / f"tokenpal-bench-decade-{VERSION}-{sessions}"
    if not kept.is_dir():
        made = kept.with_name(f"{kept.name}.{os.getpid()}")
        fill(inside(made), sessions)
        made.rename(kept)
    return kept


def logs() -> Path:
    """A home folder with agents' logs to be read while the window is used."""
    return make(Path(tempfile.gettempdir()) / "tokenpal-bench-decade-logs", claude_mb=60, codex_mb=20).home


def copy_logs(agent: str, to: Path) -> None:
    """The logs of ".claude" or ".codex" to a place of one's own."""
    shutil.copytree(logs() / agent, to)


def copy(sessions: int, to: Path) -> Paths:
    """A profile of one's own."""
    shutil.copytree(profile(sessions), to)
    return inside(to)


def fill(paths: Paths, sessions: int, *, seed: int = 7) -> None:
    """Make it: the newest session ends just before NOW."""
    paths.make()
    Settings.load(paths.settings).set("advanced.network", False)
    roll = Random(seed)
    with Store.open(paths.database, now=lambda: NOW) as store:
        set_zone(store, "UTC")
        ids = [
            tasks.add_task(store, f"Task {number} of the platform", tags=(f"area-{number % 7}",), ticket=f"PAY-{number}", now=NOW - YEARS * 365 * DAY).id
            for number in range(TASKS)
        ]
        for number, task in enumerate(ids[:40]):
            tasks.add_rule(store, "folder", f"/home/me/code/project-{number}", task, attribute=attribute, now=NOW - YEARS * 365 * DAY)
        _accounts(store, Path("/nonexistent"))
        _use(store, roll, sessions)
        _words(store, roll, ids)


def _accounts(store: Store, home: Path) -> None:
    rules = make_rulebook(store, home, lambda: NOW)
    rule = ledger.Rules(None, rules.price, rules.place, attribute)
    for number in range(6):
        account = accounts.add_account(store, ("openai", "anthropic", "openrouter")[number % 3], f"Account {number}", "", secret=f"x/{number}")
        ledger.apply(store, ledger.Batch(account, [Balance("credits", Money.of(MoneyKind.CREDITS, "125.60"), NOW - 700)]), rule)
        accounts.set_health(store, AccountHealth(account, list(AccountState)[number], "It did not answer.", "Try again later.", NOW - 4000))


def _use(store: Store, roll: Random, sessions: int) -> None:
    rules = make_rulebook(store, Path("/nonexistent"), lambda: NOW)
    rule = ledger.Rules(None, rules.price, rules.place, attribute)
    account = accounts.ensure_log_account(store, "claude-code", "/home/me/.claude", "Claude Code", "anthropic")
    step = YEARS * 365 * DAY // sessions
    items: list[Item] = [LimitReading("5 hours", 71.0, NOW - 240, NOW + 6000, 300), LimitReading("week", 12.0, NOW - 9000, NOW + 300_000, 10_080)]
    items += [Problem(f"/home/me/.claude/{n}.jsonl", f"byte {n * 4096}", "not a line") for n in range(40)]
    for number in range(sessions):
        start, key = NOW - 300 - (sessions - number) * step + roll.randrange(max(1, step // 2)), f"claude-code:{number:08x}"
        folder, branch = f"/home/me/code/project-{number % PROJECTS}", f"feature/PAY-{number % 900}"
        for call in range(CALLS):
            tokens = Tokens(roll.randrange(900), roll.randrange(150_000), roll.randrange(9_000), roll.choice((0, 0, 900)), 0, roll.randrange(3_000))
            at = min(start + call * 75, NOW - 60)
            items.append(UsageRecord(stable_key(f"decade:{number}:{call}"), key, at, MODELS[number * 4 // sessions if number % 3 else 0], tokens, folder=folder, branch=branch))
        items.append(SessionFact(key, version="2.1.0"))
        if len(items) > 8_000:
            ledger.apply(store, ledger.Batch(account, items), rule)
            items = []
    ledger.apply(store, ledger.Batch(account, items), rule)


def _words(store: Store, roll: Random, ids: list[int]) -> None:
    keys = [row[0] for row in store.execute("SELECT key FROM session ORDER BY first_at")]
    with store.transaction():
        for place, (label, reason) in enumerate((("exploration", None), ("delivered", None), ("waste", "loop"))):
            some = [key for number, key in enumerate(keys) if number % 4 == place]
            for low in range(0, len(some), 9_000):
                journal.annotate(store, some[low : low + 9_000], label=label, reason=reason, now=NOW - 5 * DAY)
        for number, key in enumerate(keys[:: max(1, len(keys) // 2_000)]):
            journal.annotate(store, [key], note=f"Note {number}: the retry loop lost its context again.", now=NOW - 4 * DAY)
        journal.change_tags(store, keys[-400:], add=["spike"], now=NOW - 3 * DAY)
        store.execute("DELETE FROM edit")  # nobody labels so many at once
    for back in range(YEARS * 52):
        week = iso_week(local_day(NOW - back * 7 * DAY, ZoneInfo("UTC")))
        commands.save_checkin(store, CheckIn(week, f"Week {back}: tried an arena.", "The parser, merged.", "Fixtures of the old format.", "Give it the schema first."))
    for number in range(6):
        scope = (BudgetScope.ALL, None) if number < 2 else (BudgetScope.TASK, ids[number])
        commands.set_budget(store, Budget(BudgetMeasure.TOKENS, 40_000_000 * (number + 1), list(BudgetPeriod)[number % 3], *scope))
    tasks.start_timer(store, ids[0], attribute, now=NOW - 5000)
    store.execute("DELETE FROM edit")
