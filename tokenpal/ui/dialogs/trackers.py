"""Which tickets are looked for in branch names, whose keys they are, and where they open."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from tokenpal.insight.tickets import Tracker
from tokenpal.settings import Settings
from tokenpal.translation import mark, tr
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.theme import CONTROL_HEIGHT, px
from tokenpal.ui.widgets.buttons import PrimaryButton
from tokenpal.ui.widgets.choices import CheckBox
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text

ROWS = (
    (Tracker.GITHUB, "GitHub", "#142, gh-142, 142-title, issue-142", "https://github.com/acme/shop"),
    (Tracker.JIRA, "Jira", "PAY-142", "https://acme.atlassian.net"),
    (Tracker.LINEAR, "Linear", "eng-142-title, jane/eng-142-title", "https://linear.app/acme"),
)
HELP = mark(
    "Tickets in branch names become suggestions, never tasks by themselves. With an address a ticket opens in your browser; "
    "tokenpal itself never asks it anything. Keys say whose ticket PAY-142 is when you use both Jira and Linear."
)


class TrackersDialog(Sheet):
    """Writes the settings on Keep; ``kept()`` then."""

    kept = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(tr("Tickets and trackers"))
        self.setMinimumWidth(room_for(self, 520, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(self.windowTitle(), "head"))
        column.addWidget(Text(tr(HELP), "small", "text-2", wrap=True))
        self.on: dict[Tracker, CheckBox] = {}
        self.address: dict[Tracker, LineEdit] = {}
        self.keys: dict[Tracker, LineEdit] = {}
        for tracker, name, written, address in ROWS:
            on = CheckBox(tr("{tracker}: {examples}", tracker=name, examples=written))
            on.setChecked(settings.get(f"tickets.{tracker.value}"))
            on.setObjectName(tracker.value)
            self.on[tracker] = on
            column.addSpacing(px(4))
            column.addWidget(on)
            form = QFormLayout()
            form.setContentsMargins(px(26), 0, 0, 0)
            form.setHorizontalSpacing(px(16))
            form.setVerticalSpacing(px(6))
            edit = LineEdit(address, tr("Address of {tracker}", tracker=name))
            edit.setObjectName(f"{tracker.value}-address")
            edit.setText(settings.get(f"tickets.{tracker.value}_address"))
            self.address[tracker] = edit
            form.addRow(_label(tr("Opens at")), edit)
            if tracker is not Tracker.GITHUB:
                own = LineEdit("PAY, OPS", tr("Keys of {tracker}", tracker=name))
                own.setObjectName(f"{tracker.value}-keys")
                own.setText(settings.get(f"tickets.{tracker.value}_keys"))
                own.setToolTip(tr("Empty: any key"))
                self.keys[tracker] = own
                form.addRow(_label(tr("Only keys")), own)
            column.addLayout(form)
        self.problem = Text("", "small", "problem", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        column.addStretch(1)
        keep = PrimaryButton(tr("Keep"))
        keep.setObjectName("keep")
        keep.setDefault(True)
        keep.clicked.connect(self._keep)
        column.addLayout(foot(way_out(self, tr("Cancel")), keep))

    @Slot()
    def _keep(self) -> None:
        for tracker, name, _, _ in ROWS:
            address = self.address[tracker].text().strip()
            if address and not address.startswith(("https://", "http://")):
                self.problem.setText(tr("The address of {tracker} begins with https://", tracker=name))
                self.problem.show()
                self.address[tracker].setFocus()
                return
        for tracker, *_ in ROWS:
            self._settings.set(f"tickets.{tracker.value}", self.on[tracker].isChecked())
            self._settings.set(f"tickets.{tracker.value}_address", self.address[tracker].text().strip())
            if tracker in self.keys:
                self._settings.set(f"tickets.{tracker.value}_keys", self.keys[tracker].text().strip())
        self.kept.emit()
        self.accept()


def _label(words: str) -> Text:
    label = Text(words, "small", "text-2")
    label.setMinimumWidth(px(64))
    label.setMinimumHeight(px(CONTROL_HEIGHT))  # stands in the middle of its field
    return label
