"""Arithmetic as a small table: what, its figure, how. Lines break instead of being cut; it can be selected and copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from tokenpal.model.insight import Step
from tokenpal.translation import tr
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.text import Rule, Text


class Steps(QWidget):
    """The lines of one insight, which ``made()`` makes: it can be done a few at a time."""

    def __init__(self, steps: Sequence[Step], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("The arithmetic"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(7))
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(2, 3)
        self._steps = steps

    def made(self) -> Iterator[None]:
        """Line by line."""
        for number, step in enumerate(self._steps):
            if number:
                self._grid.addWidget(Rule(), 2 * number - 1, 0, 1, 3)
            name = Text(step.label, "small", wrap=True, selectable=True)
            figure = Text(step.figure, "small", weight=500, right=True, selectable=True)
            note = Text(step.note, "small", "text-2", wrap=True, selectable=True)
            for column, text in enumerate((name, figure, note)):
                text.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a reader reads them; Tab goes to what can be done
                self._grid.addWidget(text, 2 * number, column, Qt.AlignmentFlag.AlignTop)
            yield
