"""The journal: what the person does on it. Letters label, everything is one edit and can be undone."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from tokenpal.engine import listing
from tokenpal.insight.tickets import tickets
from tokenpal.translation import mark, tr
from tokenpal.ui.dialogs.ask import AskDialog
from tokenpal.ui.dialogs.split import SplitDialog
from tokenpal.ui.dialogs.taskpicker import TaskPicker
from tokenpal.ui.sessions import words
from tokenpal.ui.sessions.board import Board
from tokenpal.ui.sessions.edits import Dialogs
from tokenpal.ui.sessions.rowmenu import row_menu
from tokenpal.ui.tasks import trackers

LABEL_KEYS = {"e": "exploration", "d": "delivered", "w": "waste"}
REASON_KEYS = {str(number): reason for number, reason in enumerate(words.REASONS, 1)}


class SessionsPage(Board):
    """Keys and buttons come here; ``edits`` carries them out."""


    title = mark("Sessions")
    dialogs = Dialogs(TaskPicker, SplitDialog, AskDialog)

    def _make(self) -> Iterator[None]:
        yield from super()._make()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the keys of a run need somebody to hear them
        self.more.clicked.connect(self._open_more)
        self.detail.task_wanted.connect(self.pick_task)
        self.detail.split_wanted.connect(self._split)
        self.detail.merge_wanted.connect(self._merge)
        outcome = self.detail.outcome
        outcome.note_written.connect(self._write_note)
        outcome.tags_written.connect(self._write_tags)
        outcome.link_written.connect(self._write_link)
        outcome.minutes_written.connect(self._write_minutes)
        outcome.link_opened.connect(self._open_link)
        outcome.left.connect(self._line_left)
        self.bulk.task_wanted.connect(self.pick_task)
        self.bulk.release_wanted.connect(self._release)
        self.bulk.tags_wanted.connect(self._tag_many)
        self.bulk.copy_wanted.connect(self.copy)
        self.bulk.export_wanted.connect(self._export_chosen)
        self.triage.labelled.connect(self.label)
        self.triage.reasoned.connect(self._reason)
        self.triage.suggestion_taken.connect(self._take_offer)
        self.triage.run_wanted.connect(self.begin_run)
        self.list.key.connect(self.press)
        self.list.menu_wanted.connect(self._row_menu)
        self._later_link.clicked.connect(self._run_later)
        self._wasted = ""  # labelled waste just now: its reason may be given before the list says so
        self._keys()

    def _keys(self) -> None:
        for keys, function in (
            ("/", self.search_for), (QKeySequence.StandardKey.Find, self.search_for), ("Ctrl+L", self.begin_run), ("Ctrl+H", self.edits.show_past),
            ("Ctrl+E", self._export_listed),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, function, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)  # type: ignore[call-arg]  # the stubs know no function here
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.list, self.copy)  # type: ignore[call-arg]  # the stubs know no function here
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)

    @Slot(str)
    def press(self, key: str) -> None:
        """One key of the page; the menu's entries come here too."""
        self.show_coming()
        row = self.row()
        one = self.run_on or self.list.count_selected() < 2
        if key in LABEL_KEYS:
            self.label(LABEL_KEYS[key])
        elif key in REASON_KEYS and (not one or (row is not None and (row.label == "waste" or self._wasted == row.id))):
            self._reason(REASON_KEYS[key])
        elif key == "n" and one and row is not None:
            self.open_session()
            self.detail.note_edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key in {"s", "m"} and one and row is not None:
            self.open_session()
            self.detail.press(key)
        elif key == " ":
            self.run.put_off() if self.run_on else self.list.step(1)
        elif key == "z":
            self.run.back() if self.run_on else self.edits.undo()
        elif key == "\r" and self._offer is not None and one:
            self._take_offer()
        elif key == "\r":
            self.open_session()
        elif (act := {"t": self.pick_task, "f": self.filters.ask, "/": self.search_for, "away": self._unlabel, "release": self._release}.get(key)) or (
            act := {"copy": self.copy, "csv": self._export_chosen, "all": self.list.selectAll}.get(key)
        ):
            act()

    @Slot()
    def search_for(self) -> None:
        """Search."""
        if not self.run_on:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def label(self, name: str) -> None:
        """Label what is selected; the same label again takes it away."""
        self.show_coming()
        ids, row = self.ids(), self.row()
        if not len(ids) or self.work.busy:
            return
        one = len(ids) == 1
        away = row is not None and one and row.label == name and not self.run_on
        self.edits.label(ids, None if away else name)
        self._wasted = row.id if row is not None and name == "waste" and not away else ""
        if self.run_on:
            self.run.labelled(name)
        elif row is not None and not away and name != "waste" and one and not row.label:
            self.list.step(1)

    def _unlabel(self) -> None:
        self.edits.label(self.ids(), None)

    @Slot(str)
    def _reason(self, reason: str) -> None:
        self.edits.reason(self.ids(), reason)
        if self.run_on:
            self.run.reasoned()

    @Slot()
    def _take_offer(self) -> None:
        self.show_coming()
        row, offer = self.row(), self._offer
        if row is None or offer is None:
            return
        self.edits.same(row, offer.label, offer.reason, offer.task)
        self.run.labelled("") if self.run_on else self.list.step(1)

    @Slot(str)
    def _write_note(self, note: str) -> None:
        if (row := self.detail.row) is not None:
            self.edits.note(row.id, note)
            self.run.edited()

    @Slot()
    def _line_left(self) -> None:
        self.setFocus() if self.run_on or self.list.isHidden() else self.list.setFocus()

    @Slot(object)
    def _write_tags(self, tags: tuple[str, ...]) -> None:
        if (row := self.detail.row) is not None:
            old = frozenset(row.tags)
            self.edits.tag([self.shown_id], sorted(set(tags) - old), sorted(old - set(tags)))
            self.run.edited()

    @Slot(str)
    def _write_link(self, link: str) -> None:
        if (row := self.detail.row) is not None:
            self.edits.outcome(row.id, link=link)
            self.run.edited()

    @Slot(object)
    def _write_minutes(self, minutes: int | None) -> None:
        if (row := self.detail.row) is not None:
            self.edits.outcome(row.id, minutes_saved=minutes)
            self.run.edited()

    @Slot(str)
    def _open_link(self, link: str) -> None:
        if self.desk.actions is not None:
            self.desk.actions.open_page_in_browser(link)

    @Slot()
    def pick_task(self) -> None:
        """Ask for the task of what is selected."""
        ids, row = self.ids(), self.row()
        named = tickets(row.branch, trackers.chosen(self.desk.settings)) if row is not None and len(ids) == 1 else ()
        self.edits.pick(ids, named[0][0] if named else "")

    @Slot(int)
    def _split(self, at: int) -> None:
        row, cuts = self.detail.row, self.detail.timeline.cuts
        if row is not None and cuts is not None:
            self.edits.ask_split(row, cuts, at)

    @Slot(int)
    def _merge(self, at: int) -> None:
        if (row := self.detail.row) is not None:
            self.edits.merge(row.id, at)

    @Slot()
    def _release(self) -> None:
        self.edits.release(self.ids())

    @Slot(object, object)
    def _tag_many(self, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        self.edits.tag(self.list.selected_ids(), add, remove)

    # ---- out ----------------------------------------------------------------------------------------------
    @Slot()
    def copy(self) -> None:
        """The chosen sessions as a table."""
        self.edits.copy(self.ids())

    @Slot()
    def _export_chosen(self) -> None:
        self.edits.export(self.list.selected_ids())

    @Slot()
    def _export_listed(self) -> None:
        self.edits.export(self.list.sessions.columns.ids)

    @Slot()
    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for said, function, keys in (
            (tr("Label one after the other"), self.begin_run, "Ctrl+L"), (tr("Last edits…"), self.edits.show_past, "Ctrl+H"),
            (tr("Write what is listed as CSV…"), self._export_listed, "Ctrl+E"), (tr("Choose all"), self.list.selectAll, "Ctrl+A"),
        ):  # fmt: skip
            action = menu.addAction(said, function)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutVisibleInContextMenu(True)
        self.more.drop(menu)

    @Slot(QPoint)
    def _row_menu(self, spot: QPoint) -> None:
        menu = self.make_row_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(spot)

    def make_row_menu(self) -> QMenu:
        """What can be done with what is chosen."""
        row = self.list.current()
        count = max(1, self.list.count_selected())
        waste = count > 1 or (row is not None and row.label == "waste")
        menu = row_menu(self, count, waste=waste, labelled=count > 1 or (row is not None and bool(row.label)))
        menu.triggered.connect(self._row_entry)
        return menu

    @Slot(QAction)
    def _row_entry(self, entry: QAction) -> None:
        if entry.data():
            self.press(entry.data())

    # ---- one after the other ------------------------------------------------------------------------------
    @Slot()
    def begin_run(self) -> None:
        """Go through the sessions that wait for a label."""
        if not self.run_on:
            self.desk.bridge.ask(listing.waiting, then=self._begin)

    def _begin(self, ids: tuple[int, ...]) -> None:
        self.run.begin(ids)

    @Slot()
    def _run_later(self) -> None:
        self.run.begin(self.run.later)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.run_on or self._opened):
            self.close_session()
            event.accept()
            return
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if plain and (enter or (event.text() and event.text() in "edwntzsmf /123456")):
            self.press("\r" if enter else event.text())
            event.accept()
            return
        super().keyPressEvent(event)
