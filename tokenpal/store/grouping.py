"""Sums of a roll-up over ranges of its axis, grouped by a dimension: the SQL behind reports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tokenpal.model.report import Dimension, Filter
from tokenpal.store.database import Store
from tokenpal.store.figures import Cell, Cells
from tokenpal.store.filters import TAGGED, model_condition, segment_conditions
from tokenpal.store.rollups import MEASURES, SLOT

Range = tuple[int, int, int]  # bucket, first and end of a half-open range on the table's axis
SUMS: Final = ", ".join(f"SUM(t.{name})" for name in MEASURES)
KEYS: Final = {  # dimension -> key of a group, what it needs to be joined with
    None: ("0", ""),
    Dimension.CLASS: ("0", ""),
    Dimension.MODEL: ("t.model", ""),
    Dimension.PROVIDER: ("CASE m.provider WHEN '' THEN a.provider ELSE m.provider END", "m"),
    Dimension.TASK: ("g.task", "g"),
    Dimension.PROJECT: ("g.project", "g"),
    Dimension.BRANCH: ("g.branch", "g"),
    Dimension.AGENT: ("g.account", "g"),
    Dimension.ACCOUNT: ("g.account", "g"),
    Dimension.LABEL: ("x.label", "x"),
    Dimension.TAG: ("g.task", "g"),
}
AXES: Final = {"by_day": "day", "by_utc_day": "day", "by_hour": "slot", "raw_hour": "slot", "money": "slot"}
BUCKETS: Final = (
    "WITH b AS MATERIALIZED (SELECT json_extract(value, '$[0]') AS n, json_extract(value, '$[1]') AS low,"
    " json_extract(value, '$[2]') AS high FROM json_each(?))"
)
"""Without MATERIALIZED the JSON is parsed again for every row."""
RAW: Final = f"""
CREATE TEMP TABLE raw_hour AS SELECT u.at / {SLOT} AS slot, u.segment, u.model, COUNT(*) AS records,
  SUM(IFNULL(u.requests, 0) - IFNULL(c.requests, 0)) AS requests, SUM(u.requests IS NULL) AS uncounted,
  SUM(CASE WHEN CASE WHEN c.usage IS NULL THEN u.list_pico ELSE c.list_pico END IS NULL
    AND u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output > 0
    THEN MAX(1, IFNULL(u.requests, 1) - IFNULL(c.requests, 0)) ELSE 0 END) AS unpriced,
  SUM(k.origin IN ('estimated', 'unknown')) AS estimated,
  {", ".join(f"SUM(u.{name} - IFNULL(c.{name}, 0)) AS {name}" for name in MEASURES[5:12])},
  SUM(IFNULL(CASE WHEN c.usage IS NULL THEN u.list_pico ELSE c.list_pico END, 0)) AS list_pico
FROM usage u JOIN trait k ON k.id = u.trait LEFT JOIN covered c ON c.usage = u.id
WHERE u.counted = 1 AND k.grain <> 'day' AND (c.usage IS NULL OR u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h
  + u.cache_write_other + u.output > c.fresh_input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.cache_write_other + c.output)
GROUP BY 1, 2, 3"""


@contextmanager
def raw_hours(store: Store) -> Iterator[str]:
    """Quarter hours summed from the records themselves, for a zone that the store's hours do not fit."""
    store.execute("DROP TABLE IF EXISTS temp.raw_hour")
    store.execute(RAW)
    store.execute("CREATE INDEX temp.raw_hour_by_slot ON raw_hour(slot)")
    try:
        yield "raw_hour"
    finally:
        store.execute("DROP TABLE temp.raw_hour")


def collect(
    store: Store, by: Dimension | None, filter_: Filter, table: str, ranges: Sequence[Range], cells: Cells, total: Cell
) -> None:
    """Add the sums of a roll-up in these ranges to cells, and to ``total`` once."""
    if not ranges or not store.execute(f"SELECT EXISTS(SELECT 1 FROM {table})").fetchone()[0]:
        return
    utc_day = table == "by_utc_day"
    for bucket, keys, sums in _grouped(store, by, filter_, table, ranges, SUMS):
        total.add(sums, utc_day=utc_day)
        for key in keys:
            cells[bucket, key].add(sums, utc_day=utc_day)


def collect_money(
    store: Store, by: Dimension | None, filter_: Filter, ranges: Sequence[Range], cells: Cells, total: Cell, *, utc_day: bool
) -> None:
    """Add the money that sources state in these ranges of quarter hours."""
    if not ranges:
        return
    columns, also = "t.kind, t.currency, SUM(t.pico)", ", t.kind, t.currency"
    for bucket, keys, (kind, currency, pico) in _grouped(
        store, by, filter_, "money", ranges, columns, f" AND t.utc = {int(utc_day)}", also
    ):
        for cell in (total, *(cells[bucket, key] for key in keys)):
            cell.add_money(kind, currency, pico)


def _grouped(
    store: Store, by: Dimension | None, filter_: Filter, table: str, ranges: Sequence[Range], columns: str, only: str = "", also: str = ""
) -> Iterator[tuple[int, list[Any], Any]]:
    """(bucket, keys of the group, columns). A group has several keys only for tags, which overlap.

    The ranges are the outer loop, so that each is one stretch of the table's key.
    """
    key, needs = KEYS[by]
    axis = AXES[table]
    conditions, models = segment_conditions(store, filter_), model_condition(store, filter_, "t.model")
    values = [json.dumps(ranges)]
    source = f"b CROSS JOIN {table} t ON t.{axis} >= b.low AND t.{axis} < b.high"
    if needs or conditions.parts or filter_.providers:
        source += " CROSS JOIN segment g ON g.id = t.segment"
    if needs == "x":
        source += " CROSS JOIN session x ON x.id = g.session"
    elif needs == "m":
        source += " CROSS JOIN account a ON a.id = g.account CROSS JOIN model m ON m.id = t.model"
    where = f"1{conditions.sql}{models.sql}{only}"
    values += [*conditions.values, *models.values]
    if by is not Dimension.TAG:
        for bucket, found, *rest in store.execute(f"{BUCKETS} SELECT b.n, {key}, {columns} FROM {source} WHERE {where} GROUP BY 1, 2{also}", values):
            yield bucket, [found], rest
        return
    of_task: dict[int | None, set[str]] = {}
    for task, tag in store.execute("SELECT task, tag FROM task_tag"):
        of_task.setdefault(task, set()).add(tag)
    of_session: dict[int, set[str]] = {}
    for session, tag in store.execute(f"SELECT session, tag FROM {TAGGED}"):
        of_session.setdefault(session, set()).add(tag)
    # Sessions with tags of their own are few; the rest is grouped by task alone.
    own = "CASE WHEN g.session IN (SELECT value FROM json_each(?)) THEN g.session ELSE 0 END"
    for bucket, task, session, *rest in store.execute(
        f"{BUCKETS} SELECT b.n, g.task, {own}, {columns} FROM {source} WHERE {where} GROUP BY 1, 2, 3{also}",
        [values[0], json.dumps(sorted(of_session)), *values[1:]],
    ):
        tags = of_task.get(task, set()) | of_session.get(session, set())
        yield bucket, sorted(tags) or [None], rest
