"""Figures in words: amounts of money side by side, and the tray's line of today."""

from __future__ import annotations

from collections.abc import Iterable

from tokenpal.insight.numbers import digits, join, money_line, short, unpriced
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.report import Measures
from tokenpal.translation import tr, trn

SHOWN_KINDS = (MoneyKind.LIST_PRICE, MoneyKind.CASH, MoneyKind.CREDITS, MoneyKind.PLAN_VALUE)


def money_parts(money: Iterable[Money], kinds: Iterable[MoneyKind] = SHOWN_KINDS) -> tuple[str, ...]:
    """Each amount with its kind, never added: ``$3.10 at list price``, ``$12.00 billed``. Amounts of nothing are left out."""
    order = {kind: place for place, kind in enumerate(kinds)}
    shown = sorted((one for one in money if one.kind in order and one.pico), key=lambda one: (order[one.kind], one.currency))
    return tuple(money_line(one.amount, one.currency, one.kind.value) for one in shown)


def today_line(today: Measures, to_label: int = 0) -> str:
    """The tray's tooltip (product 4): ``Today 1.24 M tokens · $3.10 at list price · 2 sessions to label``."""
    if not today.tokens.total and not any(one.pico for one in today.money):
        return join((tr("Nothing today"), to_label_words(to_label)))
    parts = (tr("Today {tokens} tokens", tokens=short(today.tokens.total)), *money_parts(today.money, (MoneyKind.LIST_PRICE,)))
    return join((*parts, unpriced(today.unpriced_requests), to_label_words(to_label)))


def to_label_words(waiting: int) -> str:
    """``2 sessions to label``; "" for none."""
    return trn("{n} session to label", "{n} sessions to label", waiting, shown=digits(waiting)) if waiting else ""
