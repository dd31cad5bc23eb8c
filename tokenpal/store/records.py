"""What an edit keeps of the rows it changed, for undo: JSON for a few rows, packed columns for many.

Labelling fifty thousand sessions was 16 MB as JSON. Packed, a column whose value is the same in every row is kept once,
keys are kept once for before and after, and the whole is compressed: 0.4 MB (``bench bulk``).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Row = dict[str, Any]
Place = tuple[str, tuple[Any, ...]]  # table and key values
Rows = Mapping[Place, Row | None]
Record = str | bytes
MANY: Final = 200
"""Rows from which a record is packed."""


def dump(before: Rows, after: Rows, places: Sequence[Place]) -> tuple[Record, Record]:
    """Both sides of an edit; a row that is not there is None."""
    if len(places) < MANY:
        return _plain(before, places), _plain(after, places)
    tables: dict[str, list[tuple[Any, ...]]] = {}
    for table, key in places:
        tables.setdefault(table, []).append(key)
    return (
        _packed([_columns([before[table, key] for key in keys]) for table, keys in tables.items()]),
        _packed([[table, keys, *_columns([after[table, key] for key in keys])] for table, keys in tables.items()]),
    )


def load(before: Record, after: Record) -> tuple[dict[Place, Row | None], dict[Place, Row | None]]:
    """What was dumped."""
    if isinstance(before, str) and isinstance(after, str):
        return _of_plain(before), _of_plain(after)
    old: dict[Place, Row | None] = {}
    new: dict[Place, Row | None] = {}
    for (gone, kept), (table, keys, gone_after, kept_after) in zip(_unpacked(before), _unpacked(after), strict=True):
        places = [(table, tuple(key)) for key in keys]
        old.update(zip(places, _rows(len(places), gone, kept), strict=True))
        new.update(zip(places, _rows(len(places), gone_after, kept_after), strict=True))
    return old, new


def _plain(rows: Rows, places: Iterable[Place]) -> str:
    return json.dumps([[table, list(key), rows[table, key]] for table, key in places], ensure_ascii=False, separators=(",", ":"))


def _of_plain(text: str) -> dict[Place, Row | None]:
    return {(table, tuple(key)): row for table, key, row in json.loads(text)}


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def _unpacked(record: Record) -> Any:
    return json.loads(zlib.decompress(record if isinstance(record, bytes) else record.encode()))


def _columns(rows: Sequence[Row | None]) -> list[Any]:
    """[places of the rows that are not there, {column: [the one value] or a value for each row}]."""
    there = [row for row in rows if row is not None]
    columns: dict[str, list[Any]] = {}
    for name in there[0] if there else ():
        values = [row[name] for row in there]
        same = all(value == values[0] and type(value) is type(values[0]) for value in values)
        columns[name] = values[:1] if same else values
    return [[place for place, row in enumerate(rows) if row is None], columns]


def _rows(count: int, gone: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> list[Row | None]:
    absent = set(gone)
    left = count - len(absent)
    names = list(columns)
    spread = [list(values) * left if len(values) == 1 != left else values for values in columns.values()]
    found = iter(zip(*spread, strict=True)) if names else iter([()] * left)
    return [None if place in absent else dict(zip(names, next(found), strict=True)) for place in range(count)]
