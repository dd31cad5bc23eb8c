"""Tasks that branches and folders suggest: what each would take, one key to accept, one to dismiss. Never applied by itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.insight.suggestions import Suggestion
from tokenpal.model.journal import RuleKind
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint
from tokenpal.ui.reflow import Flow
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.tasks import words
from tokenpal.ui.tasks.actline import ActLine
from tokenpal.ui.tasks.resting import Resting, RestingRow
from tokenpal.ui.theme import RADIUS_FIELD, color, px, theme
from tokenpal.ui.widgets.buttons import Button, IconButton, Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text, as_tip

SHOWN = 4
WIDE = 520  # width from which the figures stand in a column of their own


def says(one: Suggestion, task: str) -> str:
    """Why it is suggested."""
    if one.kind is RuleKind.TICKET:
        branch = one.seen[0] if one.seen else ""
        more = len(one.seen) - 1
        if one.task is not None:
            return tr("{task} has this ticket; {branch} has no rule yet", task=task, branch=branch)
        if more > 0:
            return trn("named by {branch} and {n} more branch", "named by {branch} and {n} more branches", more, branch=branch)
        return tr("named by {branch}", branch=branch)
    if one.task is not None:
        return tr("{folder} has no rule to {task} yet", folder=one.pattern, task=task)
    return tr("much use in {folder} has no task", folder=one.pattern)


class SuggestionLine(RestingRow, ActLine):
    """``taken(Suggestion)`` and ``dismissed(Suggestion)``: by button, by Return and Delete."""

    taken = Signal(object)
    dismissed = Signal(object)

    def __init__(self, one: Suggestion, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.one = one
        self.resting = Resting(self)
        self.setObjectName(f"suggestion-{one.key}")
        row = QHBoxLayout(self.resting.inside)
        row.setContentsMargins(px(10), px(6), px(8), px(6))
        row.setSpacing(px(10))
        told = QVBoxLayout()
        told.setSpacing(px(1))
        told.addWidget(Text(one.name, "body", weight=500, elide=True))
        self._why = says(one, task)
        self._under = Text(self._why, "small", "text-2", elide=True)
        told.addWidget(self._under)
        row.addLayout(told, 1)
        self._would = ""
        self._figures = Text("", "small", "text-2", right=True)
        row.addWidget(self._figures)
        said = tr("Add a rule") if one.task is not None else tr("Add task")
        take = Button(said)
        take.setAccessibleName(tr("Add {name}", name=one.name))
        take.setProperty("ticket", one.ticket)
        take.setToolTip(as_tip(with_key(tr("Adds the task with its rule in one step"), "Return")))
        take.clicked.connect(self._take)
        self._hint = KeyHint("↵")
        row.addWidget(self._hint)
        row.addWidget(take)
        leave = IconButton("close", tr("Dismiss {name}", name=one.name), size=26)
        leave.setToolTip(as_tip(with_key(tr("Dismiss {name}", name=one.name), "Del")))
        leave.clicked.connect(self._dismiss)
        row.addWidget(leave)
        self.tell(one)

    def tell(self, one: Suggestion) -> None:
        """The same suggestion with other figures."""
        self.one = one
        self._would = would = tr("{sessions}, {tokens}", sessions=words.sessions(one.sessions), tokens=numbers.short(one.tokens))
        self._figures.setText(would)
        self._figures.setToolTip(tr("Use without a task that it would take: {tokens} tokens", tokens=numbers.exact(one.tokens)))
        self.setAccessibleName(tr("Suggestion: {name}, {figures}", name=one.name, figures=would))
        self._say_under()

    def fits(self, one: Suggestion, task: str) -> bool:
        """Whether nothing but its figures would change."""
        return (one.key, one.name, one.kind, one.ticket, one.task) == (self.one.key, self.one.name, self.one.kind, self.one.ticket, self.one.task) and says(one, task) == self._why

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= px(WIDE)
        self._figures.setVisible(wide)
        self._hint.setVisible(wide)
        self._say_under()

    def _say_under(self) -> None:
        wide = self.width() >= px(WIDE)
        said = self._why if wide else numbers.join((self._would, self._why))
        if said != self._under.text():
            self._under.setText(said)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), super().minimumSizeHint().height())  # figures and key hint go when there is no room

    def act(self) -> None:
        """Take it."""
        self._take()

    @Slot()
    def _take(self) -> None:
        self.taken.emit(self.one)

    @Slot()
    def _dismiss(self) -> None:
        self.dismissed.emit(self.one)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif event.key() == Qt.Key.Key_Delete:
            self._dismiss()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("accent-soft"), color("accent") if self.hasFocus() else None)
        p.end()


class SuggestionsCard(Card):
    """The most used first, the rest one click away. ``trackers()`` asks for the dialog of ticket patterns."""

    taken = Signal(object)
    dismissed = Signal(object)
    trackers = Signal()
    brought_back = Signal()
    placed = Signal()  # rows came or went

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Suggestions"), tr("from your branches and folders of all time; nothing is applied by itself"), parent=parent)
        self._found: tuple[Suggestion, ...] = ()
        self._names: dict[int, str] = {}
        self._all = self._hidden = False
        theme().changed.connect(self._look_changed)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(px(6))
        self.body.addLayout(self._rows)
        self._none = Text(tr("Nothing to suggest: no branch names a new ticket, and no folder has much use without a task."), "small", "text-2", wrap=True)
        self.body.addWidget(self._none)
        foot = Flow(gap=16)
        self.more = Link("")
        self.more.clicked.connect(self._more)
        self.back = Link(tr("Bring back dismissed ones"))
        self.back.clicked.connect(self.brought_back)
        self.setup = Link(tr("Tickets and trackers"))
        self.setup.setObjectName("trackers")
        self.setup.setToolTip(tr("Which tickets are looked for in branch names, and where they open"))
        self.setup.clicked.connect(self.trackers)
        for link in (self.more, self.back, self.setup):
            foot.addWidget(link)
        self.body.addLayout(foot)
        self.more.hide()
        self.back.hide()

    def set_found(self, found: tuple[Suggestion, ...], names: dict[int, str], dismissed: int) -> None:
        """What is suggested now; ``names`` of the tasks there are."""
        self.back.setVisible(dismissed > 0)
        if (found, names) != (self._found, self._names):
            self._found, self._names = found, names
            self._fill()

    @Slot()
    def _look_changed(self) -> None:
        if self._hidden != numbers.hidden():
            self._fill()

    def lines(self) -> Sequence[SuggestionLine]:
        """The rows that are shown."""
        every = (self._rows.itemAt(place) for place in range(self._rows.count()))
        return [widget for item in every if item and isinstance(widget := item.widget(), SuggestionLine)]

    def resting(self) -> list[Resting]:
        """What of the rows rests (``tasks.nearby``)."""
        return [line.resting for line in self.lines()]

    def _fill(self) -> None:
        other_look, self._hidden = self._hidden != numbers.hidden(), numbers.hidden()
        focus = QApplication.focusWidget()
        focused = next((place for place, line in enumerate(self.lines()) if focus is not None and (line is focus or line.isAncestorOf(focus))), -1)
        there = {line.one.key: line for line in self.lines()}
        for place, one in enumerate(self._found if self._all else self._found[:SHOWN]):
            line, task = there.get(one.key), self._names.get(one.task or 0, "")
            if line is not None and line.fits(one, task):
                del there[one.key]
                if self._rows.indexOf(line) != place:
                    self._rows.removeWidget(line)
                    self._rows.insertWidget(place, line)
                if other_look or line.one != one:
                    line.tell(one)
                continue
            line = SuggestionLine(one, task)
            line.taken.connect(self.taken)
            line.dismissed.connect(self.dismissed)
            self._rows.insertWidget(place, line)
        for line in there.values():
            self._rows.removeWidget(line)
            line.hide()
            line.deleteLater()
        rest = len(self._found) - SHOWN
        self.more.setText(tr("Show fewer") if self._all else trn("and {n} more", "and {n} more", max(0, rest), shown=numbers.digits(max(0, rest))))
        self.more.setVisible(rest > 0)
        self._none.setVisible(not self._found)
        self.placed.emit()
        lines = self.lines()
        if focus is not None and focused >= 0 and lines and not any(line is focus or line.isAncestorOf(focus) for line in lines):
            lines[min(focused, len(lines) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _more(self) -> None:
        self._all = not self._all
        self._fill()
