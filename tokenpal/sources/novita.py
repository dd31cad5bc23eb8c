"""Novita: the balance, and the daily bills by model (provider-apis 8.5). All money is written in 1/10 000 dollar."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.money import MoneyKind
from tokenpal.model.usage import Balance, Item
from tokenpal.sources.balances import HIDDEN, Call, Told, left, read, summary
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, State, cursor_for, gather, plan, progress_of, utc_day
from tokenpal.sources.http import StatusError, Words, decode, getter
from tokenpal.sources.numbers import Notes, epoch, fields, number, rows, text

INFO: Final = SourceInfo(
    id="novita",
    name="Novita",
    kind=Kind.API,
    provider="novita",
    docs="https://novita.ai/docs/api-reference/basic-get-user-balance",
    key="Any API key (sk_…). There are no keys with fewer rights: make one for tokenpal alone, so that you can delete it by itself.",
    key_page="https://novita.ai/settings/key-management",
    tells="The balance, and what language models cost by day and model.",
    silent="No tokens and no requests: the bills have units, but Novita does not say of what.",
    base_url="https://api.novita.ai",
)
WORDS: Final = Words(
    provider="Novita",
    refused="Make a new key at novita.ai, Settings, Key Management, and enter it under Accounts.",
    scope="Use a key of the account itself.",
    missing="Look at the address of this account; it is https://api.novita.ai.",
)
get = getter(INFO.base_url, WORDS)
BILLS: Final = "bills"
RHYTHM: Final = Rhythm(day_span=31, wide=35)
UNIT: Final = Decimal("0.0001")


async def fetch(context: Context) -> AsyncIterator[Reply]:
    yield Reply(Cursor("balance"), "balance", await get(context, BALANCE.path, BALANCE.what), context.now())
    for span in plan(progress_of(context, BILLS), context.now(), context.since, RHYTHM):
        asked = ("cycleType", "Day"), ("productCategory", "llm"), ("startTime", str(span.start)), ("endTime", str(span.end))
        try:
            body = await get(context, "/openapi/v1/billing/bill/list", "the bills", *asked)
        except StatusError as problem:
            if problem.status in HIDDEN:  # the balance alone is something
                return
            raise
        window = (span.start, span.end)
        yield Reply(cursor_for(BILLS, span.after), BILLS, body, context.now(), window, context=Facts(context.account))


async def check(context: Context) -> str:
    return summary(read(BALANCE, Reply(Cursor(""), "balance", await get(context, BALANCE.path, BALANCE.what), context.now())))


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem."""
    if reply.endpoint != BILLS:
        return state or State(), read(BALANCE, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the answer")
    readable = isinstance(data.get("bills"), list)
    if not readable:
        notes.problem("the answer is not a list of bills; nothing was changed")
    found = [row for one in rows(data.get("bills")) for row in bill(fields(one), notes)]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def bill(one: Any, notes: Notes) -> Iterator[BucketRow]:
    """``payAmount`` is what was paid of ``amount``. What ``billNum0`` and ``billNum1`` count is not documented: they are no tokens here."""
    start = epoch(one.get("startTime"))
    if start is None:
        notes.problem("a bill has no usable time; it was left out")
        return
    notes.place = utc_day(start)
    start -= start % DAY
    paid = number(one.get("amount") if one.get("payAmount") is None else one.get("payAmount"))
    large = paid is not None and paid.copy_abs() > 10**12
    money = notes.money(MoneyKind.CREDITS, paid if paid is None or large else paid * UNIT)
    if money:
        yield BucketRow(start, start + DAY, "all-keys", text(one.get("productName")), requests=None, money=money)


def balance(told: Told) -> Iterator[Balance]:
    """What can be spent: the parts are not added to it."""
    yield from left(told, told.data.get("availableBalance"), "USD", scale=UNIT)


BALANCE: Final = Call("balance", "/openapi/v1/billing/balance/detail", "the balance", balance)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
