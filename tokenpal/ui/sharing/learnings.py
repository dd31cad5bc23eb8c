"""What members chose to publish, each with the name they gave; one's own can be retracted at any time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import LearningView, SharingView
from tokenpal.translation import mark, tr
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.parts import empty, holder
from tokenpal.ui.theme import px
from tokenpal.ui.weekwords import FIELDS, field_name
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text

NONE = mark("Nobody has published anything yet. A line of your check-in leaves this machine only by its own Publish, with a full preview.")


class LearningsCard(Card):
    """``retracted(id)`` and ``checkin_asked``."""

    retracted = Signal(str)
    checkin_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Learnings of the team"), parent=parent)
        self.link = self.set_link(tr("Publish from a check-in"))
        self.link.clicked.connect(self.checkin_asked)
        self._shown: tuple[LearningView, ...] | None = None

    def set(self, view: SharingView) -> None:
        """Show what is published."""
        self.setVisible(view.state in {"sharing", "paused", "stale"} or bool(view.learnings))
        self.link.setVisible(view.state == "sharing")
        if view.learnings == self._shown:
            return
        self._shown = view.learnings
        empty(self.body)
        if not view.learnings:
            self.body.addWidget(Text(tr(NONE), "body", "text-2", wrap=True))
        for place, one in enumerate(view.learnings):
            if place:
                self.body.addWidget(Rule())
            self.body.addWidget(self._row(one))
        self.body.addStretch(1)

    def _row(self, one: LearningView) -> QWidget:
        widget, column = holder()
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addWidget(Chip(field_name(one.part) if one.part in FIELDS else one.part), 0, Qt.AlignmentFlag.AlignTop)
        said = QVBoxLayout()
        said.setSpacing(px(2))
        said.addWidget(Text(one.text, "body", wrap=True))
        who = tr("{name}, week {week_number}, published by you" if one.mine else "{name}, week {week_number}", name=one.name, week_number=words.week_number(one.epoch))
        said.addWidget(Text(who, "small", "text-3", wrap=True))
        row.addLayout(said, 1)
        if one.mine:
            link = Link(tr("Retract"))
            link.setAccessibleName(tr("Retract: {text}", text=one.text[:60]))
            link.setProperty("learning", one.id)
            link.clicked.connect(self._retract)
            row.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        return widget

    @Slot()
    def _retract(self) -> None:
        link = self.sender()
        if link is not None:
            self.retracted.emit(link.property("learning"))
