"""The bell at the foot of the side bar: opens the list of notices; how many are new stands beside it without a bubble."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tokenpal.translation import tr, trn
from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import RADIUS_CONTROL, color, font, px, theme
from tokenpal.ui.widgets.buttons import IconButton

KEY = "Ctrl+Shift+N"


class Bell(IconButton):
    """Hidden while there is nothing in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._unseen = 0
        super().__init__("bell", tr("Notices"), size=26, parent=parent)
        self.setObjectName("bell")
        self.set_unseen(0)

    def set_unseen(self, unseen: int) -> None:
        """How many notices were not looked at."""
        self._unseen = unseen
        self.setAccessibleName(tr("Notices"))
        self.setAccessibleDescription(trn("{n} new notice", "{n} new notices", unseen) if unseen else tr("Nothing new"))
        self.setToolTip(with_key(tr("Notices"), KEY))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = super().sizeHint()
        return QSize(side.width() + self._room(), side.height())

    def _room(self) -> int:
        return paint.wide(str(self._unseen), font("cap")) + px(4) if self._unseen else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.isDown() or self.underMouse():
            paint.box(p, rect, RADIUS_CONTROL, theme().ink(0.09 if self.isDown() else 0.05))
        if self.keyboard_focus:
            paint.box(p, rect, RADIUS_CONTROL, None, color("accent"))
        paint_icon(p, "bell", QRectF(px(5), (self.height() - px(16)) / 2, px(16), px(16)), color("text" if self._unseen else "text-2"))
        if self._unseen:
            p.setFont(font("cap", 600))
            p.setPen(color("text"))
            p.drawText(rect.adjusted(0, 0, -px(5), 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(self._unseen))
        p.end()
