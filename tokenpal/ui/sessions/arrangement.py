"""Where the panes of the journal stand: side by side, taking turns where it is narrow, one alone in a run."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui.page import Page
from tokenpal.ui.sessions.detail import DetailPane
from tokenpal.ui.sessions.filters import Filters
from tokenpal.ui.sessions.listing import SessionList
from tokenpal.ui.sessions.oneatatime import OneAtATime
from tokenpal.ui.sessions.triage import TriageBar
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.controls import SearchField

NARROW = 720
"""Below this width (px at text size 100 %) the list and the session take turns."""
LOW = 620
"""Below this height a narrow page has no room for the list and the triage bar."""


class Arrangement(Page):
    """The panes are made by ``Board``."""

    _grid: QGridLayout
    _list: Card
    _right: QStackedWidget
    list: SessionList
    detail: DetailPane
    triage: TriageBar
    filters: Filters
    search: SearchField
    more: IconButton
    back: Link
    forth: Link
    run: OneAtATime
    _narrow = False
    _opened = False
    _bare = False  # no session at all: nothing to filter, to look at or to label

    def row(self) -> SessionRow | None:
        """The session in question."""
        raise NotImplementedError

    def controls_below(self) -> QWidget:
        return self.triage

    def end_run(self) -> None:
        """Leave the run."""
        raise NotImplementedError

    def _place(self) -> None:
        """List left of the session; taking turns where it is narrow; the session alone in a run."""
        grid, running = self._grid, self.run_on
        bare = self._bare and not running
        for widget in (self._list, self._right, self.triage):
            grid.removeWidget(widget)  # takeAt would leave its item alive, and the next one would keep the heights of now for ever
        alone = running or self._narrow or bare
        if alone:
            grid.addWidget(self._list, 0, 1)
            grid.addWidget(self._right, 0, 1)
            grid.addWidget(self.triage, 1, 1)
        else:
            grid.addWidget(self._list, 0, 0, 2, 1)
            grid.addWidget(self._right, 0, 1)
            grid.addWidget(self.triage, 1, 1)
        wide = running and not self._narrow
        for column, stretch in enumerate((1, 5, 1) if wide else (0, 1, 0) if alone else (4, 6, 0)):
            grid.setColumnStretch(column, stretch)
        grid.setColumnMinimumWidth(0, px(40) if wide else 0)
        grid.setColumnMinimumWidth(2, px(40) if wide else 0)
        grid.setRowStretch(0, 1)
        shows_list = not running and not (self._narrow and self._opened)
        self._list.setVisible(shows_list)
        self._right.setVisible(not bare and (not self._narrow or running or self._opened))
        for control in (self.search, self.filters.label, self.filters.period, self.filters.button, self.more):
            control.setVisible(shows_list and not bare)
        self.filters.chips.setVisible(shows_list and bool(self.filters.chips.words()))
        self.back.setVisible(running or (self._narrow and self._opened))
        self.forth.setVisible(self._narrow and shows_list and not bare)
        self._show_bar()
        self.heading.setText(tr("Label sessions") if running else tr(self.title))

    @property
    def run_on(self) -> bool:
        """Whether sessions are shown one after the other."""
        return hasattr(self, "run") and self.run.on

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._place()
        else:
            self._show_bar()

    def _show_bar(self) -> None:
        """The triage bar leaves a narrow list where there is no height for both; its keys work all the same."""
        in_the_way = self._narrow and not self._opened and not self.run_on and self.height() < px(LOW)
        self.triage.setVisible(not in_the_way and not self._bare and not (self.run_on and self.run.done))

    @Slot()
    def open_session(self) -> None:
        """Where it is narrow: the session in place of the list."""
        if self._narrow and not self._opened and self.row() is not None:
            self._opened = True
            self._place()
            self.detail.setFocus()

    @Slot()
    def close_session(self) -> None:
        """Back to the list."""
        if self.run_on:
            self.end_run()
        elif self._opened:
            self._opened = False
            self._place()
        self.list.setFocus()
