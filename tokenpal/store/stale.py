"""Which months of the sums by group (``months``) still hold: everything that changes a group forgets its months here.

Usage tells the days that changed, tasks the segments; labels and tags are noted by triggers of the schema, so that no edit
of the person can be missed, whichever process made it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from tokenpal.model.ranges import day_number, number_day
from tokenpal.model.report import Dimension
from tokenpal.store.database import Store

DIMENSIONS: Final = {
    None: 0, Dimension.CLASS: 0, Dimension.MODEL: 1, Dimension.ACCOUNT: 2, Dimension.AGENT: 2, Dimension.TASK: 3, Dimension.PROJECT: 4,
    Dimension.BRANCH: 5, Dimension.LABEL: 6, Dimension.TAG: 7, Dimension.PROVIDER: 8,
}  # fmt: skip
BY_DAY: Final = 10  # added for sums by day, which only the dimensions with few keys have
BY_WEEK: Final = 20  # added for sums by week that starts on Monday, 30 on Tuesday ...; a week belongs to the month it starts in


def month_of(day: int) -> int:
    """Months since year 0 of a day number."""
    found = number_day(day)
    return found.year * 12 + found.month - 1


def month_start(month: int) -> int:
    """Day number of a month's first day."""
    return day_number(date(month // 12, month % 12 + 1, 1))


def forget_days(store: Store, days: Iterable[int]) -> None:
    """Usage of these days changed."""
    days = set(days)
    store.many("DELETE FROM group_ready WHERE month = ?", [(month,) for month in {month_of(day) for day in days}])
    begun = {month_of(day - 6) for day in days}
    store.many(f"DELETE FROM group_ready WHERE month = ? AND dim >= {BY_WEEK}", [(month,) for month in begun])


def forget_tasks(store: Store, segments: Sequence[int]) -> None:
    """These segments got another task."""
    spans = "SELECT first_at, last_at FROM segment WHERE id IN (SELECT value FROM json_each(?))"
    _forget(store, spans, (json.dumps(list(segments)),), (Dimension.TASK, Dimension.TAG))


def forget_all(store: Store) -> None:
    """The zone changed, or everything was made again."""
    store.execute("DELETE FROM group_ready")


def words_changed(store: Store) -> bool:
    """Whether labels or tags of any session changed since ``forget_words``."""
    return bool(store.execute("SELECT EXISTS(SELECT 1 FROM group_stale)").fetchone()[0])


def forget_words(store: Store) -> None:
    """Months of the sessions whose label or tags changed."""
    spans = (
        "SELECT first_at, last_at FROM session WHERE key IN (SELECT session FROM group_stale)"
        " OR key IN (SELECT p.session FROM session_part p JOIN group_stale s ON s.session = p.part)"
    )
    _forget(store, spans, (), (Dimension.LABEL, Dimension.TAG))
    store.execute("DELETE FROM group_stale")


def _forget(store: Store, spans: str, values: Sequence[Any], dimensions: Sequence[Dimension]) -> None:
    # A day more on each side, as no zone is further from UTC; and a week's first day may lie in the month before.
    days = {(first // 86_400 - 7, last // 86_400 + 1) for first, last in store.execute(spans, values) if first}
    months = {month for low, high in days for month in range(month_of(low), month_of(high) + 1)}
    store.many(
        "DELETE FROM group_ready WHERE month = ? AND dim % 10 = ?", [(month, DIMENSIONS[each]) for month in months for each in dimensions]
    )
