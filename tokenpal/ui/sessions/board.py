"""What the journal shows: filters above, list left, one session or many right; taking turns where it is narrow."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from tokenpal.engine import listing, queries
from tokenpal.model.journal import Split, Task
from tokenpal.model.listing import SessionIndex
from tokenpal.model.report import Filter, SessionDetail, SessionRow
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.page import TIME
from tokenpal.ui.sessions.arrangement import Arrangement
from tokenpal.ui.sessions.bulkpane import BulkPane
from tokenpal.ui.sessions.detail import DetailPane
from tokenpal.ui.sessions.edits import Dialogs, Edits
from tokenpal.ui.sessions.filters import Filters
from tokenpal.ui.sessions.following import Following
from tokenpal.ui.sessions.listing import SessionList
from tokenpal.ui.sessions.oneatatime import OneAtATime
from tokenpal.ui.sessions.triage import TriageBar
from tokenpal.ui.sessions.working import WorkBar
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.card import Card, EmptyState

LONG, PAUSE_MS = 20_000, 1_500
NOTHING = (mark("Nothing yet."), mark("Sessions appear here once an agent has run on this machine or an account has reported use."))


class Board(Arrangement):
    """Panes, where they stand, and what they show. ``pages.sessions`` adds what the person does."""

    title = mark("Sessions")
    dialogs: Dialogs
    def _make(self) -> Iterator[None]:
        desk = self.desk
        self._find = ""  # the session to stay on when the list comes
        self._reading = False
        self._again = False
        self._to_label = 0
        self._offer: queries.Offer | None = None
        self.shown_id = -1  # of the session that the lines of the pane are about
        self._fresh = False  # the session in question is another, or says something else
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._read)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.timeout.connect(self._followed)
        self.filters = Filters(desk, self)
        self.filters.changed.connect(self._read)
        self.search = self.filters.search
        yield
        self.back = Link(tr("Back to the list"))
        self.back.setToolTip(tr("Esc"))
        self.back.clicked.connect(self.close_session)
        self.more = IconButton("more", tr("More"), framed=True)
        self.forth = Link(tr("Show the session"))
        self.forth.setToolTip(tr("Enter, or a double click"))
        self.forth.clicked.connect(self.open_session)
        self.forth.hide()
        for widget in (self.back, self.forth, self.search, self.filters.label, self.filters.period, self.filters.button, self.more):
            self.head.addWidget(widget)
        self.back.hide()
        self.column.addWidget(self.filters.chips)
        self.work = WorkBar()
        self.column.addWidget(self.work)
        self.edits = Edits(desk, self.work, self, self.dialogs)
        self.edits.said.connect(self.toast)
        self.edits.assigned.connect(self._assigned)
        yield
        yield from self._make_panes()
        yield
        self.run = OneAtATime(desk, self)
        self.run.row_came.connect(self._chosen)
        self.run.changed.connect(self._run_changed)
        self.run.said.connect(self.toast)

    def _make_panes(self) -> Iterator[None]:
        desk = self.desk
        self._list = self._list_card()
        yield
        self.detail = DetailPane(desk)
        yield from self.detail.make()
        yield
        self.bulk = BulkPane()
        self._right = QStackedWidget()
        for pane in (self.detail, self.bulk, self._end_card()):
            self._right.addWidget(pane)
        yield
        self.triage = TriageBar()
        yield
        self._grid = QGridLayout()
        self._grid.setSpacing(px(CARD_GAP))
        self.column.addLayout(self._grid, 1)
        self.following = Following(desk.bridge, self._right, self.triage)
        self._place()

    def _list_card(self) -> Card:
        card = Card(pad=(6, 6))
        card.setMinimumWidth(px(220))
        self.list = SessionList(self.desk)
        self.list.setObjectName("session-list")
        self.main = self.list
        self.list.chosen.connect(self._chosen)
        self.list.chosen_many.connect(self._chosen_many)
        self.list.sought.connect(self._seek)
        self.list.doubleClicked.connect(self.open_session)
        self.list.sessions.wanted.connect(self._read_page)
        self._empty = EmptyState(tr(NOTHING[0]), tr(NOTHING[1]))
        self._clear_link = Link(tr("Clear the filters"))
        self._clear_link.clicked.connect(self.filters.clear)
        self._empty.foot.addWidget(self._clear_link)
        self._either = QStackedWidget()
        self._either.addWidget(self.list)
        self._either.addWidget(self._empty)
        card.body.addWidget(self._either)
        return card

    def _end_card(self) -> Card:
        card = Card()
        self._end = EmptyState("")
        self._later_link = Link("")
        back = Link(tr("Back to the list"))
        back.clicked.connect(self.end_run)
        self._end.foot.addWidget(self._later_link)
        self._end.foot.addWidget(back)
        card.body.addWidget(self._end)
        return card

    # ---- reading ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks", "accounts", "settings"}:
            words_only = not what & {"usage", "accounts", "settings"} and not self.filters.narrowed
            self.list.renew() if words_only and self.list.sessions.loaded() else self._read()
            self.desk.bridge.ask(queries.today, self.desk.zone().key, then=self._counted)
            if self.run_on:
                self.run.read()
            if what & {"labels", "tasks"}:
                self._ask_detail()
        elif what & TIME:
            self.list.viewport().update()  # what runs, and since when
            self.detail.say_age()
        if what & {"tasks"}:
            self.desk.bridge.ask(queries.recent_tasks, 200, then=self._know_tasks)

    def show_item(self, item: object) -> None:
        """A Filter, a (Filter, first, until), or a session's key."""
        if self.run_on:
            self.end_run()
        if isinstance(item, str):
            self._find = item
            self.filters.set(Filter())
        elif isinstance(item, Filter):
            self.filters.set(item)
        elif isinstance(item, tuple):
            self.filters.set(*item)
        self._read()

    @Slot()
    def _read(self) -> None:
        """The list anew; what changes while it is read is read once more."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        it, zone = self.filters, self.desk.zone().key
        self.desk.bridge.ask(listing.session_index, it.filter, it.first, it.until, zone, self._find, then=self._filled, otherwise=self._unread)

    def _unread(self, error: Exception) -> None:
        self._reading = False
        self.desk.bridge.failed.emit(tr("Sessions could not be read"), str(error), "")

    def _filled(self, columns: SessionIndex) -> None:
        self._reading = False
        if columns.found >= 0:
            self._find = ""
        others = columns.ids != self.list.sessions.columns.ids
        self.list.show_columns(columns)
        if columns.found >= 0:
            self.list.choose_place(columns.found)
        if self._again:  # a long list is not read without a pause while a scan goes on
            self._again = False
            self._soon.start(PAUSE_MS if len(columns) > LONG else 0)
        narrowed = self.filters.narrowed
        bare = not len(columns) and not narrowed
        if bare != self._bare:
            self._bare = bare
            self._place()
        self._either.setCurrentIndex(0 if len(columns) else 1)
        if self.hasFocus() and not self.run_on and self.list.isVisible():
            self.list.setFocus()
        self._clear_link.setVisible(narrowed)
        self.detail.say_empty(bool(len(columns)))
        if not len(columns):
            self._empty.set(*((tr("No session matches these filters."),) if narrowed else (tr(NOTHING[0]), tr(NOTHING[1]))))
        self._tell_count()
        self._follow.stop()
        self._followed(*((self.list,) if others else ()))
        self.following.wait()  # for what the rows say

    @Slot()
    def _run_changed(self) -> None:
        """A run began, moved or ended."""
        self._place()
        self._tell_count()
        waiting = len(self.run.later)
        if self.run.done:
            self._end.set(trn("{n} session waits for later.", "{n} sessions wait for later.", waiting, shown=numbers.digits(waiting)) if waiting else tr("Every session has a label."))
            self._later_link.setText(tr("Go through them"))
            self._later_link.setVisible(bool(waiting))
        self._chosen(self.row())
        if not self.run_on:
            self.list.setFocus()
        else:
            self.setFocus()

    @Slot()
    def _assigned(self) -> None:
        self.run.edited()

    @Slot()
    def end_run(self) -> None:
        """Leave the run; the list is as it was."""
        self.run.end()

    def _tell_count(self) -> None:
        columns = self.list.sessions.columns
        if self.run_on:
            self.set_subtitle(self.run.words())
            return
        tokens = numbers.short(sum(columns.sums))
        said = trn("{n} session, {tokens} tokens", "{n} sessions, {tokens} tokens", len(columns), shown=numbers.digits(len(columns)), tokens=tokens)
        self.set_subtitle(said if len(columns) else "")

    @Slot(object, object)
    def _read_page(self, page: int, ids: object) -> None:
        self.desk.bridge.ask(listing.numbered_page, page, ids, then=self._page_read)

    def _page_read(self, found: tuple[int, dict[int, SessionRow]]) -> None:
        self.list.sessions.fill(*found)

    @Slot(str)
    def _seek(self, session: str) -> None:
        self._find = session
        self._read()

    def row(self) -> SessionRow | None:
        """The session in question."""
        return self.run.row() if self.run_on else self.list.current()

    def ids(self) -> array[int]:
        """The ids of what an edit is about."""
        return self.run.ids() if self.run_on else self.list.selected_ids()

    def _id(self) -> int:
        return self.run.ids()[0] if self.run_on else self.list.sessions.columns.ids[self.list.current_place()]

    @Slot(object)
    def _chosen(self, _row: SessionRow | None) -> None:
        """The panes follow a moment later: while a key is held, rows that are passed cost nothing."""
        self._fresh = True
        self._follow.start()

    @Slot(int)
    def _chosen_many(self, _count: int) -> None:
        self._follow.start()

    def show_coming(self) -> None:
        """Turn to what was chosen now, before something is done with it."""
        if self._follow.isActive():
            self._follow.stop()
            self._followed()

    @Slot()
    def _followed(self, *also: QWidget) -> None:
        """From here on everything is about the session in question; what is shown of it follows."""
        row, shown = self.row(), self.detail.row
        fresh, self._fresh = self._fresh, False
        if not fresh:
            self.following.add(self._show_panes(), *also)
            return
        if row is None or shown is None or row.id != shown.id or row.label:
            self._offer = None
        self.detail.take(row)
        self.shown_id = self._id() if row is not None else -1
        self.following.anew(self._show_row(), *also)
        self._ask_detail()
        if row is not None and not row.label:
            self.desk.bridge.ask(listing.offer_of, row.id, then=self._offered)
        self.following.wait()

    def _show_row(self) -> Iterator[None]:
        if self._offer is None:
            self.triage.suggestion.hide()
        yield from self._show_panes()
        yield
        yield from self.detail.fill()

    def _ask_detail(self) -> None:
        if (row := self.detail.row) is not None:
            self.desk.bridge.ask(listing.detail, row.id, then=self._detailed)
            self.desk.bridge.ask(listing.why_of, row.id, then=self._why)

    def _detailed(self, found: tuple[SessionDetail, tuple[Split, ...]] | None) -> None:
        self.following.add(self.detail.add_detail(found))

    def _why(self, found: tuple[str, tuple]) -> None:
        self.following.add(self.detail.add_why(*found))

    def _show_panes(self) -> Iterator[None]:
        self._show_triage()
        yield
        count = 1 if self.run_on else self.list.count_selected()
        many = count > 1
        self._right.setCurrentIndex(2 if self.run.done else 1 if many else 0)
        if many:
            yield
            self.triage.suggestion.hide()
            self.bulk.show_count(count, *self.list.sums_selected())
            self.desk.bridge.ask(listing.mix, self.list.selected_ids(), then=self.bulk.show_mix)

    def _show_triage(self) -> None:
        count = 1 if self.run_on else self.list.count_selected()
        self.triage.show_session(self.row(), self._to_label, count, run=self.run.words() if self.run_on else "")
        self._show_bar()

    def _counted(self, today: queries.Today) -> None:
        self._to_label = today.to_label
        self._show_triage()

    def _offered(self, found: tuple[str, queries.Offer | None]) -> None:
        key, offer = found
        row = self.row()
        if row is None or row.id != key or row.label:
            return
        self._offer = offer
        self.following.add(self._show_offer())

    def _show_offer(self) -> Iterator[None]:
        offer = self._offer
        self.triage.suggestion.setVisible(offer is not None and (self.run_on or self.list.count_selected() < 2))
        yield
        if offer is not None:
            self.triage.suggestion.offer(offer.label, next((task.name for task in self.edits.tasks if task.id == offer.task), ""))

    def _know_tasks(self, tasks: list[Task]) -> None:
        self.edits.tasks = tasks
