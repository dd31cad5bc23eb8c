"""Plain words: a label in a role of the type scale and a colour of the theme."""

from __future__ import annotations

import html

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from tokenpal.ui import paint
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
        self._tall: dict[int, int] = {}
        self._role, self._tone, self._weight, self._elide = role, tone, weight, elide
        self._worn: QFont | None = None
        self._ink: QColor | None = None
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

    def setText(self, text: str) -> None:
        self._tall.clear()
        super().setText(text)

    def heightForWidth(self, width: int) -> int:
        """Measured once a width: layouts ask for the same many times, and each time Qt breaks the lines anew."""
        found = self._tall.get(width)
        if found is None:
            found = self._tall[width] = super().heightForWidth(width)
        return found

    @Slot()
    def _restyle(self) -> None:
        wanted, ink = theme().font(self._role, self._weight), theme().color(self._tone)
        if wanted != self._worn:
            self._worn = wanted
            self._tall.clear()
            self.setFont(wanted)
            self.updateGeometry()
        if ink != self._ink:
            self._ink = ink
            p = QPalette()  # this colour alone is its own
            p.setColor(QPalette.ColorRole.WindowText, ink)
            self.setPalette(p)

    def sizeHint(self) -> QSize:
        if not self._elide:
            return super().sizeHint()
        f = self.font()
        return QSize(paint.wide(self.text(), f) + 2, paint.tall(f))

    def minimumSizeHint(self) -> QSize:
        if not self._elide:
            return super().minimumSizeHint()
        f = self.font()
        return QSize(min(paint.wide(self.text(), f) + 2, QFontMetrics(f).averageCharWidth() * 6), paint.tall(f))

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._fitted() if self._elide else None
        if shown is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRect(0, 0, self.width(), self.height()), self.alignment() | Qt.TextFlag.TextSingleLine, shown)
        painter.end()

    def _fitted(self) -> str | None:
        """What of the text has room; None where all of it has, as a label paints it by itself. Hovering tells what is cut."""
        text, width = self.text(), self.width()
        shown = self.fitting(width)
        whole = as_tip(text) if shown != text else ""
        if whole != self.toolTip():
            self.setToolTip(whole)
        return None if not whole and "\n" not in text else shown

    def fitting(self, width: int) -> str:
        """What of the text stands in `width` px."""
        return paint.elided(self.text(), self.font(), width)


class Facts(Text):
    """Facts with commas between them: those at the end go, whole, where there is no room for all of them."""

    def __init__(self, text: str = "", role: Role = "body", tone: ColorName = "text-2", *, right: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, role, tone, elide=True, right=right, parent=parent)

    def fitting(self, width: int) -> str:
        shown, f = self.text(), self.font()
        several, room = ", " in shown, width - 1  # what is measured in whole px may be a part of one wider
        while ", " in shown and paint.wide(shown, f) > room:
            shown = shown.rpartition(", ")[0]
        if several and paint.wide(shown, f) > room:
            return ""  # hovering tells all of it
        return paint.elided(shown, f, width)


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
