"""The tasks as rows in three cards (open, done, archived), or as one table: filtered and sorted in place."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget

from tokenpal.engine.sorting import TaskStanding, TaskTable
from tokenpal.insight.tickets import Tickets, link
from tokenpal.model.budget import Standing
from tokenpal.model.journal import Task
from tokenpal.translation import tr, trc, trn
from tokenpal.ui import numbers
from tokenpal.ui.page import Desk
from tokenpal.ui.tasks.rows import TaskLine
from tokenpal.ui.tasks.table import as_table, ordered, stretch_names
from tokenpal.ui.theme import px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState
from tokenpal.ui.widgets.table import TableView
from tokenpal.ui.widgets.text import Text

AT_ONCE = 0.004  # seconds of making rows before the window is looked after


class TaskListing(QWidget):
    """Signals as of ``TaskLine``. ``cleared()`` when the person wants all tasks again."""

    opened = Signal(str)
    timer = Signal(int, bool)
    edited = Signal(int)
    done = Signal(int, bool)
    more = Signal(int, QWidget)
    linked = Signal(str)
    budgets = Signal(int)
    cleared = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._table: TaskTable | None = None
        self._names: tuple[str, ...] = ()
        self._top = 0
        self._budgets: Mapping[int, tuple[Standing, ...]] = {}
        self._trackers: tuple[Tickets, ...] = ()
        self._sort, self._wanted, self._unfolded, self._as_table = "use", "", False, False
        self._drawn: object = None
        self._kept: dict[int, tuple[object, TaskLine]] = {}  # what a row was made of, and the row
        self._waiting: list[tuple[QVBoxLayout, int, TaskStanding]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(14))
        self.card = Card(trc("tasks", "Open"))
        self.to_rules = self.card.set_link(tr("Go to the rules"))
        self.empty = EmptyState(tr("No tasks yet."), tr("A task is something you work on. Give sessions to it by key, timer or rule."))
        self.card.body.addWidget(self.empty)
        self.nothing = Text(tr("No task matches these words."), "body", "text-2")
        self.clear = Link(tr("Clear them"))
        self.clear.clicked.connect(self.cleared)
        self.card.body.addWidget(self.nothing)
        self.card.body.addWidget(self.clear)
        self.finished = Card(tr("Done"), tr("kept with all their use"))
        self.archived = Card(tr("Archived"), tr("out of the way, kept with all their use"))
        self.fold = Link("")
        self.fold.setObjectName("archived-fold")
        self.fold.clicked.connect(self._unfold)
        self.archived.body.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self._lines: list[QVBoxLayout] = []
        for card in (self.card, self.finished, self.archived):
            lines = QVBoxLayout()
            lines.setSpacing(px(8))
            card.body.addLayout(lines)
            self._lines.append(lines)
            column.addWidget(card)
        self.table = TableView()
        self.table.setMinimumHeight(px(320))
        self.table_card = Card(tr("Tasks"))
        self.table_card.body.addWidget(self.table)
        column.addWidget(self.table_card)
        for widget in (self.table_card, self.nothing, self.clear, self.finished, self.archived):
            widget.hide()
        self._later = QTimer(self)
        self._later.setInterval(0)
        self._later.timeout.connect(self._make_some)
        theme().changed.connect(self._draw)  # figures may have been hidden
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)

    def set(self, table: TaskTable, budgets: Mapping[int, tuple[Standing, ...]], trackers: tuple[Tickets, ...]) -> None:
        """Other figures."""
        self._table, self._budgets, self._trackers = table, budgets, trackers
        self._draw()

    def show_as(self, *, sort: str | None = None, wanted: str | None = None, table: bool | None = None) -> None:
        """Another order, other words to find, or the table."""
        self._sort = self._sort if sort is None else sort
        self._wanted = self._wanted if wanted is None else wanted
        self._as_table = self._as_table if table is None else table
        self._draw()

    def rows(self) -> list[TaskStanding]:
        """What the filter leaves, in order."""
        return ordered(self._table.rows, self._sort, self._wanted) if self._table else []

    def task_lines(self) -> list[TaskLine]:
        """The rows that are drawn."""
        every = (lines.itemAt(place) for lines in self._lines for place in range(lines.count()))
        return [widget for item in every if item and isinstance(widget := item.widget(), TaskLine)]

    @Slot()
    def _draw(self) -> None:
        table = self._table
        if table is None:
            return
        rows = self.rows()
        self.table_card.setVisible(self._as_table)
        self._clock.stop()
        if self._as_table:
            for card in (self.card, self.finished, self.archived):
                card.hide()
            self.table.set_table(as_table(rows, table))
            self._drawn = None
            self._waiting = []
            self._later.stop()
            return
        self.card.show()
        away = [row for row in rows if row.task and row.task.archived]
        done = [row for row in rows if row.task and row.task.done and not row.task.archived]
        tasks = any(row.task for row in table.rows)
        open_ = [row for row in rows if not (row.task and (row.task.done or row.task.archived))]
        self.empty.setVisible(not tasks and not self._wanted)
        self.nothing.setVisible(bool(self._wanted) and not rows)
        self.clear.setVisible(bool(self._wanted) and not rows)
        self.finished.setVisible(bool(done))
        self.archived.setVisible(bool(away))
        unfolded = self._unfolded or bool(self._wanted)
        shown = numbers.digits(len(away))
        self.fold.setText(trn("Hide {n} task", "Hide {n} tasks", len(away), shown=shown) if unfolded else trn("Show {n} task", "Show {n} tasks", len(away), shown=shown))
        self.fold.updateGeometry()
        key = (open_, done, away if unfolded else (), table.starts, self._budgets, self._trackers, numbers.hidden())
        if key == self._drawn:
            return  # nothing is drawn again, and the keyboard stays where it is
        self._drawn = key
        focus = QApplication.focusWidget()
        name = focus.accessibleName() if focus is not None and self.isAncestorOf(focus) else ""
        self._names, self._top = stretch_names(table), max((sum(bar.values()) for row in rows if row.task for bar in row.bars), default=0)
        self._place((open_, done, away if unfolded else []))
        self._make_some()
        if any(row.running_since for row in rows):
            self._clock.start()
        again = next((one for one in self.findChildren(QAbstractButton) if name and one.accessibleName() == name and one.isEnabled()), None)
        if again is not None:
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self, cards: Sequence[Sequence[TaskStanding]]) -> None:
        """Rows that say the same as before go to their places; the others are to be made."""
        kept, self._kept, self._waiting = self._kept, {}, []
        for lines in self._lines:
            while lines.count():
                lines.takeAt(0)
        for lines, some in zip(self._lines, cards, strict=True):
            for place, row in enumerate(some):
                id_ = row.task.id if row.task else 0
                old = kept.get(id_)
                if old is None or old[0] != self._made_of(row):
                    self._waiting.append((lines, place, row))
                    continue
                self._kept[id_] = kept.pop(id_)
                old[1].bars.set(row.bars, self._names, self._top, row.task.name if row.task else tr("No task"))
                lines.addWidget(old[1])
        for _, line in kept.values():
            line.hide()
            line.deleteLater()

    @Slot()
    def _make_some(self) -> None:
        """Make rows for as long as nobody notices, the rest a moment later: the window stays alive with any number of tasks."""
        end = time.perf_counter() + AT_ONCE
        for column in self._lines:
            column.setEnabled(False)  # else every row that is shown lays out the whole page
        while self._waiting and time.perf_counter() < end:
            lines, place, row = self._waiting.pop(0)
            line = self._line(row)
            self._kept[row.task.id if row.task else 0] = (self._made_of(row), line)
            lines.insertWidget(place, line)
            line.show()
        for column in self._lines:
            column.setEnabled(True)
            column.invalidate()
        if self._waiting:
            self._later.start()
            return
        self._later.stop()
        for lines in self._lines:
            for place in range(lines.count()):
                item = lines.itemAt(place)
                if item is not None and isinstance(shown := item.widget(), TaskLine):
                    shown.rule.setVisible(place < lines.count() - 1)

    def _address(self, task: Task | None) -> str:
        return (task.link or link(task.ticket, self._trackers)) if task else ""

    def _made_of(self, row: TaskStanding) -> object:
        return (row, self._budgets.get(row.task.id, ()) if row.task else (), self._address(row.task), numbers.hidden())

    def _line(self, row: TaskStanding) -> TaskLine:
        task = row.task
        budgets = self._budgets.get(task.id, ()) if task else ()
        line = TaskLine(row, self._names, self._top, budgets, self._address(task), self._desk.now())
        for mine, theirs in (
            (line.opened, self.opened), (line.timer, self.timer), (line.edited, self.edited), (line.done, self.done), (line.more, self.more),
            (line.linked, self.linked), (line.budgets, self.budgets),
        ):  # fmt: skip
            mine.connect(theirs)
        return line

    @Slot()
    def _tick(self) -> None:
        if not self.isVisible():
            return
        now = self._desk.now()
        for line in self.task_lines():
            if line.row.running_since is not None:
                line.tick(now)

    @Slot()
    def _unfold(self) -> None:
        self._unfolded = not self._unfolded
        self._draw()
        self.fold.setFocus(Qt.FocusReason.OtherFocusReason)
