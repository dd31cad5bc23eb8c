"""Where one budget stands, as a meter (product 3, 5.1)."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from tokenpal.insight import budgets as words
from tokenpal.model.budget import Standing
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.theme import theme
from tokenpal.ui.widgets.meters import Meter

REACHED = 1.0  # nothing is said of a budget below it (issue 5: one crossing, and none lower)


class BudgetMeter(Meter):
    """One budget in three lines: its name and kind, the bar, what was used of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(near_from=REACHED, parent=parent)
        self._standing: Standing | None = None
        theme().changed.connect(self._say_again)

    def set_standing(self, one: Standing) -> None:
        """Show a budget. The words are made anew with the look: figures may have been hidden."""
        self._standing = one
        self._say_again()

    @Slot()
    def _say_again(self) -> None:
        one = self._standing
        if one is not None:
            foot = numbers.join((words.words(one), tr("reached") if one.over else ""))
            self.set_words(one.name, min(one.share, 1.0), words.kind(one.budget), foot, numbers.percent(one.share))
