"""In plain words: the five questions a reader has, what is never in a report, and the limits of the promise in the same size."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import tr
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.parts import empty
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Rule, Text


class PlainCard(Card):
    """One grid, so that all sentences begin at one line; promise and limits are set in the same type."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("In plain words"), parent=parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(9))
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self._said: tuple[object, ...] = ()

    def set(self, view: SharingView) -> None:
        """Say it for this team and state."""
        said = (words.answers(view), words.limits(view))
        if said == self._said:
            return
        self._said = said
        empty(self._grid)
        line = 0
        for name, sentence in said[0]:
            self._pair(line, name, sentence)
            line += 1
        self._grid.addWidget(Rule(), line, 0, 1, 2)
        self._pair(line + 1, tr("Never"), tr(words.NEVER))
        self._grid.addWidget(Rule(), line + 2, 0, 1, 2)
        line += 3
        for number, sentence in enumerate(said[1]):
            self._pair(line, "" if number else tr("Not promised"), sentence)
            line += 1

    def _pair(self, line: int, name: str, sentence: str) -> None:
        caption = Text(name, "body", weight=600)
        text = Text(sentence, "body", wrap=True)
        text.setAccessibleName(f"{name}: {sentence}" if name else sentence)
        self._grid.addWidget(caption, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, line, 1, Qt.AlignmentFlag.AlignTop)
