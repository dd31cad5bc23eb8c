"""Rows of a plain list in a dialog: words, and the chosen one on `accent-soft`."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tokenpal.ui import paint
from tokenpal.ui.theme import Role, color, font, px


class PlainRows(QStyledItemDelegate):
    """One line each, cut with an ellipsis. An item with a foreground of its own is painted in ``text-3``."""

    role: Role = "body"

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(200), px(32))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 7, color("accent-soft"))
        faint = index.data(Qt.ItemDataRole.ForegroundRole) is not None
        inner = rect.adjusted(px(10), 0, -px(8), 0)
        p.setFont(font(self.role))
        p.setPen(color("text-3" if faint else "text"))
        p.drawText(inner, Qt.AlignmentFlag.AlignVCenter, paint.elided(str(index.data()), font(self.role), inner.width()))
        p.restore()
