"""What a change of the rules would do, before it is done: sentences, what goes from where to where, and the two answers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.engine.sorting import Shown
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.reflow import Flow, together
from tokenpal.ui.tasks import words
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Text

MOST = 5  # lines of moves, and of totals
COLUMNS = 3
MOVES, MORE, HEAD, TOTALS = 0, MOST, MOST + 1, MOST + 2  # the lines of the grid
Line = tuple[str, ...]


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
        self._lines: dict[int, tuple[Text, ...]] = {}
        self.hide()

    def text(self) -> str:
        """The sentences."""
        return self.words.text()

    def lines(self) -> list[Line]:
        """What stands below them."""
        return [tuple(cell.text() for cell in cells) for _, cells in sorted(self._lines.items()) if not cells[0].isHidden()]

    def clear(self) -> None:
        """Nothing is looked at any more."""
        self.words.setText("")
        self.hide()
        self._empty()

    def wait(self) -> None:
        """The answer is being worked out."""
        self.words.setText(tr("Looking at your sessions…"))
        self.show()
        self._empty()

    def set(self, shown: Shown, said: str = "") -> None:
        """Show an effect; ``said`` replaces the first sentences."""
        effect, names = shown.effect, shown.names
        moves: list[Line] = [(words.move(one, names), words.sessions(one.sessions), numbers.short(one.tokens)) for one in effect.moves[:MOST]]
        rest = len(effect.moves) - MOST
        more: list[Line] = [(trn("and {n} more", "and {n} more", rest, shown=numbers.digits(rest)),)] if rest > 0 else []
        head: list[Line] = [(tr("Tokens of all time, now → then"),)] if effect.totals else []
        totals: list[Line] = [
            (words.task_name(task, names), tr("{before} → {after}", before=numbers.short(was), after=numbers.short(then)))
            for task, was, then in effect.totals[:MOST]
        ]
        with together(self, self._holder):
            self.words.setText(said or words.matches(effect))
            for first, lines, many in ((MOVES, moves, MOST), (MORE, more, 1), (HEAD, head, 1), (TOTALS, totals, MOST)):
                for place in range(many):
                    self._say(first + place, lines[place] if place < len(lines) else ())
            self.show()

    def _say(self, line: int, parts: Line) -> None:
        """Fill a line of the grid, or leave it out. Lines are made when they are first wanted: an answer comes with every key."""
        if parts and line not in self._lines:
            self._lines[line] = self._made(line)
        cells = self._lines.get(line, ())
        for cell, part in zip(cells, parts, strict=False):
            cell.setText(part)
        for cell in cells:
            cell.setVisible(bool(parts))

    def _made(self, line: int) -> tuple[Text, ...]:
        cells: tuple[Text, ...]
        if line < MORE:
            cells = (Text("", "small", elide=True), Text("", "small", "text-2", right=True), Text("", "small", "text-2", right=True))
        elif line < TOTALS:
            cells = (Text("", "small", "text-3"),)
        else:
            cells = (Text("", "small", elide=True), Text("", "small", weight=500, right=True))
        last = len(cells) - 1
        for column, cell in enumerate(cells):
            self._grid.addWidget(cell, line, column, 1, COLUMNS - last if column == last else 1)
        for _, below in sorted((one, later) for one, later in self._lines.items() if one > line):
            for cell in below:
                cell.raise_()  # a screen reader reads in the order of the children
        return cells

    def _empty(self) -> None:
        for line in self._lines:
            self._say(line, ())


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
