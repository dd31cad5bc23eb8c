"""Plain words: a label in a role of the type scale and a colour of the theme."""

from __future__ import annotations

import html

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import Role, theme


def as_tip(text: str) -> str:
    """``text`` for setToolTip, which would take a branch called ``<img ...>`` for a picture to load."""
    return f"<span>{html.escape(text, quote=False)}</span>" if "<" in text else text


class Text(QLabel):
    """A label. `wrap` breaks lines, `elide` cuts with an ellipsis and shows all on hover, `selectable` lets it be copied.

    Always plain text: a note or a branch name is never read as markup.
    """

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: ColorName = "text",
        weight: int | None = None,
        *,
        wrap: bool = False,
        elide: bool = False,
        selectable: bool = False,
        right: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._tone, self._weight, self._elide = role, tone, weight, elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setForegroundRole(QPalette.ColorRole.WindowText)  # also inside a button, whose children speak in its own colour
        self.setWordWrap(wrap)
        if right:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._restyle()
        self.setText(text)
        theme().changed.connect(self._restyle)

    def set_tone(self, tone: ColorName) -> None:
        """Change the colour."""
        if tone != self._tone:
            self._tone = tone
            self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self.setFont(theme().font(self._role, self._weight))
        p = self.palette()
        p.setColor(QPalette.ColorRole.WindowText, theme().color(self._tone))
        self.setPalette(p)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        if not self._elide:
            return super().sizeHint()
        m = QFontMetrics(self.font())
        return QSize(m.horizontalAdvance(self.text()) + 2, m.height())

    def minimumSizeHint(self) -> QSize:
        if not self._elide:
            return super().minimumSizeHint()
        m = QFontMetrics(self.font())
        return QSize(min(m.horizontalAdvance(self.text()) + 2, m.averageCharWidth() * 6), m.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        shown = self.fitting(self.width())
        whole = as_tip(self.text()) if shown != self.text() else ""
        if whole != self.toolTip():
            self.setToolTip(whole)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRect(0, 0, self.width(), self.height()), self.alignment() | Qt.TextFlag.TextSingleLine, shown)
        painter.end()


    def fitting(self, width: int) -> str:
        """What of the text stands in `width` px."""
        return QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, width)


class Facts(Text):
    """Facts with commas between them: those at the end go, whole, where there is no room for all of them."""

    def __init__(self, text: str = "", role: Role = "body", tone: ColorName = "text-2", *, right: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, role, tone, elide=True, right=right, parent=parent)

    def fitting(self, width: int) -> str:
        shown, m = self.text(), QFontMetrics(self.font())
        several, room = ", " in shown, width - 1  # what is measured in whole px may be a part of one wider
        while ", " in shown and m.horizontalAdvance(shown) > room:
            shown = shown.rpartition(", ")[0]
        if several and m.horizontalAdvance(shown) > room:
            return ""  # hovering tells all of it
        return m.elidedText(shown, Qt.TextElideMode.ElideRight, width)


class Rule(QFrame):
    """A one pixel line across, in `line`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("line"))
        painter.end()
