"""What becomes of a break in which a timer ran: kept, dropped, or given to another task."""

from __future__ import annotations

from tokenpal.engine.changes import changes
from tokenpal.insight.tasks import attribute
from tokenpal.store import timer_cuts
from tokenpal.store.database import Store


@changes("tasks", "usage")
def cut_timer(store: Store, first: int, until: int, task: int | None = None) -> int:
    """Take [first, until) out of the timers; with ``task`` that time becomes that task's. Seconds that were taken. Can be undone."""
    return timer_cuts.cut_timer(store, first, until, task, attribute)
