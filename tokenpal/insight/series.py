"""A report as a stacked chart, and the table behind it: the same whole numbers in both (design 5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.insight.axis import Slot, axis
from tokenpal.model.money import MoneyKind
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import NONE_KEYS, Dimension, Measures, Report
from tokenpal.model.session import Label
from tokenpal.model.tokens import CLASSES

COLORS: Final = 8
"""Slots of the series palette; a chart never shows more series than that (design 3)."""
ELSE: Final = "Everything else"
NO_COLOR: Final = -1


class Measure(StrEnum):
    """What the height of a bar is."""

    TOKENS = "tokens"
    REQUESTS = "requests"
    LIST_PRICE = "list price"  # picodollars
    BILLED = "billed"  # pico of one currency


class Part(StrEnum):
    """How a series is drawn."""

    KEY = "key"  # one key of the dimension
    ELSE = "else"  # the keys beyond the top ones
    NONE = "none"  # use that has no such thing: outline and hatch, on top


class Series(msgspec.Struct, frozen=True):
    """One layer of the stack; the sequences have one entry per slot of the chart."""

    key: str
    part: Part
    color: int  # slot of the series palette; NO_COLOR for labels, else and none
    values: tuple[int, ...]
    hatched: tuple[int, ...]  # of it: known per UTC day only
    unknown: tuple[bool, ...]  # some of it cannot be told (requests): hatch it, the value is a lower bound
    total: int
    keys: tuple[str, ...] = ()  # the keys that are in it


class Chart(msgspec.Struct, frozen=True):
    """``series`` from the baseline up, which is the legend's order."""

    measure: Measure
    currency: str  # of money measures, else ""
    slots: tuple[Slot, ...]
    series: tuple[Series, ...]
    totals: tuple[int, ...]  # per slot: the height of the stack
    total: int  # as the report counts it; differs from the sum of ``totals`` only where bars overlap
    overlapping: bool = False  # tags: such bars do not add up (decisions 4)
    left_out_of_hours: int = 0
    unpriced_requests: int = 0
    total_unknown: bool = False


class Table(msgspec.Struct, frozen=True):
    """The table behind a chart. ``rows``: bucket key, one value per series, total; ``foot``: the same over all buckets."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    foot: tuple[tuple[int, ...], int]


def value(measures: Measures, measure: Measure, currency: str = "USD") -> int | None:
    """One figure of a row: tokens, requests (None = cannot be told) or pico of ``currency``."""
    match measure:
        case Measure.TOKENS:
            return measures.tokens.total
        case Measure.REQUESTS:
            return measures.requests
        case Measure.LIST_PRICE:
            return _money(measures, MoneyKind.LIST_PRICE, "USD")
        case Measure.BILLED:
            return _money(measures, MoneyKind.CASH, currency)


def _money(measures: Measures, kind: MoneyKind, currency: str) -> int:
    return sum(money.pico for money in measures.money if money.kind is kind and money.currency == currency)


def currencies(report: Report) -> tuple[str, ...]:
    """Currencies of billed money in the report, the largest amount first: a chart shows one of them at a time."""
    found = {money.currency: money.pico for money in report.total.money if money.kind is MoneyKind.CASH}
    return tuple(sorted(found, key=lambda name: (-found[name], name)))


def chart(
    report: Report,
    measure: Measure = Measure.TOKENS,
    *,
    top: int = COLORS,
    colors: Mapping[str, int] | None = None,
    currency: str = "",
) -> Chart:
    """The series of a report that has a time bucket. ``colors``: key -> palette slot where it is stored (tasks).

    Raises ValueError for a report without a bucket.
    """
    query = report.query
    if query.bucket is None:
        message = "a chart needs a report with a time bucket"
        raise ValueError(message)
    unit = {Measure.LIST_PRICE: "USD", Measure.BILLED: currency or next(iter(currencies(report)), "USD")}.get(measure, "")
    slots = axis(report.first, report.until, query.bucket, ZoneInfo(query.zone), query.week_start, (row.bucket for row in report.rows))
    index = {slot.key: place for place, slot in enumerate(slots)}
    layers: dict[str, _Layer] = {}
    for row in report.rows:
        place = index[row.bucket] if row.bucket in index else _place(slots, row.bucket)
        layers.setdefault(row.key, _Layer(len(slots))).add(place, row.measures, measure, unit)
    series = _stack(layers, query.by, min(max(top, 1), COLORS), colors or {}, len(slots))
    overall = value(report.total, measure, unit)
    known = sum(layer.total for layer in layers.values())
    return Chart(
        measure,
        unit,
        slots,
        series,
        tuple(sum(one.values[place] for one in series) for place in range(len(slots))),
        known if overall is None else overall,
        query.by is Dimension.TAG,
        report.left_out_of_hours if query.bucket is Bucket.HOUR else 0,
        report.total.unpriced_requests,
        overall is None,
    )


def _place(slots: Sequence[Slot], bucket: str) -> int:
    """The slot that an hour lies in which is named otherwise: clocks that changed a minute past midnight, long ago."""
    at = int(datetime.fromisoformat(bucket).timestamp())
    return max(bisect_right(slots, at, key=lambda slot: slot.start) - 1, 0)


class _Layer:
    """Values of one key while they are collected."""

    def __init__(self, slots: int) -> None:
        self.values = [0] * slots
        self.hatched = [0] * slots
        self.unknown = [False] * slots
        self.total = 0

    def add(self, place: int, measures: Measures, measure: Measure, currency: str) -> None:
        figure = value(measures, measure, currency)
        self.unknown[place] |= figure is None
        known = figure or 0
        self.values[place] += known
        self.hatched[place] += _hatched(measures, known)
        self.total += known

    def merge(self, other: _Layer) -> None:
        self.values = [mine + theirs for mine, theirs in zip(self.values, other.values)]
        self.hatched = [mine + theirs for mine, theirs in zip(self.hatched, other.hatched)]
        self.unknown = [mine or theirs for mine, theirs in zip(self.unknown, other.unknown)]
        self.total += other.total


def _hatched(measures: Measures, figure: int) -> int:
    """The part of a figure that is known per UTC day only; exact for tokens, in proportion for the other measures."""
    total = measures.tokens.total
    if not total or not measures.utc_day_tokens:
        return 0
    return figure * measures.utc_day_tokens // total


def _stack(layers: dict[str, _Layer], by: Dimension | None, top: int, stored: Mapping[str, int], slots: int) -> tuple[Series, ...]:
    none_key = NONE_KEYS.get(by) if by is not None else None
    named = [key for key in layers if key != none_key]
    ranked = sorted(named, key=lambda key: (-layers[key].total, key))
    fixed = FIXED_ORDER.get(by) if by is not None else None
    shown, rest = ranked[:top], ranked[top:]
    if fixed:
        shown.sort(key=lambda key: (fixed.index(key) if key in fixed else len(fixed), key))
    slot_of = {} if by is Dimension.LABEL else color_slots(shown, stored, CLASSES if by is Dimension.CLASS else ())
    series = [_series(key, Part.KEY, slot_of.get(key, NO_COLOR), layers[key], (key,)) for key in shown]
    if rest:
        other = _Layer(slots)
        for key in rest:
            other.merge(layers[key])
        series.append(_series(ELSE, Part.ELSE, NO_COLOR, other, tuple(rest)))
    if none_key in layers:
        series.append(_series(none_key, Part.NONE, NO_COLOR, layers[none_key], (none_key,)))
    return tuple(series)


FIXED_ORDER: Final[dict[Dimension, tuple[str, ...]]] = {Dimension.CLASS: CLASSES, Dimension.LABEL: tuple(Label)}
"""Dimensions with an order of their own; all others stand by their total."""


def _series(key: str, part: Part, color: int, layer: _Layer, keys: Sequence[str]) -> Series:
    return Series(key, part, color, tuple(layer.values), tuple(layer.hatched), tuple(layer.unknown), layer.total, tuple(keys))


def color_slots(keys: Sequence[str], stored: Mapping[str, int], order: Sequence[str] = ()) -> dict[str, int]:
    """Palette slots that do not jump when the range changes: the stored one, else a place in ``order``, else one that
    follows from the name; where that is taken, the next free one.
    """
    given = {key: stored[key] % COLORS for key in keys if key in stored}
    given |= {key: order.index(key) % COLORS for key in keys if key in order and key not in given}
    taken = set(given.values())
    for key in sorted(set(keys) - set(given)):
        wanted = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] % COLORS
        free = next((slot % COLORS for slot in range(wanted, wanted + COLORS) if slot % COLORS not in taken), wanted)
        given[key] = free
        taken.add(free)
    return given


def table(chart: Chart) -> Table:
    """The table behind the chart: whole numbers, one row per bucket."""
    rows = tuple(
        (slot.key, tuple(one.values[place] for one in chart.series), chart.totals[place]) for place, slot in enumerate(chart.slots)
    )
    return Table(tuple(one.key for one in chart.series), rows, (tuple(one.total for one in chart.series), chart.total))
