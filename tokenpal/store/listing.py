"""What a list of sessions of any length stands on: its order at once, its rows by id, and what it can be narrowed by.

The order comes from the index of table session; the rows of a page are read by id, so that the last page costs what the
first does and nothing moves under the reader while sessions come in.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.journal import Split
from tokenpal.model.listing import SessionIndex
from tokenpal.model.ranges import day_start, local_day
from tokenpal.model.report import Filter
from tokenpal.store.database import Store
from tokenpal.store.sessions import COUNTS, conditions

MOST_CHOICES = 500


class Choices(msgspec.Struct, frozen=True):
    """Names that sessions can be narrowed by, those used last first; never more than MOST_CHOICES of a kind."""

    tasks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()  # whole paths
    agents: tuple[str, ...] = ()  # ids of sources
    accounts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def session_index(
    store: Store, filter_: Filter, first: date | None = None, until: date | None = None, zone: str = "UTC", find: str = ""
) -> SessionIndex:
    """The sessions that ``sessions`` would list, in the same order. ``find`` is a session's key."""
    where = conditions(store, filter_, first, until, zone)
    rows = store.execute(
        f"SELECT x.id, x.first_at, x.total FROM session x WHERE x.first_at > 0{where.sql} AND {COUNTS} ORDER BY x.first_at DESC, x.id DESC",
        where.values,
    ).fetchall()
    ids, started, totals = (array("q", [row[column] for row in rows]) for column in range(3))
    days, firsts = _days(started, zone)
    sums = tuple(sum(totals[low:high]) for low, high in pairwise(firsts))
    index = SessionIndex(ids, started, totals, days, firsts, sums)
    if find:
        known = store.execute("SELECT id, first_at FROM session WHERE key = ?", (find,)).fetchone()
        if known is not None:
            index = SessionIndex(ids, started, totals, days, firsts, sums, index.place_of(*known))
    return index


def _days(started: array[int], zone: str) -> tuple[tuple[date, ...], tuple[int, ...]]:
    days: list[date] = []
    firsts = [0]
    place, tz = 0, ZoneInfo(zone)
    while place < len(started):
        day = local_day(started[place], tz)
        start = day_start(day, tz)
        place = bisect_left(started, 1 - start, lo=place, key=_minus)
        days.append(day)
        firsts.append(place)
    return tuple(days), tuple(firsts)


def _minus(value: int) -> int:
    return -value


def waiting(store: Store, since: int = 0) -> tuple[int, ...]:
    """Ids of the sessions with use and without a label that ended at ``since`` or later, newest first."""
    rows = store.execute(
        "SELECT id FROM session WHERE label = '' AND first_at > 0 AND total > 0 AND last_at >= ? ORDER BY first_at DESC, id DESC", (since,)
    )
    return tuple(row[0] for row in rows)


def keys_of(store: Store, ids: Sequence[int]) -> list[str]:
    """The stable keys of sessions, in this order; one that is gone is left out."""
    known = dict(store.execute("SELECT id, key FROM session WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)).fetchall())
    return [known[id_] for id_ in ids if id_ in known]


def splits_of(store: Store, session: str) -> tuple[Split, ...]:
    """Where the person cut a session, by time."""
    return tuple(Split(*row) for row in store.execute("SELECT session, at, task FROM split WHERE session = ? ORDER BY at", (session,)))


def choices(store: Store) -> Choices:
    """What there is to narrow a list by."""

    def names(query: str) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in store.execute(f"{query} LIMIT {MOST_CHOICES}"))

    return Choices(
        names("SELECT name FROM task WHERE archived = 0 ORDER BY done, changed_at DESC, id DESC"),
        names("SELECT tag FROM (SELECT tag, COUNT(*) AS n FROM session_tag GROUP BY tag UNION ALL SELECT tag, COUNT(*) FROM task_tag GROUP BY tag)"
              " GROUP BY tag ORDER BY SUM(n) DESC, tag"),
        names("SELECT p.path FROM project p JOIN segment g ON g.project = p.id WHERE g.first_at > 0 GROUP BY p.id ORDER BY MAX(g.last_at) DESC"),
        names("SELECT source FROM account WHERE removed_at IS NULL OR id IN (SELECT account FROM segment) GROUP BY source ORDER BY MIN(id)"),
        names("SELECT name FROM account WHERE removed_at IS NULL OR id IN (SELECT account FROM segment) ORDER BY id"),
        names("SELECT m.name FROM model m JOIN by_segment b ON b.model = m.id WHERE m.name <> '' GROUP BY m.name ORDER BY MAX(b.segment) DESC"),
    )  # fmt: skip


def mix(store: Store, ids: Sequence[int]) -> tuple[dict[str, int], dict[str, int], int]:
    """(sessions by label, sessions by tag, how many have a task by hand)."""
    page = json.dumps(list(ids))
    among = "WHERE x.id IN (SELECT value FROM json_each(?))"
    labels = dict(store.execute(f"SELECT x.label, COUNT(*) FROM session x {among} GROUP BY 1", (page,)).fetchall())
    tags = dict(store.execute(
        f"SELECT t.tag, COUNT(*) FROM session x CROSS JOIN session_tag t ON t.session = x.key {among} GROUP BY 1 ORDER BY 2 DESC, 1", (page,)
    ).fetchall())  # fmt: skip
    hand = store.execute(f"SELECT COUNT(*) FROM session x JOIN hand h ON h.session = x.key {among}", (page,)).fetchone()[0]
    return labels, tags, hand
