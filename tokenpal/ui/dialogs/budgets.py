"""Budgets in one dialog: where each stands, a new one, another amount, and away with it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine import budgets, commands
from tokenpal.insight import amounts, budgets as words
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope, Standing
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.model.events import Changed
from tokenpal.settings import week_start
from tokenpal.translation import tr
from tokenpal.ui.budgets.meter import BudgetMeter
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, Link, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo, Segmented
from tokenpal.ui.widgets.notices import Toast
from tokenpal.ui.widgets.text import Rule, Text

ASKS = frozenset({"budgets", "usage", "tasks", "accounts", "settings"})
PERIODS = (BudgetPeriod.DAY, BudgetPeriod.WEEK, BudgetPeriod.MONTH)


class BudgetLine(QWidget):
    """A budget with its two actions. ``edited(id)``, ``removed(id)``."""

    edited = Signal(int)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.id = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(8), 0)
        row.setSpacing(px(14))
        self.meter = BudgetMeter()
        row.addWidget(self.meter, 1)
        self.change = Link(tr("Change"))
        self.change.clicked.connect(self._change)
        self.remove = Link(tr("Remove"), tone="text-2")
        self.remove.clicked.connect(self._remove)
        for link in (self.change, self.remove):
            row.addWidget(link, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_standing(self, one: Standing) -> None:
        """Show a budget."""
        self.id = one.budget.id
        self.meter.set_standing(one)
        what = f"{one.name}, {words.kind(one.budget)}"
        self.change.setAccessibleName(tr("Change the budget {name}", name=what))
        self.remove.setAccessibleName(tr("Remove the budget {name}", name=what))

    @Slot()
    def _change(self) -> None:
        self.edited.emit(self.id)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.id)


class BudgetsDialog(Sheet):
    """Opens ready for a new budget of this scope; every change is kept at once and can be undone."""

    def __init__(self, desk: Desk, scope: BudgetScope | str = BudgetScope.ALL, of: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._wanted = desk, _owner_key(BudgetScope(scope), of)
        self._standings: tuple[Standing, ...] = ()
        self._edited: Budget | None = None
        self._lines: list[BudgetLine] = []
        self._most = 4  # rows in sight
        self.setWindowTitle(tr("Budgets"))
        self.setMinimumWidth(room_for(self, 620, 0).width())
        self.make(self._parts())

    def _parts(self) -> Iterator[None]:
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(tr("Budgets"), "head"))
        column.addWidget(
            Text(tr("A budget is your own ceiling. You see where you stand, and hear of it once when it is reached. It stops nothing."), "body", "text-2", wrap=True)
        )
        self._none = Text(tr("No budget yet. Set the first one below."), "small", "text-3", wrap=True)
        self._none.hide()
        column.addWidget(self._none)
        held = QWidget()
        self._list = QVBoxLayout(held)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(px(12))
        self._list.addStretch(1)
        self._scroll = Scroll()
        self._scroll.setWidget(held)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # as tall as the rows that are to be seen
        self._scroll.hide()
        column.addWidget(self._scroll, 1)
        column.addWidget(Rule())
        yield
        yield from self._build_form(column)
        self.toast = Toast(self, "Ctrl+Z")
        self.toast.undone.connect(self._undo)
        undo = QAction(self)
        undo.setShortcut("Ctrl+Z")
        undo.triggered.connect(self._undo)
        self.addAction(undo)
        self._desk.bridge.happened.connect(self._happened)
        self._ask()
        self.amount.setFocus()

    def _build_form(self, column: QVBoxLayout) -> Iterator[None]:
        self.heading = Text(tr("New budget"), "body", weight=600)
        column.addWidget(self.heading)
        holder = QWidget()
        flow = Flow(holder)
        self.owner = PhraseCombo(tr("for"), [(_owner_key(BudgetScope.ALL, None), tr(words.EVERYTHING))], tr("What the budget is for"))
        self.owner.setObjectName("owner")
        yield
        self.amount = LineEdit("50.00", tr("Amount"))
        self.amount.setObjectName("amount")
        self.amount.setFixedWidth(px(120))
        self.unit = PhraseCombo("", (), tr("What is counted"))
        self.unit.setObjectName("unit")
        self.unit.chosen.connect(self._unit_chosen)
        yield
        self.period = Segmented(
            [(BudgetPeriod.DAY, tr("a day")), (BudgetPeriod.WEEK, tr("a week")), (BudgetPeriod.MONTH, tr("a month"))], tr("For how long")
        )
        self.period.setObjectName("period")
        self.period.choose(BudgetPeriod.MONTH)
        for widget in (self.owner, self.amount, self.unit, self.period):
            flow.addWidget(widget)
        column.addWidget(holder)
        yield
        self.problem = Text("", "small", "attention", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.keep = PrimaryButton(tr("Set budget"))
        self.keep.setObjectName("keep")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._keep)
        self.cancel = Link(tr("Do not change it"))
        self.cancel.clicked.connect(self._new)
        self.cancel.hide()
        row.addWidget(self.keep)
        row.addWidget(self.cancel)
        row.addStretch(1)
        self.close_button = Button(tr("Close"))
        self.close_button.setObjectName("close")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        row.addWidget(self.close_button)
        column.addSpacing(px(4))
        column.addLayout(row)
        self._set_units(("USD",))

    # ---- what there is ------------------------------------------------------------------------------------
    def _ask(self) -> None:
        start = week_start(self._desk.settings.get("general.week_start"))
        self._desk.bridge.ask(budgets.table, self._desk.zone().key, start, self._desk.today(), then=self._filled)

    @Slot(object)
    def _happened(self, event: object) -> None:
        if isinstance(event, Changed) and event.what & ASKS:
            self._ask()

    def _filled(self, table: budgets.Table) -> None:
        self._standings = table.standings
        while len(self._lines) < len(table.standings):
            line = BudgetLine()
            line.edited.connect(self._edit)
            line.removed.connect(self._remove)
            self._list.insertWidget(len(self._lines), line)
            self._lines.append(line)
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(table.standings))
            if place < len(table.standings):
                line.set_standing(table.standings[place])
        self._none.setVisible(not table.standings)
        self._scroll.setVisible(bool(table.standings))
        self._show_rows()
        owners = [(_owner_key(BudgetScope.ALL, None), tr(words.EVERYTHING))]
        owners += [(_owner_key(BudgetScope.TASK, id_), name) for id_, name in table.tasks]
        owners += [(_owner_key(BudgetScope.ACCOUNT, id_), name) for id_, name in table.accounts]
        known = {key for key, _ in owners}
        owners += [
            (key, one.name) for one in table.standings if (key := _owner_key(one.budget.scope, one.budget.of)) not in known
        ]  # a task that is done, an account that was removed
        self.owner.set_options(list(dict(owners).items()))
        self._set_units(table.currencies)
        if self._wanted:
            self.owner.choose(self._wanted)
            self._wanted = ""

    def _show_rows(self) -> None:
        rows = min(self._most, len(self._standings))
        self._scroll.setMinimumHeight(rows * (self._lines[0].sizeHint().height() + px(12)) if rows else 0)

    @Slot()
    def _roll_up(self) -> None:
        """The list scrolls by itself, so it gives way first."""
        if self._most == 1:
            super()._roll_up()
            return
        self._most = 1
        self._show_rows()

    def _set_units(self, currencies: tuple[str, ...]) -> None:
        units = [(_unit_key(BudgetMeasure.LIST_PRICE, "USD"), tr("USD at list price")), (_unit_key(BudgetMeasure.TOKENS, ""), tr("tokens"))]
        units += [(_unit_key(BudgetMeasure.CASH, one), tr("{currency} billed", currency=one)) for one in currencies]
        self.unit.set_options(units)

    # ---- what the person does -----------------------------------------------------------------------------
    @Slot(str)
    def _unit_chosen(self, key: str) -> None:
        self.amount.setPlaceholderText("2 M" if key.startswith(BudgetMeasure.TOKENS) else "50.00")

    @Slot(int)
    def _edit(self, id_: int) -> None:
        one = next((one.budget for one in self._standings if one.budget.id == id_), None)
        if one is None:
            return
        self._edited = one
        self.heading.setText(tr("Change a budget"))
        self.keep.setText(tr("Keep"))
        self.keep.updateGeometry()
        self.cancel.show()
        self.owner.choose(_owner_key(one.scope, one.of))
        self.unit.choose(_unit_key(one.measure, one.currency))
        self.period.choose(one.period)
        self.amount.setText(amounts.typed(one))
        self.amount.setFocus()
        self.amount.selectAll()

    @Slot()
    def _new(self) -> None:
        self._edited = None
        self.heading.setText(tr("New budget"))
        self.keep.setText(tr("Set budget"))
        self.keep.updateGeometry()
        self.cancel.hide()
        self.amount.clear()
        self._say("")
        self.amount.setFocus()

    @Slot()
    def _keep(self) -> None:
        measure, _, currency = self.unit.key().partition(" ")
        scope, _, of = self.owner.key().partition(" ")
        try:
            amount = (amounts.tokens if measure == BudgetMeasure.TOKENS else amounts.pico)(self.amount.text())
        except UsageError as error:
            self._say(f"{error.sentence} {error.next_step}")
            self.amount.setFocus()
            self.amount.selectAll()
            return
        old = self._edited
        budget = Budget(
            BudgetMeasure(measure), amount, BudgetPeriod(self.period.key()), BudgetScope(scope), int(of) if of else None, currency,
            old.id if old else 0, old.uid if old else "",
        )  # fmt: skip
        self._desk.bridge.ask(commands.set_budget, budget, then=self._kept, otherwise=self._failed)

    def _kept(self, _id: int) -> None:
        self.toast.say(tr("Budget changed.") if self._edited else tr("Budget set."))
        self._new()
        self._ask()

    @Slot(int)
    def _remove(self, id_: int) -> None:
        if self._edited is not None and self._edited.id == id_:
            self._new()
        self._desk.bridge.ask(commands.delete_budget, id_, then=self._removed, otherwise=self._failed)

    def _removed(self, _nothing: None) -> None:
        self.toast.say(tr("Budget removed."))
        self.amount.setFocus()  # the button that had the keyboard is gone
        self._ask()

    @Slot()
    def _undo(self) -> None:
        self._desk.bridge.ask(commands.undo, then=self._undone, otherwise=self._failed)

    def _undone(self, _title: str | None) -> None:
        self._ask()

    def _failed(self, error: TokenpalError) -> None:
        self._say(f"{error.sentence} {error.next_step}")

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))


def _owner_key(scope: BudgetScope, of: int | None) -> str:
    return f"{scope} {of}" if of is not None else str(scope)


def _unit_key(measure: BudgetMeasure, currency: str) -> str:
    return f"{measure} {currency}".strip()
