"""One entry of the log, whole: request, headers, bytes, and beside a report what was true. And the answer of a verification."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from tokenpal.engine.sharing.shapes import LogEntry, VerifyResult
from tokenpal.engine.sharing.views import log_entry, verify
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import tr
from tokenpal.ui import numbers, times
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import point
from tokenpal.ui.sharing.well import Well
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.text import Text


class EntryDialog(Form):
    """Shows entry ``n``. Truth and seed stand in this machine's log only; they never left."""

    def __init__(self, desk: Desk, n: int, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("One entry"), width=680, parent=parent)
        self.entry: LogEntry | None = None
        self._meta = Text("", "small", "text-2", wrap=True)
        self.body.addWidget(self._meta)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.bytes = Well(tr("The body, byte for byte"), lines=12)
        self.body.addWidget(self.bytes)
        self.body.addStretch(1)
        self.copy = self.add_button(tr("Copy the body"), "copy")
        self.copy.clicked.connect(self._copy)
        desk.bridge.ask(log_entry, n, then=self._show, otherwise=self._missing)

    def _show(self, entry: LogEntry) -> None:
        self.entry = entry
        at = self.desk.moment(entry.line.at)
        self.heading.setText(entry.line.what)
        self.setWindowTitle(entry.line.what)
        size = numbers.count(entry.line.size, "byte")
        self._meta.setText(f"{times.long_day(at.date())}, {times.clock(at)}. {size}, {entry.line.outcome}.")
        line = 0
        for name, value, mono in (
            (tr("Request"), entry.request, True), (tr("Headers"), "\n".join(entry.headers) or tr("none"), True), (tr("Fingerprint"), entry.line.fingerprint, True),
            (tr("What was true"), entry.truth, False), (tr("What was sent"), entry.sent, False), (tr("Seed"), entry.seed, True),
        ):  # fmt: skip
            if value:
                self._grid.addWidget(Text(name, "small", "text-2"), line, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(Text(value, "mono" if mono else "body", wrap=True, selectable=True), line, 1)
                line += 1
        if entry.truth or entry.seed:
            self._grid.addWidget(Text(tr("What was true and the seed stayed on this machine; they are kept here to verify by."), "small", "text-3", wrap=True), line, 1)
        self.bytes.set_text(entry.body or tr("The request had no body."))
        self.copy.setEnabled(bool(entry.body))
        self.adjustSize()

    def _missing(self, error: TokenpalError) -> None:
        self.working.say(f"{error.sentence} {error.next_step}".strip(), problem=True)
        self.copy.setEnabled(False)

    @Slot()
    def _copy(self) -> None:
        if self.entry is not None:
            QGuiApplication.clipboard().setText(self.entry.body)


class VerifyDialog(Form):
    """Checks the chain and makes every report again; nothing is asked of anybody."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Verify byte for byte"), width=600, parent=parent)
        self.say(tr("Every entry is checked against the one before it, and every sealed report is made again from what was true, the coin and its seed."), "text-2")
        body = QWidget()
        self._lines = QGridLayout(body)
        self._lines.setContentsMargins(0, 0, px(8), 0)
        self._lines.setVerticalSpacing(px(6))
        scroll = Scroll(reads=self.windowTitle())
        scroll.setMinimumHeight(px(180))
        scroll.setWidget(body)
        self.body.addWidget(scroll, 1)
        self.working.came.connect(self._show)
        self.working.wait(tr("Making every report again."), desk.bridge.engine.ask(verify))

    @Slot(object)
    def _show(self, found: VerifyResult) -> None:
        self.heading.setText(tr("Everything is as it was sent") if found.ok else tr("Something differs"))
        self.heading.set_tone("text" if found.ok else "problem")
        for place, line in enumerate(found.lines):
            self._lines.addLayout(point("check" if found.ok else "info", line), place, 0)
        self._lines.setRowStretch(len(found.lines), 1)
