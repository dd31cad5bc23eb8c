"""A Query answered from the smallest table that can: days in the person's zone, hours in any zone that fits them, else records.

All three give equal numbers. Records of a UTC day keep their calendar date in every zone, and are left out of hours
(decisions 3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import Bucket, grain_seconds, local_day, number_day
from tokenpal.model.report import NONE_KEYS, Dimension, Measures, Query, Report, Row
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.store.axis import Axis
from tokenpal.store.database import Store
from tokenpal.store.filters import LABELS, TAGGED, model_condition, segment_conditions
from tokenpal.store.rollups import DAY, MEASURES, SLOT

SUMS: Final = ", ".join(f"SUM(t.{name})" for name in MEASURES)
KEYS: Final = {  # dimension -> key of a group, what it needs to be joined with
    None: ("0", ""),
    Dimension.CLASS: ("0", ""),
    Dimension.MODEL: ("t.model", ""),
    Dimension.TASK: ("g.task", "g"),
    Dimension.PROJECT: ("g.project", "g"),
    Dimension.BRANCH: ("g.branch", "g"),
    Dimension.AGENT: ("g.account", "g"),
    Dimension.ACCOUNT: ("g.account", "g"),
    Dimension.LABEL: ("l.label", "l"),
    Dimension.TAG: ("g.task", "g"),
}
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
HOUR: Final = 3_600
Sums = list[int]


class Cell:
    """Sums of one bucket and key."""

    __slots__ = ("money", "sums", "utc_day")

    def __init__(self) -> None:
        self.sums: Sums = [0] * len(MEASURES)
        self.utc_day = 0
        self.money: dict[tuple[str, str], int] = {}

    def add(self, sums: Sums | tuple[int, ...], *, utc_day: bool = False) -> None:
        mine = self.sums
        for index, value in enumerate(sums):
            mine[index] += value
        if utc_day:
            self.utc_day += sum(sums[5:11])

    def measures(self) -> Measures:
        return measures(self.sums, self.money, self.utc_day)


def measures(sums: Sums | tuple[int, ...], stated: dict[tuple[str, str], int], utc_day: int) -> Measures:
    """Roll-up sums (in the order of ``rollups.MEASURES``) and stated money as the figures of a row."""
    _, requests, uncounted, unpriced, estimated, *tokens, list_pico = sums
    known = Tokens(*tokens)
    money = dict(stated)
    if list_pico or (known.total and not unpriced):
        key = (MoneyKind.LIST_PRICE.value, "USD")
        money[key] = money.get(key, 0) + list_pico
    amounts = tuple(Money(MoneyKind(kind), currency, pico) for (kind, currency), pico in sorted(money.items()))
    return Measures(known, None if uncounted else requests, unpriced, amounts, utc_day, bool(estimated))


Cells = dict[tuple[int, Any], Cell]


def report(store: Store, query: Query) -> Report:
    """Answer a query. Keys are names as reports print them; an unknown name in a filter matches nothing.

    Raises ZoneInfoNotFoundError (a KeyError) for a zone that does not exist: check what the person typed before.
    """
    zone = ZoneInfo(query.zone)
    first, until = _range(store, query, zone)
    axis = Axis(first, until, zone, query.bucket, query.week_start)
    cells: Cells = {}
    total = Cell()
    with _fine_table(store, query, zone) as table:
        _collect(store, query, axis, table, cells, total)
    left_out = 0
    if query.bucket is Bucket.HOUR:
        whole = Axis(first, until, zone, None, 0)
        rest = Cell()
        _collect(store, query, whole, "by_utc_day", {}, rest)
        left_out = sum(rest.sums[5:11])
    else:
        _collect(store, query, axis, "by_utc_day", cells, total)
    _collect_money(store, query, axis, cells, total)
    rows = _class_rows(axis, cells) if query.by is Dimension.CLASS else _rows(store, query, axis, cells)
    return Report(query, first, until, tuple(rows), total.measures(), left_out)


# ---------------------------------------------------------------------------------------------- range and table


def _range(store: Store, query: Query, zone: ZoneInfo) -> tuple[date, date]:
    """The days asked for; without limits from the first use to the last, today included.

    Roll-ups know the first and last use to the hour, so in a zone off by 45 minutes an empty day may be at an end.
    """
    first, until = query.first, query.until
    if first is None or until is None:
        dates = [local_day(store.now(), zone)]
        for order, second in (("MIN", 0), ("MAX", HOUR - 1)):
            for sql, utc in (
                ("(slot) FROM by_hour", False),
                (f"(day) * {DAY // SLOT} FROM by_utc_day", True),
                ("(slot) FROM money WHERE utc = 0", False),
                ("(slot) FROM money WHERE utc = 1", True),
            ):
                slot = store.execute(f"SELECT {order}{sql}").fetchone()[0]
                if slot is not None:
                    dates.append(number_day(slot * SLOT // DAY) if utc else local_day(slot * SLOT // HOUR * HOUR + second, zone))
        first = first or min(dates)
        until = until or max([*dates, first - timedelta(days=1)]) + timedelta(days=1)
    return first, max(first, until)


@contextmanager
def _fine_table(store: Store, query: Query, zone: ZoneInfo) -> Iterator[str]:
    """The smallest table with what is not of a UTC day."""
    meta = dict(store.execute("SELECT key, value FROM meta WHERE key IN ('zone', 'grain')").fetchall())
    if query.bucket is not Bucket.HOUR and query.zone == meta["zone"]:
        yield "by_day"
    elif int(meta["grain"]) <= SLOT or grain_seconds(zone, store.now()) == 3600:
        yield "by_hour"
    else:
        store.execute("DROP TABLE IF EXISTS temp.raw_hour")
        store.execute(RAW)
        store.execute("CREATE INDEX temp.raw_hour_by_slot ON raw_hour(slot)")
        try:
            yield "raw_hour"
        finally:
            store.execute("DROP TABLE temp.raw_hour")


# ---------------------------------------------------------------------------------------------- sums


def _from(store: Store, query: Query, axis: Axis, table: str, ranges: list[tuple[int, int]]) -> tuple[str, str, list[Any], list[Any]]:
    """FROM and WHERE with their values: the axis outside, so that each bucket is one range of the table's key."""
    column = "slot" if table in {"by_hour", "raw_hour", "money"} else "day"
    where, models = segment_conditions(store, query.filter), model_condition(store, query.filter, "t.model")
    needs = KEYS[query.by][1]
    source = (
        "(SELECT value->>0 AS n, value->>1 AS low, value->>2 AS high FROM json_each(?)) b"
        f" CROSS JOIN {table} t ON t.{column} >= b.low AND t.{column} < b.high"
    )
    if needs or where.parts:
        source += " CROSS JOIN segment g ON g.id = t.segment"
    if needs == "l":
        source += f" LEFT JOIN {LABELS} l ON l.session = g.session"
    return source, f"1{where.sql}{models.sql}", [axis.json(ranges)], [*where.values, *models.values]


def _collect(store: Store, query: Query, axis: Axis, table: str, cells: Cells, total: Cell) -> None:
    ranges = axis.slots if table in {"by_hour", "raw_hour"} else axis.days
    utc_day = table == "by_utc_day"
    if not ranges or (utc_day and not store.execute("SELECT EXISTS(SELECT 1 FROM by_utc_day)").fetchone()[0]):
        return
    source, where, head, values = _from(store, query, axis, table, ranges)
    for bucket, keys, sums in _grouped(store, query, source, where, head, values, SUMS):
        total.add(sums, utc_day=utc_day)
        for key in keys:
            _cell(cells, bucket, key).add(sums, utc_day=utc_day)


def _collect_money(store: Store, query: Query, axis: Axis, cells: Cells, total: Cell) -> None:
    if not store.execute("SELECT EXISTS(SELECT 1 FROM money)").fetchone()[0]:
        return
    parts = [(0, axis.slots)]
    if axis.days:
        parts.append((1, [(low * (DAY // SLOT), high * (DAY // SLOT)) for low, high in axis.days]))
    for utc, ranges in parts:
        source, where, head, values = _from(store, query, axis, "money", ranges)
        for bucket, keys, (kind, currency, pico) in _grouped(
            store, query, source, f"{where} AND t.utc = {utc}", head, values, "t.kind, t.currency, SUM(t.pico)", ", t.kind, t.currency"
        ):
            for cell in (total, *(_cell(cells, bucket, key) for key in keys)):
                cell.money[kind, currency] = cell.money.get((kind, currency), 0) + pico


def _grouped(
    store: Store, query: Query, source: str, where: str, head: list[Any], values: list[Any], columns: str, also: str = ""
) -> Iterator[tuple[int, list[Any], Any]]:
    """(bucket, keys of the group, columns). A group has several keys only for tags, which overlap."""
    key = KEYS[query.by][0]
    if query.by is not Dimension.TAG:
        for bucket, found, *rest in store.execute(
            f"SELECT b.n, {key}, {columns} FROM {source} WHERE {where} GROUP BY 1, 2{also}", [*head, *values]
        ):
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
        f"SELECT b.n, g.task, {own}, {columns} FROM {source} WHERE {where} GROUP BY 1, 2, 3{also}",
        [json.dumps(sorted(of_session)), *head, *values],
    ):
        tags = of_task.get(task, set()) | of_session.get(session, set())
        yield bucket, sorted(tags) or [None], rest


def _cell(cells: Cells, bucket: int, key: Any) -> Cell:
    found = cells.get((bucket, key))
    if found is None:
        found = cells[bucket, key] = Cell()
    return found


# ---------------------------------------------------------------------------------------------- rows


def _rows(store: Store, query: Query, axis: Axis, cells: Cells) -> list[Row]:
    if query.bucket is None and query.by is None:
        return []
    named: Cells = {}
    names = _names(store, query.by)
    for (bucket, key), cell in cells.items():
        name = names(key)
        known = named.get((bucket, name))
        if known is None:
            named[bucket, name] = cell
            continue
        known.add(cell.sums)
        known.utc_day += cell.utc_day
        for each, pico in cell.money.items():
            known.money[each] = known.money.get(each, 0) + pico
    ordered = sorted(named.items(), key=lambda each: (each[0][0], -sum(each[1].sums[5:11]), each[0][1]))
    return [Row(axis.names[bucket], name, cell.measures()) for (bucket, name), cell in ordered]


def _class_rows(axis: Axis, cells: Cells) -> list[Row]:
    """One row for each class with tokens; requests and money belong to no single class and stay empty."""
    rows = []
    for (bucket, _), cell in sorted(cells.items()):
        whole = cell.measures()
        for name in CLASSES:
            count = getattr(whole.tokens, name)
            if count:
                part = msgspec.structs.replace(Tokens(), **{name: count}, reasoning=whole.tokens.reasoning if name == "output" else 0)
                rows.append(Row(axis.names[bucket], name, Measures(part, estimated=whole.estimated)))
    order = {name: index for index, name in enumerate(axis.names)}
    return sorted(rows, key=lambda row: (order[row.bucket], -row.measures.tokens.total, CLASSES.index(row.key)))


def _names(store: Store, by: Dimension | None) -> Any:
    if by is None:
        return lambda _: ""
    none = NONE_KEYS.get(by, "")
    if by in {Dimension.BRANCH, Dimension.LABEL, Dimension.TAG}:
        return lambda key: key or none
    select = {
        Dimension.MODEL: "SELECT id, name FROM model",
        Dimension.TASK: "SELECT id, name FROM task",
        Dimension.PROJECT: "SELECT id, path FROM project",
        Dimension.AGENT: "SELECT id, source FROM account",
        Dimension.ACCOUNT: "SELECT id, name FROM account",
    }[by]
    known = dict(store.execute(select).fetchall())
    return lambda key: known.get(key) or none


def first_use(store: Store) -> int | None:
    """Epoch seconds of about the first use (the start of its hour or UTC day); None = there is none."""
    slot = store.execute("SELECT MIN(slot) FROM by_hour").fetchone()[0]
    day = store.execute("SELECT MIN(day) FROM by_utc_day").fetchone()[0]
    found = ([slot * SLOT] if slot is not None else []) + ([day * DAY] if day is not None else [])
    return min(found) if found else None


def today(store: Store, zone: str) -> date:
    """The date it is for the person."""
    return datetime.fromtimestamp(store.now(), ZoneInfo(zone)).date()
