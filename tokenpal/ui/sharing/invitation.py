"""Paste an invitation: who asks is shown before anything is fetched; one button makes the first connection, and says so."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sharing.pasted import read_invitation
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.engine.sharing.views import sharing_view
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark, tr
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import holder, point
from tokenpal.ui.sharing.rules import RulesList
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.text import Rule, Text

PASTE = mark("An invitation is one line that begins with tokenpal-team. A member of the team, or whoever founds it, gives it to you.")
BEFORE = (
    mark("Nothing has been fetched so far. The button makes the first connection: it asks for the team's rules and its list of keys, "
    "and says nothing about you. The mailbox sees your network address; a proxy, such as Tor, can be set in Settings.")
)
AFTER = (
    mark("Nothing about you has been sent. For a week each report is made and shown to you here, marked not sent."),
    mark("After that week you may start, or leave; nothing starts by itself."),
    mark("You can also start without waiting, from the Sharing page."),
)


class InvitationDialog(Form):
    """``looked(None)`` once the rules are here and the week of preview has begun."""

    looked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Paste an invitation"), tr("Cancel"), parent=parent)
        self._explained = self.say(tr(PASTE), "text-2")
        self.line = LineEdit("tokenpal-team:", tr("Invitation"), mono=True)
        self.line.setObjectName("invitation")
        self.line.setMaxLength(4000)
        self.line.textChanged.connect(self._read)
        self.body.addWidget(self.line)
        self._who, who = holder()
        self.host = Text("", "body", weight=600, wrap=True, selectable=True)
        self.team = Text("", "small", "text-2", wrap=True, selectable=True)
        who.addWidget(self.host)
        who.addWidget(self.team)
        who.addWidget(Text(tr(BEFORE), "body", wrap=True))
        self._who.hide()
        self.body.addWidget(self._who)
        self._problem = Text("", "small", "problem", wrap=True)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self._after, after = holder()
        self.rules = RulesList()
        after.addWidget(self.rules)
        after.addWidget(Rule())
        for sentence in map(tr, AFTER):
            after.addLayout(point("check", sentence))
        self._after.hide()
        self.body.addWidget(self._after)
        self.body.addStretch(1)
        self.look = self.add_button(tr("Look at the team's rules"), "look", primary=True)
        self.look.setEnabled(False)
        self.look.clicked.connect(self._look)
        self.line.returnPressed.connect(self._look)
        self.working.came.connect(self._looked)
        self.working.failed.connect(self._again)
        self.working.stopped.connect(self._again)
        self.line.setFocus()

    @Slot()
    def _read(self) -> None:
        """Take the line apart on this machine; nothing is asked of anybody."""
        text = self.line.text().strip()
        self.working.say("")
        try:
            found = read_invitation(text) if text else None
        except TokenpalError as error:
            found = None
            self._problem.setText(f"{error.sentence} {error.next_step}".strip())
        self._problem.setVisible(bool(text) and found is None)
        self._who.setVisible(found is not None)
        self.look.setEnabled(found is not None)
        if found is not None:
            self.host.setText(found.host)
            self.team.setText(tr("Team {team}. {kind}", team=found.team, kind=found.kind))

    @Slot()
    def _look(self) -> None:
        if not self.look.isEnabled() or self.working.busy:
            return
        self.look.setEnabled(False)
        self.line.setEnabled(False)
        self.working.wait(tr("Asking {host}.", host=self.host.text()), self.desk.bridge.engine.share("look", invitation=self.line.text().strip()))

    @Slot()
    def _again(self) -> None:
        self.look.setEnabled(True)
        self.line.setEnabled(True)
        self.line.setFocus()

    @Slot(object)
    def _looked(self, _answer: object) -> None:
        self.looked.emit()
        self.desk.bridge.ask(sharing_view, then=self._show_rules)

    def _show_rules(self, view: SharingView) -> None:
        self.heading.setText(tr("The rules of {team}", team=view.team or tr("the team")))
        self.setWindowTitle(self.heading.text())
        for part in (self._explained, self.line, self._who, self.look):
            part.hide()
        self.rules.set(view.rules)
        self._after.show()
        self.out.setText(tr("Begin the preview"))
        self.out.updateGeometry()
        self.out.set_primary(True)
        self.out.setFocus()
        self.adjustSize()
