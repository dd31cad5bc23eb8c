"""A Query answered from the smallest table that can: sums by month, days in the person's zone, hours in any zone that fits
them, else the records.

All give equal numbers. Records of a UTC day keep their calendar date in every zone, and are left out of hours (decisions 3).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.model.ranges import Bucket, grain_seconds, local_day, number_day
from tokenpal.model.report import Dimension, Filter, Query, Report
from tokenpal.store import months
from tokenpal.store.axis import Axis
from tokenpal.store.database import Store
from tokenpal.store.figures import Cell, Cells, class_rows, rows
from tokenpal.store.grouping import Range, collect, collect_money, raw_hours
from tokenpal.store.rollups import DAY, SLOT

HOUR: Final = 3_600
SLOTS: Final = DAY // SLOT


def report(store: Store, query: Query) -> Report:
    """Answer a query. Keys are names as reports print them; an unknown name in a filter matches nothing.

    Raises ZoneInfoNotFoundError (a KeyError) for a zone that does not exist: check what the person typed before.
    """
    zone = ZoneInfo(query.zone)
    first, until = _range(store, query, zone)
    axis = Axis(first, until, zone, query.bucket, query.week_start)
    days = numbered(axis.days)
    cells, total = Cells(), Cell()
    by, filter_ = query.by, query.filter
    with _fine_table(store, query, zone) as table:
        if table == "by_day":
            days_left = months.collect(store, query, days, cells, total) if filter_ == Filter() else days
            collect(store, by, filter_, table, days_left, cells, total)
        else:
            collect(store, by, filter_, table, numbered(axis.slots), cells, total)
    money = store.execute("SELECT EXISTS(SELECT 1 FROM money)").fetchone()[0]
    if money:
        collect_money(store, by, filter_, numbered(axis.slots), cells, total, utc_day=False)
    left_out = 0
    if query.bucket is Bucket.HOUR:
        rest = Cell()
        collect(store, None, filter_, "by_utc_day", numbered(Axis(first, until, zone, None, 0).days), Cells(), rest)
        left_out = rest.tokens
    else:
        collect(store, by, filter_, "by_utc_day", days, cells, total)
        if money:
            collect_money(store, by, filter_, [(n, low * SLOTS, high * SLOTS) for n, low, high in days], cells, total, utc_day=True)
    if by is Dimension.CLASS:
        found = class_rows(axis.names, cells)
    else:
        found = [] if by is None and query.bucket is None else rows(store, by, axis.names, cells)
    return Report(query, first, until, tuple(found), total.measures(), left_out)


def numbered(ranges: list[tuple[int, int]]) -> list[Range]:
    """Ranges with the number of their bucket."""
    return [(number, low, high) for number, (low, high) in enumerate(ranges)]


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
                (f"(day) * {SLOTS} FROM by_utc_day", True),
                ("(slot) FROM money WHERE utc = 0", False),
                ("(slot) FROM money WHERE utc = 1", True),
            ):
                slot = store.execute(f"SELECT {order}{sql}").fetchone()[0]
                if slot is not None:
                    dates.append(number_day(slot * SLOT // DAY) if utc else local_day(slot * SLOT // HOUR * HOUR + second, zone))
        first = first or min(dates)
        until = until or max([*dates, first - timedelta(days=1)]) + timedelta(days=1)
    return first, max(first, until)


def _fine_table(store: Store, query: Query, zone: ZoneInfo) -> AbstractContextManager[str]:
    """The smallest table with what is not of a UTC day."""
    meta = dict(store.execute("SELECT key, value FROM meta WHERE key IN ('zone', 'grain')").fetchall())
    if query.bucket is not Bucket.HOUR and query.zone == meta["zone"]:
        return nullcontext("by_day")
    if int(meta["grain"]) <= SLOT or grain_seconds(zone, store.now()) == HOUR:
        return nullcontext("by_hour")
    return raw_hours(store)


def today(store: Store, zone: str) -> date:
    """The date it is for the person."""
    return datetime.fromtimestamp(store.now(), ZoneInfo(zone)).date()
