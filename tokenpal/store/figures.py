"""Sums on their way to a person: cells of a report, and the figures that rows print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import add, itemgetter
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import ANY_PROVIDER
from tokenpal.model.report import NONE_KEYS, Dimension, Measures, Row
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.store.database import Store
from tokenpal.store.rollups import MEASURES

Sums = Sequence[int]
NOTHING: Final[Sums] = (0,) * len(MEASURES)
LIST_PRICE = (MoneyKind.LIST_PRICE.value, "USD")


def measures(sums: Sums, stated: dict[tuple[str, str], int] | None, utc_day: int) -> Measures:
    """Roll-up sums (in the order of ``rollups.MEASURES``) and stated money as the figures of a row."""
    _, requests, uncounted, unpriced, estimated, a, b, c, d, e, output, reasoning, list_pico = sums
    known = Tokens(a, b, c, d, e, output, reasoning)
    priced = list_pico or (not unpriced and (a or b or c or d or e or output))
    if stated:
        money = dict(stated)
        if priced:
            money[LIST_PRICE] = money.get(LIST_PRICE, 0) + list_pico
        amounts = tuple(Money(MoneyKind(kind), currency, pico) for (kind, currency), pico in sorted(money.items()))
    else:
        amounts = (Money(MoneyKind.LIST_PRICE, "USD", list_pico),) if priced else ()
    return Measures(known, None if uncounted else requests, unpriced, amounts, utc_day, bool(estimated))


class Cell:
    """Sums of one bucket and key."""

    __slots__ = ("money", "sums", "utc_day")

    def __init__(self) -> None:
        self.sums: Sums = NOTHING
        self.utc_day = 0
        self.money: dict[tuple[str, str], int] | None = None

    def add(self, sums: Sums, *, utc_day: bool = False) -> None:
        """Count one group of rows."""
        self.sums = sums if self.sums is NOTHING else tuple(map(add, self.sums, sums))
        if utc_day:
            self.utc_day += sum(sums[5:11])

    def add_money(self, kind: str, currency: str, pico: int) -> None:
        """Count stated money."""
        if self.money is None:
            self.money = {}
        self.money[kind, currency] = self.money.get((kind, currency), 0) + pico

    def merge(self, other: Cell) -> None:
        """Count another cell."""
        self.add(other.sums)
        self.utc_day += other.utc_day
        for (kind, currency), pico in (other.money or {}).items():
            self.add_money(kind, currency, pico)

    def measures(self) -> Measures:
        """The figures."""
        return measures(self.sums, self.money, self.utc_day)

    @property
    def tokens(self) -> int:
        """Total of the six classes."""
        return sum(self.sums[5:11])


class Cells(dict[tuple[int, Any], Cell]):
    """Cells by bucket number and key, made when they are first asked for."""

    def __missing__(self, place: tuple[int, Any]) -> Cell:
        found = self[place] = Cell()
        return found


def rows(store: Store, by: Dimension | None, buckets: list[str], cells: Cells) -> list[Row]:
    """Rows by bucket, then by falling total; keys that print alike are one row."""
    named: dict[tuple[int, str], Cell] = {}
    name_of = names(store, by)
    for (bucket, key), cell in cells.items():
        place = (bucket, name_of(key))
        if place in named:
            named[place].merge(cell)
        else:
            named[place] = cell
    ordered = [(bucket, -cell.tokens, name, cell) for (bucket, name), cell in named.items()]
    ordered.sort(key=itemgetter(0, 1, 2))
    return [Row(buckets[bucket], name, cell.measures()) for bucket, _, name, cell in ordered]


def class_rows(buckets: list[str], cells: Cells) -> list[Row]:
    """One row for each class with tokens; requests and money belong to no single class and stay empty."""
    found = []
    for (bucket, _), cell in sorted(cells.items()):
        whole = cell.measures()
        parts = []
        for name in CLASSES:
            count = getattr(whole.tokens, name)
            if count:
                part = msgspec.structs.replace(Tokens(), **{name: count}, reasoning=whole.tokens.reasoning if name == "output" else 0)
                parts.append(Row(buckets[bucket], name, Measures(part, estimated=whole.estimated)))
        found += sorted(parts, key=lambda row: (-row.measures.tokens.total, CLASSES.index(row.key)))
    return found


def names(store: Store, by: Dimension | None) -> Callable[[Any], str]:
    """What to print for a key of a group."""
    if by is None:
        return lambda _: ""
    none = NONE_KEYS.get(by, "")
    if by is Dimension.PROVIDER:
        return lambda key: none if key in {None, "", ANY_PROVIDER} else key
    if by in {Dimension.BRANCH, Dimension.LABEL, Dimension.TAG}:
        return lambda key: key or none
    select = {
        Dimension.MODEL: "SELECT id, name FROM model",
        Dimension.TASK: "SELECT id, name FROM task",
        Dimension.PROJECT: "SELECT id, path FROM project",
        Dimension.AGENT: "SELECT id, source FROM account",
        Dimension.ACCOUNT: "SELECT id, name FROM account",
    }[by]
    known = dict(store.execute(select).fetchall())
    return lambda key: known.get(key) or none
