"""Joining: one's own four words, and those who ask to join. Members vouch for each other; nobody's name is here."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import Asking, SharingView
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.parts import empty, holder, point
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Rule, Text

MINE = mark("Four made-up words that stand for your key. Read them aloud to the members who vouch for you, in person or on a call.")
HOW = mark("Vouch only for a person you know, who reads these four made-up words to you, in person or on a call. From the sixth member on two members must vouch.")
FIVE = 5
FEW = mark("With five members all five must report: expect a result in half to three quarters of the weeks. Six or more do better. With fewer there is none.")


class JoiningCard(Card):
    """``vouched(member)``, ``invite_asked``, ``join_asked`` ("look again" while vouchers are lacking)."""

    vouched = Signal(str)
    invite_asked = Signal()
    join_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Members"), parent=parent)
        self.invite = self.set_link(tr("Invite…"))
        self.invite.setAccessibleName(tr("Invite a member"))
        self.invite.clicked.connect(self.invite_asked)
        self._shown: SharingView | None = None

    def set(self, view: SharingView, *, urgent: bool) -> None:
        """Show who asks to join, and what one's own joining still lacks. ``urgent``: this card stands on top, and shows only then."""
        waits = bool(view.waiting) or any(not one.mine for one in view.asking)
        self.setVisible(words.in_team(view) and view.state != "preview" and waits == urgent)
        if view == self._shown:
            return
        self._shown = view
        self.invite.setVisible(view.may_invite)
        count = numbers.count(view.members, "member") if view.members else ""
        if view.counted:
            count = tr("{members}, {counted} counted this week", members=numbers.count(view.members, "member"), counted=view.counted)
        self.set_title(tr("Members"), count)
        empty(self.body)
        if view.waiting:
            self.body.addLayout(point("timer", view.waiting))
            look = Button(tr("Look again"))
            look.setObjectName("sharing-join")
            look.setToolTip(tr("Asks the mailbox whether members have vouched for you."))
            look.clicked.connect(self.join_asked)
            row = QHBoxLayout()
            row.addWidget(look)
            row.addStretch(1)
            self.body.addLayout(row)
        elif view.counts_from:
            self.body.addLayout(point("timer", tr("You have joined. Your reports count from week {week_number} on.", week_number=words.week_number(view.counts_from))))
        if view.words:
            self.body.addWidget(_words(view.words))
            self.body.addWidget(Text(tr(MINE), "small", "text-2", wrap=True))
        if view.asking:
            self.body.addSpacing(px(2))
            self.body.addWidget(Text(trn("{n} person asks to join", "{n} people ask to join", len(view.asking), shown=numbers.digits(len(view.asking))), "body", weight=600))
            for one in view.asking:
                self.body.addWidget(self._asking(one))
            self.body.addWidget(Text(tr(HOW), "small", "text-2", wrap=True))
        if view.needed and view.counted:
            self.body.addWidget(Rule())
            rest = tr("A week has a result when at least {needed} of {counted} members answer. {takes_part}", needed=view.needed, counted=view.counted, takes_part=tr(words.TAKES_PART))
            self.body.addWidget(Text(rest, "small", "text-2", wrap=True))
        if 0 < view.members <= FIVE:
            self.body.addLayout(point("info", tr(FEW)))
        self.body.addStretch(1)

    def _asking(self, one: Asking) -> QWidget:
        widget, column = holder()
        column.addWidget(Rule())
        row = QHBoxLayout()
        row.setSpacing(px(10))
        said = QVBoxLayout()
        said.setSpacing(px(1))
        four = Text(one.words, "mono", selectable=True)
        four.setAccessibleName(_aloud(one.words))
        said.addWidget(four)
        how = tr("you vouched") if one.mine else tr("nobody has vouched yet") if not one.vouched else trn("{n} member vouched", "{n} members vouched", one.vouched, shown=numbers.digits(one.vouched))
        said.addWidget(Text(how, "small", "text-3"))
        row.addLayout(said, 1)
        if not one.mine:
            button = Button(tr("They match: vouch"))
            button.setAccessibleName(tr("The words match: vouch for {words}", words=one.words))
            button.setProperty("member", one.member)
            button.clicked.connect(self._vouch)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(row)
        return widget

    @Slot()
    def _vouch(self) -> None:
        button = self.sender()
        if button is not None:
            self.vouched.emit(button.property("member"))


def _aloud(four: str) -> str:
    """As they are read to one another."""
    return four.replace("-", " ")


def _words(four: str) -> Text:
    text = Text(four, "head", selectable=True)
    text.setAccessibleName(tr("Your four words: {words}", words=_aloud(four)))
    return text
