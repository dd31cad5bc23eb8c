"""What the glance window and the tray show, asked in one go."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tokenpal.engine import budgets, limits
from tokenpal.engine.notices import TROUBLED
from tokenpal.engine.today import USUAL_DAYS, Today, accounts, last_days, last_read, sessions_to_label, today as as_of_today
from tokenpal.insight import labels, usual
from tokenpal.insight.limits import BalanceView, LimitView
from tokenpal.insight.summary import today_line
from tokenpal.model.budget import Standing as Budget
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import NONE_KEYS, Dimension, Filter, Query, SessionRow
from tokenpal.store import report as reports, tasks
from tokenpal.store.database import Store

DAYS = 14


class Glance(msgspec.Struct, frozen=True):
    """Everything small: today, fourteen days (oldest first), limits by falling use, the timer, sessions to label."""

    today: Today
    usual: usual.UsualRange | None
    days: tuple[int, ...]
    limits: tuple[LimitView, ...]
    running_color: int
    to_label: list[SessionRow]
    last_read: int | None
    sources: int
    problems: tuple[tuple[int, str, str], ...]  # accounts that need the person: id, name, sentence
    line: str  # today in words, for the tooltip
    balances: tuple[BalanceView, ...] = ()
    running_tokens: int = 0  # of the running task, today
    budgets: tuple[Budget, ...] = ()  # those that are near their ceiling or over it, the fullest first
    context: labels.Coverage | None = None  # of today
    spent_on: tuple[tuple[str, int], ...] = ()  # tasks of today with their tokens, the largest first; "" = no task


NEAR_BUDGET = 0.85
"""From here a budget is shown in the glance window."""


def glance(store: Store, zone: str, how: limits.How = limits.How(), week_start: int = 0) -> Glance:  # noqa: B008 - frozen
    """All of it as of now."""
    today = as_of_today(store, zone)
    tomorrow = today.day + timedelta(days=1)
    by_day = reports.report(store, Query(zone, today.day - timedelta(days=USUAL_DAYS), tomorrow, Bucket.DAY))
    rows = accounts(store)
    standing = limits.standing(store, zone, how)
    running = today.running
    color = next((task.color for task in tasks.tasks(store, archived=True) if running and task.id == running.task), 0)
    of_task = reports.report(store, Query(zone, today.day, tomorrow, filter=Filter(tasks=(today.running_task,)))).total.tokens.total if running else 0
    plain, without_task = labels.coverage_queries(Query(zone, today.day, tomorrow))
    ceilings = sorted((one for one in budgets.standings(store, zone, week_start, today.day) if one.share >= NEAR_BUDGET), key=lambda one: -one.share)
    return Glance(
        today, usual.usual(usual.weekday_values(by_day, today.day)), last_days(by_day, today.day, DAYS), limits.fullest(standing.windows), color,
        sessions_to_label(store, zone), last_read(rows), len(rows),
        tuple((row.id, row.name, row.sentence or f"{row.name}: {row.state}") for row in rows if row.state in TROUBLED),
        today_line(today.measures), standing.balances, of_task, tuple(ceilings),
        labels.coverage(reports.report(store, plain), reports.report(store, without_task)), _spent_on(store, Query(zone, today.day, tomorrow, by=Dimension.TASK)),
    )  # fmt: skip


def _spent_on(store: Store, query: Query) -> tuple[tuple[str, int], ...]:
    rows = sorted(reports.report(store, query).rows, key=lambda row: -row.measures.tokens.total)
    return tuple(("" if row.key == NONE_KEYS[Dimension.TASK] else row.key, row.measures.tokens.total) for row in rows if row.measures.tokens.total)
