"""Segments as rules see them, with their use: what previews, suggestions and reasons are made from.

Read in two passes over the two tables, so that a hundred thousand segments are a matter of tenths of a second.
"""

from __future__ import annotations

from tokenpal.model.session import Segment
from tokenpal.store.database import Store


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
    return [(Segment(*row[1:8], tuple(models.get(row[0], ()))), row[8]) for row in rows]
