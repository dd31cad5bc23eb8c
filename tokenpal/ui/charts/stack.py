"""Where every segment of a stacked bar chart lies: figures to pixels, computed once per data, size and visible series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF

from tokenpal.ui.charts.data import Series, StackedSeries, totals_of
from tokenpal.ui.charts.scale import nice_levels

BAR_SHARE = 0.68  # of the step
NARROW = 3.0  # px; below it bars take the full step and lose antialiasing
WIDEST = 56.0  # px of a bar, however few there are
FAR = 2.5  # times the highest bar; a budget beyond that is told in words alone
CROWDED = 2.0  # px of a column where there are more bars than pixels: what is thinner cannot be seen, and costs as much
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
    """A chart in pixels. `columns[k]` is the bucket that column k shows: all of them, or the highest of each two pixels."""

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

    def middle(self, bucket: int) -> float:
        """Middle of the bar of a bucket."""
        return self.left(self.column_of(bucket)) + self.step / 2

    def column_at(self, x: float) -> int:
        """Column under `x`, -1 outside the plot."""
        if not self.columns or not self.plot.left() <= x < self.plot.right():
            return -1
        return min(len(self.columns) - 1, int((x - self.plot.left()) / self.step))

    def column_of(self, bucket: int) -> int:
        """Column that shows `bucket`, or the one of its pixel."""
        n, shown = len(self.totals), len(self.columns)
        return bucket if n == shown else min(shown - 1, bucket * shown // max(1, n))


def _columns(totals: list[float], width: float) -> Sequence[int]:
    n = len(totals)
    if n <= max(1, int(width)):
        return range(n)
    room = max(1, int(width / CROWDED))
    picked = []
    for k in range(room):
        first, last = k * n // room, max(k * n // room + 1, (k + 1) * n // room)
        picked.append(max(range(first, last), key=totals.__getitem__))
    return picked


def top_of(data: StackedSeries, totals: Sequence[float], hidden: bool = False) -> float:
    """How high the scale has to reach: the bars, the usual range, and a budget unless it is so far off that bars would be flat."""
    top = max(totals, default=0.0)
    if data.band is not None and not hidden and top:
        top = max(top, min(data.band.high, 3 * top))
    near = [level.value for level in data.levels if level.value <= FAR * top]
    return max([top, *near])


def _picked(values: Sequence[float], columns: Sequence[int]) -> Sequence[float]:
    """The value of each column; a series may be shorter than the axis."""
    n = len(values)
    if isinstance(columns, range):
        return values[: len(columns)]
    return [values[bucket] if bucket < n else 0.0 for bucket in columns]


def lay_out(data: StackedSeries, shown: Sequence[Series], plot: QRectF, ratio: float = 1.0, totals: list[float] | None = None, top: float | None = None) -> Layout:
    """Boxes for all segments. Edges lie on physical pixels (`ratio` of them per logical px), so that gaps stay sharp."""
    totals = totals_of(data, shown) if totals is None else totals
    top = max(totals, default=0.0) if top is None else top
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
    shift = plot.left() + (step - bar) / 2
    edges = [round((shift + k * step) * ratio) / ratio for k in range(len(columns))]
    widths = [max(1 / ratio, round((shift + k * step + bar) * ratio) / ratio - edges[k]) for k in range(len(columns))]
    # From here on heights are physical pixels from the top.
    floor, scale, gap, least = base * ratio, scale * ratio, gap * ratio, LEAST * ratio
    last_top: dict[int, tuple[int, int]] = {}
    closed = {k for k, bucket in enumerate(columns) if bucket in data.gaps or bucket in data.pending} if data.gaps or data.pending else set()
    below = [0.0] * len(columns)
    snapped = [floor] * len(columns)
    for depth, layer in enumerate(layout.layers):
        hatched = layer.series.hatched
        marked, at = len(hatched), 0
        for k, v in enumerate(_picked(layer.series.values, columns)):
            if not 0 < v < math.inf or k in closed:
                continue
            total = below[k] = below[k] + v
            upper = math.floor(floor - total * scale + 0.5)
            height = snapped[k] - upper
            if height < least:
                continue
            space = 0.0 if snapped[k] == floor or height <= gap + least else gap
            last_top[k] = (depth, at)
            layer.boxes.append(QRectF(edges[k], upper / ratio, widths[k], (height - space) / ratio))
            if marked:
                bucket = columns[k]
                layer.hatched.append(bucket < marked and hatched[bucket])
            snapped[k] = upper
            at += 1
        layer.tops = [False] * at
        layer.hatched = layer.hatched or [False] * at
    for depth, index in last_top.values():
        layout.layers[depth].tops[index] = True
    return layout
