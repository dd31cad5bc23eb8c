"""Sums by month (or week, or day) and group, for charts over years: made when they are first asked for, thrown away when something changes.

Months with few segments are not worth it, and are asked of by_day. What is kept here is never the only place of anything:
``by_day`` with the segments' tasks and the person's words is the truth, and a month is made again from it.
Which months are ready, and what makes one stale, is in ``stale``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tokenpal.model.errors import StoreError
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.store.database import Store
from tokenpal.store.figures import Cell, Cells
from tokenpal.store.grouping import BUCKETS, Range, collect as collect_days
from tokenpal.store.rollups import MEASURES
from tokenpal.store.stale import BY_DAY, BY_WEEK, DIMENSIONS, forget_words, month_of, month_start, words_changed

WORTH: Final = 2_000  # segments; below, by_day answers in a few milliseconds
MONTHS: Final = 4  # whole months in a range
FEW_KEYS: Final = {None, Dimension.CLASS, Dimension.MODEL, Dimension.ACCOUNT, Dimension.AGENT, Dimension.PROVIDER}
COLUMNS: Final = ", ".join(MEASURES)
INSERT: Final = f"INSERT INTO by_group(dim, axis, key, {COLUMNS}) VALUES({', '.join('?' * (3 + len(MEASURES)))})"


def collect(store: Store, query: Query, ranges: Sequence[Range], cells: Cells, total: Cell) -> list[Range]:
    """Add what is kept here; returns the ranges of days that are left to by_day."""
    by, unit = query.by, _unit(query)
    if unit is None or not ranges:
        return list(ranges)
    if unit == BY_DAY:  # ranges follow one another without a gap
        parts = []
        wanted = list(range(month_of(ranges[0][1]), month_of(ranges[-1][2] - 1) + 1))
    else:
        parts = [(number, low, high, _needed(low, high, unit)) for number, low, high in ranges]
        wanted = sorted({month for *_, found in parts for month in found})
    if len(wanted) < MONTHS or store.execute("SELECT IFNULL(MAX(id), 0) FROM segment").fetchone()[0] < WORTH:
        return list(ranges)
    ready = _made_ready(store, by, unit, wanted) & _made_ready(store, None, unit, wanted)
    left: list[Range] = []
    known: list[Range] = []
    if unit == BY_DAY:
        known, left = (list(ranges), []) if ready.issuperset(wanted) else ([], list(ranges))
    for number, low, high, found in parts:
        if not found or not ready.issuperset(found):
            left.append((number, low, high))
        elif unit >= BY_WEEK:
            known.append((number, low, low + 1))
        else:
            first, end = month_start(found[0]), month_start(found[-1] + 1)
            known.append((number, found[0], found[-1] + 1))
            left += [(number, *rest) for rest in ((low, first), (end, high)) if rest[0] < rest[1]]
    for bucket, key, *sums in _read(store, DIMENSIONS[by] + unit, known):
        cells[bucket, key if key != "" or by is Dimension.BRANCH else None].add(sums)
        if DIMENSIONS[by] == DIMENSIONS[None]:
            total.add(sums)
    if DIMENSIONS[by] != DIMENSIONS[None]:  # tags overlap, and few rows are quicker added up than many
        for _, _, *sums in _read(store, DIMENSIONS[None] + unit, known):
            total.add(sums)
    return left


def _unit(query: Query) -> int | None:
    """What a query's sums are kept by; None = not at all."""
    if query.bucket is Bucket.DAY:
        return BY_DAY if query.by in FEW_KEYS else None
    if query.bucket is Bucket.WEEK:
        return BY_WEEK + 10 * query.week_start
    return None if query.bucket is Bucket.HOUR else 0


def _needed(low: int, high: int, unit: int) -> list[int]:
    """The months that know of the days [low, high): those that lie wholly in them; of a whole week the one it starts in."""
    if low >= high or (unit >= BY_WEEK and high - low < 7):
        return []
    first, last = month_of(low), month_of(low if unit >= BY_WEEK else high - 1)
    if unit == 0:
        first += month_start(first) < low
        last -= month_start(last + 1) > high
    return list(range(first, last + 1))


def _read(store: Store, dim: int, ranges: Sequence[Range]) -> Iterator[tuple[Any, ...]]:
    """(bucket, key, sums) of the months, weeks or days in these ranges."""
    if all(high - low == 1 for _, low, high in ranges):
        numbers = {low: number for number, low, _ in ranges}
        for axis, *rest in store.execute(
            f"SELECT axis, key, {', '.join(MEASURES)} FROM by_group WHERE dim = ? AND axis BETWEEN ? AND ?",
            (dim, min(numbers, default=0), max(numbers, default=-1)),
        ):
            if axis in numbers:  # between two weeks of one kind lie those that start on other days
                yield (numbers[axis], *rest)
        return
    sums = ", ".join(f"SUM(t.{name})" for name in MEASURES)
    yield from store.execute(
        f"{BUCKETS} SELECT b.n, t.key, {sums} FROM b CROSS JOIN by_group t ON t.dim = ? AND t.axis >= b.low AND t.axis < b.high GROUP BY 1, 2",
        (json.dumps(ranges), dim),
    )


# ---------------------------------------------------------------------------------------------- making months


def _made_ready(store: Store, by: Dimension | None, unit: int, wanted: Sequence[int]) -> set[int]:
    """Which of these months are ready, after making those that are not; none when the file cannot be written just now."""
    dim = DIMENSIONS[by] + unit
    missing = _missing(store, dim, wanted)
    if missing or words_changed(store):
        if store.read_only:
            return set()
        try:
            with store.transaction(patient=False):
                forget_words(store)
                _make(store, by, unit, _missing(store, dim, wanted))
        except StoreError:
            return set()  # another process writes, or the disk is full: by_day answers as well
    return set(wanted)


def _missing(store: Store, dim: int, wanted: Sequence[int]) -> list[int]:
    known = {row[0] for row in store.execute("SELECT month FROM group_ready WHERE dim = ?", (dim,))}
    return [month for month in wanted if month not in known]


def _make(store: Store, by: Dimension | None, unit: int, missing: list[int]) -> None:
    dim = DIMENSIONS[by] + unit
    ranges: list[Range] = []
    for month in missing:
        low, high = month_start(month), month_start(month + 1)
        store.execute("DELETE FROM by_group WHERE dim = ? AND axis >= ? AND axis < ?", (dim, low, high) if unit else (dim, month, month + 1))
        if unit == 0:
            ranges.append((month, low, high))
        elif unit == BY_DAY:
            ranges += [(day, day, day + 1) for day in range(low, high)]
        else:  # day 4 was a Monday
            start = low + (4 + (unit - BY_WEEK) // 10 - low) % 7
            ranges += [(day, day, day + 7) for day in range(start, high, 7)]
    cells = Cells()
    collect_days(store, by, Filter(), "by_day", ranges, cells, Cell())
    store.many(INSERT, [(dim, axis, "" if key is None else key, *cell.sums) for (axis, key), cell in cells.items()])
    store.many("INSERT INTO group_ready(dim, month) VALUES(?, ?)", [(dim, month) for month in missing])
