"""One task as a row: name, ticket, use over time, label mix, cost, budget, the timer, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine.sorting import TaskStanding
from tokenpal.insight import budgets as budget_words
from tokenpal.model.budget import Standing
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.palette import LABELS, ColorName
from tokenpal.ui.tasks import words
from tokenpal.ui.tasks.mixbars import MixBars
from tokenpal.ui.tasks.table import cost
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import SwatchLabel
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text, as_tip

LONGEST_CHIP = 24  # letters
BARS_FROM, STRIP_FROM, TIGHT = 780, 560, 440  # width of the row at text size 100 %; in a tight one figures and buttons stand below


class Chips(QWidget):
    """Words on `sunk`, as many as there is room for; the rest as `+2`, all of them on hover."""

    def __init__(self, chips: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(word if len(word) <= LONGEST_CHIP else f"{word[: LONGEST_CHIP - 1]}…" for word in chips)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(", ".join(chips))
        self.setToolTip(as_tip(", ".join(chips)))

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


class LongLink(Link):
    """A link that may be longer than its place: cut with an ellipsis, whole on hover."""

    def __init__(self, text: str, *, tone: ColorName = "accent", parent: QWidget | None = None) -> None:
        super().__init__(text, tone=tone, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(48), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        whole, f = self.text(), font("small", 500)
        shown = paint.elided(whole, f, self.width())
        self.setToolTip(as_tip(whole) if shown != whole else "")
        p = QPainter(self)
        f.setUnderline(self.keyboard_focus)
        p.setFont(f)
        p.setPen(color(self._tone))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        p.end()


class TaskLine(QWidget):
    """Shows a TaskStanding. Signals carry the task's id; use without a task has none of the buttons."""

    opened = Signal(str)  # the task's name, to see its sessions
    timer = Signal(int, bool)  # start or stop
    edited = Signal(int)
    done = Signal(int, bool)
    more = Signal(int, QWidget)  # its menu, at this button
    linked = Signal(str)  # an address to open
    budgets = Signal(int)

    def __init__(
        self, row: TaskStanding, names: tuple[str, ...] = (), top: int = 0, budgets: tuple[Standing, ...] = (), link: str = "",
        now: int = 0, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """``names`` of the stretches of time, ``top`` the largest of any task, ``link`` where its ticket opens."""
        super().__init__(parent)
        self.row = row
        task = row.task
        name = task.name if task else tr("No task")
        self.setObjectName(f"task-{task.id if task else 0}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        line = self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        line.setSpacing(px(14))
        line.addWidget(self._words(name, budgets, link), 5)
        self.bars = MixBars()
        self.bars.set(row.bars, names, top, name)
        line.addWidget(self.bars, 3)
        self.strip = LabelStrip()
        self.strip.set([row.mix.get("" if label == "unlabelled" else label, 0) for label in LABELS])
        self.strip.setMinimumWidth(px(70))
        for widget in (self.bars, self.strip):
            keep = widget.sizePolicy()
            keep.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            widget.setSizePolicy(keep)
        line.addWidget(self.strip, 3)
        tail = QHBoxLayout()
        tail.setSpacing(px(14))
        tail.addLayout(self._figures())
        tail.addLayout(self._buttons(name))
        tail.addStretch(1)  # when it stands below
        line.addLayout(tail)
        column.addLayout(line)
        self.rule = Rule()
        column.addWidget(self.rule)
        self.tick(now)

    def tick(self, now: int) -> None:
        """The running timer a moment later."""
        since = self.row.running_since
        self._running.setVisible(since is not None)
        if since is not None:
            self._running.setText(times.timer(max(0, now - since)))

    def _words(self, name: str, budgets: tuple[Standing, ...], link: str) -> QWidget:
        task = self.row.task
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
        sessions = Link(words.sessions(self.row.sessions), tone="text-2")
        sessions.setAccessibleName(tr("{sessions} of {task}", sessions=words.sessions(self.row.sessions), task=name))
        sessions.setToolTip(tr("Show them"))
        sessions.clicked.connect(self._open)
        sessions.setMinimumWidth(sessions.sizeHint().width())
        under.addWidget(sessions)
        chips = ((task.ticket,) if task and task.ticket and not link else ()) + (task.tags if task else ())
        if chips:
            under.addWidget(Chips(chips))
        under.addStretch(1)
        column.addLayout(under)
        for one in budgets[:2]:
            said = tr("Budget: {words}", words=budget_words.words(one))
            budget = LongLink(said, tone="attention" if one.over else "text-2")
            budget.setAccessibleName(tr("Budget of {task}: {words}", task=name, words=budget_words.words(one)))
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
        total = Text(numbers.short(self.row.tokens), "body", weight=500, right=True)
        total.setToolTip(tr("{tokens} tokens", tokens=numbers.exact(self.row.tokens)))
        short, whole = cost(self.row)
        money = Text(short, "small", "text-2", right=True)
        money.setToolTip(whole)
        for text in (total, money):
            text.setFixedWidth(px(84))
            column.addWidget(text)
        if not short:
            money.hide()
        column.addStretch(1)
        return column

    def _buttons(self, name: str) -> QHBoxLayout:
        task = self.row.task
        row = QHBoxLayout()
        row.setSpacing(px(6))
        running, done = self.row.running_since is not None, bool(task and task.done)
        play = tr("Stop {task}", task=name) if running else tr("Work on {task}", task=name)
        finish = tr("Open again {task}", task=name) if done else tr("Done with {task}", task=name)
        for icon, said, slot in (
            ("stop" if running else "play", play, self._timer), ("edit", tr("Edit {task}", task=name), self._edit),
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
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
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
