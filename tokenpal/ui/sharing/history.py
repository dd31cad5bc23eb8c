"""Everything that ever left this machine: newest first, to be searched, shown, verified and exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import LogLine, SharingView
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, times
from tokenpal.ui.reflow import Flow, Head
from tokenpal.ui.sharing.parts import empty, point
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.choices import CheckBox
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Rule, Text

TITLE = mark("Everything that ever left this machine")
NARROW = 720  # px at text size 100 %: below it an entry takes two lines
SOME = 200  # entries that a page is given
FIRST, MORE = 8, 40  # rows at first, and with each "Show more"
BROKEN = mark("The list was changed or damaged outside of tokenpal: its chain does not hold. Verify names the first entry that differs.")


class HistoryCard(Card):
    """``show_asked(n)``, ``verify_asked``, ``export_asked``, ``whole_asked``."""

    show_asked = Signal(int)
    verify_asked = Signal()
    export_asked = Signal()
    whole_asked = Signal()

    def __init__(self, moment: Callable[[int], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(tr(TITLE))
        self._moment = moment
        self._narrow = False
        self._log: tuple[LogLine, ...] | None = None
        self._newest: tuple[LogLine, ...] | None = None
        self._room = FIRST
        head = Head()  # the controls go below the title where there is no room beside it
        self._note = Text("", "small", "text-2", elide=True)
        self.search = SearchField(tr("Search this list"), "")
        self.search.setFixedWidth(px(190))
        self.search.textChanged.connect(self._searched)
        self.verify = Link(tr("Verify byte for byte"))
        self.verify.clicked.connect(self.verify_asked)
        self.export = Link(tr("Export…"))
        self.export.setAccessibleName(tr("Export the list"))
        self.export.clicked.connect(self.export_asked)
        for part in (Text(tr(TITLE), "head"), self._note, self.search, self.verify, self.export):
            head.addWidget(part)
        self.body.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(20))
        self._grid.setVerticalSpacing(px(5))
        for column, stretch in enumerate((0, 5, 0, 0, 6, 0)):
            self._grid.setColumnStretch(column, stretch)
        self._alarm = Text(tr(BROKEN), "body", "problem", wrap=True)
        self.body.addWidget(self._alarm)
        self.body.addLayout(self._grid)
        foot = QHBoxLayout()
        self._foot = Text("", "small", "text-3", wrap=True)
        foot.addWidget(self._foot, 1)
        self.notes = CheckBox(tr("Also what stayed here: consent, coins, refusals"))
        self.notes.toggled.connect(self._searched)
        foot.insertWidget(0, self.notes)
        self.more = Link(tr("Show more"))
        self.more.clicked.connect(self._more)
        foot.addWidget(self.more)
        self.body.addLayout(foot)

    def set(self, view: SharingView) -> None:
        """Show the log of a view."""
        self._alarm.setVisible(not view.log_ok)
        for part in (self.search, self.verify, self.export):
            part.setVisible(bool(view.log))
        self.notes.setVisible(any(not one.left for one in view.log))
        if view.log == self._newest:
            return
        self._log = self._newest = view.log
        left = sum(one.left for one in view.log)
        many = tr("the newest {left} requests", left=left) if len(view.log) >= SOME else numbers.count(left, "request")
        note = tr("{many}, {bytes} in all", many=many, bytes=numbers.count(view.log_size, 'byte')) if left else tr("nothing")
        self._note.setText(note)
        self._fill()

    def set_whole(self, log: Sequence[LogLine]) -> None:
        """Everything there is, asked for by ``whole_asked``."""
        self._log = tuple(log)
        self._fill()

    def _ask_whole(self) -> None:
        """A page is given the newest entries only; who looks for an old one gets all of them."""
        if self._log is self._newest and self._log is not None and len(self._log) >= SOME:
            self.whole_asked.emit()

    @Slot()
    def _searched(self) -> None:
        self._room = FIRST
        self._ask_whole()
        self._fill()

    @Slot()
    def _more(self) -> None:
        self._room += MORE
        if self._room >= len(self.found()):
            self._ask_whole()
        self._fill()

    def found(self) -> list[LogLine]:
        """What the search lets through, newest first."""
        wanted = self.search.text().casefold().split()
        return [one for one in self._log or () if (one.left or self.notes.isChecked()) and all(word in self._haystack(one) for word in wanted)]

    def _haystack(self, one: LogLine) -> str:
        return f"{self._when(one)} {one.what} {one.fingerprint} {one.outcome}".casefold()

    def _when(self, one: LogLine) -> str:
        at = self._moment(one.at)
        return f"{times.day(at.date())}, {times.clock(at)}"

    def _fill(self) -> None:
        empty(self._grid)
        found = self.found()
        for place, one in enumerate(found[: self._room]):
            line = 2 * place
            if place:
                self._grid.addWidget(Rule(), line - 1, 0, 1, 6)
            self._row(line, one)
        if not found and self._log:
            self._grid.addWidget(Text(tr("No entry has these words."), "body", "text-2"), 0, 0, 1, 6)
        elif not found:
            self._grid.addLayout(point("check", tr("Nothing has left this machine for a team. Each request would stand here, written down before it goes.")), 0, 0, 1, 6)
        left = len(found) - self._room
        self.more.setVisible(left > 0)
        self.more.setText(tr("Show {left} more", left=min(left, MORE)))
        self._foot.setText(tr("Calls to your own providers are not part of sharing; they are under Accounts."))

    def _row(self, line: int, one: LogLine) -> None:
        when = Text(self._when(one), "small", "text-2")
        what = Text(one.what, "body", weight=500, elide=True)
        size = Text(tr("stayed here") if not one.left else numbers.count(one.size, "byte") if one.size else tr("no body"), "small", "text-2")
        mark = Text(one.fingerprint, "mono", "text-2")
        outcome = Text(one.outcome, "small", "text-2", elide=not self._narrow)
        show = Link(tr("Show"))
        show.setAccessibleName(tr("Show {what}, {when}", what=one.what, when=self._when(one)))
        show.setProperty("n", one.n)
        show.clicked.connect(self._show)
        if not self._narrow:
            for column, part in enumerate((when, what, size, mark, outcome, show)):
                self._grid.addWidget(part, line, column, Qt.AlignmentFlag.AlignVCenter)
            return
        both = QVBoxLayout()
        both.setSpacing(px(1))
        both.addWidget(what)
        below = Flow(gap=14)
        for part in (when, size, mark, outcome):
            below.addWidget(part)
        both.addLayout(below)
        self._grid.addLayout(both, line, 0, 1, 5)
        self._grid.addWidget(show, line, 5, Qt.AlignmentFlag.AlignVCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (narrow := self.width() < px(NARROW)) != self._narrow:
            self._narrow = narrow
            self._fill()

    @Slot()
    def _show(self) -> None:
        link = self.sender()
        if link is not None:
            self.show_asked.emit(link.property("n"))
