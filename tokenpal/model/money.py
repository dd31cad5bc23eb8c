"""Money with its kind. Four kinds exist and are never added up (product 2.4, decisions 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

import msgspec

PICO: Final = Decimal(1).scaleb(-12)
"""Amounts are kept as whole picounits (10^-12 of the currency): sums and differences are exact, prices per token fit."""
MAX_PICO: Final = 2**62


class MoneyKind(StrEnum):
    """What an amount means; the value is the word in JSON."""

    CASH = "cash"  # billed by a provider
    CREDITS = "credits"  # taken from a prepaid balance
    PLAN_VALUE = "plan_value"  # covered by a plan
    LIST_PRICE = "list_price"  # tokens x public price: what it would cost


class Money(msgspec.Struct, frozen=True, gc=False):
    """An exact amount in ``pico`` (10^-12) of ``currency`` (ISO 4217 upper case, or a unit such as ``points``)."""

    kind: MoneyKind
    currency: str
    pico: int

    @classmethod
    def of(cls, kind: MoneyKind, amount: Decimal | str | int, currency: str = "USD") -> Money:
        """Rounds half-even to picounits. Raises ValueError for amounts that are not finite or absurdly large."""
        value = Decimal(amount)
        if not value.is_finite() or value.copy_abs() > MAX_PICO * PICO:  # abs() overflows
            message = "not an amount of money"
            raise ValueError(message)
        return cls(kind, currency.upper() if len(currency) == 3 else currency, int((value / PICO).to_integral_value(ROUND_HALF_EVEN)))

    @property
    def amount(self) -> Decimal:
        """The amount in whole units, without trailing zeros."""
        value = Decimal(self.pico) * PICO
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()

    def __add__(self, other: Money) -> Money:
        """Same kind and currency only: anything else is a TypeError, so that kinds can never be mixed."""
        if not isinstance(other, Money):
            return NotImplemented
        if (self.kind, self.currency) != (other.kind, other.currency):
            message = f"cannot add {other.kind} {other.currency} to {self.kind} {self.currency}"
            raise TypeError(message)
        return Money(self.kind, self.currency, self.pico + other.pico)


class ExchangeRate(msgspec.Struct, frozen=True):
    """What one unit of a currency was worth in US dollars on a day; ``origin`` says who said so."""

    currency: str
    day: date
    usd: Decimal
    origin: str = "person"


class Converted(msgspec.Struct, frozen=True):
    """Money in one currency, for display only: never stored, kinds still apart."""

    money: tuple[Money, ...]  # in the currency asked for, one per kind
    rates: tuple[ExchangeRate, ...]  # that were used: to be shown with it
    apart: tuple[Money, ...]  # what has no rate, as it was


def convert(money: Iterable[Money], currency: str, rates: Mapping[str, ExchangeRate]) -> Converted:
    """Amounts in ``currency`` by the rates of a day (by currency, in dollars); rounded half-even to picounits once per amount."""
    sums: dict[MoneyKind, int] = {}
    used: dict[str, ExchangeRate] = {}
    apart: list[Money] = []
    for one in money:
        needed = {one.currency, currency} - {"USD"} if one.currency != currency else set()
        if not needed <= rates.keys():
            apart.append(one)
            continue
        used.update({name: rates[name] for name in needed})
        value = Decimal(one.pico)
        if needed:
            worth = rates[one.currency].usd if one.currency != "USD" else Decimal(1)
            value = value * worth / (rates[currency].usd if currency != "USD" else Decimal(1))
        sums[one.kind] = sums.get(one.kind, 0) + int(value.to_integral_value(ROUND_HALF_EVEN))
    found = tuple(Money(kind, currency, pico) for kind, pico in sorted(sums.items()))
    return Converted(found, tuple(used[name] for name in sorted(used)), tuple(apart))
