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
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self._cells: list[Text] = []

    def text(self) -> str:
        """The sentences."""
        return self.words.text()

    def clear(self) -> None:
        """Nothing is looked at any more."""
        self.words.setText("")
        self._empty()

    def wait(self) -> None:
        """The answer is being worked out."""
        self.words.setText(tr("Looking at your sessions …"))
        self._empty()

    def set(self, shown: Shown, said: str = "") -> None:
        """Show an effect; ``said`` replaces the first sentences."""
        self._empty()
        effect = shown.effect
        self.words.setText(said or words.matches(effect))
        before, after = dict.fromkeys(shown.names, 0), dict.fromkeys(shown.names, 0)
        for task, was, then in effect.totals:
            if task is not None:
                before[task], after[task] = was, then
        for line, one in enumerate(effect.moves[:MOST]):
            self._put(line, 0, Text(words.move(one, shown.names), "small", elide=True))
            self._put(line, 1, Text(words.sessions(one.sessions), "small", "text-2", right=True))
            self._put(line, 2, Text(numbers.short(one.tokens), "small", "text-2", right=True))
        line = min(MOST, len(effect.moves))
        if len(effect.moves) > MOST:
            rest = len(effect.moves) - MOST
            self._put(line, 0, Text(trn("and {n} more", "and {n} more", rest, shown=numbers.digits(rest)), "small", "text-3"))
            line += 1
        for task, was, then in effect.totals[:MOST]:
            said = tr("{task} after it", task=words.task_name(task, shown.names))
            self._put(line, 0, Text(said, "small", "text-2", elide=True))
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


class Question(Card):
    """An effect with its two answers. ``taken()`` and ``left()``; Enter takes, Esc leaves."""

    taken = Signal()
    left = Signal()

    def __init__(self, title: str, take: str, parent: QWidget | None = None) -> None:
        super().__init__(title, sunk=True, pad=(12, 14), parent=parent)
        self.view = EffectView()
        self.view.wait()
        self.body.addWidget(self.view)
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
