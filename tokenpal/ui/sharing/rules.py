"""The team's rules in plain words, as two dialogs show them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from tokenpal.engine.sharing.shapes import Rule
from tokenpal.translation import tr
from tokenpal.ui.sharing.parts import empty
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.text import Text


class RulesList(QWidget):
    """Field left, words right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(1, 1)
        self.setAccessibleName(tr("The team's rules"))

    def set(self, rules: Sequence[Rule]) -> None:
        """Show these."""
        empty(self._grid)
        for line, rule in enumerate(rules):
            self._grid.addWidget(Text(rule.field, "small", "text-2"), line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Text(rule.words, "small", wrap=True), line, 1)
