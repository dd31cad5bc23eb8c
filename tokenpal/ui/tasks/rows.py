"""One task as a row: name, ticket, use over time, label mix, cost, budget, the timer, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine.sorting import TaskStanding
from tokenpal.insight import budgets as budget_words
from tokenpal.model.budget import Standing
from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui import numbers, times
from tokenpal.ui.palette import LABELS, ColorName
from tokenpal.ui.tasks import words
from tokenpal.ui.tasks.chips import Chips, LongLink
from tokenpal.ui.tasks.mixbars import MixBars
from tokenpal.ui.tasks.resting import Resting, RestingRow
from tokenpal.ui.tasks.table import cost
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import SwatchLabel
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text, as_tip

BARS_FROM, STRIP_FROM, TIGHT = 780, 560, 440  # width of the row at text size 100 %; in a tight one figures and buttons stand below
BUDGETS = 2  # of a task's budgets stand in its row


class TaskLine(RestingRow, QWidget):
    """Shows a TaskStanding. Signals carry the task's id; use without a task has none of the buttons."""

    opened = Signal(str)  # the task's name, to see its sessions
    timer = Signal(int, bool)  # start or stop
    edited = Signal(int)
    done = Signal(int, bool)
    more = Signal(int, QWidget)  # its menu, at this button
    linked = Signal(str)  # an address to open
    budgets = Signal(int)

    def __init__(self, row: TaskStanding, *, budgets: int = 0, link: str = "", parent: QWidget | None = None) -> None:
        """``budgets``: how many it has, ``link``: where its ticket opens. Figures come with ``set``."""
        super().__init__(parent)
        self.row = row
        self._wide = -1  # px its parts are arranged for
        self.shape = self.shape_of(row.task, budgets, link)
        self._name = row.task.name if row.task else tr("No task")
        self.setObjectName(f"task-{row.task.id if row.task else 0}")
        self.resting = Resting(self)
        column = QVBoxLayout(self.resting.inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        line = self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        line.setSpacing(px(14))
        line.addWidget(self._words(budgets, link), 5)
        self.bars = MixBars()
        line.addWidget(self.bars, 3)
        self.strip = LabelStrip()
        self.strip.setMinimumWidth(px(70))
        for widget in (self.bars, self.strip):
            keep = widget.sizePolicy()
            keep.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            widget.setSizePolicy(keep)
        line.addWidget(self.strip, 3)
        tail = QHBoxLayout()
        tail.setSpacing(px(14))
        tail.addLayout(self._figures())
        tail.addLayout(self._buttons())
        tail.addStretch(1)  # when it stands below
        line.addLayout(tail)
        column.addLayout(line)
        self.rule = Rule()
        column.addWidget(self.rule)

    @staticmethod
    def shape_of(task: Task | None, budgets: int, link: str) -> tuple[Task | None, int, str]:
        """What a row is made for; with another one a row is made anew."""
        return (task, min(BUDGETS, budgets), link)

    def set(self, row: TaskStanding, names: tuple[str, ...], top: int, budgets: tuple[Standing, ...], now: int) -> None:
        """Other figures of the same task. ``names`` of the stretches of time, ``top`` the largest of any task."""
        self.row = row
        self.bars.set(row.bars, names, top, self._name)
        self.strip.set([row.mix.get("" if label == "unlabelled" else label, 0) for label in LABELS])
        said = words.sessions(row.sessions)
        self._sessions.setText(said)
        self._sessions.setAccessibleName(tr("{sessions} of {task}", sessions=said, task=self._name))
        self._sessions.setMinimumWidth(self._sessions.sizeHint().width())
        for link, one in zip(self._budget_links, budgets, strict=False):
            said = budget_words.words(one)
            link.setText(tr("Budget: {words}", words=said))
            link.set_tone("attention" if one.over else "text-2")
            link.setAccessibleName(tr("Budget of {task}: {words}", task=self._name, words=said))
            link.updateGeometry()
        self._total.setText(numbers.short(row.tokens))
        self._total.setToolTip(tr("{tokens} tokens", tokens=numbers.exact(row.tokens)))
        short, whole = cost(row)
        self._money.setText(short)
        self._money.setToolTip(whole)
        self._money.setVisible(bool(short))
        running = row.running_since is not None
        self._play.set_icon(*(("stop", tr("Stop {task}", task=self._name)) if running else ("play", tr("Work on {task}", task=self._name))))
        task = row.task
        self._play.setHidden(task is None or ((task.done or task.archived) and not running))
        self.tick(now)

    def tick(self, now: int) -> None:
        """The running timer a moment later."""
        since = self.row.running_since
        self._running.setVisible(since is not None)
        if since is not None:
            self._running.setText(times.timer(max(0, now - since)))

    def set_last(self, last: bool) -> None:
        """No rule stands below the last row."""
        if self.rule.isHidden() != last:
            self.rule.setVisible(not last)

    def _words(self, budgets: int, link: str) -> QWidget:
        task, name = self.row.task, self._name
        holder = QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the strips of all rows begin at one place
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(3))
        tone: ColorName = "text-2" if task and (task.done or task.archived) else "text"
        first = QHBoxLayout()
        first.setSpacing(px(8))
        first.addWidget(SwatchLabel(name, task.color + 1 if task else "none", tone=tone, weight=500))
        self._running = Text("", "small", "accent", 500)
        self._running.setAccessibleName(tr("Timer of {task}", task=name))
        self._running.hide()
        first.addWidget(self._running)
        first.addStretch(1)
        column.addLayout(first)
        under = QHBoxLayout()
        under.setContentsMargins(px(18), 0, 0, 0)
        under.setSpacing(px(8))
        if task and task.ticket and link:
            ticket = Link(task.ticket)
            ticket.setProperty("address", link)
            ticket.setAccessibleName(tr("Open {ticket} in the browser", ticket=task.ticket))
            ticket.setToolTip(as_tip(link))
            ticket.clicked.connect(self._link)
            under.addWidget(ticket)
        elif task and link:
            away = IconButton("external", tr("Open the link of {task}", task=name), size=24)
            away.setProperty("address", link)
            away.clicked.connect(self._link)
            under.addWidget(away)
        self._sessions = Link("", tone="text-2")
        self._sessions.setToolTip(tr("Show them"))
        self._sessions.clicked.connect(self._open)
        under.addWidget(self._sessions)
        chips = ((task.ticket,) if task and task.ticket and not link else ()) + (task.tags if task else ())
        if chips:
            under.addWidget(Chips(chips))
        under.addStretch(1)
        column.addLayout(under)
        self._budget_links = [LongLink("") for _ in range(min(BUDGETS, budgets))]
        for budget in self._budget_links:
            budget.clicked.connect(self._budgets)
            low = QHBoxLayout()
            low.setContentsMargins(px(18), 0, 0, 0)
            low.addWidget(budget, 0, Qt.AlignmentFlag.AlignLeft)
            column.addLayout(low)
        return holder

    def _figures(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(px(2))
        column.addStretch(1)
        self._total = Text("", "body", weight=500, right=True)
        self._money = Text("", "small", "text-2", right=True)
        for text in (self._total, self._money):
            text.setFixedWidth(px(84))
            column.addWidget(text)
        self._money.hide()
        column.addStretch(1)
        return column

    def _buttons(self) -> QHBoxLayout:
        task, name = self.row.task, self._name
        row = QHBoxLayout()
        row.setSpacing(px(6))
        done = bool(task and task.done)
        finish = tr("Open again {task}", task=name) if done else tr("Done with {task}", task=name)
        made = []
        for icon, said, slot in (
            ("play", tr("Work on {task}", task=name), self._timer), ("edit", tr("Edit {task}", task=name), self._edit),
            ("undo" if done else "check", finish, self._done), ("more", tr("More for {task}", task=name), self._more),
        ):  # fmt: skip
            button = IconButton(icon, said, framed=icon != "more")
            button.clicked.connect(slot)
            keep = button.sizePolicy()
            keep.setRetainSizeWhenHidden(True)  # the row of use without a task stays in line
            button.setSizePolicy(keep)
            if task is None or ((done or task.archived) and icon == "play") or (task.archived and icon in {"check", "undo"}):
                button.hide()  # never shown before it has a place: that would be a window of its own
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            made.append(button)
        self._play = made[0]
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wide == self.width():
            return
        self._wide = self.width()
        tight = self.width() < px(TIGHT)
        self._line.setDirection(QBoxLayout.Direction.TopToBottom if tight else QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(px(4 if tight else 14))
        self.bars.setVisible(self.width() >= px(BARS_FROM))
        self.strip.setVisible(self.width() >= px(STRIP_FROM))

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.row.task.name if self.row.task else "unassigned")

    @Slot()
    def _timer(self) -> None:
        if self.row.task:
            self.timer.emit(self.row.task.id, self.row.running_since is None)

    @Slot()
    def _edit(self) -> None:
        if self.row.task:
            self.edited.emit(self.row.task.id)

    @Slot()
    def _done(self) -> None:
        if self.row.task:
            self.done.emit(self.row.task.id, not self.row.task.done)

    @Slot()
    def _more(self) -> None:
        button = self.sender()
        if self.row.task and isinstance(button, QWidget):
            self.more.emit(self.row.task.id, button)

    @Slot()
    def _budgets(self) -> None:
        if self.row.task:
            self.budgets.emit(self.row.task.id)

    @Slot()
    def _link(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.linked.emit(str(sender.property("address")))
