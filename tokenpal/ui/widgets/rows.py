"""The row of a plain list of names, like one of the side bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tokenpal.ui import paint
from tokenpal.ui.theme import RADIUS_CONTROL, color, font, px, theme


class NameRows(QStyledItemDelegate):
    """One line a name, cut with an ellipsis; the chosen one stands on ``accent-soft``."""

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(120), px(32))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect).adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            paint.box(p, rect, RADIUS_CONTROL, color("accent-soft") if chosen else theme().ink(0.04))
        type_ = font("body", 500 if chosen else 400)
        p.setFont(type_)
        p.setPen(color("text"))
        p.drawText(rect.adjusted(px(10), 0, -px(8), 0), Qt.AlignmentFlag.AlignVCenter, paint.elided(str(index.data()), type_, rect.width() - px(18)))
        p.restore()
