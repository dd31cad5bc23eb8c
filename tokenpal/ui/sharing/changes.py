"""STALE: what is not as the person agreed to, field by field, before and after; nothing is sent until they say so."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import ChangeLine, SharingView
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sharing.parts import empty
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, PrimaryButton
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text


class ChangesCard(Card):
    """``agreed`` and ``refused``: "Agree and go on", "Stay out"."""

    agreed = Signal()
    refused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What changed since you agreed"), parent=parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(20))
        self._grid.setVerticalSpacing(px(7))
        for column, stretch in enumerate((3, 4, 4, 0)):
            self._grid.setColumnStretch(column, stretch)
        self.body.addLayout(self._grid)
        self.body.addSpacing(px(4))
        foot = QHBoxLayout()
        foot.addWidget(Text(tr("Nothing is sent before you agree, however long you take."), "body", "text-2", wrap=True), 1)
        buttons = Flow(right=True)
        self.stay = Button(tr("Stay out"))
        self.stay.setObjectName("sharing-stay-out")
        self.stay.clicked.connect(self.refused)
        self.agree = PrimaryButton(tr("Agree and go on"))
        self.agree.setObjectName("sharing-agree")
        self.agree.clicked.connect(self.agreed)
        for button in (self.stay, self.agree):
            buttons.addWidget(button)
        foot.addLayout(buttons, 1)
        self.body.addLayout(foot)
        self._shown: tuple[ChangeLine, ...] | None = None

    def set(self, view: SharingView) -> None:
        """Show the differences of a view."""
        self.setVisible(bool(view.changes))
        for button in (self.stay, self.agree):
            button.setVisible(view.state == "stale")
        if view.changes == self._shown:
            return
        self._shown = view.changes
        widening = sum(one.widens for one in view.changes)
        self.set_title(tr("What changed since you agreed"), tr("{fields} would widen what you agreed to", fields=numbers.count(widening, 'field')) if widening else tr("nothing widens"))
        empty(self._grid)
        for column, words in enumerate((tr("Field"), tr("You agreed to"), tr("It is now"))):
            self._grid.addWidget(Text(words, "small", "text-3"), 0, column)
        for place, one in enumerate(sorted(view.changes, key=lambda line: not line.widens)):
            line = 2 * place + 1
            self._grid.addWidget(Rule(), line, 0, 1, 4)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(Text(one.field, "body", weight=600 if one.widens else 400, wrap=True), line + 1, 0, top)
            self._grid.addWidget(Text(one.before or "–", "body", "text-2", wrap=True), line + 1, 1, top)
            self._grid.addWidget(Text(one.after or "–", "body", wrap=True, weight=500 if one.widens else 400), line + 1, 2, top)
            self._grid.addWidget(Chip(tr("widens") if one.widens else tr("no wider")), line + 1, 3, top)
