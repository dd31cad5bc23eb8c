"""Eight weeks of believable, made-up data for a throw-away profile (product 5: ``tokenpal --demo``).

It goes in through the same doors as real data: batches into the ledger, edits into the journal. The same seed and time give
the same data. The profile asks no provider and finds no logs, so nothing real is touched.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.engine import commands, demo_limits, demo_reports
from tokenpal.engine.demo_use import Session, sessions
from tokenpal.engine.demo_world import AGENTS, CHECKINS, DEFAULTS, NOTES, REASONS, RULES, TASKS
from tokenpal.engine.rules import Rulebook
from tokenpal.engine.shared import make_rulebook
from tokenpal.engine.zone import zone_name
from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week, local_day
from tokenpal.model.usage import Item, Problem, SessionFact
from tokenpal.settings import Settings
from tokenpal.sources import registry
from tokenpal.store import accounts, budgets, journal, ledger, tasks
from tokenpal.store.database import Store
from tokenpal.store.maintenance import set_zone
from tokenpal.system.paths import Paths

SEED: Final = 20_261
WEEKS: Final = 8
DAY: Final = 86_400


def fill(paths: Paths, *, now: int | None = None, zone: str = "", seed: int = SEED) -> None:
    """Make the profile and its data; ``now`` (epoch seconds) is when the sample person looks at it. Raises StoreError."""
    paths.make()
    settings = Settings.load(paths.settings)
    settings.set("advanced.network", False)
    if zone:
        settings.set("general.zone", zone)
    now = int(time.time()) if now is None else now
    with Store.open(paths.database, backups=paths.backups, now=lambda: now) as store:
        fill_store(store, now, zone or zone_name(settings), seed)


def fill_store(store: Store, now: int, zone: str, seed: int = SEED) -> None:
    """The data alone, into an empty store."""
    roll = Random(seed)
    set_zone(store, zone)
    rules = make_rulebook(store, Path("/nonexistent"), lambda: now)
    made = list(sessions(roll, now, ZoneInfo(zone), WEEKS))
    ids = _tasks(store, now)
    _use(store, rules, made, now)
    _accounts(store, rules, roll, made, now)
    _words(store, roll, made, ids, now)
    _budgets(store, ids, now)
    _checkins(store, local_day(now, ZoneInfo(zone)))


def _tasks(store: Store, now: int) -> dict[str, int]:
    """Tasks, rules and defaults, as if made eight weeks ago."""
    then = now - WEEKS * 7 * DAY
    ids = {name: tasks.add_task(store, name, tags=tags, ticket=ticket, now=then).id for name, tags, ticket, _ in TASKS}
    for kind, pattern, task in RULES:
        tasks.add_rule(store, kind, pattern, ids[task], attribute=attribute, now=then)
    for folder, task in DEFAULTS:
        tasks.project_default(store, folder, ids[task], attribute, now=then)
    for name, _, _, done in TASKS:
        if done:
            tasks.edit_task(store, ids[name], done=True, now=now - 20 * DAY)
    return ids


def _use(store: Store, rules: Rulebook, made: list[Session], now: int) -> None:
    """The logs of two agents in three folders, with their limits."""
    for agent in AGENTS:
        account = accounts.ensure_log_account(store, agent.source, agent.root, agent.name, agent.provider)
        items: list[Item] = []
        for session in made:
            if session.agent is agent:
                items += session.records
                items.append(SessionFact(session.key, parent=session.parent, version=session.version))
        items += demo_limits.windows(agent.name, now, SEED)
        if agent is AGENTS[-1]:
            items.append(Problem(f"{agent.root}/projects/-home-sam-code-shop/81.jsonl", "byte 40960", "ends in the middle of a record"))
        rule = ledger.Rules(None, rules.price, rules.place, attribute)
        for start in range(0, len(items), 3000):
            ledger.apply(store, ledger.Batch(account, items[start : start + 3000]), rule)
        accounts.set_health(store, AccountHealth(account, AccountState.OK, last_success=now - 40))


def _accounts(store: Store, rules: Rulebook, roll: Random, made: list[Session], now: int) -> None:
    """A provider account with daily reports, one with a balance, and one whose key was refused."""
    team = list(demo_reports.openai(roll, made, now, WEEKS))
    account = _api(store, rules, "openai", "OpenAI, team", team, AccountState.OK, now - 420)
    for said in demo_reports.corrected(team, now):
        ledger.apply(store, ledger.Batch(account, said), ledger.Rules(None, rules.price, rules.place, attribute))
    _api(store, rules, "openrouter", "OpenRouter", [*demo_limits.balance(now, SEED)], AccountState.OK, now - 700)
    last = now - 3 * DAY
    told = list(demo_reports.anthropic(Random(SEED), made, last))
    refused = _api(store, rules, "anthropic", "Anthropic, side project", told, AccountState.OK, last)
    sentence, next_step = "Anthropic does not accept the key any more.", "Make a new admin key and enter it."
    accounts.set_health(store, AccountHealth(refused, AccountState.KEY_REFUSED, sentence, next_step, next_try=now + 5 * 3600))


def _api(store: Store, rules: Rulebook, source: str, name: str, items: list[Item], state: AccountState, at: int) -> int:
    info = registry.sources()[source].INFO
    account = accounts.add_account(store, source, name, info.provider, root=info.base_url, secret=f"demo/{source}")
    ledger.apply(store, ledger.Batch(account, items), ledger.Rules(None, rules.price, rules.place, attribute))
    success = at if state is AccountState.OK else None
    accounts.set_health(store, AccountHealth(account, state, last_success=success, next_try=at + info.poll_seconds))
    return account


def _words(store: Store, roll: Random, made: list[Session], ids: dict[str, int], now: int) -> None:
    """Labels, notes, tags and hand-made assignments; the newest sessions wait to be labelled."""
    labels: dict[tuple[str, str | None], list[str]] = {}
    noted: list[tuple[str, str]] = []
    for session in made:
        age = now - session.end
        if age < 20 * 3600 or roll.random() > (0.6 if age < 7 * DAY else 0.86):
            continue
        label = roll.choices(("delivered", "exploration", "waste"), (2, 6, 1) if session.task == "Search prototype" else (6, 3, 1))[0]
        reason = roll.choice(REASONS) if label == "waste" and roll.random() < 0.8 else None
        labels.setdefault((label, reason), []).append(session.key)
        if roll.random() < 0.22:
            noted.append((session.key, roll.choice(NOTES[label])))
    for (label, reason), keys in labels.items():
        journal.annotate(store, keys, label=label, reason=reason, now=now - 5 * DAY)
    for key, note in noted:
        journal.annotate(store, [key], note=note, now=now - 4 * DAY)
    some = [session.key for session in made if session.task == "Flaky integration tests"]
    journal.assign(store, some, ids["Flaky integration tests"], attribute, now=now - 3 * DAY)
    journal.change_tags(
        store, [session.key for session in made if session.task == "Search prototype"][:6], add=["spike"], now=now - 3 * DAY
    )
    long = next((session for session in reversed(made) if session.end - session.start > 1800 and now - session.end > DAY and session.key not in some), None)
    if long is not None:
        journal.split(store, long.key, (long.start + long.end) // 2, ids["Code review"], attribute, now=now - 2 * DAY)


def _checkins(store: Store, today: date) -> None:
    """One a week, with the week's figures, the current week not yet."""
    monday = today - timedelta(days=today.weekday())
    for number, (tried, worked, failed, learned) in enumerate(CHECKINS, start=1):
        if tried or learned:
            week = iso_week(monday - timedelta(weeks=number))
            commands.save_checkin(store, CheckIn(week, tried, worked, failed, learned))


def _budgets(store: Store, ids: dict[str, int], now: int) -> None:
    """Two ceilings: one with room, one nearly used."""
    budgets.set_budget(store, Budget(BudgetMeasure.LIST_PRICE, 60 * 10**12, BudgetPeriod.MONTH), now=now - 30 * DAY)
    task = ids["Checkout redesign"]
    budgets.set_budget(store, Budget(BudgetMeasure.TOKENS, 6_000_000, BudgetPeriod.WEEK, BudgetScope.TASK, task), now=now - 14 * DAY)
