"""After a break while a timer ran: keep the time, drop it, or give it to another task."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import times
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.text import Text

ANSWERS = ("keep", "drop", "split")


class AwayDialog(Sheet):
    """``answered(keep | drop | split)``; Esc keeps the time, as nothing is changed then."""

    answered = Signal(str)

    def __init__(self, task: str, span: str, seconds: int, parent: QWidget | None = None) -> None:
        """``span``: ``12:10 – 12:50``; ``task``: what the timer ran for."""
        super().__init__(parent)
        title = tr("You were away {duration}", duration=times.duration(seconds))
        self.setWindowTitle(title)
        self.setMinimumWidth(room_for(self, 440, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(title, "head", wrap=True))
        sentence = tr("The timer of {task} ran on from {span}. What was that time?", task=task, span=span)
        column.addWidget(Text(sentence, "body", "text-2", wrap=True))
        column.addWidget(Text(tr("It can be undone."), "small", "text-3"))
        column.addSpacing(px(6))
        foot = Flow(right=True)
        words = {
            "keep": (tr("&Keep it"), tr("It stays work on {task}.", task=task)),
            "drop": (tr("&Drop it"), tr("It is cut out of the timer.")),
            "split": (tr("&Split it off…"), tr("It becomes time of another task.")),
        }
        for key in ANSWERS:
            button = Button(words[key][0])
            button.setObjectName(f"away-{key}")
            button.setAccessibleName(words[key][0].replace("&", ""))
            button.setAccessibleDescription(words[key][1])
            button.setToolTip(words[key][1])
            button.setProperty("answer", key)
            button.clicked.connect(self._pressed)
            foot.addWidget(button)
        column.addLayout(foot)
        first = self.findChild(Button, "away-keep")
        if first is not None:
            first.setDefault(True)
            first.setFocus()

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if button is not None:
            self.answered.emit(button.property("answer"))
            self.accept()
