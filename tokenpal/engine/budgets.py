"""Where the person's budgets stand, from the roll-ups that reports use, and the crossings nobody was told of yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from tokenpal.insight import budgets as words
from tokenpal.model.budget import Budget, BudgetPeriod, BudgetScope, Standing
from tokenpal.model.events import Notable
from tokenpal.model.report import Filter, Measures, Query
from tokenpal.store import accounts, budgets as kept, report as reports, tasks, told
from tokenpal.store.database import Store
from tokenpal.store.rollups import clock
from tokenpal.translation import tr


def budgets(store: Store) -> list[Budget]:
    """All budgets: of everything first, then of accounts and tasks."""
    return kept.budgets(store)


def standings(store: Store, zone_key: str, week_start: int, today: date) -> list[Standing]:
    """Where each budget stands in the period that ``today`` is in, in the order of ``budgets``."""
    return _standings(store, kept.budgets(store), zone_key, week_start, today)


class Table(msgspec.Struct, frozen=True):
    """What the dialog of budgets shows: where they stand, and what a new one may be for."""

    standings: tuple[Standing, ...]
    accounts: tuple[tuple[int, str], ...]  # id, name
    tasks: tuple[tuple[int, str], ...]  # those that are open
    currencies: tuple[str, ...]  # that something was billed in; USD at least


def table(store: Store, zone_key: str, week_start: int, today: date) -> Table:
    """Everything for the dialog in one answer."""
    found = standings(store, zone_key, week_start, today)
    currencies = sorted({*kept.billed_currencies(store), *(one.budget.currency for one in found if one.budget.currency)} - {"USD"})
    return Table(
        tuple(found),
        tuple((row.id, row.name) for row in accounts.accounts(store)),
        tuple((task.id, task.name) for task in tasks.tasks(store) if not task.done),
        ("USD", *currencies),
    )


def crossings(store: Store, zone_key: str, week_start: int, today: date) -> list[Notable]:
    """The budgets that were reached and nobody was told of: each once per period. They count as told from now on."""
    reached = [one for one in standings(store, zone_key, week_start, today) if one.over]
    known = told.told(store, map(words.key, reached))
    fresh = [one for one in reached if words.key(one) not in known]
    if not fresh:
        return []  # nothing is written
    with store.transaction():
        now = store.now()
        return [notable(one) for one in fresh if told.tell_once(store, words.key(one), now)]


def note_passed(store: Store, budget: int | None = None) -> None:
    """A budget that is reached when it is set is no news before its next period; None = all budgets (after an import)."""
    zone = clock(store).zone.key
    today = reports.today(store, zone)
    chosen = [one for one in kept.budgets(store) if budget in {None, one.id}]
    for week_start in range(7):  # the setting is not the store's to know, and may change
        asked = chosen if week_start == 0 else [one for one in chosen if one.period is BudgetPeriod.WEEK]
        for one in _standings(store, asked, zone, week_start, today):
            if one.over:
                told.tell_once(store, words.key(one), store.now())


def notable(one: Standing) -> Notable:
    """The one notification of a crossing."""
    task = one.budget.scope is BudgetScope.TASK
    return Notable(
        "budgets", words.key(one), words.title(one), words.sentence(one), "tasks" if task else "overview", one.budget.of if task else None
    )


def _standings(store: Store, chosen: Iterable[Budget], zone: str, week_start: int, today: date) -> list[Standing]:
    chosen = list(chosen)
    if not chosen:
        return []
    of_account = {row.id: row for row in accounts.accounts(store, removed=True)}
    of_task = {task.id: task for task in tasks.tasks(store, archived=True)}
    asked: dict[Query, Measures] = {}
    found = []
    for budget in chosen:
        name, filter_ = tr(words.EVERYTHING), Filter()
        if budget.scope is BudgetScope.ACCOUNT:
            row = of_account.get(budget.of or 0)
            name = row.name if row else tr("An account that is gone")
            filter_ = Filter(account_ids=(budget.of or 0,))
            if row is not None and row.removed:
                name = tr("{name} (removed)", name=name)
        elif budget.scope is BudgetScope.TASK:
            task = of_task.get(budget.of or 0)
            name = task.name if task else tr("A task that is gone")
            filter_ = Filter(task_ids=(budget.of or 0,))
        first, until = words.period(budget.period, today, week_start)
        query = Query(zone, first, until, filter=filter_)
        if query not in asked:
            asked[query] = reports.report(store, query).total
        found.append(words.standing(budget, name, asked[query], first, until))
    return found
