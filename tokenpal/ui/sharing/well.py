"""Bytes on the sunk ground: mono, wrapped anywhere, to be selected and copied; scrolls once it is long."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tokenpal.ui import paint
from tokenpal.ui.theme import RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.fields import TextArea

LINES = 11  # about as tall as the readable report


class Well(QWidget):
    """Read only. `Tab` moves on, arrows scroll, everything can be selected with the keyboard."""

    def __init__(self, name: str, *, lines: int = LINES, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(10), px(6), px(10))
        self.area = TextArea("", name)
        self.area.setReadOnly(True)
        self.area.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.area.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.area.focus_changed.connect(self._focus)
        column.addWidget(self.area)
        self.setFocusProxy(self.area)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.area.setFont(font("mono"))
        self.setFixedHeight(self._lines * px(15) + px(20))
        self.update()

    @Slot(bool)
    def _focus(self, _inside: bool) -> None:
        self.update()

    def set_text(self, text: str) -> None:
        """Show these bytes; place and selection are kept while they stay the same."""
        if text != self.area.toPlainText():
            self.area.setPlainText(text)

    def text(self) -> str:
        """What is shown."""
        return self.area.toPlainText()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("sunk"), color("accent" if self.area.hasFocus() else "line"))
        p.end()
