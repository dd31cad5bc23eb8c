"""What a change of the rules would do, before it is done: sentences, what goes from where to where, and the two answers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.engine.sorting import Shown
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.reflow import Flow
from tokenpal.ui.tasks import words
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Text

MOST = 5  # lines of moves


class EffectView(QWidget):
    """The words of an effect; empty until there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        self.words = Text("", "small", "text-2", wrap=True)
        column.addWidget(self.words)
        self._holder = QWidget()
        self._holder.setMaximumWidth(px(620))  # names and their figures stay within one look
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(0, 1)
        column.addWidget(self._holder)
        self._cells: list[Text] = []
        self.hide()

    def text(self) -> str:
        """The sentences."""
        return self.words.text()

    def clear(self) -> None:
        """Nothing is looked at any more."""
        self.words.setText("")
        self.hide()
        self._empty()

    def wait(self) -> None:
        """The answer is being worked out."""
        self.words.setText(tr("Looking at your sessions …"))
        self.show()
        self._empty()

    def set(self, shown: Shown, said: str = "") -> None:
        """Show an effect; ``said`` replaces the first sentences."""
        self._empty()
        effect = shown.effect
        self.words.setText(said or words.matches(effect))
        self.show()
        for line, one in enumerate(effect.moves[:MOST]):
            self._put(line, 0, Text(words.move(one, shown.names), "small", elide=True))
            self._put(line, 1, Text(words.sessions(one.sessions), "small", "text-2", right=True))
            self._put(line, 2, Text(numbers.short(one.tokens), "small", "text-2", right=True))
        line = min(MOST, len(effect.moves))
        if len(effect.moves) > MOST:
            rest = len(effect.moves) - MOST
            self._put(line, 0, Text(trn("and {n} more", "and {n} more", rest, shown=numbers.digits(rest)), "small", "text-3"))
            line += 1
        if effect.totals:
            self._put(line, 0, Text(tr("Tokens of all time, now → then"), "small", "text-3"), span=3)
            line += 1
        for task, was, then in effect.totals[:MOST]:
            self._put(line, 0, Text(words.task_name(task, shown.names), "small", elide=True))
            both = tr("{before} → {after}", before=numbers.short(was), after=numbers.short(then))
            self._put(line, 1, Text(both, "small", weight=500, right=True), span=2)
            line += 1

    def _put(self, line: int, column: int, text: Text, span: int = 1) -> None:
        self._grid.addWidget(text, line, column, 1, span)
        self._cells.append(text)

    def _empty(self) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        self._holder.updateGeometry()


class Question(Card):
    """An effect with its two answers. ``taken()`` and ``left()``; Enter takes, Esc leaves."""

    taken = Signal()
    left = Signal()

    def __init__(self, title: str, take: str, parent: QWidget | None = None) -> None:
        super().__init__(title, sunk=True, pad=(12, 14), parent=parent)
        self.view = EffectView()
        self.body.addWidget(self.view)
        self.view.wait()
        row = Flow()
        self.take = Button(take)
        self.take.setObjectName("effect-take")
        self.take.setEnabled(False)
        self.take.clicked.connect(self.taken)
        leave = Button(tr("Cancel"))
        leave.setObjectName("effect-leave")
        leave.clicked.connect(self.left)
        row.addWidget(self.take)
        row.addWidget(leave)
        self.body.addLayout(row)

    @Slot()
    def ready(self) -> None:
        """There is an effect to say yes to."""
        self.take.setEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.take.isEnabled():
            self.taken.emit()
            return
        super().keyPressEvent(event)
