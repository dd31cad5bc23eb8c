"""The journal: sessions by day, one in detail, and the triage bar. Letters label, everything can be undone."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokenpal.engine import commands, queries
from tokenpal.model.journal import Task
from tokenpal.model.report import NONE_KEYS, Dimension, Filter, SessionRow
from tokenpal.ui import numbers, times
from tokenpal.ui.dialogs.taskpicker import Choice, TaskPicker
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions.detail import DetailPane
from tokenpal.ui.sessions.listing import PAGE_ROWS, SessionList
from tokenpal.ui.sessions.triage import TriageBar
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState
from tokenpal.ui.widgets.controls import PhraseCombo, SearchField

LABEL_KEYS = {"e": "exploration", "d": "delivered", "w": "waste"}
NOT_LABELLED = NONE_KEYS[Dimension.LABEL]
PERIODS = (("all", "all time"), ("7", "the last 7 days"), ("30", "the last 30 days"), ("90", "the last 90 days"))


class SessionsPage(Page):
    """Filters above, list left, detail and triage right."""

    title = "Sessions"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._filter = Filter()
        self._first: date | None = None
        self._until: date | None = None
        self._keep = ""  # the session to stay on after a refresh
        self._to_label = 0
        self._offer: queries.Offer | None = None
        self._tasks: list[Task] = []
        self._pick_for: tuple[str, ...] = ()
        self.search = SearchField("Search notes, tasks, projects")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self._search)
        self.search.textChanged.connect(self._wait.start)
        options = [("", "All"), (NOT_LABELLED, "Not labelled"), *((name, LABEL_WORDS[name]) for name in LABELS if name != "unlabelled")]
        self._label = PhraseCombo("label", options, "Which label")
        self._label.chosen.connect(self._choose_label)
        self._period = PhraseCombo("in", PERIODS, "Which time")
        self._period.chosen.connect(self._choose_period)
        self._clear_head = Link("Clear")
        self._clear_head.setAccessibleName("Clear the filters")
        self._clear_head.clicked.connect(self._clear)
        self._clear_head.hide()
        for widget in (self._clear_head, self.search, self._label, self._period):
            self.head.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(px(CARD_GAP))
        row.addWidget(self._list_card(), 4)
        right = QVBoxLayout()
        right.setSpacing(px(CARD_GAP))
        self.detail = DetailPane(desk)
        self.detail.note_written.connect(self._write_note)
        self.detail.tags_written.connect(self._write_tags)
        self.detail.task_wanted.connect(self.pick_task)
        self.triage = TriageBar()
        self.triage.labelled.connect(self.label)
        self.triage.reasoned.connect(self._reason)
        self.triage.suggestion_taken.connect(self._take_offer)
        right.addWidget(self.detail, 1)
        right.addWidget(self.triage)
        row.addLayout(right, 6)
        self.column.addLayout(row, 1)
        QShortcut(QKeySequence("/"), self, self.search.setFocus)  # type: ignore[arg-type]  # a bound method of a QObject
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)  # type: ignore[arg-type]  # the same

    def _list_card(self) -> Card:
        card = Card(pad=(6, 6))
        card.setMinimumWidth(px(220))
        self.list = SessionList(self.desk)
        self.list.setObjectName("session-list")
        self.list.chosen.connect(self._chosen)
        self.list.chosen_many.connect(self._chosen_many)
        self.list.key.connect(self.press)
        self.list.sessions.more_wanted.connect(self._more)
        self._empty = EmptyState("Nothing yet.", "Sessions appear here once an agent has run on this machine or an account has reported use.")
        clear = Link("Clear the filters")
        clear.clicked.connect(self._clear)
        self._clear_link = clear
        self._empty.foot.addWidget(clear)
        self._either = QStackedWidget()
        self._either.addWidget(self.list)
        self._either.addWidget(self._empty)
        card.body.addWidget(self._either)
        return card

    # ---- reading ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks"}:
            current = self.list.current()
            self._keep = self._keep or (current.id if current else "")
            limit = max(PAGE_ROWS, self.list.sessions.loaded())
            self.desk.bridge.ask(
                queries.sessions, self._filter, self._first, self._until, self.desk.zone().key, limit, 0, then=self._filled
            )
            self.desk.bridge.ask(queries.today, self.desk.zone().key, then=self._counted)
        if what & {"tasks"}:
            self.desk.bridge.ask(queries.recent_tasks, 200, then=self._know_tasks)

    def show_item(self, item: object) -> None:
        """A Filter, a (Filter, first, until), or a session's id."""
        if isinstance(item, str):
            self._keep = item
            self._filter, self._first, self._until = Filter(), None, None
        elif isinstance(item, Filter):
            self._filter = item
        elif isinstance(item, tuple):
            self._filter, self._first, self._until = item
        self._tell_filters()
        self.refresh(frozenset({"usage"}))

    def _tell_filters(self) -> None:
        """What the controls cannot show stands beside the title, with a way out."""
        self._label.choose(self._filter.labels[0] if self._filter.labels else "")
        shown = [*self._filter.tasks, *self._filter.tags, *self._filter.projects, *self._filter.models]
        if self._first is not None and self._until is not None:
            last = self._until - timedelta(days=1)
            shown.append(times.long_day(last) if last == self._first else times.day_range(self._first, last))
            self._period.choose("all")
        names = ["No task" if name == NONE_KEYS[Dimension.TASK] else name for name in shown]
        self.set_subtitle(numbers.join(names))
        self._clear_head.setVisible(bool(names))

    def _filled(self, rows: list[SessionRow]) -> None:
        keep, self._keep = self._keep, ""
        self.list.sessions.reset(rows)
        self._either.setCurrentIndex(0 if rows else 1)
        filtered = self._filter != Filter() or self._first is not None
        self._clear_link.setVisible(filtered)
        if not rows and filtered:
            self._empty.set("No session matches these filters.")
        elif not rows:
            self._empty.set("Nothing yet.", "Sessions appear here once an agent has run on this machine or an account has reported use.")
        if not (keep and self.list.choose(keep)):
            self.list.choose_first()
        if not rows:
            self._chosen(None)

    @Slot(int)
    def _more(self, offset: int) -> None:
        self._offset = offset
        self.desk.bridge.ask(
            queries.sessions, self._filter, self._first, self._until, self.desk.zone().key, PAGE_ROWS, offset, then=self._more_filled
        )

    def _more_filled(self, rows: list[SessionRow]) -> None:
        self.list.sessions.extend(rows, self._offset)

    @Slot(object)
    def _chosen(self, row: SessionRow | None) -> None:
        self.detail.set_session(row)
        self.triage.show_session(row, self._to_label, len(self.list.selectedIndexes()))
        self.triage.suggestion.hide()
        self._offer = None
        if row is not None:
            self.desk.bridge.ask(queries.session_detail, row.id, then=self.detail.set_detail)
            if not row.label:
                self.desk.bridge.ask(queries.offer, row.id, then=self._offered)

    @Slot(int)
    def _chosen_many(self, count: int) -> None:
        self.triage.show_session(self.list.current(), self._to_label, count)

    def _counted(self, today: queries.Today) -> None:
        self._to_label = today.to_label
        self.triage.show_session(self.list.current(), today.to_label, len(self.list.selectedIndexes()))

    def _offered(self, offer: queries.Offer | None) -> None:
        row = self.list.current()
        self._offer = offer
        self.triage.suggestion.setVisible(offer is not None and row is not None and not row.label)
        if offer is not None:
            name = next((task.name for task in self._tasks if task.id == offer.task), "")
            label = next((known for known in LABELS if known == offer.label), None)
            words = ", ".join(p for p in (LABEL_WORDS.get(label or "unlabelled", ""), name) if p)
            self.triage.suggestion.set("Last time in this folder:", label, words)

    def _know_tasks(self, tasks: list[Task]) -> None:
        self._tasks = tasks

    # ---- keys and edits -----------------------------------------------------------------------------------
    @Slot(str)
    def press(self, key: str) -> None:
        """One key of triage."""
        if key in LABEL_KEYS:
            self.label(LABEL_KEYS[key])
        elif key == "n":
            self.detail.note_edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key == "t":
            self.pick_task()
        elif key == " ":
            self._next()
        elif key == "z":
            self.desk.bridge.ask(commands.undo, then=self._undone)
        elif key == "\r" and self._offer is not None:
            self._take_offer()
        elif key == "/":
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def label(self, name: str) -> None:
        """Label what is selected; the same label again takes it away."""
        chosen = self.list.selected()
        row = self.list.current()
        if not chosen:
            return
        away = row is not None and len(chosen) == 1 and row.label == name
        word = LABEL_WORDS[next(known for known in LABELS if known == name)]
        what = "Label taken away" if away else word
        if len(chosen) > 1:
            what = f"{numbers.count(len(chosen), 'session')}: {what}"
        self._said = what
        self.desk.bridge.ask(commands.label_sessions, chosen, None if away else name, then=self._done)
        if row is not None and not away and name != "waste" and len(chosen) == 1 and not row.label:
            self._next()

    def _done(self, _answer: object) -> None:
        self.toast.emit(f"{self._said}.", True)

    def _undone(self, title: str | None) -> None:
        self.toast.emit(f"Undone: {title}" if title else "Nothing to undo.", False)

    @Slot(str)
    def _reason(self, words: str) -> None:
        chosen = self.list.selected()
        self._said = f"Waste, {words}"
        self.desk.bridge.ask(commands.label_sessions, chosen, "waste", words, then=self._done)

    @Slot()
    def _take_offer(self) -> None:
        row, offer = self.list.current(), self._offer
        if row is None or offer is None:
            return
        self._said = "Same as last time"
        self.desk.bridge.ask(commands.label_sessions, (row.id,), offer.label, offer.reason or None, then=self._done)
        if offer.task is not None and offer.task != row.task_id:
            self.desk.bridge.ask(commands.assign_sessions, (row.id,), offer.task)
        self._next()

    @Slot(str)
    def _write_note(self, note: str) -> None:
        row = self.list.current()
        if row is not None:
            self._said = "Note kept"
            self.desk.bridge.ask(commands.note_session, row.id, note, then=self._done)
        self.list.setFocus()

    @Slot(object)
    def _write_tags(self, tags: tuple[str, ...]) -> None:
        row = self.list.current()
        if row is not None:
            self._said = "Tags kept"
            old = frozenset(row.tags)
            self.desk.bridge.ask(commands.tag_sessions, (row.id,), sorted(set(tags) - old), sorted(old - set(tags)), then=self._done)

    @Slot()
    def pick_task(self) -> None:
        """Ask for the task of what is selected."""
        self._pick_for = self.list.selected()
        if not self._pick_for:
            return
        picker = TaskPicker(self._tasks, self)
        picker.picked.connect(self._picked)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()
        picker.search.setFocus()

    @Slot(object)
    def _picked(self, choice: Choice) -> None:
        if choice.new_name:
            self._said = choice.new_name
            self.desk.bridge.ask(commands.add_task, choice.new_name, then=self._assign_new)
        else:
            name = next((task.name for task in self._tasks if task.id == choice.task), "No task")
            self._said = name
            self.desk.bridge.ask(commands.assign_sessions, self._pick_for, choice.task, then=self._done)

    def _assign_new(self, task: Task) -> None:
        self.desk.bridge.ask(commands.assign_sessions, self._pick_for, task.id, then=self._done)

    def _next(self) -> None:
        place = self.list.currentIndex().row() + 1
        while place < self.list.sessions.rowCount() and self.list.sessions.session(place) is None:
            place += 1
        if place < self.list.sessions.rowCount():
            self.list.setCurrentIndex(self.list.sessions.index(place))

    # ---- filters ------------------------------------------------------------------------------------------
    @Slot(str)
    def _choose_label(self, key: str) -> None:
        self._change(labels=(key,) if key else ())

    @Slot(str)
    def _choose_period(self, key: str) -> None:
        today = self.desk.today()
        self._first = None if key == "all" else today - timedelta(days=int(key) - 1)
        self._until = None
        self._tell_filters()
        self.refresh(frozenset({"usage"}))

    @Slot()
    def _search(self) -> None:
        self._change(text=self.search.text().strip())

    def _change(self, **fields: object) -> None:
        import msgspec

        self._filter = msgspec.structs.replace(self._filter, **fields)
        self.refresh(frozenset({"usage"}))

    @Slot()
    def _clear(self) -> None:
        self._filter, self._first, self._until = Filter(), None, None
        self._period.choose("all")
        self.search.clear()
        self._wait.stop()
        self._tell_filters()
        self.refresh(frozenset({"usage"}))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() and event.text() in "edwntz /" and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.press(event.text())
            event.accept()
            return
        super().keyPressEvent(event)
