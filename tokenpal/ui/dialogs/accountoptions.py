"""Change what an account reads: the options of its source, tested before they are kept."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.engine import providers
from tokenpal.model.errors import TokenpalError
from tokenpal.model.report import AccountRow
from tokenpal.translation import mark, tr
from tokenpal.ui.dialogs.accountform import OptionRows
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import PrimaryButton
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text

AFTER = mark("Then what the provider still tells is read anew with these options; older days stay as they were read.")


class OptionsDialog(Sheet):
    """``done_with(sentence)`` when the options were tested and kept."""

    done_with = Signal(str)

    def __init__(self, desk: Desk, row: AccountRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._row = desk, row
        self.setWindowTitle(tr("Change options"))
        self.setMinimumWidth(room_for(self, 520, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(tr("What {name} reads", name=row.name), "head", wrap=True))
        self.rows = OptionRows()
        self.rows.entered.connect(self._test)
        column.addWidget(self.rows)
        info = providers.info(row.source)
        self.rows.ask(info.options if info is not None else ())
        column.addWidget(Text(tr(AFTER), "small", "text-3", wrap=True))
        self._answer = Text("", "small", "text-2", wrap=True)
        column.addWidget(self._answer)
        self._keep = PrimaryButton(tr("Test and keep"))
        self._keep.setObjectName("keep")
        self._keep.clicked.connect(self._test)
        column.addLayout(foot(way_out(self, tr("Cancel")), self._keep))

    def fill(self, given: Mapping[str, str]) -> None:
        """The answers as they are now."""
        self.rows.fill(given)

    @Slot()
    def _test(self) -> None:
        if not self._keep.isEnabled():
            return
        self._keep.setEnabled(False)
        self._say(tr("Asking the provider."), problem=False)
        self._desk.bridge.wait(self._desk.bridge.engine.set_account_options(self._row.id, self.rows.said()), self._kept, self._refused)

    def _kept(self, sentence: str) -> None:
        self.done_with.emit(sentence)
        self.accept()

    def _refused(self, error: TokenpalError) -> None:
        self._keep.setEnabled(True)
        self._say(f"{error.sentence} {error.next_step}".strip(), problem=True)

    def _say(self, words: str, *, problem: bool) -> None:
        self._answer.set_tone("problem" if problem else "text-2")
        self._answer.setText(words)
