"""What can be done with the data as a whole, each with what it does beside its button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import keep, outside, watched
from tokenpal.insight.numbers import count
from tokenpal.system.paths import Paths
from tokenpal.translation import mark, tr
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.text import Rule, Text

ACTIONS = (  # key, name, what it does, words of the button, whether something is lost
    ("back-up", mark("Back up now"), mark("A copy of everything in {folder}."), mark("Back up"), False),
    ("export", mark("Export everything"), mark("One readable archive with every record, label, task, note and check-in. Import reads it back, here or elsewhere."), mark("Export"), False),
    ("import", mark("Import"), mark("An export of tokenpal, ccusage, tokscale or CodeBurn, usage or outcome lines, an agent's captured output, or a journal of Timewarrior, Toggl or jrnl. What it would do is shown first."),
     mark("Import"), False),
    ("compare", mark("Today's prices"), mark("What was used keeps the price it had when it was read. See what the prices of today would change, by month and model."),
     mark("Compare"), False),
    ("switch", mark("Another model's price"), mark("What the last four weeks would have cost at the list price of another model. Arithmetic, not advice."), mark("Compare"), False),
    ("rates", mark("Exchange rates"), mark("What other currencies were worth in dollars, by day: for money shown in a currency of your own."), mark("Open"), False),
    ("delete", mark("Delete everything"), mark("All figures, labels, notes, check-ins and keys of this profile. Agents' own logs are not touched."), mark("Delete"), True),
)  # fmt: skip


class ActionRow(QWidget):
    """A sentence and a button: ``pressed(key)``."""

    pressed = Signal(str)

    def __init__(self, key: str, name: str, help_: str, words: str, *, danger: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self._said = key, f"{name} {help_} {words}".casefold()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(16))
        column = QVBoxLayout()
        column.setSpacing(px(1))
        column.addWidget(Text(name, "body", weight=500, wrap=True))
        column.addWidget(Text(help_, "small", "text-2", wrap=True))
        row.addLayout(column, 1)
        self.button = Button(words, danger=danger)
        self.button.setAccessibleName(name)
        self.button.setObjectName(f"data-{key}")
        self.button.clicked.connect(self._pressed)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def matches(self, text: str) -> bool:
        """Whether every word of the search is in what this row says."""
        return all(word in self._said for word in text.casefold().split())

    @Slot()
    def _pressed(self) -> None:
        self.pressed.emit(self.key)


class DataActions(QWidget):
    """The rows of the card *Data*; ``said(sentence, undoable)`` after something was done."""

    said = Signal(str, bool)

    def __init__(self, desk: Desk, places: Paths, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._places = desk, places
        self.rows: list[ActionRow] = []
        self.rules: list[Rule] = []  # between them
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(8))

    def parts(self) -> Iterator[None]:
        """Make the rows, once; every yield is a place to stop and go on later."""
        for key, name, help_, words, danger in ACTIONS:
            row = ActionRow(key, tr(name), tr(help_, folder=self._places.backups) if "{folder}" in help_ else tr(help_), tr(words), danger=danger)
            row.pressed.connect(self.act)
            if self.rows:
                rule = Rule()
                self.rules.append(rule)
                self._column.addWidget(rule)
            self._column.addWidget(row)
            self.rows.append(row)
            yield

    @Slot(str)
    def act(self, key: str) -> None:
        """Do what the button says."""
        {"back-up": self._back_up, "export": self._export, "import": self._import, "compare": self._reprice, "switch": self._switch, "rates": self._rates, "delete": self._delete}[key]()

    def _back_up(self) -> None:
        from tokenpal.ui.dialogs.job import JobDialog

        dialog = JobDialog(self._desk, tr("Back up now"), self)
        dialog.ended.connect(self._backed_up)
        dialog.stopped.connect(self._said)
        dialog.run(keep.back_up, self._places.backups, None)

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export everything"), "tokenpal-export.zip", tr("Archive (*.zip);;JSON lines alone (*.jsonl)"))
        if name:
            self.export_to(name)

    def export_to(self, name: str) -> None:
        """Write everything to a file."""
        from tokenpal.ui.dialogs.job import JobDialog

        dialog = JobDialog(self._desk, tr("Export everything"), self)
        dialog.ended.connect(self._exported)
        dialog.stopped.connect(self._said)
        dialog.run(keep.export_to, name)

    def _import(self) -> None:
        kinds = tr("Files that can be imported (*.zip *.jsonl *.json *.ndjson *.csv *.txt);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, tr("Import"), "", kinds)
        if name:
            self.import_file(name)

    def import_file(self, name: str) -> None:
        """Show what a file holds, then import it if the person wants."""
        from tokenpal.ui.dialogs.importing import ImportDialog

        dialog = ImportDialog(self._desk, name, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.imported.connect(self._said)
        dialog.open()

    def _reprice(self) -> None:
        from tokenpal.ui.dialogs.reprice import RepriceDialog

        dialog = RepriceDialog(self._desk, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._repriced)
        dialog.open()

    def _switch(self) -> None:
        from tokenpal.ui.dialogs.modelswitch import ModelSwitchDialog

        dialog = ModelSwitchDialog(self._desk, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _rates(self) -> None:
        from tokenpal.ui.dialogs.rates import RatesDialog

        dialog = RatesDialog(self._desk, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _delete(self) -> None:
        from tokenpal.ui.dialogs.ask import AskDialog

        dialog = AskDialog(
            tr("Delete everything tokenpal knows?"),
            tr("Figures, labels, notes, check-ins and keys of this profile are deleted, backups too. This cannot be undone."),
            tr("Keep everything"), (("delete", tr("Delete everything"), True),), self,
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._delete_now)
        dialog.open()

    @Slot()
    def _delete_now(self) -> None:
        if self._desk.actions is not None:
            self._desk.actions.delete_everything()

    @Slot(object)
    def _backed_up(self, made: Path) -> None:
        self._said(tr("Backed up to {name}.", name=made.name))

    @Slot(object)
    def _exported(self, lines: int) -> None:
        self._said(tr("Exported {lines}.", lines=count(lines, "line")))

    @Slot(str)
    def _repriced(self, sentence: str) -> None:
        self.said.emit(sentence, True)

    @Slot(str)
    def _said(self, sentence: str) -> None:
        self.said.emit(sentence, False)


class InboxRow(ActionRow):
    """The folder that scripts may write usage to."""

    said = Signal(str, bool)

    def __init__(self, desk: Desk, places: Paths, parent: QWidget | None = None) -> None:
        self._desk, self._data = desk, places.data
        help_ = tr(
            "Usage that scripts write to *.jsonl files in {folder} is read like agents' logs. usage.md in the folder explains the format: one JSON object a line.",
            folder=watched.inbox(places.data),
        )
        super().__init__("open-folder", tr("Watched folder"), help_, tr("Open folder"), parent=parent)
        self.pressed.connect(self._open)

    @Slot()
    def _open(self) -> None:
        folder = watched.inbox(self._data)
        try:
            watched.make(self._data)
        except OSError as error:
            self._desk.bridge.failed.emit(tr("The folder could not be made"), f"{folder}: {error.strerror}.", tr("Look at the permissions of the data folder."))
            return
        if self._desk.actions is not None:
            self._desk.actions.refresh()  # a new folder is looked for
        if not outside.open_folder(folder):
            self.said.emit(tr("The folder is there: {folder}.", folder=folder), False)
