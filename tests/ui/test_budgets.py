"""Budgets in the window: the dialog by keyboard, the rows on pages, and words that follow hidden figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.ui.conftest import App
from tokenpal.engine import budgets, commands
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.store import tasks
from tokenpal.ui.budgets.meter import BudgetMeter
from tokenpal.ui.dialogs.budgets import BudgetLine, BudgetsDialog
from tokenpal.ui.theme import Theme


@pytest.fixture
def opened(empty: App) -> tuple[App, BudgetsDialog]:
    empty.settle()  # its engine starts with the first turn of the event loop
    empty.ask(commands.add_task, "Checkout retry")
    dialog = BudgetsDialog(empty.desktop.desk, parent=empty.window)
    dialog.open()
    empty.settle()
    return empty, dialog


def lines(dialog: BudgetsDialog) -> list[BudgetLine]:
    return [line for line in dialog.findChildren(BudgetLine) if not line.isHidden()]


def kept(app: App) -> list[Budget]:
    found: list[Budget] = app.ask(budgets.budgets)
    return found


def type_(dialog: QWidget, text: str) -> None:
    QTest.keyClicks(dialog.focusWidget(), text)


def test_a_budget_is_set_by_keyboard_alone(opened: tuple[App, BudgetsDialog]) -> None:
    app, dialog = opened
    assert dialog._none.isVisible(), "an empty list says so"
    assert dialog.focusWidget() is dialog.amount
    type_(dialog, "50")
    QTest.keyClick(dialog.amount, Qt.Key.Key_Return)
    app.wait(lambda: lines(dialog), "the budget is listed")
    assert [(one.measure, one.amount, one.period, one.scope) for one in kept(app)] == [("list_price", 50 * 10**12, "month", "all")]
    assert dialog.amount.text() == ""
    assert dialog.toast.isVisible()
    dialog.toast.undone.emit()
    app.wait(lambda: not lines(dialog))
    app.settle()
    assert kept(app) == []
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_change_and_remove_with_undo(opened: tuple[App, BudgetsDialog]) -> None:
    app, dialog = opened
    app.ask(commands.set_budget, Budget(BudgetMeasure.TOKENS, 2_000_000, BudgetPeriod.DAY))
    [line] = app.wait(lambda: lines(dialog))
    line.change.click()
    assert dialog.amount.text() == "2,000,000"
    assert (dialog.unit.key(), dialog.period.key(), dialog.owner.key()) == ("tokens", "day", "all")
    dialog.amount.selectAll()
    type_(dialog, "3 M")
    dialog.keep.click()
    app.wait(lambda: kept(app)[0].amount == 3_000_000)
    app.settle()
    assert dialog.heading.text() == "New budget"
    lines(dialog)[0].remove.click()
    app.wait(lambda: not lines(dialog))
    assert kept(app) == []
    app.settle()
    dialog.toast.undone.emit()
    app.wait(lambda: lines(dialog))
    assert kept(app)[0].amount == 3_000_000


def test_an_amount_that_is_none_is_said_beside_it(opened: tuple[App, BudgetsDialog]) -> None:
    app, dialog = opened
    type_(dialog, "much")
    dialog.keep.click()
    app.settle()
    assert dialog.problem.isVisible()
    assert "'much' is no amount." in dialog.problem.text()
    assert dialog.focusWidget() is dialog.amount
    assert kept(app) == []


def test_it_opens_ready_for_a_task(sample: App) -> None:
    task = sample.ask(tasks.task_named, "Search prototype")
    dialog = BudgetsDialog(sample.desktop.desk, "task", task.id, sample.window)
    dialog.open()
    sample.settle()
    assert dialog.owner.currentText() == "Search prototype"
    type_(dialog, "5")
    dialog.keep.click()
    sample.wait(lambda: len(lines(dialog)) == 3)
    assert (kept(sample)[-1].scope, kept(sample)[-1].of) == (BudgetScope.TASK, task.id)


def test_budgets_that_come_later_get_their_room(sample: App) -> None:
    dialog = BudgetsDialog(sample.desktop.desk, parent=sample.window)
    dialog.open()
    sample.wait(lambda: len(lines(dialog)) > 1)
    sample.settle()
    assert dialog._scroll.height() >= dialog._scroll.minimumHeight()
    assert dialog._scroll.geometry().bottom() < dialog.heading.y(), "no line lies on another"
    dialog.close()


def test_every_control_has_a_name(sample: App) -> None:
    dialog = BudgetsDialog(sample.desktop.desk, parent=sample.window)
    dialog.open()
    sample.settle()
    buttons = [one for one in dialog.findChildren(QAbstractButton) if one.isVisible()]
    assert buttons
    assert all(one.accessibleName() or one.text() for one in buttons)
    names = [one.accessibleName() for line in lines(dialog) for one in (line.change, line.remove)]
    assert len(set(names)) == len(names) == 4
    assert all(name for name in (dialog.owner.accessibleName(), dialog.unit.accessibleName(), dialog.amount.accessibleName(), dialog.period.accessibleName()))


@pytest.mark.parametrize("size", [100, 200])
def test_nothing_is_cut_at_any_text_size(sample: App, look: Theme, qapp: Any, size: int) -> None:
    look.apply(qapp, scheme="light", text_percent=size)
    dialog = BudgetsDialog(sample.desktop.desk, parent=sample.window)
    dialog.open()
    sample.settle()
    inside = dialog.rect()
    for one in (dialog.owner, dialog.amount, dialog.unit, dialog.period, dialog.keep, dialog.close_button):
        place = one.rect().translated(one.mapTo(dialog, one.rect().topLeft()))
        assert inside.contains(place), one.accessibleName()
        assert one.width() >= min(one.sizeHint().width(), one.maximumWidth())


def test_hidden_figures_are_hidden_in_a_meter(sample: App, look: Theme, hide: Callable[[bool], None]) -> None:
    meter = BudgetMeter()
    standings = sample.ask(budgets.standings, "UTC", 0, sample.desktop.desk.today())
    meter.set_standing(next(one for one in standings if one.budget.measure is BudgetMeasure.TOKENS))
    assert any(character.isdigit() for character in meter.accessibleName())
    hide(True)
    assert not any(character.isdigit() for character in meter._foot)
    meter.deleteLater()


@pytest.fixture
def hide(look: Theme) -> Any:
    from tokenpal.insight import numbers

    def switch(on: bool) -> None:
        numbers.hide(on)
        look.changed.emit()

    yield switch
    switch(False)
