"""Common ground of the dialogs of sharing: margins, a title, room for what takes a while, buttons at the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.parts import Working
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text


class Form(Sheet):
    """``body`` is the column between title and foot; buttons are added left to right. Deletes itself when it is closed."""

    def __init__(self, desk: Desk, title: str, out: str = "", *, width: int = 560, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(room_for(self, width, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        self.heading = Text(title, "head", wrap=True)
        column.addWidget(self.heading)
        self.body = QVBoxLayout()
        self.body.setSpacing(px(10))
        column.addLayout(self.body, 1)
        self.working = Working(desk.bridge)
        column.addWidget(self.working)
        column.addSpacing(px(6))
        self.out = way_out(self, out or tr("Close"))
        self._foot = foot(self.out)
        column.addLayout(self._foot)

    def add_button(self, words: str, name: str, *, primary: bool = False, danger: bool = False) -> Button:
        """A further button at the right."""
        button = Button(words, primary=primary, danger=danger)
        button.setObjectName(name)
        self._foot.addWidget(button)
        return button

    def say(self, words: str, tone: str = "text") -> Text:
        """A paragraph."""
        text = Text(words, "body", "text-2" if tone == "text-2" else "text", wrap=True)
        self.body.addWidget(text)
        return text

    def done(self, result: int) -> None:
        if self.working.busy:
            self.working.cancel()
        super().done(result)
