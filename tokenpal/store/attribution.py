"""Everything that decides a segment's task, read from the journal (decisions 4)."""

from __future__ import annotations

from tokenpal.model.journal import Attribution, Rule, RuleKind, Split, Timer
from tokenpal.store.database import Store


def attribution(store: Store) -> Attribution:
    """Hand assignments, splits, timers, rules and project defaults as they are now."""
    splits: dict[str, list[Split]] = {}
    for session, at, task in store.execute("SELECT session, at, task FROM split ORDER BY session, at"):
        splits.setdefault(session, []).append(Split(session, at, task))
    return Attribution(
        hand=dict(store.execute("SELECT session, task FROM hand").fetchall()),
        splits={session: tuple(rows) for session, rows in splits.items()},
        timers=timers(store),
        rules=rules(store),
        defaults=dict(store.execute("SELECT project, task FROM project_default").fetchall()),
    )


def timers(store: Store) -> tuple[Timer, ...]:
    """All timers by start; the running one, if any, is last."""
    return tuple(Timer(*row) for row in store.execute('SELECT id, task, start, "end" FROM timer ORDER BY start, id'))


def rules(store: Store) -> tuple[Rule, ...]:
    """All rules in the order in which they are tried."""
    return tuple(
        Rule(id_, position, RuleKind(kind), pattern, task)
        for id_, position, kind, pattern, task in store.execute("SELECT id, position, kind, pattern, task FROM rule ORDER BY position, id")
    )
