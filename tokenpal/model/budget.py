"""A budget: the person's own ceiling in tokens or money for a day, week or month (product 3). It stops nothing."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from tokenpal.model.money import MAX_PICO


class BudgetMeasure(StrEnum):
    """What is counted. List price and cash are two kinds of money and never added up (product 2.4)."""

    TOKENS = "tokens"
    LIST_PRICE = "list_price"  # of what has a known price
    CASH = "cash"  # billed by a provider


class BudgetPeriod(StrEnum):
    """Periods begin at local midnight; the week on the day that the person chose."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class BudgetScope(StrEnum):
    """Whose use is counted."""

    ALL = "all"
    ACCOUNT = "account"
    TASK = "task"


MOST: Final = MAX_PICO
"""The largest ceiling, in tokens or pico: sums of the ledger stay below it, too."""


class Budget(msgspec.Struct, frozen=True):
    """One ceiling. ``amount``: tokens, or 10^-12 of ``currency``; ``of``: id of the account or task of the scope.

    ``id`` 0 and ``uid`` "" = not kept yet.
    """

    measure: BudgetMeasure
    amount: int
    period: BudgetPeriod
    scope: BudgetScope = BudgetScope.ALL
    of: int | None = None
    currency: str = ""  # "" for tokens
    id: int = 0
    uid: str = ""


class Standing(msgspec.Struct, frozen=True):
    """Where a budget stands in the period that ``today`` is in: [first, until) in local days."""

    budget: Budget
    name: str  # what it is about: "Everything", the account's or the task's name
    spent: int  # in the budget's unit
    first: date
    until: date
    share: float  # spent / amount, may be above 1
    over: bool  # the ceiling is reached
    words: str  # "$52.10 of your $50.00 for November"
    unpriced: int = 0  # requests without a known price, which ``spent`` leaves out
