"""Paints a laid-out stacked bar chart on any painter: the screen's cache, a PNG, an SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.charts import marks
from tokenpal.ui.charts.data import StackedSeries
from tokenpal.ui.charts.scale import level_words, thin
from tokenpal.ui.charts.stack import NARROW, Layer, Layout
from tokenpal.ui.theme import RADIUS_BAR, color, font, px, theme
from tokenpal.ui.widgets.card import ghost_bars

Part = Callable[[QPainter], None]
FOOT = 26  # px below the baseline, for the words of the time axis
HEAD = 10  # px above the highest level line


def left_margin(data: StackedSeries, levels: tuple[float, ...]) -> float:
    """Room for the words of the value axis."""
    m = QFontMetricsF(font("cap"))
    return max((m.horizontalAdvance(w) for w in words_of(data, levels)), default=0.0) + px(10)


def words_of(data: StackedSeries, levels: tuple[float, ...]) -> tuple[str, ...]:
    """What stands at the level lines; plain figures share one unit."""
    if numbers.hidden():
        return (numbers.HIDDEN,) * len(levels)
    return level_words(levels) if data.axis is numbers.axis else tuple(data.axis(v) for v in levels)


def plot_rect(data: StackedSeries, levels: tuple[float, ...], width: float, height: float) -> QRectF:
    """Where bars may stand in a chart of this size."""
    if data.bare:
        return QRectF(0, px(24), max(10.0, width), max(10.0, height - px(24) - px(FOOT)))
    left = left_margin(data, levels)
    foot = px(FOOT) + (px(marks.LANE) if data.marks else 0)
    return QRectF(left, px(HEAD), max(10.0, width - left), max(10.0, height - px(HEAD) - foot))


def paint_ground(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """Level lines, value words and the baseline; behind the bars."""
    p.setFont(font("cap"))
    plot = layout.plot
    for level, words in () if data.bare else zip(layout.levels, words_of(data, layout.levels), strict=True):
        y = round(layout.y(level))
        if level:
            p.fillRect(QRectF(plot.left(), y, plot.width(), 1), color("line"))
        p.setPen(color("text-3"))
        p.drawText(QRectF(0, y - px(10), plot.left() - px(10), px(20)), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
    for bucket in data.gaps:
        if 0 <= bucket < len(data.buckets):
            k = layout.column_of(bucket)
            box = QRectF(layout.left(k) + (layout.step - layout.bar) / 2, plot.top(), layout.bar, plot.height())
            p.save()
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint.hatch(p, box, theme().ink(0.14))
            p.restore()


def paint_band(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """The person's own usual range, quiet and behind the bar it belongs to: a little wider than the bar, a hair at both ends."""
    band = data.band
    if band is None or not 0 <= band.bucket < len(data.buckets) or not layout.levels[-1]:
        return
    width = max(layout.bar + px(10), float(px(12)))
    top, bottom = max(layout.plot.top(), round(layout.y(band.high))), round(layout.y(band.low))
    box = QRectF(round(layout.middle(band.bucket) - width / 2), top, round(width), max(2.0, bottom - top))
    box.moveRight(min(box.right(), layout.plot.right() + px(4)))
    p.fillRect(box, theme().ink(0.09))
    for y in (box.top(), box.bottom() - 1):
        p.fillRect(QRectF(box.left(), y, box.width(), 1), color("text-3", 0.7))


def paint_levels(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """The person's own budgets: thin dashed lines over the bars, each with its words where it begins."""
    plot = layout.plot
    for level in data.levels:
        if not 0 < level.value <= layout.levels[-1]:
            continue
        y = round(layout.y(level.value)) + 0.5
        pen = QPen(color("text-2", 0.8), 1.0)
        pen.setDashPattern([4, 3])
        p.setPen(pen)
        p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        words = paint.elided(level.words, font("cap"), plot.width() / 2)
        box = QRectF(plot.left() + px(4), 0, QFontMetricsF(font("cap")).horizontalAdvance(words) + px(8), px(16))
        box.moveTop(y - px(17) if y - px(17) >= 0 else y + 2)
        paint.box(p, box, 4, color("card", 0.86))
        p.setFont(font("cap"))
        p.setPen(color("text-2"))
        p.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _top_path(box: QRectF, radius: float) -> QPainterPath:
    r = min(radius, box.width() / 2, box.height())
    path = QPainterPath(QPointF(box.left(), box.bottom()))
    path.lineTo(box.left(), box.top() + r)
    path.quadTo(box.left(), box.top(), box.left() + r, box.top())
    path.lineTo(box.right() - r, box.top())
    path.quadTo(box.right(), box.top(), box.right(), box.top() + r)
    path.lineTo(box.right(), box.bottom())
    path.closeSubpath()
    return path


def _paint_layer(p: QPainter, layer: Layer, narrow: bool) -> None:
    tint = layer.series.tint
    ink = paint.tint_color(tint)
    if tint in ("none", "unlabelled"):
        for box in layer.boxes:
            if narrow:
                p.fillRect(box, color("unlabelled", 0.45))
            else:
                paint.fill(p, box, tint, RADIUS_BAR)
        return
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink)
    if narrow:
        p.drawRects(layer.boxes)
        return
    plain = [box for box, top in zip(layer.boxes, layer.tops, strict=True) if not top]
    if plain:
        p.drawRects(plain)
    for box, top in zip(layer.boxes, layer.tops, strict=True):
        if top:
            p.drawPath(_top_path(box, RADIUS_BAR))
    patterned = tint in ("exploration", "waste")
    if patterned or any(layer.hatched):
        for box, provisional in zip(layer.boxes, layer.hatched, strict=True):
            if box.width() >= 4 and box.height() >= 3:
                if tint == "exploration":
                    paint.dots(p, box)
                elif tint == "waste":
                    paint.level_lines(p, box)
                if provisional:
                    paint.hatch(p, box, color("card", 0.55), 1.2)


def _bars(layout: Layout, data: StackedSeries) -> Iterator[Part]:
    """All segments, and what stands on them."""
    for layer in layout.layers:
        if layer.boxes:
            yield partial(_paint_bars, layer=layer, narrow=layout.bar < NARROW)
    yield partial(_paint_foot, layout=layout, data=data)


def _paint_bars(p: QPainter, layer: Layer, narrow: bool) -> None:
    p.setRenderHint(QPainter.RenderHint.Antialiasing, not narrow)
    _paint_layer(p, layer, narrow)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_foot(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """Sums, the outlines of what is not read yet, and the baseline."""
    if data.bare:
        _paint_sums(p, layout, data)
    for bucket in data.pending:
        if 0 <= bucket < len(data.buckets):
            ghost_bars(p, QRectF(layout.left(layout.column_of(bucket)), layout.plot.bottom() - px(28), layout.step, px(28)), 1)
    p.fillRect(QRectF(layout.plot.left(), round(layout.plot.bottom()), layout.plot.width(), 1), color("line-strong"))


def _paint_sums(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """The sum of each bar above it, where there is room for the words."""
    p.setFont(font("small"))
    p.setPen(color("text-2"))
    m = QFontMetricsF(font("small"))
    for k, bucket in enumerate(layout.columns):
        total = layout.totals[bucket]
        words = data.short(total)
        if total and m.horizontalAdvance(words) <= layout.step:
            box = QRectF(layout.left(k), layout.y(total) - px(20), layout.step, px(18))
            p.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, words)


def paint_axis(p: QPainter, layout: Layout, data: StackedSeries) -> None:
    """Words below the baseline: majors, thinned until they fit, and the running bucket by its name."""
    plot, n = layout.plot, len(data.buckets)
    m = QFontMetricsF(font("cap"))
    p.setFont(font("cap"))
    y = plot.bottom() + px(6) + (px(marks.LANE) if data.marks else 0)
    today_word = tr(data.today_word)

    widths: dict[int, float] = {}

    def wide(i: int) -> float:
        if i not in widths:
            widths[i] = m.horizontalAdvance(data.buckets[i].axis)
        return widths[i]

    def center(i: int) -> float:
        half = wide(i) / 2
        middle = layout.left(layout.column_of(i)) + layout.step / 2
        return min(max(middle, plot.left() + half), plot.right() - half)

    taken = None
    if 0 <= data.today < n and today_word:
        width = m.horizontalAdvance(today_word)
        middle = layout.left(layout.column_of(data.today)) + layout.step / 2
        left = min(max(plot.left(), middle - width / 2), plot.right() - width)
        taken = (left, left + width)
        p.setPen(color("text"))
        p.drawText(QRectF(left, y, width + 2, px(18)), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, today_word)
    worded = [i for i, b in enumerate(data.buckets) if b.axis and i != data.today]
    majors = [i for i in worded if data.buckets[i].major]
    chosen = majors or worded
    p.setPen(color("text-3"))
    for i in thin(chosen, 0, center, wide, taken) if chosen else []:
        width = wide(i)
        p.drawText(QRectF(center(i) - width / 2, y, width + 2, px(18)), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, data.buckets[i].axis)


def paint_empty(p: QPainter, rect: QRectF, data: StackedSeries) -> None:
    """No figures: dashed outlines of equal height and one sentence."""
    count = min(60, max(12, len(data.buckets)))
    height = min(px(34), rect.height() / 3)
    ghost_bars(p, QRectF(rect.left(), rect.bottom() - px(FOOT) - height, rect.width(), height), count)
    p.setFont(font("small"))
    p.setPen(color("text-2"))
    p.drawText(rect.adjusted(0, 0, 0, -px(FOOT) - height), Qt.AlignmentFlag.AlignCenter, tr(data.empty_words))


def parts(layout: Layout, data: StackedSeries, *, partly: bool = False, spots: Sequence[marks.Spot] | None = None) -> Iterator[Part]:
    """The chart without hover and selection, to be painted one part upon the other. `partly`: series are hidden, so the usual
    range of all says nothing of the rest; `spots`: the signs of this layout, where they are known.
    """
    yield partial(paint_ground, layout=layout, data=data)
    if not partly:
        yield partial(paint_band, layout=layout, data=data)
    yield from _bars(layout, data)
    yield partial(paint_levels, layout=layout, data=data)
    for spot in marks.spots(layout, data.marks) if spots is None else spots:
        yield partial(marks.paint_spot, spot=spot, ink=color("text-3"))
    yield partial(paint_axis, layout=layout, data=data)


def outline(p: QPainter, box: QRectF) -> None:
    """The keyboard's place in the chart: a 1 px accent outline."""
    p.setPen(QPen(color("accent"), 1.0))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
