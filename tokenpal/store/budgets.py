"""The person's own ceilings (product 3). Every change is one edit that can be taken back."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from tokenpal.model.budget import MOST, Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.store.database import Store
from tokenpal.store.edits import Change, editing
from tokenpal.translation import mark, tr

COLUMNS: Final = ("measure", "amount", "period", "scope", '"of"', "currency", "id", "uid")  # in the order of Budget
Word = TypeVar("Word", bound=StrEnum)
LIST: Final = mark("List the budgets with: tokenpal budget list")


def budgets(store: Store) -> list[Budget]:
    """All budgets: of everything first, then of accounts and tasks, each in the order in which they were made."""
    rows = store.execute(f"SELECT {', '.join(COLUMNS)} FROM budget ORDER BY scope <> 'all', scope, id")
    return [_budget(row) for row in rows]


def set_budget(store: Store, budget: Budget, now: int | None = None) -> int:
    """Keep a new budget (id 0) or change one; returns its id. Raises UsageError for a ceiling that is none."""
    checked = checked_budget(budget)
    with editing(store, tr("Set a budget"), now=now) as change:
        old = None
        if checked.id:
            old = _row(change, checked.id)
            change.title = tr("Change a budget")
        else:
            checked = msgspec.structs.replace(checked, id=change.new_id("budget"))
        _owner(change, checked)
        row = msgspec.structs.asdict(checked) | {"uid": old["uid"] if old else checked.uid or os.urandom(16).hex()}
        row |= {name: str(row[name]) for name in ("measure", "period", "scope")}
        if old is None or any(old[name] != row[name] for name in row):
            change.put("budget", row | {"changed_at": change.now})
    return checked.id


def delete_budget(store: Store, budget: int, now: int | None = None) -> None:
    """Remove a budget. Raises UsageError when there is none with this id."""
    with editing(store, tr("Remove a budget"), now=now) as change:
        _row(change, budget)
        change.drop("budget", budget)


def billed_currencies(store: Store) -> list[str]:
    """Currencies that a provider billed something in; its points and credits are none."""
    found = [row[0] for row in store.execute("SELECT DISTINCT currency FROM money WHERE kind = 'cash' ORDER BY currency")]
    return [one for one in found if len(one) == 3 and one.isascii() and one.isalpha() and one.isupper()]


def checked_budget(budget: Budget) -> Budget:
    """The budget in its one spelling. Raises UsageError."""
    measure, period, scope = _word(BudgetMeasure, budget.measure), _word(BudgetPeriod, budget.period), _word(BudgetScope, budget.scope)
    if not 0 < budget.amount <= MOST:
        raise UsageError(tr("A budget needs an amount above zero."), tr("Write it like 50.00, or 2000000 for tokens."))
    currency = "" if measure is BudgetMeasure.TOKENS else (budget.currency or "USD").strip().upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise UsageError(tr("{word} is no currency.", word=repr(budget.currency)), tr("Use three letters such as USD."))
    if measure is BudgetMeasure.LIST_PRICE and currency != "USD":
        raise UsageError(tr("List prices are in US dollars."), tr("Use USD, or a budget of what was billed."))
    if (budget.of is None) != (scope is BudgetScope.ALL):
        raise UsageError(tr("A budget is for everything, for one account or for one task."), tr("Say which account or task it is for."))
    return msgspec.structs.replace(budget, measure=measure, period=period, scope=scope, currency=currency)


def drop_of(change: Change, scope: BudgetScope, of: int) -> None:
    """Inside another edit: the budgets of what goes away go with it."""
    for row in change.rows("budget", scope=str(scope), of=of):
        change.drop("budget", row["id"])


def _word(kind: type[Word], word: str) -> Word:
    try:
        return kind(word)
    except ValueError:
        words = ", ".join(one.value for one in kind)
        raise UsageError(tr("{word} is no word for a budget.", word=repr(word)), tr("Use one of: {words}.", words=words)) from None


def _row(change: Change, budget: int) -> dict[str, Any]:
    row = change.get("budget", budget)
    if row is None:
        raise UsageError(tr("This budget does not exist any more."), tr(LIST))
    return row


def _owner(change: Change, budget: Budget) -> None:
    if budget.scope is BudgetScope.TASK and change.get("task", budget.of) is None:
        raise UsageError(tr("This task does not exist any more."), tr("List the tasks with: tokenpal task list"))
    if budget.scope is BudgetScope.ACCOUNT and change.get("account", budget.of) is None:
        raise UsageError(tr("This account does not exist any more."), tr("See Accounts in the window, or run: tokenpal accounts list"))


def _budget(row: tuple[Any, ...]) -> Budget:
    measure, amount, period, scope, *rest = row
    return Budget(BudgetMeasure(measure), amount, BudgetPeriod(period), BudgetScope(scope), *rest)
