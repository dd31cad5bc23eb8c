"""The tasks as rows in three cards (open, done, archived), or as one table: filtered and sorted in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokenpal.engine.sorting import TaskStanding, TaskTable
from tokenpal.insight.tickets import Tickets, link
from tokenpal.model.budget import Standing
from tokenpal.model.journal import Task
from tokenpal.translation import tr, trc, trn
from tokenpal.ui import numbers, still
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import together
from tokenpal.ui.tasks.resting import Resting
from tokenpal.ui.tasks.rows import TaskLine
from tokenpal.ui.tasks.table import KEYS, as_table, ordered, stretch_names, widths
from tokenpal.ui.theme import px, theme
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState
from tokenpal.ui.widgets.legend import LabelLegend
from tokenpal.ui.widgets.table import TableView
from tokenpal.ui.widgets.text import Text

MOST = 100  # tasks that stand in a card until more are asked for; the filter and the table know all
FIRST = 12  # rows of the table that are seen before it is scrolled
NONE: Final[tuple[object, None]] = (None, None)
KEPT = 2 * MOST  # lines that are kept, shown or not


def _id(row: TaskStanding) -> int:
    return row.task.id if row.task else 0


def _in(lines: QVBoxLayout) -> list[TaskLine]:
    every = (lines.itemAt(place) for place in range(lines.count()))
    return [widget for item in every if item and isinstance(widget := item.widget(), TaskLine)]


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
    placed = Signal()  # rows came, went or changed places

    def __init__(self, desk: Desk, over: QWidget, parent: QWidget | None = None) -> None:
        """``over``: whose picture is held while rows change, what they scroll in."""
        super().__init__(parent)
        self._desk = desk
        self._table: TaskTable | None = None
        self._stretches: object = None
        self._names: tuple[str, ...] = ()  # of the stretches
        self._budgets: Mapping[int, tuple[Standing, ...]] = {}
        self._trackers: tuple[Tickets, ...] = ()
        self._sort, self._wanted, self._unfolded, self._as_table = "use", "", False, False
        self._drawn: object = None
        self._kept: dict[int, tuple[object, TaskLine]] = {}  # by task, 0 = none: what its line says, and the line
        self._most = [MOST] * 3
        self._turns = Turns(self)
        self._over = over
        self._held: still.Still | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(14))
        self.card = Card(trc("tasks", "Open"))
        self.to_rules = self.card.set_link(tr("Go to the rules"))
        self.empty = EmptyState(tr("No tasks yet."), tr("A task is something you work on. Give sessions to it by key, timer or rule."))
        self.card.body.addWidget(self.empty)
        self.legend = LabelLegend()
        self.card.body.addWidget(self.legend)
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
        self.rest: list[Link] = []  # what leads to the tasks that do not stand in a card yet
        for card in (self.card, self.finished, self.archived):
            lines = QVBoxLayout()
            lines.setSpacing(px(8))
            card.body.addLayout(lines)
            self._lines.append(lines)
            more = Link("")
            more.clicked.connect(self._show_more)
            more.hide()
            card.body.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
            self.rest.append(more)
            column.addWidget(card)
        self.table = TableView()
        self.table.setMinimumHeight(px(320))
        self.table_card = Card(tr("Tasks"))
        self.table_card.body.addWidget(self.table)
        column.addWidget(self.table_card)
        for widget in (self.table_card, self.legend, self.nothing, self.clear, self.finished, self.archived):
            widget.hide()
        theme().changed.connect(self._look_changed)
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
        return [line for lines in self._lines for line in _in(lines)]

    @property
    def busy(self) -> bool:
        """Whether lines are still to be made, or to say something else."""
        return self._turns.busy

    @Slot()
    def _look_changed(self) -> None:
        self._draw()  # figures may have been hidden

    @Slot()
    def _draw(self) -> None:
        table = self._table
        if table is None:
            return
        rows = self.rows()
        self._clock.stop()
        if self._as_table:
            columns = (rows, table.starts, numbers.hidden(), px(100))
            if columns != self._drawn:
                self._drawn = columns
                self._begin(self._tabled(rows, table))
            return
        self.table_card.hide()
        self.card.show()
        away = [row for row in rows if row.task and row.task.archived]
        done = [row for row in rows if row.task and row.task.done and not row.task.archived]
        tasks = any(row.task for row in table.rows)
        open_ = [row for row in rows if not (row.task and (row.task.done or row.task.archived))]
        self.empty.setVisible(not tasks and not self._wanted)
        mix = [sum(row.mix.get(key, 0) for row in open_) for key in KEYS]
        self.legend.set(mix)
        self.legend.setVisible(any(mix))
        self.nothing.setVisible(bool(self._wanted) and not rows)
        self.clear.setVisible(bool(self._wanted) and not rows)
        self.finished.setVisible(bool(done))
        self.archived.setVisible(bool(away))
        unfolded = self._unfolded or bool(self._wanted)
        shown = numbers.digits(len(away))
        self.fold.setText(trn("Hide {n} task", "Hide {n} tasks", len(away), shown=shown) if unfolded else trn("Show {n} task", "Show {n} tasks", len(away), shown=shown))
        self.fold.updateGeometry()
        if any(row.running_since for row in rows):
            self._clock.start()
        cards = (open_, done, away if unfolded else [])
        key = (cards, tuple(self._most), table.starts, self._budgets, self._trackers, numbers.hidden())
        if key == self._drawn:
            return  # nothing is drawn again
        self._drawn = key
        stretches = (table.starts, table.days, table.until)
        if stretches != self._stretches:
            self._stretches, self._names = stretches, stretch_names(table)
        self._begin(self._fill(cards))

    def _begin(self, work: Iterator[None]) -> None:
        held = still.of(self._over)
        if held is not None and self._held is None and self.isVisible():
            held.hold(self._over, work=self._turns)
            self._held = held
        self._turns.begin(work, self._show, at_once=True)
        if held is None:
            self._turns.finish()

    def _show(self) -> None:
        held, self._held = self._held, None
        if held is not None and isValid(held):
            held.let_go()

    def _tabled(self, rows: list[TaskStanding], table: TaskTable) -> Iterator[None]:
        """The table instead of the rows, once its columns are measured."""
        shown, wide = as_table(rows, table), []
        for one in widths(rows, table, shown.headers):
            if one is None:
                yield
            else:
                wide.append(one)
        for place in range(min(FIRST, len(shown.rows))):
            _ = shown.rows[place]  # put into words
            yield
        self.table.set_table(shown, wide)
        yield
        for resting in self.resting():
            resting.set_near(False)  # they come back one by one
            yield
        for card in (self.card, self.finished, self.archived):
            card.hide()
            yield
        first = self.table_card.isHidden()
        self.table_card.show()
        if first:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, cards: Sequence[Sequence[TaskStanding]]) -> Iterator[None]:
        """One row after the other, from above: those that the filter took away go, the others come to their places and say what is so now."""
        shown = [list(some[:most]) for some, most in zip(cards, self._most, strict=True)]
        self._say_rest([len(some) - len(part) for some, part in zip(cards, shown, strict=True)])
        wanted = {_id(row) for some in shown for row in some}
        known = {_id(row) for row in self._table.rows} if self._table else set()
        for id_, (_, line) in list(self._kept.items()):
            if id_ in wanted:
                continue
            if not line.isHidden():
                with self._laid_out_once():
                    line.resting.set_near(False)  # all that come back at once would be laid out at once, far away as they may be
                    line.hide()
                yield
            if id_ not in known or len(self._kept) > KEPT:
                del self._kept[id_]
                line.deleteLater()
                yield
        self._order(shown)
        for lines, some in zip(self._lines, shown, strict=True):
            for place, row in enumerate(some):
                said, there = self._kept.get(_id(row), NONE)
                if there is None or there.shape != self._shape(row):
                    self._make(row, lines, place, there)
                elif said != self._says(row) or there.isHidden():
                    if said != self._says(row):
                        self._tell(row, there)
                    self._insert(lines, place, there)
                else:
                    continue
                yield
        for lines in self._lines:
            for line in (every := _in(lines)):
                line.set_last(line is every[-1])
        self.placed.emit()

    def _laid_out_once(self) -> AbstractContextManager[None]:
        return together(self.card, self.finished, self.archived, now=False)

    def _order(self, shown: Sequence[Sequence[TaskStanding]]) -> None:
        """Lines that are seen stand in order."""
        for lines, some in zip(self._lines, shown, strict=True):
            there = [line for row in some for _, line in [self._kept.get(_id(row), NONE)] if line is not None and not line.isHidden()]
            if there != _in(lines):
                with self._laid_out_once():
                    while lines.count():
                        lines.takeAt(0)
                    for line in there:
                        lines.addWidget(line)

    def _insert(self, lines: QVBoxLayout, place: int, line: TaskLine) -> None:
        if line.isHidden() or line.parentWidget() is None:
            with self._laid_out_once():
                lines.insertWidget(place, line)
                line.show()

    def _make(self, row: TaskStanding, lines: QVBoxLayout, place: int, old: TaskLine | None) -> None:
        """A line of its own for a task, instead of one that was made for other words of it."""
        line = TaskLine(row, budgets=len(self._budgets_of(row)), link=self._address(row.task))
        for mine, theirs in (
            (line.opened, self.opened), (line.timer, self.timer), (line.edited, self.edited), (line.done, self.done), (line.more, self.more),
            (line.linked, self.linked), (line.budgets, self.budgets),
        ):  # fmt: skip
            mine.connect(theirs)
        self._tell(row, line)
        self._insert(lines, place, line)
        if old is None:
            return
        focus = QApplication.focusWidget()
        if focus is not None and old.isAncestorOf(focus):
            again = next((one for one in line.findChildren(QAbstractButton) if one.accessibleName() == focus.accessibleName()), None)
            if again is not None:
                again.setFocus(Qt.FocusReason.OtherFocusReason)
        with self._laid_out_once():
            lines.removeWidget(old)
            old.hide()
        old.deleteLater()

    def _tell(self, row: TaskStanding, line: TaskLine) -> None:
        line.set(row, self._names, self._top(), self._budgets_of(row), self._desk.now())
        self._kept[_id(row)] = (self._says(row), line)

    def _top(self) -> int:
        return self._table.top if self._table is not None else 0  # the scale of all bars

    def _budgets_of(self, row: TaskStanding) -> tuple[Standing, ...]:
        return self._budgets.get(row.task.id, ()) if row.task else ()

    def _address(self, task: Task | None) -> str:
        return (task.link or link(task.ticket, self._trackers)) if task else ""

    def _shape(self, row: TaskStanding) -> object:
        return TaskLine.shape_of(row.task, len(self._budgets_of(row)), self._address(row.task))

    def _says(self, row: TaskStanding) -> object:
        return (row, self._budgets_of(row), self._names, self._top(), numbers.hidden())

    def _say_rest(self, rest: Sequence[int]) -> None:
        for link_, more in zip(self.rest, rest, strict=True):
            link_.setText(trn("and {n} more", "and {n} more", max(0, more), shown=numbers.digits(max(0, more))))
            link_.updateGeometry()
            link_.setVisible(more > 0)

    @Slot()
    def _show_more(self) -> None:
        self._most[self.rest.index(self.sender())] += MOST  # type: ignore[arg-type]  # only they are connected
        self._draw()

    def resting(self) -> list[Resting]:
        """What of the rows rests (``tasks.nearby``)."""
        return [line.resting for line in self.task_lines()]

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
