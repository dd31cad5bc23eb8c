"""The few questions that an idle tray asks too: today, what waits for a label, the accounts' health. The rest is in ``queries``.

Its imports stay in memory for as long as tokenpal runs (issue 5): nothing here that only a page needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine import schedule
from tokenpal.model.events import AccountState
from tokenpal.model.journal import Task, Timer
from tokenpal.model.ranges import local_day
from tokenpal.model.report import NONE_KEYS, AccountRow, Dimension, Filter, Measures, Query, Report, SessionRow
from tokenpal.sources import registry
from tokenpal.store import accounts as account_rows, facts, report as reports, sessions as session_rows, tasks
from tokenpal.store.database import Store

NO_LABEL: Final = NONE_KEYS[Dimension.LABEL]
USUAL_DAYS: Final = 91


class Today(msgspec.Struct, frozen=True):
    """The tray's line: today's use, and how many sessions wait for a label."""

    day: date
    measures: Measures
    to_label: int
    running: Timer | None
    running_task: str


def today(store: Store, zone: str, label_days: int = 30) -> Today:
    """``zone`` is an IANA name. Sessions that ended more than ``label_days`` ago are not asked about any more."""
    now = store.now()
    day = local_day(now, ZoneInfo(zone))
    answer = reports.report(store, Query(zone, day, day + timedelta(days=1)))
    timer = tasks.running_timer(store)
    names = {task.id: task.name for task in tasks.tasks(store, archived=True)} if timer else {}
    return Today(day, answer.total, facts.unlabelled(store, now - label_days * 86_400), timer, names.get(timer.task, "") if timer else "")


def sessions_to_label(store: Store, zone: str, limit: int = 3, days: int = 30) -> list[SessionRow]:
    """The newest sessions without a label."""
    first = local_day(store.now(), ZoneInfo(zone)) - timedelta(days=days)
    return session_rows.sessions(store, Filter(labels=(NO_LABEL,)), first, None, zone, limit, 0)


def recent_tasks(store: Store, limit: int = 5) -> list[Task]:
    """Open tasks for "Working on": those worked on last come first, then those with most use."""
    order = {timer.task: number for number, timer in enumerate(tasks.timers(store))}
    use: dict[int | None, int] = {}
    for part in facts.task_use(store):
        use[part.task] = use.get(part.task, 0) + part.tokens
    open_ones = [task for task in tasks.tasks(store) if not task.done]
    return sorted(open_ones, key=lambda task: (-order.get(task.id, -1), -use.get(task.id, 0)))[:limit]


def accounts(store: Store, removed: bool = False, poll_minutes: int = 0) -> list[AccountRow]:
    """Accounts and agents' log roots with their health as of now. ``poll_minutes`` is the setting; 0 = each provider's own period."""
    now = store.now()
    return [as_of(row, now, poll_minutes * 60) for row in account_rows.accounts(store, removed=removed)]


def as_of(row: AccountRow, now: int, every: int = 0) -> AccountRow:
    """An account that was well but has not answered for two periods is stale (design 4). Logs are read when they change, not by a clock."""
    if row.kind != "api" or row.removed or row.state != AccountState.OK:
        return row
    source = registry.source(row.source)
    if source is None or not schedule.is_stale(every or source.INFO.poll_seconds, now, row.last_success):
        return row
    return msgspec.structs.replace(row, state=AccountState.STALE.value)


def last_days(by_day: Report, today: date, number: int) -> tuple[int, ...]:
    """Tokens of so many days up to today, oldest first, from a report by day."""
    totals = {row.bucket: row.measures.tokens.total for row in by_day.rows}
    return tuple(totals.get((today - timedelta(days=back)).isoformat(), 0) for back in range(number - 1, -1, -1))


def last_read(rows: Iterable[AccountRow]) -> int | None:
    """When anything was read last, epoch seconds."""
    return max((row.last_success for row in rows if row.last_success), default=None)
