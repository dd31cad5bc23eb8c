"""The tooltip beside a hovered bar: name and exact sum, rows sorted by size, what a click does (design.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tokenpal.ui import paint
from tokenpal.ui.theme import color, font, px

SHADOW = 18
MAX_ROWS = 12


@dataclass(frozen=True, slots=True)
class TipContent:
    """What the tooltip says. `rows` are (tint, name, exact figure), largest first."""

    head: str
    total: str
    rows: tuple[tuple[paint.Tint, str, str], ...]
    foot: str = ""


class ChartTip(QWidget):
    """Painted, never in the way of the mouse. Lives in the chart's window, so that it may reach over the card's edge."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = TipContent("", "", ())
        self.hide()

    def show_content(self, content: TipContent) -> None:
        """Set the words and the size that fits them."""
        self._content = content
        m, bold = QFontMetrics(font("small")), QFontMetrics(font("body", 600))
        head = bold.horizontalAdvance(content.head) + px(28) + bold.horizontalAdvance(content.total)
        rows = max((px(18) + m.horizontalAdvance(name) + px(28) + m.horizontalAdvance(figure) for _, name, figure in content.rows), default=0)
        foot = QFontMetrics(font("cap")).horizontalAdvance(content.foot)
        width = min(max(px(190), head, rows, foot), px(360)) + 2 * px(14)
        height = px(14) + px(20) + (px(6) + len(content.rows) * px(20) if content.rows else 0) + (px(26) if content.foot else 0) + px(12)
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
        room = inner.width() - QFontMetrics(bold).horizontalAdvance(c.total) - px(12)
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
            room = row.width() - px(18) - px(16) - QFontMetrics(small).horizontalAdvance(figure)
            p.drawText(row.adjusted(px(18), 0, 0, 0), left, paint.elided(name, small, room))
            y += px(20)
        if c.foot:
            p.fillRect(QRectF(inner.left(), y + px(5), inner.width(), 1), color("line-strong", 0.6))
            p.setFont(font("cap", 400))
            p.setPen(color("text-3"))
            p.drawText(QRectF(inner.left(), y + px(9), inner.width(), px(18)), left, paint.elided(c.foot, font("cap", 400), inner.width()))
        p.end()
