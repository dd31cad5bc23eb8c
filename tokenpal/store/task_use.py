"""Use of tasks over time by label, from the day roll-ups; and what hangs on a task."""

from __future__ import annotations

from datetime import date

import msgspec

from tokenpal.model.ranges import day_number, number_day
from tokenpal.store.database import Store
from tokenpal.store.pieces import TOTAL


class Used(msgspec.Struct, frozen=True):
    """Use of one task: (stretch, label or "", tokens); distinct sessions; the newest day."""

    parts: tuple[tuple[int, str, int], ...]
    sessions: int
    last: date


def by_stretch(store: Store, first: date, until: date, begin: date, length: int) -> dict[int | None, Used]:
    """Use in the days [first, until) by task (None = no task), in stretches of ``length`` days from ``begin`` on."""
    low, high, start = day_number(first), day_number(until), day_number(begin)
    parts: dict[int | None, dict[tuple[int, str], int]] = {}
    sessions: dict[int | None, set[int]] = {}
    last: dict[int | None, int] = {}
    for table in ("by_day", "by_utc_day"):
        rows = store.execute(
            f"SELECT g.task, g.session, x.label, (b.day - ?) / ? AS place, MAX(b.day), SUM({TOTAL}) FROM {table} b"
            " CROSS JOIN segment g ON g.id = b.segment CROSS JOIN session x ON x.id = g.session WHERE b.day >= ? AND b.day < ?"
            " GROUP BY g.task, g.session, place",
            (start, length, low, high),
        )
        for task, session, label, place, day, tokens in rows:
            if not tokens:
                continue
            own = parts.setdefault(task, {})
            own[place, label] = own.get((place, label), 0) + tokens
            sessions.setdefault(task, set()).add(session)
            last[task] = max(last.get(task, 0), day)
    return {
        task: Used(tuple((place, label, tokens) for (place, label), tokens in sorted(own.items())), len(sessions[task]), number_day(last[task]))
        for task, own in parts.items()
    }


def belongings(store: Store, task: int) -> tuple[int, int, int, int]:
    """How many rules, timers, assignments (hand, split, default) and budgets a task has."""
    tables = ("rule", "timer", "hand", "split", "project_default")
    rules, timers, *hand = (store.execute(f"SELECT COUNT(*) FROM {table} WHERE task = ?", (task,)).fetchone()[0] for table in tables)
    budgets = store.execute("SELECT COUNT(*) FROM budget WHERE scope = 'task' AND \"of\" = ?", (task,)).fetchone()[0]
    return rules, timers, sum(hand), budgets
