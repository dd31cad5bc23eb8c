"""Settings, drawn from the one table, and what can be done with the data as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal import __version__
from tokenpal.engine import keep, login, outside, watched
from tokenpal.insight.numbers import count
from tokenpal.model.errors import TokenpalError
from tokenpal.settings import GROUPS, SETTINGS, Setting
from tokenpal.system.paths import Paths, paths
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.settings.controls import control
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, Scroll
from tokenpal.ui.widgets.switch import Switch
from tokenpal.ui.widgets.text import Rule, Text

LOGIN = "general.start_at_login"
WIDEST = 780  # a name and its control far apart are hard to read as one


class SettingsPage(Page):
    """One card a group; a change is in force and saved at once."""

    title = "Settings"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        body = QWidget()
        self._cards = QVBoxLayout(body)
        self._cards.setContentsMargins(0, 0, px(6), 0)
        self._cards.setSpacing(px(CARD_GAP))
        for group, words in GROUPS.items():
            card = Card(words)
            shown = [s for s in SETTINGS if s.group == group and not s.hidden]
            for number, setting in enumerate(shown):
                if number:
                    card.body.addWidget(Rule())
                card.body.addLayout(self._row(setting))
            if group == "data":
                if shown:
                    card.body.addWidget(Rule())
                self._data_rows(card)
            if group == "receiver":
                card.body.addWidget(Rule())
                self._inbox_row(card)
            if shown or group == "data":
                self._cards.addWidget(card)
        self._cards.addWidget(self._about())
        self._cards.addStretch(1)
        body.setMaximumWidth(px(WIDEST))
        holder = QWidget()
        centre = QHBoxLayout(holder)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addWidget(body, 1000)
        centre.addStretch(1)
        scroll = Scroll()
        scroll.setWidget(holder)
        self.column.addWidget(scroll, 1)

    def refresh(self, what: frozenset[str]) -> None:
        switch = self.findChild(Switch, LOGIN)
        if switch is not None:
            state = login.state()
            switch.blockSignals(True)
            switch.setChecked(state.on)
            switch.blockSignals(False)

    def _row(self, setting: Setting) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(16))
        words = QVBoxLayout()
        words.setSpacing(px(1))
        name = Text(setting.label, "body", weight=500)
        words.addWidget(name)
        if setting.help or setting.restart:
            tail = " Takes effect when tokenpal starts again." if setting.restart else ""
            words.addWidget(Text(f"{setting.help}{tail}".strip(), "small", "text-2", wrap=True))
        row.addLayout(words, 1)
        value = login.state().on if setting.key == LOGIN else self.desk.settings.get(setting.key)
        made = control(setting, value, self._wanted)
        name.setBuddy(made)
        row.addWidget(made)
        return row

    def _wanted(self, key: str, value: Any) -> bool:
        try:
            if key == LOGIN:
                login.set_on(bool(value))
            else:
                self.desk.settings.set(key, value)
        except TokenpalError as error:
            self.desk.bridge.failed.emit(error.title, error.sentence, error.next_step)
            self.refresh(frozenset())  # the switch shows what the system says
            return False
        if self.desk.actions is not None:
            self.desk.actions.settings_changed(key)
        return True

    # ---- data ---------------------------------------------------------------------------------------------
    def _data_rows(self, card: Card) -> None:
        folder = self._places().data
        for name, help_, words, slot, danger in (
            ("Back up now", f"A copy of everything in {folder / 'backups'}.", "Back up", self._backup, False),
            ("Export everything", "One readable file: JSON lines with every record, label, task, note and check-in.", "Export", self._export, False),
            ("Import", "An export of tokenpal, ccusage, tokscale or CodeBurn, usage or outcome lines, or an agent's captured output. What it would do is shown first.", "Import", self._import, False),
            ("Today's prices", "What was used keeps the price it had when it was read. See what the prices of today would change, by month and model.", "Compare", self._reprice, False),
            ("Delete everything", "All figures, labels, notes, check-ins and keys of this profile. Agents' own logs are not touched.", "Delete", self._delete, True),
        ):  # fmt: skip
            card.body.addLayout(self._action(name, help_, words, slot, danger))

    def _inbox_row(self, card: Card) -> None:
        folder = watched.inbox(self._places().data)
        help_ = f"Usage that scripts write to *.jsonl files in {folder} is read like agents' logs. usage.md in the folder explains the format: one JSON object a line."
        card.body.addLayout(self._action("Watched folder", help_, "Open folder", self._open_inbox, False))

    def _action(self, name: str, help_: str, words: str, slot: Any, danger: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(16))
        column = QVBoxLayout()
        column.setSpacing(px(1))
        column.addWidget(Text(name, "body", weight=500))
        column.addWidget(Text(help_, "small", "text-2", wrap=True))
        row.addLayout(column, 1)
        button = Button(words, danger=danger)
        button.setAccessibleName(name)
        button.setObjectName(f"data-{words.lower().replace(' ', '-')}")
        button.clicked.connect(slot)
        row.addWidget(button)
        return row

    @Slot()
    def _backup(self) -> None:
        self.desk.bridge.ask(keep.back_up, self._places().backups, then=self._backed_up)

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export everything", "tokenpal-export.jsonl", "JSON lines (*.jsonl)")
        if name:
            self.desk.bridge.ask(keep.export_to, name, then=self._exported)

    @Slot()
    def _import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import", "", "Files that can be imported (*.jsonl *.json *.ndjson *.csv *.txt);;All files (*)")
        if name:
            self.import_file(name)

    def import_file(self, name: str) -> None:
        """Show what a file holds, then import it if the person wants."""
        from tokenpal.ui.dialogs.importing import ImportDialog

        dialog = ImportDialog(self.desk, name, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.imported.connect(self._said)
        dialog.open()

    @Slot()
    def _reprice(self) -> None:
        from tokenpal.ui.dialogs.reprice import RepriceDialog

        dialog = RepriceDialog(self.desk, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._repriced)
        dialog.open()

    @Slot(str)
    def _repriced(self, sentence: str) -> None:
        self.toast.emit(sentence, True)

    @Slot()
    def _open_inbox(self) -> None:
        folder = watched.inbox(self._places().data)
        try:
            watched.make(self._places().data)
        except OSError as error:
            self.desk.bridge.failed.emit("The folder could not be made", f"{folder}: {error.strerror}.", "Look at the permissions of the data folder.")
            return
        if self.desk.actions is not None:
            self.desk.actions.refresh()  # a new folder is looked for
        if not outside.open_folder(folder):
            self._said(f"The folder is there: {folder}.")

    @Slot()
    def _delete(self) -> None:
        from tokenpal.ui.dialogs.ask import AskDialog

        dialog = AskDialog(
            "Delete everything tokenpal knows?",
            "Figures, labels, notes, check-ins and keys of this profile are deleted, backups too. This cannot be undone.",
            "Keep everything", (("delete", "Delete everything", True),), self,
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._delete_now)
        dialog.open()

    @Slot()
    def _delete_now(self) -> None:
        if self.desk.actions is not None:
            self.desk.actions.delete_everything()

    def _backed_up(self, made: Path) -> None:
        self._said(f"Backed up to {made.name}.")

    def _exported(self, lines: int) -> None:
        self._said(f"Exported {count(lines, 'line')}.")

    @Slot(str)
    def _said(self, sentence: str) -> None:
        self.toast.emit(sentence, False)

    def _about(self) -> Card:
        card = Card("About")
        card.body.addWidget(Text(f"tokenpal {__version__}. A signal with its context, owned by you, never a score.", "body", wrap=True))
        places = self._places()
        for name, place in (("Data", places.data), ("Settings", places.config), ("Log", places.logs)):
            row = QHBoxLayout()
            label = Text(name, "small", "text-2")
            label.setFixedWidth(px(64))
            row.addWidget(label)
            row.addWidget(Text(str(place), "mono", wrap=True, selectable=True), 1)
            card.body.addLayout(row)
        return card

    def _places(self) -> Paths:
        """The folders of the profile in use."""
        known = getattr(self.desk.bridge.engine, "paths", None)
        return known if isinstance(known, Paths) else paths()
