"""Leave the team: what happens, and what cannot be taken back, before it is done."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import mark, tr
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import point
from tokenpal.ui.widgets.text import Text

HAPPENS = (
    mark("From now on nothing is sent. One last message tells the mailbox that this key has left."),
    mark("Your keys for this team are deleted from the credential store of this system. What the mailbox still holds sealed can never be opened with them."),
    mark("What you published stays until you retract it, which needs your keys: retract it first."),
)
STAYS = (
    mark("Sums that are out already stay. Nobody can be found in one by itself, so nobody can be taken out."),
    mark("Your public key stays in the team's list, marked as left. The number of members shows that one left."),
    mark("The list of what left this machine stays here, for you."),
    mark("To come back you need a new invitation."),
)


class LeaveDialog(Form):
    """``left`` once it is done."""

    left = Signal()

    def __init__(self, desk: Desk, view: SharingView, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Leave {team}?", team=view.team or tr("the team")), tr("Stay"), width=500, parent=parent)
        preview = view.state == "preview"
        happens = (mark("You have only looked: nothing was published. The rules and the keys made for the preview are deleted here."),) if preview else HAPPENS
        self.body.addWidget(Text(tr("What happens"), "body", weight=600))
        for sentence in map(tr, happens):
            self.body.addLayout(point("check", sentence))
        self.body.addWidget(Text(tr("What cannot be taken back"), "body", weight=600))
        for sentence in map(tr, STAYS[2:] if preview else STAYS):
            self.body.addLayout(point("info", sentence))
        self.body.addStretch(1)
        self.leave = self.add_button(tr("Leave the team"), "answer-leave", danger=True)
        self.leave.clicked.connect(self._leave)
        self.working.came.connect(self._left)
        self.working.failed.connect(self._again)
        self.working.stopped.connect(self._again)
        self.out.setDefault(True)
        self.out.setFocus()

    @Slot()
    def _leave(self) -> None:
        self.leave.setEnabled(False)
        self.working.wait(tr("Leaving."), self.desk.bridge.engine.share("leave"))

    @Slot()
    def _again(self) -> None:
        self.leave.setEnabled(True)

    @Slot(object)
    def _left(self, _answer: object) -> None:
        self.left.emit()
        self.accept()
