"""One task as a row: name, use, label mix, and the timer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine.queries import TaskRow
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABELS, ColorName
from tokenpal.ui.theme import font, px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import SwatchLabel
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text, as_tip

LONGEST_CHIP = 24  # letters


class Chips(QWidget):
    """Words on `sunk`, as many as there is room for; the rest as `+2`, all of them on hover."""

    def __init__(self, words: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(word if len(word) <= LONGEST_CHIP else f"{word[: LONGEST_CHIP - 1]}…" for word in words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(", ".join(words))
        self.setToolTip(as_tip(", ".join(words)))

    def sizeHint(self) -> QSize:
        gaps = px(6) * max(0, len(self._words) - 1)
        return QSize(round(sum(paint.chip_width(word) for word in self._words)) + gaps + 1, px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(30), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        x = 0.0
        for place, word in enumerate(self._words):
            left = len(self._words) - place
            more = f"+{left}"
            room = self.width() - (0 if left == 1 else paint.chip_width(f"+{left - 1}") + px(6))
            if x + paint.chip_width(word) > room:
                short = paint.elided(word, font("cap"), max(0, room - x - px(14)))
                if place or len(short) < 5:
                    paint.chip(p, x, self.height() / 2, more)
                    break
                word = short
            x += paint.chip(p, x, self.height() / 2, word) + px(6)
        p.end()


class TaskLine(QWidget):
    """Shows a TaskRow. Signals carry the task's id; use without a task has none of the buttons."""

    opened = Signal(str)  # the task's name, to see its sessions
    timer = Signal(int, bool)  # start or stop
    edited = Signal(int)
    done = Signal(int, bool)

    def __init__(self, row: TaskRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row
        task = row.task
        name = task.name if task else "No task"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        line = QHBoxLayout()
        line.setSpacing(px(12))
        line.addWidget(self._words(name), 5)
        strip = LabelStrip()
        strip.set([row.mix.get("" if label == "unlabelled" else label, 0) for label in LABELS])
        strip.setMinimumWidth(px(70))
        keep = strip.sizePolicy()
        keep.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        keep.setRetainSizeWhenHidden(True)
        strip.setSizePolicy(keep)
        if not row.tokens:
            strip.hide()
        line.addWidget(strip, 4)
        total = Text(numbers.short(row.tokens), "body", weight=500, right=True)
        total.setToolTip(f"{numbers.exact(row.tokens)} tokens")
        total.setFixedWidth(px(72))
        line.addWidget(total)
        line.addLayout(self._buttons(name))
        column.addLayout(line)
        column.addWidget(Rule())

    def _words(self, name: str) -> QWidget:
        task = self._row.task
        holder = QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the strips of all rows begin at one place
        words = QVBoxLayout(holder)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(px(3))
        tone: ColorName = "text-2" if task and task.done else "text"
        words.addWidget(SwatchLabel(name, task.color + 1 if task else "none", tone=tone, weight=500))
        under = QHBoxLayout()
        under.setContentsMargins(px(18), 0, 0, 0)
        under.setSpacing(px(8))
        chips = ((task.ticket,) if task and task.ticket else ()) + (task.tags if task else ())
        if chips:
            under.addWidget(Chips(chips))
        sessions = Link(numbers.count(self._row.sessions, "session"), tone="text-2")
        sessions.setAccessibleName(f"{numbers.count(self._row.sessions, 'session')} of {name}")
        sessions.setToolTip("Show them")
        sessions.clicked.connect(self._open)
        under.addWidget(sessions)
        under.addStretch(1)
        words.addLayout(under)
        return holder

    def _buttons(self, name: str) -> QHBoxLayout:
        task = self._row.task
        row = QHBoxLayout()
        row.setSpacing(px(8))
        running, done = self._row.running_since is not None, bool(task and task.done)
        for icon, words, slot in (
            ("stop" if running else "play", f"{'Stop' if running else 'Work on'} {name}", self._timer),
            ("edit", f"Edit {name}", self._edit),
            ("undo" if done else "check", f"{'Open again' if done else 'Done with'} {name}", self._done),
        ):
            button = IconButton(icon, words, framed=True)
            button.clicked.connect(slot)
            keep = button.sizePolicy()
            keep.setRetainSizeWhenHidden(True)  # the row of use without a task stays in line
            button.setSizePolicy(keep)
            if task is None or (done and icon == "play"):
                button.hide()  # never shown before it has a place: that would be a window of its own
            row.addWidget(button)
        return row

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
