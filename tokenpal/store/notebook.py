"""Everything the person wrote of sessions, in the order of time: for reading outside of tokenpal."""

from __future__ import annotations

import msgspec

from tokenpal.store.database import Store


class Noted(msgspec.Struct, frozen=True):
    """One session with words. ``at`` 0 = the session is not in the ledger (any more)."""

    session: str
    at: int
    task: str
    label: str
    reason: str
    project: str
    branch: str
    note: str
    link: str
    minutes_saved: int | None
    tags: tuple[str, ...]


def notebook(store: Store) -> list[Noted]:
    """Sessions with a note, a link or minutes saved; by start, then by key. Task, project and branch are those of the largest part."""
    tags: dict[str, list[str]] = {}
    for session, tag in store.execute("SELECT session, tag FROM session_tag ORDER BY session, tag"):
        tags.setdefault(session, []).append(tag)
    rows = store.execute(
        """SELECT a.session, IFNULL(s.first_at, 0), s.id, a.label, a.reason, a.note, a.link, a.minutes_saved
        FROM annotation a LEFT JOIN session s ON s.key = a.session
        WHERE a.note <> '' OR a.link <> '' OR a.minutes_saved IS NOT NULL ORDER BY 2, 1"""
    ).fetchall()
    found = []
    for session, at, id_, label, reason, note, link, minutes in rows:
        task, project, branch = _largest(store, id_) if id_ is not None else ("", "", "")
        found.append(Noted(session, at, task, label, reason, project, branch, note, link, minutes, tuple(tags.get(session, ()))))
    return found


def _largest(store: Store, session: int) -> tuple[str, str, str]:
    row = store.execute(
        """SELECT IFNULL(t.name, ''), IFNULL(p.path, ''), g.branch FROM segment g
        LEFT JOIN task t ON t.id = g.task LEFT JOIN project p ON p.id = g.project
        WHERE g.session = ? ORDER BY (SELECT TOTAL(b.fresh_input + b.cache_read + b.cache_write_5m + b.cache_write_1h + b.cache_write_other
          + b.output) FROM by_segment b WHERE b.segment = g.id) DESC, g.first_at, p.path, g.branch, g.cut LIMIT 1""",
        (session,),
    ).fetchone()
    return row or ("", "", "")
