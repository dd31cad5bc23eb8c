"""Budgets as figures and words (product 3, design 7): where they stand, and the one sentence when one is reached.

Pure: what was used comes in as the figures of a report, so that a budget and a chart of the same days always agree.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from tokenpal.insight import numbers
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope, Standing
from tokenpal.model.money import PICO, MoneyKind
from tokenpal.model.ranges import Bucket, bucket_date, next_bucket
from tokenpal.model.report import Measures
from tokenpal.translation import mark, tr, trn

MONTHS: Final = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"), mark("July"), mark("August"),
    mark("September"), mark("October"), mark("November"), mark("December"),
)  # fmt: skip
EVERYTHING: Final = mark("All use")
EMPTY: Final = mark("No budget is set. A budget is your own ceiling: it is shown beside your use and stops nothing.")
KINDS: Final = {
    (BudgetMeasure.TOKENS, BudgetPeriod.DAY): mark("tokens a day"),
    (BudgetMeasure.TOKENS, BudgetPeriod.WEEK): mark("tokens a week"),
    (BudgetMeasure.TOKENS, BudgetPeriod.MONTH): mark("tokens a month"),
    (BudgetMeasure.LIST_PRICE, BudgetPeriod.DAY): mark("list price a day"),
    (BudgetMeasure.LIST_PRICE, BudgetPeriod.WEEK): mark("list price a week"),
    (BudgetMeasure.LIST_PRICE, BudgetPeriod.MONTH): mark("list price a month"),
    (BudgetMeasure.CASH, BudgetPeriod.DAY): mark("billed a day"),
    (BudgetMeasure.CASH, BudgetPeriod.WEEK): mark("billed a week"),
    (BudgetMeasure.CASH, BudgetPeriod.MONTH): mark("billed a month"),
}
"""What a budget counts, in words; two kinds of money never look alike."""


def period(kind: BudgetPeriod, today: date, week_start: int = 0) -> tuple[date, date]:
    """The local days [first, until) of the period that ``today`` is in; ``week_start`` 0 = Monday."""
    bucket = Bucket(kind.value)
    first = bucket_date(today, bucket, week_start)
    return first, next_bucket(first, bucket)


def spent(budget: Budget, used: Measures) -> int:
    """What counts against the budget, in its unit. Other currencies and other kinds of money do not."""
    if budget.measure is BudgetMeasure.TOKENS:
        return used.tokens.total
    kind = MoneyKind(budget.measure.value)
    return sum(one.pico for one in used.money if one.kind is kind and one.currency == budget.currency)


def standing(budget: Budget, name: str, used: Measures, first: date, until: date) -> Standing:
    """Where a budget stands after this use."""
    so_far = spent(budget, used)
    missing = used.unpriced_requests if budget.measure is BudgetMeasure.LIST_PRICE else 0
    share = so_far / budget.amount
    found = Standing(budget, name, so_far, first, until, share, so_far >= budget.amount, "", missing)
    return Standing(budget, name, so_far, first, until, share, found.over, words(found), missing)


def amount(budget: Budget, value: int) -> str:
    """A figure in the budget's unit: ``2.10 M``, ``$52.10``."""
    return numbers.short(value) if budget.measure is BudgetMeasure.TOKENS else numbers.money(Decimal(value) * PICO, budget.currency)


def words(one: Standing) -> str:
    """``$52.10 of your $50.00 for November``, with what has no price."""
    return numbers.join((_of(one), unpriced(one)))


def unpriced(one: Standing) -> str:
    """``3 requests unpriced, not counted``; "" for none."""
    if not one.unpriced:
        return ""
    return trn("{n} request unpriced, not counted", "{n} requests unpriced, not counted", one.unpriced, shown=numbers.digits(one.unpriced))


def kind(budget: Budget) -> str:
    """``list price a month``."""
    return tr(KINDS[budget.measure, budget.period])


def title(one: Standing) -> str:
    """The head of the one notification."""
    return tr("Budget reached")


def sentence(one: Standing) -> str:
    """``Checkout retry is at $52.10 of your $50.00 for November. Nothing was stopped.``"""
    if one.budget.scope is BudgetScope.ALL:
        return tr("You are at {words}. Nothing was stopped.", words=words(one))
    return tr("{name} is at {words}. Nothing was stopped.", name=one.name, words=words(one))


def key(one: Standing) -> str:
    """What is told once: this ceiling in this period. Another ceiling of the same budget is another crossing."""
    own = one.budget
    return f"budget {own.uid} {own.measure} {own.amount}{own.currency} {own.period} {one.first.isoformat()}"


def _of(one: Standing) -> str:
    budget, so_far, most = one.budget, amount(one.budget, one.spent), amount(one.budget, one.budget.amount)
    tokens = budget.measure is BudgetMeasure.TOKENS
    if tokens:
        most = numbers.axis(budget.amount)  # 2 M, as it was typed
    if budget.period is BudgetPeriod.DAY:
        text = tr("{spent} of your {amount} tokens for today") if tokens else tr("{spent} of your {amount} for today")
    elif budget.period is BudgetPeriod.WEEK:
        text = tr("{spent} of your {amount} tokens for this week") if tokens else tr("{spent} of your {amount} for this week")
    else:
        text = tr("{spent} of your {amount} tokens for {month}") if tokens else tr("{spent} of your {amount} for {month}")
    return text.format(spent=so_far, amount=most, month=tr(MONTHS[one.first.month - 1]))
