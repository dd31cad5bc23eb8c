"""Sums by segment, day and hour, kept as differences so that they can subtract (decisions 2).

A batch's changes are summed in memory first, so that each roll-up row is written once. What a record adds is a function of
its stored row alone; taking the record away subtracts the same, and a row whose last record goes is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.model.ranges import EPOCH_ORDINAL
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned
from tokenpal.store.rows import Covered, Row
from tokenpal.store.stale import forget_days

MEASURES: Final = (
    "records", "requests", "uncounted", "unpriced", "estimated", "fresh_input", "cache_read", "cache_write_5m",
    "cache_write_1h", "cache_write_other", "output", "reasoning", "list_pico",
)  # fmt: skip
SLOT: Final = 900
DAY: Final = 86_400
FineKey = tuple[int, int, int]  # slot or day, segment, model
MoneyKey = tuple[int, int, int, int, str, str]  # slot, utc, segment, model, kind, currency


def _upsert(table: str, keys: tuple[str, ...], measures: tuple[str, ...]) -> str:
    names = (*keys, *measures)
    return (
        f"INSERT INTO {table}({', '.join(names)}) VALUES({', '.join('?' * len(names))}) ON CONFLICT({', '.join(keys)})"
        f" DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in measures)}"
    )


BY: Final = {table: _upsert(table, (axis, "segment", "model"), MEASURES) for table, axis in (("by_hour", "slot"), ("by_day", "day"), ("by_utc_day", "day"))}
BY_SEGMENT: Final = _upsert("by_segment", ("segment", "model"), (*MEASURES, "utc_day"))
MONEY: Final = _upsert("money", ("slot", "utc", "segment", "model", "kind", "currency"), ("pico", "records"))


class Clock:
    """The store's zone: which local day and which slot an instant belongs to."""

    def __init__(self, zone: str, grain: int) -> None:
        self.zone = ZoneInfo(zone)
        self.grain = grain
        self.days: dict[int, int] = {}

    def day(self, slot: int) -> int:
        """Local day number of a slot."""
        found = self.days.get(slot)
        if found is None:
            if len(self.days) > 20_000:
                self.days.clear()
            found = self.days[slot] = datetime.fromtimestamp(slot * SLOT, self.zone).toordinal() - EPOCH_ORDINAL
        return found


def clock(store: Store) -> Clock:
    """The zone and grain that this store's roll-ups are kept in."""
    found = store.memory.get("clock")
    if not isinstance(found, Clock):
        meta = dict(store.execute("SELECT key, value FROM meta WHERE key IN ('zone', 'grain')").fetchall())
        found = store.memory["clock"] = Clock(meta["zone"], int(meta["grain"]))
    return found


class Deltas:
    """What one batch changes in the roll-ups."""

    def __init__(self, names: Interned, zone: Clock) -> None:
        self.traits = names.day_and_estimated
        self.zone = zone
        self.grain = zone.grain
        self.fine: dict[FineKey, list[int]] = {}
        self.utc: dict[FineKey, list[int]] = {}
        self.money: dict[MoneyKey, list[int]] = {}

    def add(self, row: Row, sign: int, covered: Covered | None = None) -> None:
        """Count a record (sign 1) or take it away (-1). What is wholly covered adds nothing."""
        _, _, _, segment, at, model, trait, _, requests, a, b, c, d, e, output, reasoning, pico, _, _, _ = row
        if covered is not None:
            a, b, c, d, e = a - covered[0], b - covered[1], c - covered[2], d - covered[3], e - covered[4]
            output, reasoning, pico = output - covered[5], reasoning - covered[6], covered[8]
            if not (a or b or c or d or e or output):
                return
            if requests is not None:
                requests -= covered[7]
        utc_day, estimated = self.traits[trait]
        if utc_day:
            table, key = self.utc, (at // DAY, segment, model)
        else:
            table, key = self.fine, (at // self.grain * self.grain // SLOT, segment, model)
        sums = table.get(key)
        if sums is None:
            sums = table[key] = [0] * 13
        sums[0] += sign
        if requests is None:
            sums[2] += sign
        else:
            sums[1] += sign * requests
        if pico is not None:
            sums[12] += sign * pico
        elif a or b or c or d or e or output:
            sums[3] += sign * (requests or 1)
        if estimated:
            sums[4] += sign
        sums[5] += sign * a
        sums[6] += sign * b
        sums[7] += sign * c
        sums[8] += sign * d
        sums[9] += sign * e
        sums[10] += sign * output
        sums[11] += sign * reasoning

    def add_new(self, found: Iterable[Row], spans: dict[int, list[int]]) -> None:
        """The same as ``add`` for each of these, none of which is covered, in a third of the time: columns are summed whole."""
        groups: dict[tuple[int, int, int, int], list[Row]] = {}
        grain = self.grain
        for row in found:
            key = (row[4] // grain, row[3], row[5], row[6])
            group = groups.get(key)
            if group is None:
                groups[key] = [row]
            else:
                group.append(row)
        for (_, segment, model, trait), group in groups.items():
            columns = list(zip(*group, strict=True))
            first, last = min(columns[4]), max(columns[4])
            span = spans.setdefault(segment, [first, last])
            span[0], span[1] = min(span[0], first), max(span[1], last)
            if None in columns[8] or None in columns[16] or self.traits[trait] != (False, False):
                for row in group:
                    self.add(row, 1)
            else:
                sums = [len(group), sum(columns[8]), 0, 0, 0, *(sum(column) for column in columns[9:17])]
                _merge(self.fine, (first // grain * grain // SLOT, segment, model), sums)

    def add_money(self, row: Row, sign: int, amounts: Iterable[tuple[str, str, int]]) -> None:
        """Count what the record's source says it cost: (kind, currency, pico)."""
        utc_day = self.traits[row[6]][0]
        slot = row[4] // DAY * (DAY // SLOT) if utc_day else row[4] // SLOT
        for kind, currency, pico in amounts:
            sums = self.money.setdefault((slot, int(utc_day), row[3], row[5], kind, currency), [0, 0])
            sums[0] += sign * pico
            sums[1] += sign

    def flush(self, store: Store) -> tuple[set[int], set[tuple[int, int]]]:
        """Write the sums and forget them; returns the days and the (segment, model) pairs that changed."""
        fine = {key: sums for key, sums in self.fine.items() if any(sums)}
        utc = {key: sums for key, sums in self.utc.items() if any(sums)}
        days: dict[FineKey, list[int]] = {}
        segments: dict[tuple[int, int], list[int]] = {}
        day_of = self.zone.day
        for (slot, segment, model), sums in fine.items():
            _merge(days, (day_of(slot), segment, model), sums)
            _merge(segments, (segment, model), [*sums, 0])
        for (_, segment, model), sums in utc.items():
            _merge(segments, (segment, model), [*sums, sum(sums[5:11])])
        for table, changes in (("by_hour", fine), ("by_day", days), ("by_utc_day", utc)):
            store.many(BY[table], [(*key, *sums) for key, sums in sorted(changes.items())])
            axis = "slot" if table == "by_hour" else "day"
            store.many(
                f"DELETE FROM {table} WHERE {axis} = ? AND segment = ? AND model = ? AND records = 0",
                [key for key, sums in changes.items() if sums[0] <= 0],
            )
        store.many(BY_SEGMENT, [(*key, *sums) for key, sums in sorted(segments.items())])
        store.many("DELETE FROM by_segment WHERE segment = ? AND model = ? AND records = 0", [k for k, s in segments.items() if s[0] <= 0])
        sessions: dict[int, list[int]] = {}
        for (segment, _), sums in segments.items():
            _merge(sessions, segment, [sum(sums[5:11]), sums[12]])
        store.many(
            "UPDATE session SET total = total + ?, list_pico = list_pico + ? WHERE id = (SELECT session FROM segment WHERE id = ?)",
            [(*sums, segment) for segment, sums in sessions.items() if any(sums)],
        )
        money = {key: sums for key, sums in self.money.items() if any(sums)}
        store.many(MONEY, [(*key, *sums) for key, sums in sorted(money.items())])
        store.many(
            "DELETE FROM money WHERE slot = ? AND utc = ? AND segment = ? AND model = ? AND kind = ? AND currency = ? AND records = 0",
            [key for key, sums in money.items() if sums[1] <= 0],
        )
        changed = {key[0] for key in days} | {key[0] for key in utc} | {key[0] * SLOT // DAY for key in money}
        forget_days(store, {key[0] for key in days})
        self.fine, self.utc, self.money = {}, {}, {}
        return changed, set(segments)


def _merge(table: dict[Any, list[int]], key: Any, sums: list[int]) -> None:
    known = table.get(key)
    if known is None:
        table[key] = list(sums)
    else:
        for index, value in enumerate(sums):
            known[index] += value
