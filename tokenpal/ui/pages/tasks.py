"""Tasks: use and label mix of each, the timer, and the rules that sort use by themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget

from tokenpal.engine import commands, queries
from tokenpal.insight.tasks import TicketSuggestion
from tokenpal.model.report import Filter
from tokenpal.ui.dialogs.task import TaskDialog, TaskWords
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.tasks.rows import TaskLine
from tokenpal.ui.tasks.rules import RulesCard
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Link, PrimaryButton
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.text import Text

SUGGESTED = 4


class TasksPage(Page):
    """Tasks by falling use; rules below."""

    title = "Tasks"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._rows: list[queries.TaskRow] = []
        add = PrimaryButton("New task")
        add.setObjectName("task-new")
        add.clicked.connect(self._new)
        self.head.addWidget(add)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        self.card = Card("Open", "all time, with the label mix")
        self._empty = EmptyState("No tasks yet.", "A task is something you work on. Give sessions to it by key, timer or rule.")
        self.card.body.addWidget(self._empty)
        self.finished = Card("Done", "kept with all their use")
        self._lines: list[QVBoxLayout] = []
        for card in (self.card, self.finished):
            lines = QVBoxLayout()
            lines.setSpacing(px(8))
            card.body.addLayout(lines)
            self._lines.append(lines)
            column.addWidget(card)
        self.suggestions = Card("From your branches", "tickets that no task has")
        self._offers = QVBoxLayout()
        self.suggestions.body.addLayout(self._offers)
        self.rules = RulesCard(desk)
        self.rules.said.connect(self.toast)
        column.insertWidget(1, self.suggestions)
        column.addWidget(self.rules)
        column.addStretch(1)
        scroll = Scroll()
        scroll.setWidget(body)
        self.column.addWidget(scroll, 1)

    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks"}:
            self.desk.bridge.ask(queries.tasks, then=self._filled)
            self.desk.bridge.ask(queries.rules, then=self.rules.set_rules)
            self.desk.bridge.ask(queries.ticket_suggestions, then=self._suggested)

    def _filled(self, rows: list[queries.TaskRow]) -> None:
        if rows == self._rows:
            return  # nothing is drawn again, and the keyboard stays where it is
        self._rows = rows
        focused = QApplication.focusWidget()
        name = focused.accessibleName() if focused is not None and self.isAncestorOf(focused) else ""
        for lines in self._lines:
            _empty(lines)
        for row in rows:
            line = TaskLine(row)
            line.opened.connect(self._open)
            line.timer.connect(self._timer)
            line.edited.connect(self._edit)
            line.done.connect(self._done)
            self._lines[1 if row.task is not None and row.task.done else 0].addWidget(line)
        self._empty.setVisible(not rows)
        self.finished.setVisible(bool(self._lines[1].count()))
        self.rules.set_tasks([row.task for row in rows if row.task and not row.task.done])
        if name:
            again = next((one for one in self.card.findChildren(QAbstractButton) if one.accessibleName() == name), None)
            if again is not None:
                again.setFocus(Qt.FocusReason.OtherFocusReason)

    def _suggested(self, found: tuple[TicketSuggestion, ...]) -> None:
        _empty(self._offers)
        for one in found[:SUGGESTED]:
            link = Link(f"Add {one.ticket}")
            link.setProperty("ticket", one.ticket)
            link.clicked.connect(self._take_ticket)
            self._offers.addWidget(link)
        if len(found) > SUGGESTED:
            self._offers.addWidget(Text(f"and {len(found) - SUGGESTED} more", "small", "text-3"))
        self.suggestions.setVisible(bool(found))

    @Slot()
    def _take_ticket(self) -> None:
        link = self.sender()
        if link is not None:
            ticket = link.property("ticket")
            self.desk.bridge.ask(commands.add_ticket_task, ticket)
            self.toast.emit(f"{ticket} added, with a rule for its branches.", True)

    @Slot(str)
    def _open(self, name: str) -> None:
        self.go.emit("sessions", Filter(tasks=(name,)))

    @Slot(int, bool)
    def _timer(self, task: int, start: bool) -> None:
        if start:
            self.desk.bridge.ask(commands.start_timer, task)
        else:
            self.desk.bridge.ask(commands.stop_timer)

    @Slot(int, bool)
    def _done(self, task: int, done: bool) -> None:
        self.desk.bridge.ask(commands.finish_task, task, done)
        self.toast.emit("Done." if done else "Open again.", True)

    @Slot()
    def _new(self) -> None:
        dialog = TaskDialog(None, self)
        dialog.written.connect(self._add)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def _add(self, words: TaskWords) -> None:
        self.desk.bridge.ask(commands.add_task, words.name, words.tags, words.ticket, words.link)
        self.toast.emit(f"{words.name} added.", True)

    @Slot(int)
    def _edit(self, task: int) -> None:
        row = next((row for row in self._rows if row.task and row.task.id == task), None)
        if row is not None:
            self._editing = task
            dialog = TaskDialog(row.task, self)
            dialog.written.connect(self._keep)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    @Slot(object)
    def _keep(self, words: TaskWords) -> None:
        self.desk.bridge.ask(commands.edit_task, self._editing, words.name, words.tags, words.ticket, words.link)


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()

