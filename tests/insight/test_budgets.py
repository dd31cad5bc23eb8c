"""Budgets: periods that tile the calendar, figures that are those of a report, words that stop nothing, amounts as people type them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight import amounts, budgets, numbers
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.report import Measures
from tokenpal.model.tokens import Tokens

DOLLAR = 10**12
NOVEMBER = (date(2026, 11, 1), date(2026, 12, 1))
LIST = Budget(BudgetMeasure.LIST_PRICE, 50 * DOLLAR, BudgetPeriod.MONTH, BudgetScope.TASK, 1, "USD")
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(days, st.sampled_from(BudgetPeriod), st.integers(0, 6))
def test_periods_hold_their_day_and_follow_one_another(day: date, kind: BudgetPeriod, start: int) -> None:
    first, until = budgets.period(kind, day, start)
    assert first <= day < until
    assert budgets.period(kind, until - timedelta(days=1), start) == (first, until), "the last day is of the same period"
    assert budgets.period(kind, until, start)[0] == until, "no day is left out, none is in two"
    if kind is BudgetPeriod.WEEK:
        assert ((until - first).days, first.weekday()) == (7, start)
    if kind is BudgetPeriod.MONTH:
        assert (first.day, until.day) == (1, 1)


money = st.builds(Money, st.sampled_from(MoneyKind), st.sampled_from(["USD", "EUR", "points"]), st.integers(0, 10**16))


@given(st.lists(money, max_size=6), st.sampled_from(BudgetMeasure), st.sampled_from(["USD", "EUR"]), st.integers(0, 10**9))
def test_other_kinds_and_currencies_never_count(amounts_: list[Money], measure: BudgetMeasure, currency: str, tokens: int) -> None:
    own = Budget(measure, DOLLAR, BudgetPeriod.DAY, currency="" if measure is BudgetMeasure.TOKENS else currency)
    used = Measures(Tokens(tokens), money=tuple(amounts_))
    spent = budgets.spent(own, used)
    if measure is BudgetMeasure.TOKENS:
        assert spent == tokens
    else:
        assert spent == sum(one.pico for one in amounts_ if (one.kind.value, one.currency) == (measure.value, currency))


@pytest.mark.parametrize(
    ("spent", "unpriced", "over", "said"),
    [
        (52_100 * DOLLAR // 1000, 0, True, "Checkout retry is at $52.10 of your $50.00 for November. Nothing was stopped."),
        (50 * DOLLAR, 0, True, "Checkout retry is at $50.00 of your $50.00 for November. Nothing was stopped."),
        (50 * DOLLAR - 1, 3, False, "Checkout retry is at $50.00 of your $50.00 for November · 3 requests unpriced, not counted. Nothing was stopped."),
        (0, 1, False, "Checkout retry is at $0.00 of your $50.00 for November · 1 request unpriced, not counted. Nothing was stopped."),
    ],
)
def test_the_sentence_of_the_design(spent: int, unpriced: int, over: bool, said: str) -> None:
    used = Measures(unpriced_requests=unpriced, money=(Money(MoneyKind.LIST_PRICE, "USD", spent), Money(MoneyKind.CASH, "USD", 99 * DOLLAR)))
    one = budgets.standing(LIST, "Checkout retry", used, *NOVEMBER)
    assert (one.over, budgets.sentence(one)) == (over, said)
    assert one.words == budgets.words(one)


def test_each_period_and_unit_has_its_words() -> None:
    used = Measures(Tokens(1_234_567), unpriced_requests=4)
    for kind, said in ((BudgetPeriod.DAY, "today"), (BudgetPeriod.WEEK, "this week"), (BudgetPeriod.MONTH, "November")):
        one = budgets.standing(Budget(BudgetMeasure.TOKENS, 2_000_000, kind), "All use", used, *NOVEMBER)
        assert one.words.replace("\u202f", " ") == f"1.23 M of your 2 M tokens for {said}", "tokens have no price to miss"
        assert budgets.sentence(one).startswith("You are at 1.23")
    assert {budgets.kind(Budget(measure, 1, kind, currency="")) for measure in BudgetMeasure for kind in BudgetPeriod} == set(budgets.KINDS.values())


def test_what_is_told_once_is_this_ceiling_in_this_period() -> None:
    one = budgets.standing(LIST, "x", Measures(), *NOVEMBER)
    later = budgets.standing(LIST, "x", Measures(), date(2026, 12, 1), date(2027, 1, 1))
    raised = budgets.standing(Budget(LIST.measure, 2 * LIST.amount, LIST.period, LIST.scope, LIST.of, "USD"), "x", Measures(), *NOVEMBER)
    renamed = budgets.standing(LIST, "y", Measures(), *NOVEMBER)
    assert len({budgets.key(each) for each in (one, later, raised)}) == 3
    assert budgets.key(renamed) == budgets.key(one)


def test_hidden_numbers_stay_hidden() -> None:
    numbers.hide(hidden := True)
    try:
        one = budgets.standing(LIST, "x", Measures(money=(Money(MoneyKind.LIST_PRICE, "USD", 7 * DOLLAR),)), *NOVEMBER)
        assert hidden
        assert not any(character.isdigit() for character in budgets.words(one))
        assert amounts.typed(LIST) == "50.00", "the field that changes it is asked for"
    finally:
        numbers.hide(False)


# ---------------------------------------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("2M", 2_000_000), ("2 M", 2_000_000), ("1.5 m", 1_500_000), ("1,5 Mio", 1_500_000), ("2,000,000", 2_000_000), ("2 000 000", 2_000_000),
     ("2\u202f000\u202f000", 2_000_000), ("500k", 500_000), (".5M", 500_000), ("3 billion", 3 * 10**9), ("1'000", 1000), ("7", 7), ("٣", 3)],
)  # fmt: skip
def test_tokens_as_people_type_them(text: str, tokens: int) -> None:
    assert amounts.tokens(text) == tokens


@pytest.mark.parametrize(("text", "amount"), [("50", "50"), ("$50.00", "50"), ("1,250.50", "1250.50"), ("20,5", "20.5"), ("€ 8.40", "8.40"), ("0.000001", "0.000001"), ("12 €", "12")])
def test_money_as_people_type_it(text: str, amount: str) -> None:
    assert amounts.pico(text) == int(Decimal(amount) * DOLLAR)


@pytest.mark.parametrize("text", ["", "0", "-5", "abc", "1.2.3", "1,2,3", "1e5", "50M", "inf", "NaN", "5 5 k", "9" * 30, "1" * 5000, "0.0000000000001"])
def test_what_is_no_amount_of_money_is_said(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        amounts.pico(text)
    assert raised.value.next_step


@given(st.text(max_size=12))
def test_no_text_is_a_mistake(text: str) -> None:
    for read in (amounts.tokens, amounts.pico):
        try:
            found = read(text)
        except UsageError:
            continue
        assert found > 0


@given(st.integers(1, 2**62), st.sampled_from(BudgetMeasure), st.sampled_from([numbers.Marks(), numbers.Marks(",", "."), numbers.Marks(",", "\u202f"), numbers.Marks(".", "’")]))
def test_what_is_written_can_be_read_again(amount: int, measure: BudgetMeasure, marks: numbers.Marks) -> None:
    own = Budget(measure, amount, BudgetPeriod.DAY, currency="" if measure is BudgetMeasure.TOKENS else "USD")
    numbers.use_marks(marks)
    try:
        read = amounts.tokens if measure is BudgetMeasure.TOKENS else amounts.pico
        assert read(amounts.typed(own)) == amount
    finally:
        numbers.use_marks(numbers.Marks())
