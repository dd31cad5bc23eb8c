"""Sessions as lists show them, page by page, and one session in detail.

A list first finds the ids of a page on table session alone (which keeps times and totals for sorting), then reads what
belongs to these few: 200,000 sessions cost no more than 200.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.ranges import day_start
from tokenpal.model.report import Filter, Measures, Moment, Row, SegmentRow, SessionDetail, SessionRow
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import GRAIN_SECONDS
from tokenpal.store.database import Store
from tokenpal.store.figures import measures
from tokenpal.store.filters import Where, label_values, model_condition, model_values, segment_conditions
from tokenpal.store.rollups import MEASURES
from tokenpal.store.search import match_expression, matching_projects

ORDERS: Final = {"started": "x.first_at", "ended": "x.last_at", "tokens": "x.total", "cost": "x.list_pico"}
COUNTS: Final = """(x.total > 0 OR EXISTS (SELECT 1 FROM segment g WHERE g.session = x.id AND (
  EXISTS (SELECT 1 FROM by_segment b WHERE b.segment = g.id) OR EXISTS (SELECT 1 FROM money m WHERE m.segment = g.id))))"""
MODEL_IDS: Final = "SELECT id FROM model WHERE name IN (SELECT value FROM json_each(?))"
SUMS: Final = ", ".join(f"b.{name}" for name in (*MEASURES, "utc_day"))


def sessions(
    store: Store,
    filter_: Filter = Filter(),  # noqa: B008 - a frozen value
    first: date | None = None,
    until: date | None = None,
    zone: str = "UTC",
    limit: int | None = 100,
    offset: int = 0,
    order: str = "started",
    *,
    ascending: bool = False,
) -> list[SessionRow]:
    """Sessions with use in local days [first, until), newest first; whole sessions, also where they reach beyond.

    ``order`` is started, ended, tokens or cost; equal ones follow their start and key. ``limit`` None = all.
    """
    where = conditions(store, filter_, first, until, zone)
    way = "ASC" if ascending else "DESC"
    ids = [
        row[0]
        for row in store.execute(
            f"SELECT x.id FROM session x WHERE x.first_at > 0{where.sql} AND {COUNTS}"
            f" ORDER BY {ORDERS[order]} {way}, x.first_at {way}, x.id {way} LIMIT ? OFFSET ?",
            [*where.values, -1 if limit is None else limit, offset],
        )
    ]
    return rows_of(store, ids)


def count_sessions(
    store: Store, filter_: Filter = Filter(), first: date | None = None, until: date | None = None, zone: str = "UTC"  # noqa: B008 - as above
) -> int:
    """How many sessions ``sessions`` would list in all."""
    where = conditions(store, filter_, first, until, zone)
    found = store.execute(f"SELECT COUNT(*) FROM session x WHERE x.first_at > 0{where.sql} AND {COUNTS}", where.values).fetchone()
    return int(found[0])


def conditions(store: Store, filter_: Filter, first: date | None, until: date | None, zone: str) -> Where:
    """A filter and local days [first, until) as conditions on session ``x``."""
    where = Where()
    if until is not None:
        where.add("x.first_at < ?", day_start(until, ZoneInfo(zone)))
    if first is not None:
        where.add("x.last_at >= ?", day_start(first, ZoneInfo(zone)))
    if len(filter_.labels) == 1:  # one label comes from its index in the order of time
        where.add("x.label = ?", *label_values(filter_))
    elif filter_.labels:
        where.add("x.label IN (SELECT value FROM json_each(?))", json.dumps(label_values(filter_)))
    models = json.dumps(model_values(filter_))
    inner = segment_conditions(store, msgspec.structs.replace(filter_, labels=()))
    if filter_.providers:
        one = model_condition(store, filter_, "b.model")
        inner.add(f"EXISTS (SELECT 1 FROM by_segment b WHERE b.segment = g.id{one.sql})", *one.values)
    if inner.parts:
        if filter_.models and not filter_.providers:  # the same segment has to fit everything
            inner.add(f"g.id IN (SELECT b.segment FROM by_segment b WHERE b.model IN ({MODEL_IDS}))", models)
        where.add(f"x.id IN (SELECT g.session FROM segment g WHERE g.first_at > 0{inner.sql})", *inner.values)
    elif filter_.models:
        where.add(
            f"x.id IN (SELECT g.session FROM by_segment b CROSS JOIN segment g ON g.id = b.segment WHERE b.model IN ({MODEL_IDS}))", models
        )
    if filter_.text.strip():
        _add_text(store, where, filter_.text)
    return where


def _add_text(store: Store, where: Where, text: str) -> None:
    """Sessions whose note, tag, task or project has all the words."""
    match = match_expression(text)
    hits: dict[str, list[str]] = {"note": [], "task": []}
    if match:
        # CROSS JOIN: the other way round the index is searched once for every note.
        for kind, ref in store.execute(
            "SELECT r.kind, r.ref FROM search s CROSS JOIN search_ref r ON r.id = s.rowid WHERE search MATCH ?", (match,)
        ):
            hits.setdefault(kind, []).append(ref)
    notes, tasks = json.dumps(hits["note"]), json.dumps([int(ref) for ref in hits["task"]])
    projects = json.dumps(matching_projects(store, text, 10_000))
    where.add(
        "x.id IN (SELECT id FROM session WHERE key IN (SELECT value FROM json_each(?)) UNION ALL"
        " SELECT o.id FROM session_part p JOIN session o ON o.key = p.session WHERE p.part IN (SELECT value FROM json_each(?))",
        notes, notes,
    )  # fmt: skip
    if hits["task"]:
        where.extend(" UNION ALL SELECT session FROM segment WHERE task IN (SELECT value FROM json_each(?))", tasks)
    if projects != "[]":
        where.extend(
            " UNION ALL SELECT session FROM segment WHERE project IN"
            " (SELECT id FROM project WHERE path IN (SELECT value FROM json_each(?)))", projects
        )  # fmt: skip
    where.extend(")")


# ---------------------------------------------------------------------------------------------- rows of a page


def rows_of(store: Store, ids: Sequence[int]) -> list[SessionRow]:
    """The rows of these session ids, in this order."""
    known = rows_by_id(store, ids)
    return [known[id_] for id_ in ids if id_ in known]


def rows_by_id(store: Store, ids: Sequence[int]) -> dict[int, SessionRow]:
    """The rows of these session ids; one that is gone is left out."""
    page = json.dumps(list(ids))
    heads = {row[0]: row[1:] for row in store.execute(
        "SELECT x.id, x.key, a.source, a.name, x.first_at, x.last_at, x.parent, x.version, x.grain"
        " FROM session x JOIN account a ON a.id = x.account WHERE x.id IN (SELECT value FROM json_each(?))", (page,)
    )}  # fmt: skip
    parts: dict[int, list[tuple[Any, ...]]] = {}
    for row in store.execute(
        f"SELECT g.session, g.id, IFNULL(p.path, ''), g.branch, k.name, g.task, k.color, g.via, m.name, {SUMS} FROM segment g"
        " JOIN by_segment b ON b.segment = g.id JOIN model m ON m.id = b.model LEFT JOIN project p ON p.id = g.project"
        " LEFT JOIN task k ON k.id = g.task WHERE g.session IN (SELECT value FROM json_each(?))", (page,)
    ):  # fmt: skip
        parts.setdefault(row[0], []).append(row[1:])
    money = _money(store, page)
    words = _words(store, page)
    return {id_: _row(head, parts.get(id_, []), money.get(id_, {}), words.get(id_)) for id_, head in heads.items()}


def _row(head: tuple[Any, ...], parts: list[tuple[Any, ...]], money: dict[tuple[str, str], int], words: tuple[Any, ...] | None) -> SessionRow:
    key, agent, account, first, last, parent, version, grain = head
    sums = [0] * (len(MEASURES) + 1)
    of_segment: dict[int, int] = {}
    of_model: dict[str, int] = {}
    places: dict[int, tuple[Any, ...]] = {}
    for segment, project, branch, task, task_id, color, via, model, *values in parts:
        total = sum(values[5:11])
        of_segment[segment] = of_segment.get(segment, 0) + total
        of_model[model] = of_model.get(model, 0) + total
        places[segment] = (project, branch, task, task_id, color, via)
        for index, value in enumerate(values):
            sums[index] += value
    project, branch, task, task_id, color, via = "", "", None, None, None, ""
    if of_segment:
        largest = max(of_segment, key=lambda segment: (of_segment[segment], -segment))
        project, branch, task, task_id, color, via = places[largest]
    label, reason, note, tags = words or ("", "", "", ())
    return SessionRow(
        key, agent, account, first, last, project, branch, tuple(sorted(of_model, key=lambda name: (-of_model[name], name))),
        measures(sums[:-1], money, sums[-1]), task or "", task_id if task else None, color or 0, via, label, reason, tuple(tags), note,
        parent, version, grain,
    )  # fmt: skip


def _money(store: Store, page: str) -> dict[int, dict[tuple[str, str], int]]:
    found: dict[int, dict[tuple[str, str], int]] = {}
    for session, kind, currency, pico in store.execute(
        "SELECT g.session, m.kind, m.currency, SUM(m.pico) FROM segment g JOIN money m ON m.segment = g.id"
        " WHERE g.session IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3", (page,)
    ):  # fmt: skip
        found.setdefault(session, {})[kind, currency] = pico
    return found


def _words(store: Store, page: str) -> dict[int, tuple[str, str, str, list[str]]]:
    """Label, reason, note and tags; of a merged session's parts where it has none of its own."""
    keys = (
        "SELECT id, key AS said, 0 AS part FROM session WHERE id IN (SELECT value FROM json_each(?1)) UNION ALL"
        " SELECT x.id, p.part, 1 FROM session_part p JOIN session x ON x.key = p.session WHERE x.id IN (SELECT value FROM json_each(?1))"
    )
    found: dict[int, tuple[str, str, str, list[str]]] = {}
    for id_, label, reason, note in store.execute(
        f"SELECT k.id, a.label, a.reason, a.note FROM ({keys}) k JOIN annotation a ON a.session = k.said ORDER BY k.part, k.said", (page,)
    ):
        known = found.get(id_, ("", "", "", []))
        said = (known[0], known[1]) if known[0] else (label, reason)
        found[id_] = (*said, known[2] or note, [])
    for id_, tag in store.execute(
        f"SELECT DISTINCT k.id, t.tag FROM ({keys}) k JOIN session_tag t ON t.session = k.said ORDER BY 1, 2", (page,)
    ):
        found.setdefault(id_, ("", "", "", []))[3].append(tag)
    return found


# ---------------------------------------------------------------------------------------------- one session


def session_row(store: Store, key: str) -> SessionRow | None:
    """One session by its key, or by a former id of a merged one."""
    id_ = _id(store, key)
    found = rows_of(store, [id_]) if id_ is not None else []
    return found[0] if found else None


def find_sessions(store: Store, text: str, limit: int = 10) -> list[str]:
    """Keys of the sessions whose key, or the agent's id in it, is or begins with ``text``, newest first."""
    low, high = text, text + "\U0010ffff"
    return [
        row[0]
        for row in store.execute(
            "SELECT key FROM session WHERE key >= ?1 AND key < ?2 OR substr(key, instr(key, ':') + 1) >= ?1"
            " AND substr(key, instr(key, ':') + 1) < ?2 ORDER BY key = ?1 DESC, first_at DESC LIMIT ?3",
            (low, high, limit),
        )
    ]


def session_detail(store: Store, key: str, most: int = 5_000) -> SessionDetail | None:
    """A session with segments, models, sub-agents and at most ``most`` moments of its timeline (the newest)."""
    id_ = _id(store, key)
    if id_ is None:
        return None
    row = rows_of(store, [id_])[0]
    link, minutes = store.execute("SELECT link, minutes_saved FROM annotation WHERE session = ?", (row.id,)).fetchone() or ("", None)
    parts = store.execute("SELECT part FROM session_part WHERE session = ? ORDER BY part", (row.id,)).fetchall()
    return SessionDetail(
        row, _segments(store, id_), _models(store, id_), _sub_agents(store, id_), tuple(timeline(store, row.id, most)),
        link, minutes, tuple(part for (part,) in parts),
    )  # fmt: skip


def timeline(store: Store, key: str, most: int = 5_000) -> list[Moment]:
    """What counts of a session, request by request (or bucket by bucket), oldest first; the newest ``most`` of them."""
    rows = store.execute(
        "SELECT u.at, m.name, u.fresh_input - IFNULL(c.fresh_input, 0), u.cache_read - IFNULL(c.cache_read, 0),"
        " u.cache_write_5m - IFNULL(c.cache_write_5m, 0), u.cache_write_1h - IFNULL(c.cache_write_1h, 0),"
        " u.cache_write_other - IFNULL(c.cache_write_other, 0), u.output - IFNULL(c.output, 0), u.reasoning - IFNULL(c.reasoning, 0),"
        " k.sub_agent, IIF(c.usage IS NULL, u.list_pico, c.list_pico), k.grain"
        " FROM session x CROSS JOIN segment g ON g.session = x.id CROSS JOIN usage u ON u.segment = g.id JOIN model m ON m.id = u.model"
        " JOIN trait k ON k.id = u.trait LEFT JOIN covered c ON c.usage = u.id"
        " WHERE x.key = ? AND u.counted = 1 ORDER BY u.at DESC, u.family DESC, u.variant DESC LIMIT ?", (key, most)
    ).fetchall()  # fmt: skip
    moments = [
        Moment(at, model, Tokens(*tokens), bool(sub_agent), pico, GRAIN_SECONDS[grain]) for at, model, *tokens, sub_agent, pico, grain in reversed(rows)
    ]
    return [moment for moment in moments if moment.tokens.total or not moment.seconds]


def _id(store: Store, key: str) -> int | None:
    # A merged session's former id still has an empty row of its own.
    row = store.execute(
        "SELECT id FROM session WHERE key = ?1 AND first_at > 0 UNION ALL"
        " SELECT x.id FROM session_part p JOIN session x ON x.key = p.session WHERE p.part = ?1 UNION ALL"
        " SELECT id FROM session WHERE key = ?1 LIMIT 1", (key,)
    ).fetchone()  # fmt: skip
    return None if row is None else int(row[0])


def _segments(store: Store, id_: int) -> tuple[SegmentRow, ...]:
    money: dict[int, dict[tuple[str, str], int]] = {}
    for segment, kind, currency, pico in store.execute(
        "SELECT m.segment, m.kind, m.currency, SUM(m.pico) FROM money m WHERE m.segment IN (SELECT id FROM segment WHERE session = ?)"
        " GROUP BY 1, 2, 3", (id_,)
    ):  # fmt: skip
        money.setdefault(segment, {})[kind, currency] = pico
    sums = ", ".join(f"SUM(b.{name})" for name in (*MEASURES, "utc_day"))
    rows = store.execute(
        "SELECT g.id, IFNULL(p.path, ''), g.branch, g.first_at, g.last_at, IFNULL(k.name, ''), k.id, IFNULL(k.color, 0), g.via, g.cut,"
        f" {sums} FROM segment g JOIN by_segment b ON b.segment = g.id LEFT JOIN project p ON p.id = g.project"
        " LEFT JOIN task k ON k.id = g.task WHERE g.session = ? GROUP BY g.id ORDER BY g.first_at, g.id", (id_,)
    )  # fmt: skip
    return tuple(
        SegmentRow(project, branch, first, last, measures(values[:-1], money.get(segment, {}), values[-1]), task, task_id, color, via, cut)
        for segment, project, branch, first, last, task, task_id, color, via, cut, *values in rows
    )


def _models(store: Store, id_: int) -> tuple[Row, ...]:
    sums = ", ".join(f"SUM(b.{name})" for name in (*MEASURES, "utc_day"))
    rows = store.execute(
        f"SELECT m.name, {sums} FROM segment g JOIN by_segment b ON b.segment = g.id JOIN model m ON m.id = b.model"
        " WHERE g.session = ? GROUP BY m.id", (id_,)
    )  # fmt: skip
    found = [Row("", name or "unknown", measures(values[:-1], {}, values[-1])) for name, *values in rows]
    return tuple(sorted(found, key=lambda row: (-row.measures.tokens.total, row.key)))


def _sub_agents(store: Store, id_: int) -> Measures:
    counts = ", ".join(f"IFNULL(SUM(u.{name}), 0)" for name in (*MEASURES[5:12], "list_pico"))
    row = store.execute(
        f"SELECT COUNT(*), IFNULL(SUM(u.requests), 0), IFNULL(SUM(u.requests IS NULL), 0),"
        f" IFNULL(SUM(u.list_pico IS NULL), 0), 0, {counts} FROM segment g JOIN usage u ON u.segment = g.id JOIN trait k ON k.id = u.trait"
        " WHERE g.session = ? AND u.counted = 1 AND k.sub_agent", (id_,)
    ).fetchone()  # fmt: skip
    return measures(row, {}, 0) if row[0] else Measures()
