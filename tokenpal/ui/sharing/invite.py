"""Invite somebody: one line to be handed over, and what it can and cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import tr
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import point
from tokenpal.ui.sharing.well import Well


class InviteDialog(Form):
    """Makes the line when it opens; ``copied`` when it lies on the clipboard."""

    copied = Signal()

    def __init__(self, desk: Desk, view: SharingView, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Invite somebody to {team}", team=view.team or tr("the team")), parent=parent)
        self.make(self._parts(view))

    def _parts(self, view: SharingView) -> Iterator[None]:
        self.say(tr("Hand this one line over yourself. It holds the address of the mailbox and the team, and nothing about you or the members."), "text-2")
        self.line = Well(tr("Invitation"), lines=5)
        self.body.addWidget(self.line)
        yield
        if view.members < 5:
            self.body.addLayout(point("key", tr("While the team has fewer than five members this line lets one person in. It works once: make another for the next.")))
            self.body.addLayout(point("info", tr("Your word alone lets the first five in. When all are there, read your four words to one another, so that nobody is there twice.")))
        else:
            self.body.addLayout(point("key", tr("It does not let anybody in by itself: two members have to compare four made-up words with whoever joins, and vouch.")))
        yield
        self.body.addLayout(point("info", tr("Whoever gets it can see the team's rules and the list of keys, which has no names.")))
        self.body.addStretch(1)
        self.copy = self.add_button(tr("Copy the line"), "copy", primary=True)
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._copy)
        self.working.came.connect(self._made)
        self.working.wait(tr("Making an invitation."), self.desk.bridge.engine.share("invite"))

    @Slot(object)
    def _made(self, line: str) -> None:
        self.line.set_text(line)
        self.copy.setEnabled(True)
        self.copy.setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())
        self.copied.emit()
        self.accept()
