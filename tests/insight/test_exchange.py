"""Money in one currency, and repricing, in words: kinds are never added, a converted total says its rate and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, strategies as st

from tokenpal.insight.corrections import correction_words, corrections_words
from tokenpal.insight.exchange import converted_words, rate_words, repricing_cells, repricing_total
from tokenpal.model.money import ExchangeRate, Money, MoneyKind, convert
from tokenpal.model.rates import Repricing, Why
from tokenpal.model.report import Correction
from tokenpal.model.tokens import Tokens

DAY = date(2026, 11, 20)
RATES = {"EUR": ExchangeRate("EUR", DAY, Decimal("1.08")), "JPY": ExchangeRate("JPY", DAY, Decimal("0.0065"), "ecb")}
amounts = st.lists(st.builds(Money, st.sampled_from(MoneyKind), st.sampled_from(["USD", "EUR", "JPY", "CHF", "points"]), st.integers(-(10**15), 10**15)), max_size=8)


@given(amounts, st.sampled_from(["USD", "EUR", "JPY"]))
def test_nothing_is_lost_and_kinds_stay_apart(money: list[Money], currency: str) -> None:
    found = convert(money, currency, RATES)
    assert [one for one in money if one.currency in {"CHF", "points"}] == list(found.apart)
    assert {one.currency for one in found.money} <= {currency}
    assert len({one.kind for one in found.money}) == len(found.money)
    assert {rate.currency for rate in found.rates} <= {"EUR", "JPY"}
    usd = {"USD": Decimal(1), **{name: rate.usd for name, rate in RATES.items()}}
    for one in found.money:
        exact = sum(each.pico * usd[each.currency] / usd[currency] for each in money if each.kind is one.kind and each.currency in usd)
        assert abs(one.pico - exact) <= len(money)


@given(amounts)
def test_the_same_currency_needs_no_rate(money: list[Money]) -> None:
    same = [one for one in money if one.currency == "CHF"]
    found = convert(same, "CHF", {})
    assert (found.rates, found.apart) == ((), ())
    assert sum(one.pico for one in found.money) == sum(one.pico for one in same)
    without = convert([*same, Money(MoneyKind.CASH, "USD", 5)], "CHF", {"USD": RATES["EUR"]})
    assert without.apart == (Money(MoneyKind.CASH, "USD", 5),)


def test_words() -> None:
    assert rate_words(RATES["EUR"]) == "1 EUR = 1.08 USD on 2026-11-20, your rate"
    assert rate_words(RATES["JPY"]) == "1 JPY = 0.0065 USD on 2026-11-20, European Central Bank"
    money = (Money.of(MoneyKind.CASH, "10.80"), Money.of(MoneyKind.LIST_PRICE, "2.16"), Money.of(MoneyKind.CASH, 3, "CHF"))
    said = converted_words(convert(money, "EUR", RATES), "EUR").replace("\u202f", " ")
    assert said == "In EUR: €2.00 at list price, €10.00 billed (1 EUR = 1.08 USD on 2026-11-20, your rate). Without a rate, apart: CHF 3.00 billed"
    assert converted_words(convert(money[:1], "EUR", {}), "EUR") == "There is no exchange rate to show this in EUR."
    assert converted_words(None, "EUR") == ""


def test_repricing_rows() -> None:
    rows = [
        Repricing("2026-10", "a", Why.PUBLIC, 1200, 3 * 10**12, 2 * 10**12, 0, 0), Repricing("2026-11", "", Why.FOUND, 3, 0, 10**12, 3, 0),
        Repricing("2026-11", "b", Why.GONE, 1, 10**12, 0, 0, 1),
    ]  # fmt: skip
    assert [repricing_cells(row)[:6] for row in rows] == [
        ("a", "2026-10", "1,200", "$3.00", "$2.00", "−$1.00"), ("unknown", "2026-11", "3", "–", "$1.00", "+$1.00"), ("b", "2026-11", "1", "$1.00", "–", "−$1.00"),
    ]  # fmt: skip
    assert repricing_total(rows) == "1,204 records: $4.00 at list price would be $3.00, and 1 record would have no price instead of 3 records."


def test_corrections_are_facts() -> None:
    def corrected(day: int, before: int, after: int, dollars: tuple[str, str] = ("0", "0")) -> Correction:
        was, now = (tuple(Money.of(MoneyKind.CASH, one) for one in (each,) if one != "0") for each in dollars)
        return Correction(1, "usage", date(2026, 11, day), day, "m", Tokens(before), Tokens(after), was, now)

    assert correction_words(corrected(19, 1200, 900, ("3.10", "2.80"))) == "2026-11-19, m: 1,200 tokens became 900, $3.10 billed became $2.80 billed"
    assert correction_words(corrected(19, 5, 5, ("0", "1"))) == "2026-11-19, m: no money became $1.00 billed"
    many = [corrected(day, 9, 8) for day in range(1, 6)]
    assert corrections_words(many, {1: "Work"}).startswith("Corrected by the provider: Work, 2026-11-05, m: 9 tokens became 8; Work, 2026-11-04")
    assert corrections_words(many).endswith(" and 2 more.")
    assert corrections_words([]) == ""
