"""A row that has the keyboard as a whole: to a screen reader it is a button with a name, not a filler."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from tokenpal.ui.theme import RADIUS_FIELD


class ActLine(QAbstractButton):
    """Enter, Space and a screen reader's press call ``act``; a click only gives it the keyboard."""

    radius = RADIUS_FIELD

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.clicked.connect(self._clicked)

    def act(self) -> None:
        """What the row is for."""
        raise NotImplementedError

    @Slot()
    def _clicked(self) -> None:
        self.act()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
