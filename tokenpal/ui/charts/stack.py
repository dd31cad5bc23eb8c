"""Where every segment of a stacked bar chart lies: figures to pixels, computed once per data, size and visible series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF

from tokenpal.ui.charts.data import Series, StackedSeries, clean
from tokenpal.ui.charts.scale import nice_levels

BAR_SHARE = 0.68  # of the step
NARROW = 3.0  # px; below it bars take the full step and lose antialiasing
WIDEST = 56.0  # px of a bar, however few there are
LEAST = 0.6  # px; lower segments are left out of the picture, never out of the sum


@dataclass(slots=True)
class Layer:
    """The segments of one series: boxes by column, and which of them are the top of their bar or provisional."""

    series: Series
    boxes: list[QRectF] = field(default_factory=list)
    tops: list[bool] = field(default_factory=list)
    hatched: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """A chart in pixels. `columns[k]` is the bucket that column k shows: all of them, or the highest of each pixel."""

    plot: QRectF
    levels: tuple[float, ...]
    columns: Sequence[int]
    step: float
    bar: float
    layers: list[Layer]
    totals: list[float]  # per bucket

    def left(self, column: int) -> float:
        """Left edge of a column's step."""
        return self.plot.left() + column * self.step

    def y(self, value: float) -> float:
        """Height of a value in px from the top of the widget."""
        top = self.levels[-1]
        return self.plot.bottom() - (value / top * self.plot.height() if top else 0.0)

    def column_at(self, x: float) -> int:
        """Column under `x`, -1 outside the plot."""
        if not self.columns or not self.plot.left() <= x < self.plot.right():
            return -1
        return min(len(self.columns) - 1, int((x - self.plot.left()) / self.step))

    def column_of(self, bucket: int) -> int:
        """Column that shows `bucket`, or the one of its pixel."""
        n, shown = len(self.totals), len(self.columns)
        return bucket if n == shown else min(shown - 1, bucket * shown // max(1, n))


def totals_of(data: StackedSeries, shown: Sequence[Series]) -> list[float]:
    """Height of every bar."""
    n = len(data.buckets)
    sums = [0.0] * n
    for s in shown:
        for i, v in enumerate(s.values[:n]):
            sums[i] += clean(v)
    for i in data.gaps | data.pending:
        if 0 <= i < n:
            sums[i] = 0.0
    return sums


def _columns(totals: list[float], width: float) -> Sequence[int]:
    n = len(totals)
    room = max(1, int(width))
    if n <= room:
        return range(n)
    picked = []
    for k in range(room):
        first, last = k * n // room, max(k * n // room + 1, (k + 1) * n // room)
        picked.append(max(range(first, last), key=totals.__getitem__))
    return picked


def lay_out(data: StackedSeries, shown: Sequence[Series], plot: QRectF, ratio: float = 1.0) -> Layout:
    """Boxes for all segments. Edges lie on physical pixels (`ratio` of them per logical px), so that gaps stay sharp."""
    totals = totals_of(data, shown)
    top = max(totals, default=0.0)
    levels = (0.0, top) if data.bare and top else nice_levels(top)
    columns = _columns(totals, plot.width())
    step = plot.width() / len(columns) if len(columns) else plot.width()
    bar = min(step * BAR_SHARE, WIDEST)
    if bar < NARROW:
        bar = step
    layout = Layout(plot, levels, columns, step, bar, [Layer(s) for s in shown], totals)
    if not levels[-1]:
        return layout
    base, scale = plot.bottom(), plot.height() / levels[-1]
    gap = 1.0 if bar >= NARROW else 0.0
    shift = (step - bar) / 2
    last_top: dict[int, tuple[int, int]] = {}
    closed = data.gaps | data.pending
    below = [0.0] * len(columns)
    snapped = [base] * len(columns)
    for depth, layer in enumerate(layout.layers):
        values, hatched = layer.series.values, layer.series.hatched
        n, marked = len(values), len(hatched)
        for k, bucket in enumerate(columns):
            if bucket >= n or bucket in closed:
                continue
            v = clean(values[bucket])
            if not v:
                continue
            below[k] += v
            upper = round((base - below[k] * scale) * ratio) / ratio
            height = snapped[k] - upper
            if height < LEAST:
                continue
            first = snapped[k] == base
            left = round((plot.left() + k * step + shift) * ratio) / ratio
            right = round((plot.left() + k * step + shift + bar) * ratio) / ratio
            space = 0.0 if first or height <= gap + LEAST else gap
            layer.boxes.append(QRectF(left, upper, max(1 / ratio, right - left), height - space))
            layer.tops.append(False)
            layer.hatched.append(bool(bucket < marked and hatched[bucket]))
            snapped[k] = upper
            last_top[k] = (depth, len(layer.boxes) - 1)
    for depth, index in last_top.values():
        layout.layers[depth].tops[index] = True
    return layout
