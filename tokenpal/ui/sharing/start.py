"""Start sharing: the rules once more, one tick for each question, none set beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import tr
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import point
from tokenpal.ui.sharing.rules import RulesList
from tokenpal.ui.sharing.words import STAYS
from tokenpal.ui.widgets.choices import CheckBox
from tokenpal.ui.widgets.text import Rule, Text


class StartDialog(Form):
    """``started`` when the consent is kept and the team has been told of this machine's keys."""

    started = Signal()

    def __init__(self, desk: Desk, view: SharingView, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Start sharing with {team}", team=view.team or tr("the team")), tr("Not now"), width=600, parent=parent)
        self._view = view
        self.make(self._parts(view))

    def _parts(self, view: SharingView) -> Iterator[None]:
        rules = RulesList()
        rules.set(view.rules)
        self.body.addWidget(rules)
        yield
        self.body.addWidget(Rule())
        self.body.addWidget(Text(tr("Which questions may be answered?"), "body", weight=600))
        self.boxes: dict[str, CheckBox] = {}
        for tick in view.ticks:
            box = CheckBox(tick.question)
            box.setObjectName(f"tick-{tick.id}")
            box.toggled.connect(self._ticked)
            self.body.addWidget(box)
            self.boxes[tick.id] = box
            yield
        self._note = Text("", "small", "text-2", wrap=True)
        self.body.addWidget(self._note)
        self.body.addWidget(Rule())
        yield
        self.body.addLayout(point("check", tr("Then {host} gets your public keys, and each week a sealed report and a sum, until you pause or leave with one click.", host=view.host or tr("the mailbox"))))
        self.body.addLayout(point("info", STAYS))
        if not view.can_start:
            self.body.addWidget(Text(view.start_note or tr("The week of preview is not over yet."), "small", "text-2", wrap=True))
        self.body.addStretch(1)
        self.start = self.add_button(tr("Start sharing") if view.can_start else tr("Start without waiting"), "start", primary=True)
        self.start.clicked.connect(self._start)
        self.working.came.connect(self._started)
        self.working.failed.connect(self._again)
        self.working.stopped.connect(self._again)
        self._ticked()
        (next(iter(self.boxes.values()), self.start)).setFocus()

    def ticks(self) -> tuple[str, ...]:
        """Questions that are ticked."""
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    @Slot()
    def _ticked(self) -> None:
        lacking = len(self.boxes) - len(self.ticks())
        self._note.setText(tr("A report answers all of its questions, so it goes only when each is ticked.") if lacking else "")
        self._note.setVisible(bool(lacking))
        self.start.setEnabled(not lacking and not self.working.busy)

    @Slot()
    def _start(self) -> None:
        self.start.setEnabled(False)
        asked = self.desk.bridge.engine.share("start", ticks=self.ticks(), skip=not self._view.can_start)
        self.working.wait(tr("Telling {host}.", host=self._view.host or tr("the mailbox")), asked)

    @Slot()
    def _again(self) -> None:
        self._ticked()

    @Slot(object)
    def _started(self, _answer: object) -> None:
        self.started.emit()
        self.accept()
