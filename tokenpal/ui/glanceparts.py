"""Parts of the glance window: a session to label, the running task, a budget that is near its ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS, LabelName
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import RADIUS_FIELD, color, px, theme
from tokenpal.ui.widgets.buttons import IconButton, LabelButton, Link
from tokenpal.ui.widgets.marks import LabelGlyph
from tokenpal.ui.widgets.text import Text

LABELS: tuple[LabelName, ...] = ("exploration", "delivered", "waste")
MAX_TASKS = 3
LONG_NAME = 28  # letters


def spent_on_words(tasks: Sequence[tuple[str, int]]) -> str:
    """``No task 1.02 M · Search prototype 661 k · 2 more``: what today's tokens were used for."""
    shown = tasks if len(tasks) == MAX_TASKS + 1 else tasks[:MAX_TASKS]  # "1 more" would take as much room
    said = [f"{(name if len(name) <= LONG_NAME else name[: LONG_NAME - 1] + '…') or tr('No task')} {numbers.short(tokens)}" for name, tokens in shown]
    more = tr("{n} more", n=numbers.digits(len(tasks) - len(shown))) if len(tasks) > len(shown) else ""
    return numbers.join(part.replace(" ", "\u00a0") for part in (*said, more))  # a line ends between two tasks


class SessionCard(QWidget):
    """A session to label: title, time, three answers. The chosen one has the accent border and takes the keys."""

    labelled = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: SessionRow | None = None
        self.chosen = False
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(9), px(10), px(10))
        column.setSpacing(px(7))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(LabelGlyph(None))
        self._title = Text("", "body", weight=500, elide=True)
        self._when = Text("", "small", "text-2")
        head.addWidget(self._title, 1)
        head.addWidget(self._when)
        column.addLayout(head)
        answers = QHBoxLayout()
        answers.setSpacing(px(6))
        self._buttons: list[LabelButton] = []
        for label in LABELS:
            button = LabelButton(label, compact=True)
            button.clicked.connect(partial(self._press, label))
            answers.addWidget(button)
            self._buttons.append(button)
        column.addLayout(answers)

    def set(self, row: SessionRow, desk: Desk) -> None:
        """Show a session."""
        self.row = row
        title = words.title(row)
        self._title.setText(title)
        figure = numbers.short(row.measures.tokens.total)
        self._when.setText(numbers.join((times.clock(desk.moment(row.started)), figure)))
        self._when.setToolTip(tr("{tokens} tokens", tokens=numbers.exact(row.measures.tokens.total)))
        self.setAccessibleName(title)
        self.setAccessibleDescription(numbers.join((times.moment(desk.moment(row.started), desk.moment()), tr("{tokens} tokens", tokens=figure))))
        for button in self._buttons:
            button.setAccessibleName(tr("{label}: {session}", label=tr(LABEL_WORDS[button.label]), session=title))

    def choose(self, chosen: bool) -> None:
        """Whether keys go to this one."""
        self.chosen = chosen
        self.update()

    def _press(self, label: str) -> None:
        if self.row is not None:
            self.labelled.emit(self.row.id, label)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), 9, color("sunk"), color("accent" if self.chosen else "line"))
        p.end()


class _Swatch(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tint: paint.Tint = "none"
        self.setFixedSize(px(12), px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.swatch(p, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self.tint)
        p.end()


class TaskCard(QWidget):
    """The running task with its time, or the way to one."""

    stop_asked = Signal()
    choose_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(8), px(10), px(8))
        row.setSpacing(px(10))
        self._swatch = _Swatch()
        row.addWidget(self._swatch)
        column = QVBoxLayout()
        column.setSpacing(px(1))
        self._name = Text("", "body", weight=500, elide=True)
        self._line = Text("", "small", "text-2", elide=True)
        column.addWidget(self._name)
        column.addWidget(self._line)
        row.addLayout(column, 1)
        self.elapsed = Text("", "body", weight=600)
        self.elapsed.setObjectName("glance-elapsed")
        self.stop = IconButton("stop", tr("Stop working on this task"), framed=True)
        self.stop.setObjectName("glance-stop")
        self.stop.clicked.connect(self.stop_asked)
        self.start = Link(tr("Choose a task"))
        self.start.setObjectName("glance-task")
        self.start.clicked.connect(self.choose_asked)
        row.addWidget(self.elapsed)
        row.addWidget(self.start)
        row.addWidget(self.stop)
        theme().changed.connect(self.update)

    def set(self, name: str, line: str, tint: paint.Tint, *, running: bool) -> None:
        """The task's name, ``since 13:37 · 214 k today`` and its colour; without one it says so."""
        self._swatch.tint = tint
        self._name.setText(name)
        self._line.setText(line)
        self._line.setVisible(bool(line))
        for widget in (self.elapsed, self.stop, self._swatch):
            widget.setVisible(running)
        self.start.setVisible(not running)
        self.setAccessibleName(tr("Working on {task}", task=name) if running else name)
        self.setAccessibleDescription(line)
        self._swatch.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD + 1, color("sunk"), color("line"))
        p.end()


class BudgetLine(QWidget):
    """A budget that is near its ceiling or over it, in one line of words; over is said in words, not by colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        self._name = Text("", "small", "text-2", elide=True)
        self._words = Text("", "small", "attention", elide=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._name, 2)
        row.addWidget(self._words, 3)

    def set(self, name: str, words: str) -> None:
        """``All use``, ``$52.10 of your $50.00 for November``."""
        self._name.setText(name)
        self._words.setText(words)
        self.setAccessibleName(tr("Budget of {name}: {words}", name=name, words=words))
