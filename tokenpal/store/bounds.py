"""Keeps the sum of everything below what SQLite can add up: a log or a server that lies in a few rows must not end every report.

One row may be as large as its source allows, but SQLite's SUM fails beyond 2^63, which is nine million dollars in picodollars.
So a batch that weighs much is set against what is there; what is absurd in it goes first, and what is usual stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from tokenpal.model.usage import LimitReading, Problem
from tokenpal.store.database import Store
from tokenpal.store.rows import LIST_PICO, REQUESTS, TOKENS, Key, Row

MOST: Final = 2.0**61  # of all counts, or picounits of one kind and currency; a price may rise later
HEAVY: Final = 10**13  # tokens in a batch below which nobody looks
HEAVY_PICO: Final = 10**16  # the same of money: 10,000 dollars
STEPS: Final = ((10**9, 10**16), (10**7, 10**14), (-1, -1))  # counts and picounits of one row: beyond the first no request has ever been
REASON: Final = "a record is so large that all figures together would be impossible; it was left out"
MOST_PERCENT: Final = 10_000.0
WINDOW: Final = "a window is said to be used beyond all sense; 10,000 % was kept"
Stated = Mapping[Key, Sequence[tuple[str, str, int]]]


def beyond(store: Store, new: Mapping[Key, Row], money: Stated) -> set[Key]:
    """The rows without which the sum of everything stays possible; none as a rule, and then nothing is asked."""
    rows = new.values()
    if sum(_count(row) for row in rows) < HEAVY and sum(_pico(row) for row in rows) < HEAVY_PICO and (not money or _stated(money.values()) < HEAVY_PICO):
        return set()
    left: set[Key] = set()
    for count, pico in STEPS:
        if _fits(store, {key: row for key, row in new.items() if key not in left}, {key: found for key, found in money.items() if key not in left}):
            break
        left = {key for key, row in new.items() if _count(row) > count or _pico(row) > pico or (key in money and _stated((money[key],)) > pico)}
    return left


def problem(left: int) -> Problem:
    return Problem("", "a record", REASON, left)


def sensible(reading: LimitReading) -> LimitReading:
    """The reading with a use that can be shown and set in relation."""
    return msgspec.structs.replace(reading, used_percent=min(max(0.0, reading.used_percent), MOST_PERCENT))


def _fits(store: Store, new: Mapping[Key, Row], money: Stated) -> bool:
    tokens, list_pico, requests = store.execute(
        "SELECT TOTAL(fresh_input + cache_read + cache_write_5m + cache_write_1h + cache_write_other + output), TOTAL(list_pico), TOTAL(requests)"
        " FROM by_segment"
    ).fetchone()
    if max(tokens + requests + sum(map(_count, new.values())), list_pico + sum(map(_pico, new.values()))) > MOST:
        return False
    sums = {(kind, currency): pico for kind, currency, pico in store.execute("SELECT kind, currency, TOTAL(pico) FROM money GROUP BY 1, 2")}
    for found in money.values():
        for kind, currency, pico in found:
            sums[kind, currency] = sums.get((kind, currency), 0.0) + abs(pico)
    return all(pico <= MOST for pico in sums.values())


def _count(row: Row) -> int:
    return int(sum(row[TOKENS]) + (row[REQUESTS] or 0))


def _pico(row: Row) -> int:
    return abs(int(row[LIST_PICO] or 0))


def _stated(money: Iterable[Sequence[tuple[str, str, int]]]) -> int:
    return sum(abs(pico) for found in money for _, _, pico in found)
