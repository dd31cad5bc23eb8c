"""Segments: where sessions are cut, how far they reach, and which task they have (decisions 2 and 4).

The cut of a record is a pure function of its time and of the journal's timers and splits, so the order in which records
arrive cannot matter.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from typing import Final

from tokenpal.model.journal import Attribution, Split
from tokenpal.model.session import Segment, Via
from tokenpal.store.attribution import rules, timers
from tokenpal.store.database import Store
from tokenpal.store.interned import interned
from tokenpal.store.rollups import Deltas, clock
from tokenpal.store.rows import AT, COLUMNS, COUNTED, ID, SEGMENT, amounts_of, covered_of
from tokenpal.store.stale import forget_tasks

Attribute = Callable[[Attribution, Segment], tuple[int | None, Via]]
AT_ONCE: Final = 2_000


class Cuts:
    """Timer edges and splits that may cut records of a stretch of time."""

    def __init__(self, edges: list[int], splits: dict[str, list[int]]) -> None:
        self.edges = edges
        self.splits = splits
        self.none = not edges and not splits

    def of(self, session: str, at: int) -> int:
        """The newest timer edge or split at or before ``at``; 0 = none."""
        index = bisect_right(self.edges, at)
        newest = self.edges[index - 1] if index else 0
        own = self.splits.get(session)
        if own:
            index = bisect_right(own, at)
            newest = max(newest, own[index - 1]) if index else newest
        return newest


def cuts(store: Store, first: int, last: int) -> Cuts:
    """The cuts for records between these instants, both included."""
    every = 'SELECT start AS edge FROM timer UNION SELECT "end" FROM timer WHERE "end" IS NOT NULL'
    edges = [
        row[0]
        for row in store.execute(
            f"SELECT edge FROM ({every}) WHERE edge <= ? AND edge >= IFNULL((SELECT MAX(edge) FROM ({every}) WHERE edge <= ?), 0)"
            " ORDER BY edge",
            (last, first),
        )
    ]
    splits: dict[str, list[int]] = {}
    for session, at in store.execute("SELECT session, at FROM split ORDER BY session, at"):
        splits.setdefault(session, []).append(at)
    return Cuts(edges, splits)


def settle_bounds(store: Store, spans: dict[int, list[int]], shrunk: Collection[int], reach: dict[int, int] | None = None) -> None:
    """Bring first and last use up to date: ``spans`` of what came, by segment; ``shrunk`` segments lost something.

    ``reach`` is the newest of what came and does not count.
    """
    if reach:
        store.many("UPDATE segment SET reach = MAX(reach, ?) WHERE id = ?", [(at, segment) for segment, at in reach.items()])
    if not (spans or shrunk):
        return
    grown = [(first, last, segment) for segment, (first, last) in spans.items() if segment not in shrunk]
    store.many(
        "UPDATE segment SET first_at = CASE WHEN first_at = 0 THEN ?1 ELSE MIN(first_at, ?1) END, last_at = MAX(last_at, ?2),"
        " reach = MAX(reach, ?2) WHERE id = ?3",
        grown,
    )
    store.many(
        "UPDATE segment SET (first_at, last_at) = (SELECT IFNULL(MIN(at), 0), IFNULL(MAX(at), 0) FROM usage"
        " WHERE segment = ?1 AND counted = 1) WHERE id = ?1",
        [(segment,) for segment in shrunk],
    )
    store.many("UPDATE segment SET reach = MAX(reach, last_at) WHERE id = ?", [(segment,) for segment in shrunk])
    touched = json.dumps([*(segment for *_, segment in grown), *shrunk])
    store.execute(
        "UPDATE session SET (first_at, last_at) = (SELECT IFNULL(MIN(first_at), 0), IFNULL(MAX(last_at), 0) FROM segment"
        " WHERE session = session.id AND first_at > 0)"
        " WHERE id IN (SELECT session FROM segment WHERE id IN (SELECT value FROM json_each(?)))",
        (touched,),
    )


def attribute_segments(store: Store, segments: Collection[int], attribute: Attribute) -> int:
    """Give these segments the task that the journal says; returns how many changed."""
    changed = 0
    every = sorted(segments)
    shared = Attribution({}, {}, timers(store), rules(store), dict(store.execute("SELECT project, task FROM project_default").fetchall()))
    for start in range(0, len(every), AT_ONCE):
        ids = json.dumps(every[start : start + AT_ONCE])
        models: dict[int, list[str]] = {}
        for segment, name in store.execute(
            "SELECT b.segment, m.name FROM by_segment b JOIN model m ON m.id = b.model"
            " WHERE b.segment IN (SELECT value FROM json_each(?)) ORDER BY b.segment, m.name", (ids,)
        ):  # fmt: skip
            models.setdefault(segment, []).append(name)
        rows = store.execute(
            "SELECT g.id, x.key, a.source, g.account, IFNULL(p.path, ''), g.branch, g.first_at, g.cut, g.task, g.via FROM segment g"
            " JOIN session x ON x.id = g.session JOIN account a ON a.id = g.account LEFT JOIN project p ON p.id = g.project"
            " WHERE g.id IN (SELECT value FROM json_each(?))", (ids,)
        ).fetchall()  # fmt: skip
        known = _of_sessions(store, shared, {row[1] for row in rows})
        updates = []
        for id_, session, agent, account, project, branch, first, cut, task, via in rows:
            segment = Segment(session, agent, account, project, branch, first, cut, tuple(models.get(id_, ())))
            new, how = attribute(known, segment)
            if (new, how) != (task, via):
                updates.append((new, str(how), id_))
        store.many("UPDATE segment SET task = ?, via = ? WHERE id = ?", updates)
        forget_tasks(store, [id_ for *_, id_ in updates])
        changed += len(updates)
    return changed


def _of_sessions(store: Store, shared: Attribution, sessions: Iterable[str]) -> Attribution:
    keys = json.dumps(sorted(sessions))
    splits: dict[str, list[Split]] = {}
    for row in store.execute(
        "SELECT session, at, task FROM split WHERE session IN (SELECT value FROM json_each(?)) ORDER BY session, at", (keys,)
    ):
        splits.setdefault(row[0], []).append(Split(*row))
    hand = store.execute("SELECT session, task FROM hand WHERE session IN (SELECT value FROM json_each(?))", (keys,)).fetchall()
    return Attribution(
        dict(hand), {key: tuple(rows) for key, rows in splits.items()}, shared.timers, shared.rules, shared.defaults
    )


def of_sessions(store: Store, sessions: Collection[str]) -> list[int]:
    """The ids of all segments of these sessions."""
    found = store.execute(
        "SELECT g.id FROM segment g JOIN session x ON x.id = g.session WHERE x.key IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(sessions)),),
    )
    return [row[0] for row in found]


def reattribute(store: Store, attribute: Attribute, sessions: Collection[str] | None = None) -> int:
    """Recompute the task of every segment, or of those of some sessions, after a change of the journal; usage stays as it is.

    Returns how many changed.
    """
    some = "" if sessions is None else " WHERE session IN (SELECT id FROM session WHERE key IN (SELECT value FROM json_each(?)))"
    values = () if sessions is None else (json.dumps(sorted(sessions)),)
    with store.transaction():
        return attribute_segments(store, [row[0] for row in store.execute(f"SELECT id FROM segment{some}", values)], attribute)


def resegment(store: Store, which: Collection[str] | tuple[int, int | None], attribute: Attribute | None) -> int:
    """Cut again: all records of these sessions, or those in [start, end) epoch seconds (end None = to the newest).

    Call after splits or timers changed, in the same transaction. Returns how many records moved.
    """
    with store.transaction():
        names = interned(store)
        if isinstance(which, tuple):
            start, end = which
            end = 2**62 if end is None else end
            where = "WHERE g.reach >= ?"
            values: tuple[object, ...] = (start,)
        else:
            start, end = 0, 2**62
            where = "WHERE x.key IN (SELECT value FROM json_each(?))"
            values = (json.dumps(sorted(which)),)
        found = store.execute(
            "SELECT g.id, x.key, g.account, IFNULL(p.path, ''), g.branch, g.cut FROM segment g JOIN session x ON x.id = g.session"
            f" LEFT JOIN project p ON p.id = g.project {where}", values
        ).fetchall()  # fmt: skip
        known = cuts(store, 0, 2**62)
        deltas = Deltas(names, clock(store))
        moved: list[tuple[int, int]] = []
        spans: dict[int, list[int]] = {}
        reach: dict[int, int] = {}
        shrunk: set[int] = set()
        for segment, session, account, project, branch, cut in found:
            rows = store.execute(f"SELECT {COLUMNS} FROM usage WHERE segment = ? AND at >= ? AND at < ?", (segment, start, end)).fetchall()
            leaving = [(row, new) for row in rows if (new := known.of(session, row[AT])) != cut]
            covered, amounts = covered_of(store, [row[ID] for row, _ in leaving]), amounts_of(store, [row[ID] for row, _ in leaving])
            for row, new in leaving:
                target = names.segment(session, project, branch, new, account)
                moved.append((target, row[ID]))
                reach[target] = max(reach.get(target, 0), row[AT])
                if row[COUNTED] == 1:
                    for sign, each in ((-1, row), (1, (*row[:SEGMENT], target, *row[SEGMENT + 1 :]))):
                        deltas.add(each, sign, covered.get(row[ID]))
                        deltas.add_money(each, sign, amounts.get(row[ID], ()))
                    widen(spans, target, row[AT])
                    shrunk.add(segment)
        store.many("UPDATE usage SET segment = ? WHERE id = ?", moved)
        deltas.flush(store)
        settle_bounds(store, spans, shrunk, reach)
        touched = {row[0] for row in found} | {target for target, _ in moved}
        if attribute is not None and touched:
            attribute_segments(store, touched, attribute)
        return len(moved)


def widen(spans: dict[int, list[int]], segment: int, at: int) -> None:
    """Note that a record at this time counts in this segment."""
    span = spans.get(segment)
    if span is None:
        spans[segment] = [at, at]
    elif at < span[0]:
        span[0] = at
    elif at > span[1]:
        span[1] = at
