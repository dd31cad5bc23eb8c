"""One task as a row: name, use, label mix, and the timer."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.queries import TaskRow
from tokenpal.ui import numbers
from tokenpal.ui.palette import LABELS
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import Chip, SwatchLabel
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text


class TaskLine(QWidget):
    """Shows a TaskRow. Signals carry the task's id; 0 stands for use without a task."""

    opened = Signal(str)  # the task's name, to see its sessions
    timer = Signal(int, bool)  # start or stop
    edited = Signal(int)
    done = Signal(int, bool)

    def __init__(self, row: TaskRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row
        task = row.task
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        line = QHBoxLayout()
        line.setSpacing(px(12))
        words = QVBoxLayout()
        words.setSpacing(px(3))
        swatch = SwatchLabel(task.name if task else "No task", task.color + 1 if task else "none", tone="text-2" if task and task.done else "text", weight=500)
        words.addWidget(swatch)
        chips = QHBoxLayout()
        chips.setContentsMargins(px(18), 0, 0, 0)
        chips.setSpacing(px(6))
        for chip in ((task.ticket,) if task and task.ticket else ()) + (task.tags if task else ()):
            chips.addWidget(Chip(chip))
        sessions = Link(numbers.count(row.sessions, "session"), tone="text-2")
        sessions.clicked.connect(self._open)
        chips.addWidget(sessions)
        chips.addStretch(1)
        words.addLayout(chips)
        line.addLayout(words, 5)
        strip = LabelStrip()
        strip.set([row.mix.get("" if label == "unlabelled" else label, 0) for label in LABELS])
        strip.setVisible(bool(row.tokens))
        line.addWidget(strip, 4)
        total = Text(numbers.short(row.tokens), "body", weight=500, right=True)
        total.setToolTip(f"{numbers.exact(row.tokens)} tokens")
        total.setFixedWidth(px(76))
        line.addWidget(total)
        name = task.name if task else ""
        running = row.running_since is not None
        start = IconButton("stop" if running else "play", f"{'Stop' if running else 'Work on'} {name}", framed=True)
        start.clicked.connect(self._timer)
        edit = IconButton("edit", f"Edit {name}", framed=True)
        edit.clicked.connect(self._edit)
        done = bool(task and task.done)
        tick = IconButton("undo" if done else "check", f"{'Open again' if done else 'Done with'} {name}", framed=True)
        tick.clicked.connect(self._done)
        for button in (start, edit, tick):
            keep = button.sizePolicy()
            keep.setRetainSizeWhenHidden(True)  # the row of use without a task stays in line
            button.setSizePolicy(keep)
            button.setVisible(task is not None)
            line.addWidget(button)
        column.addLayout(line)
        column.addWidget(Rule())

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self._row.task.name if self._row.task else "unassigned")

    @Slot()
    def _timer(self) -> None:
        if self._row.task:
            self.timer.emit(self._row.task.id, self._row.running_since is None)

    @Slot()
    def _edit(self) -> None:
        if self._row.task:
            self.edited.emit(self._row.task.id)

    @Slot()
    def _done(self) -> None:
        if self._row.task:
            self.done.emit(self._row.task.id, not self._row.task.done)
