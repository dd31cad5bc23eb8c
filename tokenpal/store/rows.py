"""A stored usage record as a plain tuple, its key as two integers, and which of two copies says more."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Grain, Quality, UsageRecord
from tokenpal.store.database import Store

Row = tuple[Any, ...]  # the columns below, in their order
COLUMNS: Final = (
    "id, family, variant, segment, at, model, trait, counted, requests, fresh_input, cache_read, cache_write_5m,"
    " cache_write_1h, cache_write_other, output, reasoning, list_pico, rate, precedence, home"
)
Covered = tuple[Any, ...]  # seven counts, requests, list price of the rest
INSERT: Final = f"INSERT INTO usage({COLUMNS}) VALUES({','.join('?' * 20)})"
UPDATE: Final = f"UPDATE usage SET ({COLUMNS}) = ({','.join(f'?{n}' for n in range(1, 21))}) WHERE id = ?1"
ID, FAMILY, VARIANT, SEGMENT, AT, MODEL, TRAIT, COUNTED, REQUESTS = range(9)
TOKENS: Final = slice(9, 16)
LIST_PICO, RATE, PRECEDENCE, HOME = range(16, 20)

Trait = tuple[str, str, bool, str, str, str]  # grain, tier, sub-agent, origin, quality, endpoint
Key = tuple[int, int]

split_key: Final[Callable[[bytes], Any]] = struct.Struct(">qi").unpack
join_key: Final[Callable[[int, int], bytes]] = struct.Struct(">qi").pack


def trait(record: UsageRecord) -> Trait:
    """What few records differ in."""
    return (record.grain, record.tier, record.sub_agent, record.origin, record.quality, record.endpoint)


def priced_as(grain: str, quality: str) -> Grain:
    """How a record is priced: a session's total does not tell how long each prompt was, no more than a bucket (pricing.cost)."""
    return Grain.MINUTE if quality == Quality.AGGREGATE and grain == Grain.REQUEST else Grain(grain)


Rank = tuple[object, ...]
Amounts = Sequence[tuple[str, str, int]]  # kind, currency, pico; sorted


def rank(
    precedence: int, tokens: tuple[int, ...], model: str, requests: int | None, kind: Trait, amounts: Amounts, provider: str
) -> Rank:
    """Of two copies of a record the one with the greater rank gives the numbers (UsageRecord).

    Everything that goes with the numbers is part of it, so that the choice never depends on the order of arrival.
    """
    total = sum(tokens[:6])
    whole = kind[4] != "lower_bound"  # of the lines of a response the one that saw its end (agent-logs 3.3.11)
    return (precedence, tokens[5], total, model != "", tokens, model, -1 if requests is None else requests, whole, kind, tuple(amounts), provider)


def record_rank(record: UsageRecord) -> Rank:
    """The rank of a record as its source sent it."""
    return rank(record.precedence, counts(record), record.model, record.requests, trait(record), stated(record), record.provider)


def stated(record: UsageRecord) -> list[tuple[str, str, int]]:
    """Money the source states, but for a list price in dollars: that takes the place of our own (product 2.4)."""
    return sorted((each.kind.value, each.currency, each.pico) for each in record.money if not _is_list_price(each))


def stated_list_price(record: UsageRecord) -> int | None:
    """The list price in picodollars, when the source itself states one."""
    found = [each.pico for each in record.money if _is_list_price(each)]
    return sum(found) if found else None


def _is_list_price(money: Money) -> bool:
    return money.kind is MoneyKind.LIST_PRICE and money.currency == "USD"


def counts(record: UsageRecord) -> tuple[int, int, int, int, int, int, int]:
    """The seven counts in column order."""
    t = record.tokens
    return (t.fresh_input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.cache_write_other, t.output, t.reasoning)


Place = tuple[int, str, bool, str, bool, str]  # home, session, no project?, project, no branch?, branch


def place(home: int, session: str, project: str, branch: str) -> Place:
    """Of two copies the one with the smaller place gives session, project and branch; a known one goes before none."""
    return (home, session, not project, project, not branch, branch)


def by_families(store: Store, families: Sequence[int]) -> list[Row]:
    """All stored records of these families, in key order."""
    return store.execute(
        f"SELECT {COLUMNS} FROM usage WHERE family IN (SELECT value FROM json_each(?)) ORDER BY family, variant", (json.dumps(families),)
    ).fetchall()


def covered_of(store: Store, ids: Sequence[int]) -> dict[int, Covered]:
    """What logs already count of these report records, by id."""
    if not ids or not store.execute("SELECT EXISTS(SELECT 1 FROM covered)").fetchone()[0]:
        return {}
    rows = store.execute(
        "SELECT usage, fresh_input, cache_read, cache_write_5m, cache_write_1h, cache_write_other, output, reasoning, requests, list_pico"
        " FROM covered WHERE usage IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )  # fmt: skip
    return {row[0]: row[1:] for row in rows}


def amounts_of(store: Store, ids: Sequence[int]) -> dict[int, list[tuple[str, str, int]]]:
    """Stated money (kind, currency, pico) of these records, by id."""
    found: dict[int, list[tuple[str, str, int]]] = {}
    if ids and store.execute("SELECT EXISTS(SELECT 1 FROM amount)").fetchone()[0]:
        for usage, *amount in store.execute(
            "SELECT usage, kind, currency, pico FROM amount WHERE usage IN (SELECT value FROM json_each(?)) ORDER BY usage, kind, currency",
            (json.dumps(ids),),
        ):
            found.setdefault(usage, []).append(tuple(amount))
    return found


def superseded_of(store: Store, families: Sequence[int]) -> set[Key]:
    """The keys of these families that their sources named copies."""
    return set(
        store.execute(
            "SELECT family, variant FROM superseded WHERE family IN (SELECT value FROM json_each(?))", (json.dumps(families),)
        ).fetchall()
    )
