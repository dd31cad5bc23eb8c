"""Exactly what is sent: readable, as bytes, sealed; what was true beside it; and what can be done before it goes."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import mark, tr
from tokenpal.ui import times
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.parts import empty, holder
from tokenpal.ui.sharing.rules import RulesList
from tokenpal.ui.sharing.well import Well
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.controls import Segmented
from tokenpal.ui.widgets.fields import BytePreview
from tokenpal.ui.widgets.text import Rule, Text

TABS = (("readable", mark("Readable")), ("bytes", mark("Bytes")), ("sealed", mark("Sealed")))
STAYS_HERE = mark("Stays on this machine")
TRUTH = mark("What was true, and what the coin made of it:")
NO_SEAL = mark("Without a team there is nobody to seal it to. With one, this is what travels: shares that only its members can open, and only as a sum.")


class ExactCard(Card):
    """``pressed(what)``: send, withdraw, pause, start, wait-not; ``copied(text)`` for the clipboard."""

    pressed = Signal(str)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Exactly what would be sent"), parent=parent)
        self.view: SharingView | None = None
        self._rules: tuple[object, ...] = ()
        self.tabs = Segmented([(key, tr(name)) for key, name in TABS], tr("How to show the report"))
        self.tabs.chosen.connect(self.show_tab)
        self.add_to_head(self.tabs)
        self.preview = BytePreview()
        self.raw = Well(tr("The report, byte for byte"))
        self.sealed = Well(tr("The sealed report"))
        for part in (self.preview, self.raw, self.sealed):
            self.body.addWidget(part)
        self._note = Text("", "small", "text-2", wrap=True)
        self.body.addWidget(self._note)
        row = QHBoxLayout()
        self.measure = Text("", "small", "text-2", wrap=True)
        row.addWidget(self.measure, 1)
        self._copy = Link(tr("Copy"))
        self._copy.setAccessibleName(tr("Copy what is shown"))
        self._copy.clicked.connect(self._copy_shown)
        row.addWidget(self._copy)
        self.body.addLayout(row)
        self._truth, truth = holder()
        truth.addWidget(Rule())
        truth.addWidget(Text(tr(STAYS_HERE), "head"))
        self._truths = QVBoxLayout()
        self._truths.setSpacing(px(4))
        truth.addLayout(self._truths)
        self.body.addWidget(self._truth)
        self._agreed, agreed = holder()
        self.rules = RulesList()
        agreed.addWidget(Rule())
        agreed.addWidget(Text(tr("The team's rules"), "head"))
        agreed.addWidget(self.rules)
        self.body.addWidget(self._agreed)
        self._foot, foot = holder()
        foot.addWidget(Rule())
        self._when = Text("", "body", wrap=True)
        foot.addWidget(self._when)
        self._buttons = Flow(right=True)
        foot.addLayout(self._buttons)
        self.body.addWidget(self._foot)
        self.body.addStretch(1)
        self.buttons: dict[str, Button] = {}
        self.show_tab("readable")

    def set(self, view: SharingView, moment: datetime | None, follows: datetime | None, now: datetime) -> None:
        """Show the report of a view; ``moment`` is when it goes out and ``follows`` when its answer does, in the person's zone."""
        self.view = view
        report = view.report
        self.setVisible(report is not None)
        if report is None:
            return
        self.set_title(tr("Exactly what was sent") if view.sent else tr("Exactly what goes out") if view.state == "sharing" and moment else tr("Exactly what would be sent"))
        self.preview.set_lines(words.byte_lines(report.text))
        self.raw.set_text(report.text)
        self.sealed.set_text(view.envelope)
        empty(self._truths)
        self._truths.addWidget(Text(tr(TRUTH), "small", "text-2"))
        for line in report.lines:
            if line.answer:
                self._truths.addWidget(Text(line.meaning, "small", wrap=True))
        if view.rules != self._rules:
            self._rules = view.rules
            self.rules.set(view.rules)
        self._agreed.setVisible(bool(view.rules))
        self._set_foot(view, moment, follows, now)
        self.show_tab(self.tabs.key())

    # ---- what can be done ---------------------------------------------------------------------------------
    def _set_foot(self, view: SharingView, moment: datetime | None, follows: datetime | None, now: datetime) -> None:
        for button in self.buttons.values():
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        sentence = ""
        if view.state == "preview":
            sentence = view.start_note or (tr("The week of preview is over.") if view.can_start else tr("Nothing is sent in this week of preview."))
            self._button("start", tr("Start sharing…") if view.can_start else tr("Start without waiting…"), primary=view.can_start)
        elif view.state == "sharing" and view.sent:
            answered = tr("Its part of the sum follows {moment}.", moment=times.moment(follows, now)) if follows else tr("From Thursday it is part of the sum.")
            sentence = tr("It has gone out. {answered}", answered=answered) + (" " + tr("You can take it back until Wednesday ends.") if view.can_withdraw else "")
            if view.can_withdraw:
                self._button("withdraw", tr("Withdraw it"))
        elif view.state == "sharing" and moment is not None:
            sentence = tr("It goes out {moment} to {host}, at a minute drawn at random.", moment=times.moment(moment, now), host=view.host)
            self._button("pause", tr("Pause before it goes"))
            self._button("send", tr("Send now"), primary=True)
        elif view.state == "sharing":
            sentence = tr("It goes out once you have joined.") if view.waiting else tr("Its minute is drawn once its week has ended.")
            if view.counts_from:
                sentence = tr("This one does not go out: your reports count from week {week_number} on.", week_number=words.week_number(view.counts_from))
        elif view.state == "paused":
            sentence = tr("Sharing is paused: this does not go out.")
        elif view.state == "stale":
            sentence = tr("Nothing goes out before you agree again.")
        self._when.setText(sentence)
        self._foot.setVisible(bool(sentence))

    def _button(self, key: str, words_: str, *, primary: bool = False) -> None:
        button = Button(words_, primary=primary)
        button.setObjectName(f"sharing-{key}")
        button.setProperty("key", key)
        button.clicked.connect(self._pressed)
        self._buttons.addWidget(button)
        button.show()
        self.buttons[key] = button

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if button is not None:
            self.pressed.emit(button.property("key"))

    # ---- tabs ---------------------------------------------------------------------------------------------
    @Slot(str)
    def show_tab(self, key: str) -> None:
        """Readable, bytes or sealed."""
        sealed = self.view.envelope if self.view else ""
        self.preview.setVisible(key == "readable")
        self.raw.setVisible(key == "bytes")
        self.sealed.setVisible(key == "sealed" and bool(sealed))
        self._truth.setVisible(key == "readable" and self._truths.count() > 1)
        self._copy.setVisible(key != "sealed" or bool(sealed))
        report = self.view.report if self.view else None
        if report is None or self.view is None:
            return
        if key == "sealed":
            self._note.setText((self.view.envelope_note if sealed else tr(NO_SEAL)) or tr("Shares for each member: only a sum of them can be opened."))
            self.measure.setText(tr("Sealed: {sealed}.", sealed=words.size(sealed)) if sealed else "")
        else:
            self._note.setText(report.banner)
            plain = words.size(report.text)
            both = tr("{plain}, sealed {sealed}", plain=plain, sealed=words.size(sealed)) if sealed else plain
            self.measure.setText(tr("{both}. Line breaks and “…” are for reading only.", both=both) if key == "readable" else tr("{both}. Complete.", both=both))
        for part in (self._note, self.measure):
            part.setVisible(bool(part.text()))

    @Slot()
    def _copy_shown(self) -> None:
        if self.view is not None and self.view.report is not None:
            self.copied.emit(self.view.envelope if self.tabs.key() == "sealed" else self.view.report.text)
