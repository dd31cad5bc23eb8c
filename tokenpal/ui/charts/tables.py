"""A chart as words: the table behind it, the file for a spreadsheet, the sentence for a screen reader.

Rows are written when they are looked at, so that ten years of days cost nothing until somebody scrolls there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import overload

from tokenpal.insight import spreadsheet
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.charts.data import Series, StackedSeries, clean, totals_of
from tokenpal.ui.widgets.table import Table

LONGEST_NOTE = 60


def figure(value: float | None, write: Callable[[float], str]) -> str:
    """A value as it stands in a table: a dash for what is not a number."""
    return write(value) if value is not None and math.isfinite(value) else numbers.DASH


class Rows(Sequence[tuple[str, ...]]):
    """The rows of a chart's table; each is written when it is asked for."""

    def __init__(self, data: StackedSeries, shown: Sequence[Series]) -> None:
        self._data, self._shown = data, shown
        self._notes: dict[int, list[str]] = {}
        for one in data.marks:
            self._notes.setdefault(one.bucket, []).append(one.words)

    def __len__(self) -> int:
        return len(self._data.buckets)

    @overload
    def __getitem__(self, index: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[str, ...], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, ...] | tuple[tuple[str, ...], ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        i = range(len(self))[index]
        data = self._data
        notes = (_short("; ".join(self._notes.get(i, ()))),) if self._notes else ()
        if i in data.gaps:
            sums = () if data.overlapping else (numbers.DASH,)
            return (data.buckets[i].long, *(tr("not read") for _ in self._shown), *sums, *notes)
        cells = [one.values[i] if i < len(one.values) else 0 for one in self._shown]
        total = () if data.overlapping else (data.exact(sum(clean(c) for c in cells)),)
        return (data.buckets[i].long, *(figure(c, data.exact) for c in cells), *total, *notes)

    def widest(self) -> tuple[str, ...]:
        """The longest words of each column, or close to it, without writing every row."""
        data = self._data
        names = max((bucket.long for bucket in data.buckets), key=lambda said: (len(said), sum(map(said.count, "MWmw"))), default="")  # as wide as it gets
        largest = [figure(max((clean(v) for v in one.values), default=0.0), data.exact) for one in self._shown]
        total = () if data.overlapping else (data.exact(max(totals_of(data, self._shown), default=0.0)),)
        notes = (_short(max(("; ".join(words) for words in self._notes.values()), key=len)),) if self._notes else ()
        return (names, *largest, *total, *notes)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_NOTE else f"{words[: LONGEST_NOTE - 1].rstrip()}…"


def as_table(data: StackedSeries, hidden: frozenset[str] = frozenset()) -> Table:
    """The same figures as a table: a row per bucket, a column per visible series, the sum, and what was written then."""
    shown = [one for one in data.ordered() if one.key not in hidden]
    sums = () if data.overlapping else (tr("Total"),)
    headers = (tr(data.bucket_word), *(one.name for one in shown), *sums, *((tr("Notes"),) if data.marks else ()))
    notes = frozenset({len(headers) - 1} if data.marks else ())
    return Table(headers, Rows(data, shown), data.title, notes)  # type: ignore[arg-type]  # as a tuple, but written when looked at


def as_csv(data: StackedSeries, hidden: frozenset[str] = frozenset(), about: Sequence[str] = ()) -> str:
    """What is seen, for a spreadsheet: plain figures without separators, a line per bucket. Gaps are empty cells.

    `about` stands above it, each line behind a "#": readers of CSV can leave them out, people can read them.
    """
    shown = [one for one in data.ordered() if one.key not in hidden]
    notes: dict[int, list[str]] = {}
    for one in data.marks:
        notes.setdefault(one.bucket, []).append(one.words)
    rows: list[tuple[str, ...]] = []
    for i, bucket in enumerate(data.buckets):
        cells = ("" if i in data.gaps or i >= len(one.values) else _plain(one.values[i]) for one in shown)
        rows.append((bucket.long, *cells, *(("; ".join(notes.get(i, ())),) if notes else ())))
    headers = (tr(data.bucket_word), *(one.name for one in shown), *((tr("Notes"),) if notes else ()))
    return write_csv(headers, rows, about)


Cell = str | int | float | None
"""Of a small table: words, a whole figure, a share from 0 to 1, or what is not known."""


def cells_table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], title: str = "") -> Table:
    """A small table for reading: figures with separators, shares as per cent, columns of words alone from the left."""
    lines = [tuple(row) for row in rows]
    words = frozenset(place for place, _ in enumerate(headers) if lines and all(isinstance(line[place], str) for line in lines))
    return Table(tuple(headers), tuple(tuple(_read(cell) for cell in line) for line in lines), title, words)


def cells_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]], about: Sequence[str] = ()) -> str:
    """The same for a spreadsheet: plain figures, shares as fractions, empty cells for what is not known."""
    return write_csv(headers, ([_written(cell) for cell in row] for row in rows), about)


def _read(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return numbers.exact(cell) if isinstance(cell, int) else numbers.percent(cell)


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return "" if cell is None else str(cell) if isinstance(cell, int) else f"{cell:.4f}"


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[str]], about: Sequence[str] = ()) -> str:
    """Lines of cells below a line for each of ``about``."""
    return spreadsheet.text([*((f"# {' '.join(line.split())}",) for line in about), headers, *rows])


def _plain(value: float) -> str:
    return "" if not math.isfinite(value) else str(int(value)) if value == int(value) else repr(value)


def summary(data: StackedSeries, hidden: frozenset[str] = frozenset(), totals: Sequence[float] = ()) -> str:
    """One sentence for screen readers: how many buckets, the sum, the largest bucket and the largest series. `totals` if known."""
    shown = [one for one in data.series if one.key not in hidden]
    sums = totals if len(totals) == len(data.buckets) else totals_of(data, shown)
    if not any(sums):
        return tr(data.empty_words)
    peak = max(range(len(sums)), key=sums.__getitem__)
    parts = {one.key: sum(v for v in one.values if 0 < v < math.inf) for one in shown}
    largest = max(shown, key=lambda one: parts[one.key])
    said = tr(
        "{bars}, {total} in all; the highest is {peak} with {most}; the largest part is {name} with {part}.",
        bars=trn("{n} bar", "{n} bars", len(sums), shown=numbers.digits(len(sums))), total=data.exact(sum(sums)),
        peak=data.buckets[peak].long, most=data.exact(sums[peak]), name=largest.name, part=data.exact(parts[largest.key]),
    )  # fmt: skip
    return " ".join((said, *((data.band.words,) if data.band is not None and not hidden else ()), *(level.words for level in data.levels)))
