"""Segments as rules see them, with their use: what previews, suggestions and reasons are made from.

Read in two passes over the two tables, so that a hundred thousand segments are a matter of tenths of a second.
"""

from __future__ import annotations

from typing import Any, Final

from tokenpal.insight.effects import Ground, Piece
from tokenpal.model.session import Segment, Via
from tokenpal.store.database import Store

TOTAL: Final = "b.fresh_input + b.cache_read + b.cache_write_5m + b.cache_write_1h + b.cache_write_other + b.output"
HELD: Final = ", ".join(f"'{via}'" for via in (Via.HAND, Via.SPLIT, Via.TIMER))
"""What is stronger than a rule."""


def of_session(store: Store, session: str) -> list[tuple[Segment, int]]:
    """A session's segments with the time of their last use, by time."""
    models: dict[int, list[str]] = {}
    for segment, name in store.execute(
        "SELECT b.segment, m.name FROM by_segment b JOIN model m ON m.id = b.model JOIN segment g ON g.id = b.segment"
        " JOIN session x ON x.id = g.session WHERE x.key = ? ORDER BY b.segment, m.name",
        (session,),
    ):
        models.setdefault(segment, []).append(name)
    rows = store.execute(
        "SELECT g.id, x.key, a.source, g.account, IFNULL(p.path, ''), g.branch, g.first_at, g.cut, g.last_at FROM session x"
        " JOIN segment g ON g.session = x.id JOIN account a ON a.id = g.account LEFT JOIN project p ON p.id = g.project"
        " WHERE x.key = ? AND g.first_at > 0 ORDER BY g.first_at, g.id",
        (session,),
    )
    return [
        (Segment(key, agent, account, project, branch, first, cut, tuple(models.get(id_, ()))), last)
        for id_, key, agent, account, project, branch, first, cut, last in rows
    ]


def ground(store: Store, *, models: bool = True) -> Ground:
    """The history as rules see it. ``models=False`` leaves the models out: right while no rule looks at them, and quicker.

    Kept until anything is written, here or elsewhere, or the store rests.
    """
    stamp = (models, store.data_version(), store.connection.total_changes)
    kept = store.memory.get("ground")
    if kept is None or kept[0] != stamp:
        kept = store.memory["ground"] = (stamp, _read(store, models))
    found: Ground = kept[1]
    return found


def _read(store: Store, models: bool) -> Ground:
    named = "group_concat(b.model)" if models else "''"
    names = {str(id_): name for id_, name in store.execute("SELECT id, name FROM model")} if models else {}
    projects = dict(store.execute("SELECT id, path FROM project").fetchall())
    agents = dict(store.execute("SELECT id, source FROM account").fetchall())
    kinds: dict[tuple[Any, ...], int] = {}
    pieces: dict[tuple[int, int, bool, int | None], int] = {}
    rows = store.execute(
        f"SELECT g.session, g.account, g.project, g.branch, g.task, g.via IN ({HELD}), SUM({TOTAL}), {named}"
        " FROM by_segment b CROSS JOIN segment g ON g.id = b.segment GROUP BY b.segment"
    )
    for session, account, project, branch, task, held, tokens, used in rows:
        place = kinds.setdefault((account, project, branch, used), len(kinds))
        piece = (place, session, bool(held), task if held else None)
        pieces[piece] = pieces.get(piece, 0) + tokens
    return Ground(
        tuple(
            Segment("", agents.get(account, ""), account, projects.get(project, ""), branch, 0, 0, tuple(sorted(names[one] for one in used.split(",") if one)))
            for account, project, branch, used in kinds
        ),
        tuple(Piece(place, session, tokens, held, task) for (place, session, held, task), tokens in pieces.items()),
        dict(store.execute("SELECT project, task FROM project_default").fetchall()),
    )
