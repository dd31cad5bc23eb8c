"""What is left: plan windows with countdown, prepaid balances and the person's own budgets, side by side (product 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tokenpal.engine.limits import fullest
from tokenpal.engine.overview import Around
from tokenpal.insight import budgets as budget_words
from tokenpal.insight.limit_words import NO_WINDOW, balance_words, limit_words
from tokenpal.insight.limits import BalanceView, LimitView
from tokenpal.model.budget import Standing
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.budgets.meter import BudgetMeter
from tokenpal.ui.charts.tables import Cell
from tokenpal.ui.overview.flip import FlipCard
from tokenpal.ui.overview.grid import Even
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import together
from tokenpal.ui.widgets.meters import BalanceLine, Meter
from tokenpal.ui.widgets.text import Text

PLACES, MOST_BALANCES, MOST_BUDGETS = 6, 1, 2  # windows have what the others leave; the table has all of them
COLUMN = 250  # px of a meter, at least


class LimitsCard(FlipCard):
    """Windows, the fullest first; the balances that need looking at most; budgets, the fullest first."""

    budgets_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Limits and budgets"), parent=parent)
        self._desk = desk
        self._grid = Even(COLUMN)
        self._meters = [Meter() for _ in range(PLACES)]
        self._balances = [BalanceLine() for _ in range(MOST_BALANCES)]
        self._budgets = [BudgetMeter() for _ in range(MOST_BUDGETS)]
        for widget in (*self._meters, *self._balances, *self._budgets):
            widget.hide()
            self._grid.put(widget)
        self.picture_column.addLayout(self._grid)
        self._none = Text(tr(NO_WINDOW), "small", "text-2", wrap=True)
        self.picture_column.addWidget(self._none)
        self.link = self.set_link(tr("Set a budget"))
        self.link.setToolTip(tr("Your own ceiling in tokens or money. It stops nothing."))
        self.link.clicked.connect(self.budgets_asked)

    def set_around(self, around: Around) -> None:
        """Everything that is left of something."""
        windows = fullest(around.limits)
        balances = sorted(around.balances, key=lambda one: (not one.burn.low_balance, one.burn.run_out or 2**60))
        budgets = sorted(around.budgets, key=lambda one: -one.share)
        room = PLACES - min(MOST_BALANCES, len(balances)) - min(MOST_BUDGETS, len(budgets))
        with together(self.picture):
            _fill(self._meters, windows[:room], self._window)
            _fill(self._balances, balances, self._balance)
            _fill(self._budgets, budgets, BudgetMeter.set_standing)
            self._none.setVisible(not windows and not balances and not budgets)
        left = []
        if (more := len(windows) - room) > 0:
            left.append(trn("{n} more limit", "{n} more limits", more))
        if (more := len(balances) - MOST_BALANCES) > 0:
            left.append(trn("{n} more balance", "{n} more balances", more))
        if (more := len(budgets) - MOST_BUDGETS) > 0:
            left.append(trn("{n} more budget", "{n} more budgets", more))
        self.set_qualifier(numbers.join(left))
        self.link.setText(tr("Budgets") if budgets else tr("Set a budget"))
        self.link.updateGeometry()
        self._tell(windows, balances, budgets)

    def _window(self, meter: Meter, one: LimitView) -> None:
        meter.set_near_from(int(self._desk.settings.get("advanced.near_limit")) / 100)
        said = limit_words(one, self._desk.now(), self._desk.zone())
        meter.set_words(said.name, said.share, said.reset, said.head, said.source, said.known, said.line)

    def _balance(self, line: BalanceLine, one: BalanceView) -> None:
        said = balance_words(one, self._desk.now(), self._desk.zone())
        line.set(said.name, said.source, said.foot, said.line, low=said.low)

    def _tell(self, windows: Sequence[LimitView], balances: Sequence[BalanceView], budgets: Sequence[Standing]) -> None:
        now, zone = self._desk.now(), self._desk.zone()
        rows: list[tuple[Cell, ...]] = []
        for window in windows:
            said = limit_words(window, now, zone)
            rows.append((said.name, said.share, said.reset, said.head, said.outlook, said.source))
        for balance in balances:
            told = balance_words(balance, now, zone)
            rows.append((told.name, None, "", told.foot, "", told.source))
        for one in budgets:
            rows.append((one.name, one.share, "", one.words, tr("reached") if one.over else "", budget_words.kind(one.budget)))
        self.set_cells((tr("What"), tr("Used"), tr("Resets"), tr("State"), tr("Outlook"), tr("Source")), rows)


def _fill(widgets: Sequence[QWidget], values: Sequence, show: Callable) -> None:
    for place, widget in enumerate(widgets):
        if place < len(values):
            show(widget, values[place])
        widget.setVisible(place < len(values))
