"""Enter a new key for an account. The key goes to the credential store of the system, nowhere else."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from tokenpal.engine import providers
from tokenpal.model.errors import KeyNotKept, TokenpalError
from tokenpal.model.report import AccountRow
from tokenpal.translation import tr
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, PrimaryButton
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text


class KeyDialog(Sheet):
    """``done_with(sentence)`` when the key was tested and kept."""

    done_with = Signal(str)

    def __init__(self, desk: Desk, row: AccountRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._row = desk, row
        self.setWindowTitle(tr("Enter a new key"))
        self.setMinimumWidth(room_for(self, 460, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(tr("New key for {name}", name=row.name), "head", wrap=True))
        info = providers.info(row.source)
        if info is not None and info.key:
            column.addWidget(Text(tr(info.key), "small", "text-2", wrap=True))
        self.key = LineEdit(tr("Paste the key"), tr("Key"))
        self.key.setObjectName("key")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        column.addWidget(self.key)
        self._answer = Text("", "small", "text-2", wrap=True)
        column.addWidget(self._answer)
        self._keep = PrimaryButton(tr("Test and keep"))
        self._keep.clicked.connect(self._test)
        self.key.returnPressed.connect(self._test)
        self.session = Button(tr("Keep for this session only"))
        self.session.setObjectName("session")
        self.session.setToolTip(tr("In memory until tokenpal ends; then it asks for the key again."))
        self.session.clicked.connect(self._test_for_session)
        self.session.setVisible(False)
        column.addLayout(foot(way_out(self, tr("Cancel")), self.session, self._keep))
        self.key.setFocus()

    @Slot()
    def _test(self) -> None:
        self._ask(session_only=False)

    @Slot()
    def _test_for_session(self) -> None:
        self._ask(session_only=True)

    def _ask(self, *, session_only: bool) -> None:
        key = self.key.text().strip()
        if not key:
            self._answer.setText(tr("Paste a key first."))
            return
        self._keep.setEnabled(False)
        self.session.setVisible(False)
        self._answer.setText(tr("Asking the provider."))
        self._desk.bridge.wait(self._desk.bridge.engine.replace_key(self._row.id, key, session_only), self._kept, self._refused)

    def _kept(self, sentence: str) -> None:
        self.key.clear()
        self.done_with.emit(sentence or tr("The new key works and is kept."))
        self.accept()

    def _refused(self, error: TokenpalError) -> None:
        self._keep.setEnabled(True)
        self.session.setVisible(isinstance(error, KeyNotKept))
        self._answer.set_tone("problem")
        self._answer.setText(f"{error.sentence} {error.next_step}".strip())
