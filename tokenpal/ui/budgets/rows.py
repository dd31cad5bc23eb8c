"""Where budgets stand, as meters below one another, with the way to set one (product 3, 5.1, 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.insight import budgets as words
from tokenpal.model.budget import Standing
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.theme import px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.meters import Meter
from tokenpal.ui.widgets.text import Text

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


class BudgetRows(QWidget):
    """At most ``most`` budgets, the fullest first, and the link to the dialog. ``asked()`` when it is pressed.

    Connect it: ``rows.asked.connect(page.open_budgets)`` where that opens ``dialogs.budgets.BudgetsDialog(desk, parent=page)``.
    """

    asked = Signal()

    def __init__(self, desk: object = None, parent: QWidget | None = None, *, most: int = 3) -> None:
        super().__init__(parent)
        self._most = most
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(10))
        self._column = column
        self._meters: list[BudgetMeter] = []
        self._none = Text(tr("No budget is set."), "small", "text-2", wrap=True)
        column.addWidget(self._none)
        self.link = Link(tr("Set a budget"))
        self.link.setObjectName("budgets")
        self.link.setToolTip(tr("Your own ceiling in tokens or money. It stops nothing."))
        self.link.clicked.connect(self.asked)
        column.addWidget(self.link, 0, Qt.AlignmentFlag.AlignLeft)

    def set_standings(self, standings: Sequence[Standing]) -> None:
        """Show these; what does not fit is counted in the link."""
        shown = sorted(standings, key=lambda one: -one.share)[: self._most]
        while len(self._meters) < len(shown):
            meter = BudgetMeter(self)
            self._column.insertWidget(len(self._meters), meter)
            self._meters.append(meter)
        for place, meter in enumerate(self._meters):
            meter.setVisible(place < len(shown))
            if place < len(shown):
                meter.set_standing(shown[place])
        self._none.setVisible(not shown)
        more = len(standings) - len(shown)
        said = tr("Set a budget") if not standings else tr("Budgets") if not more else tr("Budgets, {count} more", count=numbers.digits(more))
        self.link.setText(said)
        self.link.setAccessibleName(said)
        self.link.updateGeometry()
