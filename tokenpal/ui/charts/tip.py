"""The tooltip beside a hovered bar: name and exact sum, rows sorted by size, what a click does (design.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.charts.data import Mark, Series, StackedSeries, clean
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.theme import color, font, px

SHADOW = 18
MAX_ROWS = 12
MAX_NOTES = 3


@dataclass(frozen=True, slots=True)
class TipContent:
    """What the tooltip says. `rows` are (tint, name, exact figure), largest first."""

    head: str
    total: str
    rows: tuple[tuple[paint.Tint, str, str], ...]
    foot: str = ""
    notes: tuple[tuple[str, str], ...] = ()  # icon and first line of what was written then


def tip_content(data: StackedSeries, shown: Sequence[Series], bucket: int, *, partly: bool = False) -> TipContent:
    """What there is to say about a bucket. `partly`: some series are hidden."""
    name = data.buckets[bucket].long
    notes = tuple((one.kind, one.words) for one in data.marks if one.bucket == bucket)
    notes = (*notes[:MAX_NOTES], ("note", tr("{n} more", n=len(notes) - MAX_NOTES))) if len(notes) > MAX_NOTES else notes
    if bucket in data.gaps or bucket in data.pending:
        return TipContent(name, "", (), tr("Not read: no figure is known") if bucket in data.gaps else tr("Not read yet"), notes)
    every = [(clean(one.values[bucket]), one) for one in shown if bucket < len(one.values)]
    found = sorted((pair for pair in every if pair[0] > 0), key=lambda pair: -pair[0])
    rows = tuple((one.tint, one.name, data.exact(v)) for v, one in found[:MAX_ROWS])
    if len(found) > MAX_ROWS:
        rows += (("else", tr("{n} more", n=len(found) - MAX_ROWS), data.exact(sum(v for v, _ in found[MAX_ROWS:]))),)
    total = "" if data.overlapping else data.exact(sum(v for v, _ in found))
    foot = [data.feet[bucket] if bucket < len(data.feet) else ""]
    if any(bucket < len(one.hatched) and one.hatched[bucket] for _, one in found):
        foot.append(tr("provisional") if foot[0] else tr("Provisional"))
    if data.band is not None and data.band.bucket == bucket and not partly:
        foot.insert(0, data.band.words)
    return TipContent(name, total, rows, numbers.join(foot), notes)


def mark_content(data: StackedSeries, marks: Sequence[Mark]) -> TipContent:
    """What was written at a place of the axis."""
    names = dict.fromkeys(data.buckets[one.bucket].long for one in marks)
    head = next(iter(names)) if len(names) == 1 else f"{next(iter(names))} – {next(reversed(names))}"
    notes = tuple((one.kind, one.words) for one in marks[:MAX_ROWS])
    if len(marks) > MAX_ROWS:
        notes = (*notes, ("note", tr("{n} more", n=len(marks) - MAX_ROWS)))
    return TipContent(head, "", (), tr("Click to open") if len(marks) == 1 else tr("Click to choose one"), notes)


def spoken(tip: TipContent) -> str:
    """The same as one line for a screen reader."""
    figures = (f"{name} {value}" for _, name, value in tip.rows)
    notes = (words for _, words in tip.notes)
    return ", ".join((f"{tip.head} {tip.total}".strip(), *figures, *((tip.foot,) if tip.foot else ()), *notes))


class ChartTip(QWidget):
    """Painted, never in the way of the mouse. Lives in the chart's window, so that it may reach over the card's edge."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # part of the chart; see StackedChart
        self._content = TipContent("", "", ())
        self.hide()

    def show_content(self, content: TipContent) -> None:
        """Set the words and the size that fits them."""
        self._content = content
        m, bold = QFontMetrics(font("small")), QFontMetrics(font("body", 600))
        head = bold.horizontalAdvance(content.head) + px(28) + bold.horizontalAdvance(content.total)
        rows = max((px(18) + m.horizontalAdvance(name) + px(28) + m.horizontalAdvance(figure) for _, name, figure in content.rows), default=0)
        foot = paint.wide(content.foot, font("cap"))
        notes = max((px(18) + m.horizontalAdvance(words) for _, words in content.notes), default=0)
        width = min(max(px(190), head, rows, foot, notes), px(360)) + 2 * px(14)
        lines = len(content.rows) + len(content.notes)
        height = px(14) + px(20) + (px(6) + lines * px(20) if lines else 0) + (px(26) if content.foot else 0) + px(12)
        self.resize(width + 2 * SHADOW, height + 2 * SHADOW)
        self.update()

    def place(self, column: QRectF, area: QRectF) -> None:
        """Beside `column`, on the side with room, inside `area`; both in the window's coordinates."""
        width, height = self.width() - 2 * SHADOW, self.height() - 2 * SHADOW
        right, left = column.right() + px(6), column.left() - px(6) - width
        x = left if left >= area.left() else right
        if left < area.left() and right + width > area.right():  # no room on either side: the larger one
            x = right if area.right() - right > column.left() - area.left() else left
        y = min(max(column.top() - px(14), area.top()), max(area.top(), area.bottom() - height))
        self.move(round(x) - SHADOW, round(y) - SHADOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = self._content
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        rect = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        paint.soft_shadow(p, rect, 9)
        paint.box(p, rect, 9, color("tip"), color("line-strong"))
        inner = rect.adjusted(px(14), px(12), -px(14), -px(10))
        left, right = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        bold, small = font("body", 600), font("small")
        line = QRectF(inner.left(), inner.top(), inner.width(), px(22))
        p.setFont(bold)
        p.setPen(color("text"))
        p.drawText(line, right, c.total)
        room = inner.width() - paint.wide(c.total, bold) - px(12)
        p.drawText(line, left, paint.elided(c.head, bold, room))
        y = inner.top() + px(22) + px(6)
        p.setFont(small)
        for tint, name, figure in c.rows:
            row = QRectF(inner.left(), y, inner.width(), px(20))
            side = px(10)
            paint.swatch(p, QRectF(row.left(), row.center().y() - side / 2, side, side), tint)
            p.setFont(small)
            p.setPen(color("text"))
            p.drawText(row, right, figure)
            room = row.width() - px(18) - px(16) - paint.wide(figure, small)
            p.drawText(row.adjusted(px(18), 0, 0, 0), left, paint.elided(name, small, room))
            y += px(20)
        for name, words in c.notes:
            side = px(12)
            paint_icon(p, name, QRectF(inner.left() - 1, y + (px(20) - side) / 2, side, side), color("text-3"))
            p.setFont(small)
            p.setPen(color("text-2"))
            p.drawText(QRectF(inner.left() + px(18), y, inner.width() - px(18), px(20)), left, paint.elided(words, small, inner.width() - px(18)))
            y += px(20)
        if c.foot:
            p.fillRect(QRectF(inner.left(), y + px(5), inner.width(), 1), color("line-strong", 0.6))
            p.setFont(font("cap", 400))
            p.setPen(color("text-3"))
            p.drawText(QRectF(inner.left(), y + px(9), inner.width(), px(18)), left, paint.elided(c.foot, font("cap", 400), inner.width()))
        p.end()
