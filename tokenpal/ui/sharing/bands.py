"""Shares with their margin of error: the bar is the estimate, the line over it the 90 % interval. And a change over the weeks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.engine.sharing.shapes import Bar, TrendPoint
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABELS, LabelName
from tokenpal.ui.sharing.words import interval, week_number
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.picture import Picture

ROW = 27
ZERO = mark("cannot be told from zero")


def label_of(name: str) -> LabelName | None:
    """Which label an answer is, if it is one."""
    low = name.casefold()
    if low.startswith(("not", "nothing")):
        return "unlabelled"
    return next((label for label in LABELS if label == low), None)


def words_of(bar: Bar) -> tuple[str, str]:
    """The estimate and its interval as words."""
    return ("" if bar.zero else f"{bar.share}\u00a0%", interval(bar.low, bar.high))


class Bands(Picture):
    """One row per answer: mark, name, track with bar and interval, words."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def set(self, bars: Sequence[Bar]) -> None:
        """The answers in their order."""
        self._bars = tuple(bars)
        self.setAccessibleName(self._name)
        self.setAccessibleDescription("; ".join(tr("{name}: {share}, between {interval}", name=bar.name, share=words_of(bar)[0] or tr(ZERO), interval=words_of(bar)[1]) for bar in self._bars))
        self.updateGeometry()
        self.update()

    def _names(self) -> int:
        return max((QFontMetrics(font("small")).horizontalAdvance(bar.name) for bar in self._bars), default=0)

    def _words(self) -> int:
        return max((self._word_width(bar) for bar in self._bars), default=px(96))

    def _word_width(self, bar: Bar) -> int:
        share, band = words_of(bar)
        return QFontMetrics(font("small", 600)).horizontalAdvance(share) + px(8) + QFontMetrics(font("small")).horizontalAdvance(band)

    def sizeHint(self) -> QSize:
        return QSize(px(320), px(ROW) * max(1, len(self._bars)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = px(20) + self._names() + px(14)
        right = self.width() - self._words() - px(16)
        for place, bar in enumerate(self._bars):
            self._row(p, bar, place * px(ROW), float(left), float(right))
        p.end()

    def _row(self, p: QPainter, bar: Bar, top: int, left: float, right: float) -> None:
        middle, row = top + px(ROW) / 2, QRectF(0, top, self.width(), px(ROW))
        label = label_of(bar.name)
        if label is not None:
            paint.glyph(p, label, QPointF(px(7), middle), px(10))
        else:
            paint.swatch(p, QRectF(px(2), middle - px(5), px(10), px(10)), "accent")
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        p.drawText(row.adjusted(px(20), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, bar.name)
        room, high = right - left, px(10)
        if room > px(40):
            track = QRectF(left, middle - px(8), room, high)
            if not bar.zero:
                paint.box(p, track, 3, theme().ink(theme().palette.empty_ink))
                paint.fill(p, QRectF(left, track.top(), max(3.0, room * bar.share / 100), high), label or "accent")
            at, f = left + room * bar.high / 100, font("cap")
            self._interval(p, left + room * bar.low / 100, at, middle if bar.zero else track.bottom() + px(6))
            if bar.zero and QFontMetrics(f).horizontalAdvance(tr(ZERO)) + px(12) < right - at:
                p.setFont(f)
                p.setPen(color("text-3"))
                p.drawText(QRectF(at + px(8), top, right - at, px(ROW)), Qt.AlignmentFlag.AlignVCenter, tr(ZERO))
        share, band = words_of(bar)
        p.setFont(font("small", 600))
        p.setPen(color("text"))
        x = right + px(16)
        p.drawText(QRectF(x, top, self.width(), px(ROW)), Qt.AlignmentFlag.AlignVCenter, share)
        p.setFont(font("small"))
        p.setPen(color("text-3"))
        p.drawText(QRectF(x, top, self.width() - x, px(ROW)), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, band)

    def _interval(self, p: QPainter, low: float, high: float, middle: float) -> None:
        """The 90 % interval: a line with feet under the bar, or alone where there is none."""
        foot = px(3)
        p.setPen(QPen(color("text-2"), 1.5))
        p.drawLines([QLineF(low, middle, high, middle), QLineF(low, middle - foot, low, middle + foot), QLineF(high, middle - foot, high, middle + foot)])


def _week_words(point: TrendPoint) -> str:
    return tr("week {week_number}, {share}\u00a0%", week_number=week_number(point.epoch), share=point.share)


class TrendBand(Picture):
    """One answer over the weeks: a band of its interval and the estimate as a line. Made only of changes beyond twice their error."""

    def __init__(self, points: Sequence[TrendPoint], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = tuple(points)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("{name} over the weeks", name=points[0].name) if points else tr("Trend"))
        self.setAccessibleDescription("; ".join(numbers.join((_week_words(one), interval(one.low, one.high))) for one in points))

    def sizeHint(self) -> QSize:
        return QSize(px(220), px(74))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(140), px(74))

    def paintEvent(self, event: QPaintEvent) -> None:
        points = self._points
        if not points:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot, top = px(20), max(10, *(one.high for one in points))
        base, step = self.height() - foot, self.width() / max(1, len(points) - 1)

        def at(place: int, share: int) -> QPointF:
            return QPointF(place * step, base - (base - 2) * share / top)

        ink = color(label_of(points[0].name) or "accent")
        soft = color(label_of(points[0].name) or "accent", 0.18)
        upper = [at(i, one.high) for i, one in enumerate(points)]
        lower = [at(i, one.low) for i, one in enumerate(points)]
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(soft)
        p.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
        p.setPen(QPen(ink, 2.0))
        p.drawPolyline(QPolygonF([at(i, one.share) for i, one in enumerate(points)]))
        p.fillRect(QRectF(0, base, self.width(), 1), color("line-strong"))
        p.setFont(font("cap"))
        p.setPen(color("text-3"))
        below = QRectF(0, base + px(3), self.width(), foot - px(3))
        p.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, _week_words(points[0]))
        p.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _week_words(points[-1]))
        p.end()
