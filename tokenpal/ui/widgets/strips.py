"""Small charts that are painted directly, without the chart room: label strip, 14-day strip, weekday x hour map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.stamps import stamp
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.times import WEEKDAYS
from tokenpal.ui.widgets.picture import Strip


def _clean(v: float | None) -> float:
    return float(v) if v is not None and math.isfinite(v) and v > 0 else 0.0


def label_segments(amounts: Sequence[float], width: float, gap: float) -> list[tuple[int, float, float]]:
    """(index, left, width) of each label's part of a strip of `width`; parts that exist are at least 3 px wide."""
    amounts = [_clean(a) for a in amounts]
    there = [i for i, a in enumerate(amounts) if a > 0]
    if not there:
        return []
    room = max(0.0, width - gap * (len(there) - 1))
    total = sum(amounts)
    widths = {i: max(3.0, room * amounts[i] / total) for i in there}
    over = sum(widths.values()) - room
    if over > 0:
        largest = max(there, key=lambda i: widths[i])
        widths[largest] = max(3.0, widths[largest] - over)
    out, x = [], 0.0
    for i in there:
        out.append((i, x, widths[i]))
        x += widths[i] + gap
    return out


class LabelStrip(Strip):
    """The label mix as one strip of 17 px: exploration, delivered, waste, not labelled. Always beside words."""

    def __init__(self, amounts: Sequence[float] = (), *, unit: Callable[[float], str] = numbers.short, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self.set(amounts)

    def set(self, amounts: Sequence[float]) -> None:
        """Amounts in the order of `palette.LABELS`; missing ones are none."""
        self._amounts = tuple(_clean(a) for a in amounts) + (0.0,) * (4 - len(amounts))
        words = [f"{LABEL_WORDS[x]} {s}" for x, s in zip(LABELS, numbers.shares(self._amounts), strict=True)]
        self.setAccessibleName(tr("Label mix: {shares}", shares=", ".join(words)) if sum(self._amounts) else tr("Label mix: nothing yet"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(17))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        segments = label_segments(self._amounts, rect.width(), 3.0)
        if not segments:
            pen = QPen(color("line-strong"), 1.0, Qt.PenStyle.DashLine)
            p.setPen(pen)
            p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        for i, left, width in segments:
            paint.fill(p, QRectF(left, 0, width, rect.height()), LABELS[i], 3.0)
        p.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for i, left, width in label_segments(self._amounts, self.width(), 3.0):
                if left <= event.pos().x() <= left + width:
                    QToolTip.showText(event.globalPos(), f"{LABEL_WORDS[LABELS[i]]}  {self._unit(self._amounts[i])}", self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)


class WeekStrips(Strip):
    """Label mix over time: one strip per week with its name at the left; the last one is the week that runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, tuple[float, ...]], ...] = ()

    def set(self, rows: Sequence[tuple[str, Sequence[float]]]) -> None:
        """(name, amounts in the order of `palette.LABELS`) per week, oldest first."""
        self._rows = tuple((name, tuple(_clean(a) for a in amounts)) for name, amounts in rows)
        said = [f"{n}: " + (", ".join(numbers.shares(a)) if sum(a) else tr("nothing")) for n, a in self._rows]
        self.setAccessibleName(tr("Label mix by week"))
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(180), (max(1, len(self._rows)) - 1) * px(27) + px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = px(12) + max((paint.wide(name, font("cap")) for name, _ in self._rows), default=0)
        h = px(18)
        for k, (name, amounts) in enumerate(self._rows):
            y = k * px(27)
            p.setFont(font("cap"))
            p.setPen(color("text" if k == len(self._rows) - 1 else "text-3"))
            p.drawText(QRectF(0, y, left, h), Qt.AlignmentFlag.AlignVCenter, name)
            segments = label_segments(amounts, self.width() - left, 2.0)
            for i, x, w in segments:
                paint.fill(p, QRectF(left + x, y, w, h), LABELS[i], 3.0)
            if not segments:
                p.setPen(QPen(color("line-strong"), 1.0, Qt.PenStyle.DashLine))
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRoundedRect(QRectF(left, y, self.width() - left, h).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        p.end()


class Strip14(Strip):
    """Fourteen days as grey bars, today in accent, on a baseline with the first day's name and "today" below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, as in every chart
        self._values: tuple[float | None, ...] = ()
        self._names: tuple[str, ...] = ()
        self._unit: Callable[[float], str] = numbers.exact

    def set(self, values: Sequence[float | None], names: Sequence[str], *, unit: Callable[[float], str] = numbers.exact) -> None:
        """Oldest first, today last; None is a gap (drawn as a dashed outline). `names` are short dates, one per value."""
        self._values, self._names, self._unit = tuple(values), tuple(names), unit
        total = sum(_clean(v) for v in self._values)
        self.setAccessibleName(trn("The last day", "Last {n} days", len(self._values)))
        last = self._values[-1] if self._values else None
        self.setAccessibleDescription(tr("{total} in all, {last} today", total=unit(total), last=unit(_clean(last))))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(330), px(74))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot = px(22)
        base = self.height() - foot
        n = len(self._values)
        top = max((_clean(v) for v in self._values), default=0.0)
        step = self.width() / n if n else 0.0
        grey = theme().ink(0.32)
        for i, v in enumerate(self._values):
            x, w = i * step + step * 0.1, step * 0.8
            if v is None:
                pen = QPen(color("line-strong"), 1.0)
                pen.setDashPattern([3, 3])
                p.setPen(pen)
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRoundedRect(QRectF(x + 0.5, base - px(8), w - 1, px(8)), 3, 3)
                continue
            if _clean(v) <= 0 or top <= 0:
                continue
            h = max(3.0, (base - 2) * _clean(v) / top)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(color("accent") if i == n - 1 else grey)
            p.drawRoundedRect(QRectF(x, base - h, w, h), min(3.0, h / 2), min(3.0, h / 2))
        p.fillRect(QRectF(0, base, self.width(), 1), color("line-strong"))
        p.setFont(font("cap"))
        below = QRectF(0, base + px(4), self.width(), foot - px(4))
        if self._names:
            p.setPen(color("text-3"))
            p.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._names[0])
            p.setPen(color("text-2"))
            p.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tr("today"))
        p.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._values:
            i = min(len(self._values) - 1, max(0, int(event.pos().x() * len(self._values) / max(1, self.width()))))
            v = self._values[i]
            name = self._names[i] if i < len(self._names) else ""
            QToolTip.showText(event.globalPos(), f"{name}  {self._unit(v) if v is not None else tr('not read')}", self)
            return True
        return super().event(event)


def _hours(p: QPainter, rect: QRectF, values: tuple[float, ...], peak: float) -> None:
    """The cells of a day, drawn once: there are 168 of them in a week."""
    empty = theme().ink(theme().palette.empty_ink)
    stamp(p, rect, ("hours", values, peak, empty.rgba(), color("accent").rgba()), lambda p, rect: _cells(p, rect, values, peak))


def _cells(p: QPainter, rect: QRectF, values: tuple[float, ...], peak: float) -> None:
    step, empty = rect.width() / 24, theme().ink(theme().palette.empty_ink)
    gap = 2.0 if step >= 7 else 1.0
    p.setPen(Qt.PenStyle.NoPen)
    for h, v in enumerate(values):
        cell = QRectF(rect.left() + h * step + gap / 2, rect.top() + gap / 2, step - gap, rect.height() - gap)
        p.setBrush(empty)
        p.drawRoundedRect(cell, 2.5, 2.5)
        if v > 0 and peak > 0:
            p.setBrush(color("accent", 0.08 + 0.82 * math.sqrt(v / peak) ** 1.3))
            p.drawRoundedRect(cell, 2.5, 2.5)


class HeatMap(Strip):
    """Weekday x hour in one hue. Rounded cells, `accent` at 0 to 90 %, empty cells 5 % ink, own scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[tuple[float, ...], ...] = ((0.0,) * 24,) * 7
        self._first = 0
        self._unit: Callable[[float], str] = numbers.exact
        self.setAccessibleName(tr("Use by weekday and hour"))

    def set(self, values: Sequence[Sequence[float]], *, week_start: int = 0, unit: Callable[[float], str] = numbers.exact) -> None:
        """`values[weekday][hour]`, Monday = 0; `week_start` is the first row shown (0 Monday, 6 Sunday)."""
        self._values = tuple(tuple(_clean(v) for v in row) for row in values)
        self._first, self._unit = week_start % 7, unit
        peak = max(((v, d, h) for d, row in enumerate(self._values) for h, v in enumerate(row)), default=(0.0, 0, 0))
        said = tr("Most on {weekday} between {hour} and {next} o'clock", weekday=WEEKDAYS[peak[1]], hour=peak[2], next=peak[2] + 1) if peak[0] > 0 else tr("Nothing yet")
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(270), 7 * px(17) + px(20))

    def _grid(self) -> tuple[float, float, float, float]:
        left = max(paint.wide(day, font("cap")) for day in WEEKDAYS) + px(8)
        foot = px(20)
        return left, (self.width() - left) / 24, (self.height() - foot) / 7, foot

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, cw, ch, foot = self._grid()
        peak = max((v for row in self._values for v in row), default=0.0)
        p.setFont(font("cap"))
        for k in range(7):
            d = (self._first + k) % 7
            y = k * ch
            p.setPen(color("text-3"))
            p.drawText(QRectF(0, y, left, ch), Qt.AlignmentFlag.AlignVCenter, WEEKDAYS[d])
            _hours(p, QRectF(left, y, 24 * cw, ch), self._values[d], peak)
        p.setPen(color("text-3"))
        for h in (0, 6, 12, 18):
            p.drawText(QPointF(left + h * cw + 1, self.height() - foot + px(14)), f"{h:02}")
        p.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            left, cw, ch, _ = self._grid()
            h, k = int((event.pos().x() - left) // cw), int(event.pos().y() // ch)
            if 0 <= h < 24 and 0 <= k < 7:
                d = (self._first + k) % 7
                QToolTip.showText(event.globalPos(), f"{WEEKDAYS[d]} {h:02}:00 – {h:02}:59  {self._unit(self._values[d][h])}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
