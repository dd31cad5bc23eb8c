"""Time taken out of the timers, as after a break: the person was away, so it was no work on the task, or work on another."""

from __future__ import annotations

from tokenpal.model.errors import UsageError
from tokenpal.store.database import Store
from tokenpal.store.edits import Attribute, editing
from tokenpal.translation import tr

Span = tuple[int, int | None]
"""[start, end) in epoch seconds; end None = it still runs."""


def parts(span: Span, first: int, until: int) -> tuple[Span | None, tuple[int, int] | None, Span | None]:
    """(before, inside, after) of a timer's span cut by [first, until); None where nothing of it lies."""
    start, end = span
    if first >= until or start >= until or (end is not None and end <= first):
        return span, None, None
    inside = max(start, first), until if end is None else min(end, until)
    before = (start, first) if start < first else None
    after = (until, end) if end is None or end > until else None
    return before, inside, after


def cut_timer(store: Store, first: int, until: int, task: int | None = None, attribute: Attribute | None = None, now: int | None = None) -> int:
    """Take [first, until) out of every timer in it, one edit; with ``task`` that time becomes that task's. Seconds that were taken.

    A timer that runs goes on from ``until``. Raises UsageError when the task is gone.
    """
    with editing(store, tr("Take a break out of the timer"), attribute, now) as change:
        until = min(until, change.now)
        rows = store.execute('SELECT id, start, "end" FROM timer WHERE start < ? AND ("end" IS NULL OR "end" > ?) ORDER BY start', (until, first)).fetchall()
        taken = 0
        if task is not None and change.get("task", task) is None:
            raise UsageError(tr("This task does not exist any more."), tr("Choose another one."))
        for id_, start, end in rows:
            before, inside, after = parts((start, end), first, until)
            row = change.get("timer", id_)
            if inside is None or row is None or row["task"] == task:
                continue
            taken += inside[1] - inside[0]
            kept = [span for span in (before, after) if span is not None]
            if not kept:
                change.drop("timer", id_)
            for place, (begin, stop) in enumerate(kept):
                ident = id_ if place == 0 else change.new_id("timer")
                change.put("timer", row | {"id": ident, "start": begin, "end": stop})
            if task is not None:
                change.put("timer", {"id": change.new_id("timer"), "task": task, "start": inside[0], "end": inside[1]})
    return taken
