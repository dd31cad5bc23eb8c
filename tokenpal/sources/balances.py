"""Accounts that tell how things stand, by one GET each: prepaid balances, plan windows (provider-apis 7.4, 8.5).

A provider is its INFO, its WORDS and one ``Call`` a question, whose reader turns an answer into readings with an age.
Balances are never made into usage: what lies between two of them may be a top-up, a grant or somebody else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, Item, LimitReading
from tokenpal.sources.base import Context, Cursor, Option, Reply, SourceInfo
from tokenpal.sources.http import StatusError, Words, address, ask, bearer, decode, each, from_status, without_key
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, fields, number
from tokenpal.system.net import Answer, Params

HIDDEN: Final = frozenset({400, 401, 403, 404, 405})  # an optional figure that this key or this server does not tell
ONE: Final = Decimal(1)
PLAIN: Final = "balance"  # of an account that has one


class State(msgspec.Struct, frozen=True):
    """Nothing has to be remembered between answers."""


class Told(msgspec.Struct, frozen=True):
    """One answer, for its reader: the JSON object, where wrong numbers are noted, when and where it was asked."""

    data: Any
    notes: Notes
    at: int
    place: str


class Call(msgspec.Struct, frozen=True):
    """One question. ``optional``: where the provider refuses it, the rest is told without it."""

    endpoint: str  # "balance"
    path: str
    what: str  # "the balance", as the person calls it
    read: Callable[[Told], Iterable[Item]]
    params: Params = ()
    optional: bool = False
    instead: str = ""  # another path, where the first is not there


Fetch = Callable[[Context], AsyncIterator[Reply]]
Parse = Callable[[State | None, Reply], tuple[State, list[Item]]]
Check = Callable[[Context], Awaitable[str]]


def fine(data: Any) -> int:
    """Most providers say what went wrong with the status."""
    return 0


def nothing(context: Context) -> Params:
    return ()


def account(
    info: SourceInfo,
    words: Words,
    *calls: Call,
    refusal: Callable[[Any], int] = fine,
    places: Mapping[str, str] | None = None,
    headers: Callable[[Context], Mapping[str, str]] = bearer,
    query: Callable[[Context], Params] = nothing,
) -> tuple[Fetch, Parse, Check]:
    """``fetch``, ``parse`` and ``check`` of a provider.

    ``refusal``: the status that an answer with status 200 means in truth, 0 = none (provider-apis 12).
    ``places``: addresses by the account's option ``region``, unless the account has an address of its own.
    ``headers`` and ``query``: what every question carries.
    """

    async def load(context: Context, call: Call) -> tuple[str, bytes]:
        place = place_of(context, info, places or {})
        params = (*call.params, *query(context))
        try:
            body = await ask(context, words, f"{place}{call.path}", params, what=call.what, headers=headers(context))
        except StatusError as problem:
            if not call.instead or problem.status != 404:
                raise
            body = await ask(context, words, f"{place}{call.instead}", params, what=call.what, headers=headers(context))
        status = refusal(fields(decode(body)))
        if status:
            raise from_status(without_key(Answer(status, {}, body), context), words, call.what, context.now(), None)
        return place, body

    async def one(context: Context, call: Call) -> AsyncIterator[Reply]:
        try:
            place, body = await load(context, call)
        except StatusError as problem:
            if call.optional and problem.status in HIDDEN:
                return
            raise
        yield Reply(Cursor(call.endpoint), call.endpoint, body, context.now(), context=place)

    async def fetch(context: Context) -> AsyncIterator[Reply]:
        async for reply in each([one(context, call) for call in calls]):
            yield reply

    def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
        return State(), read(next((call for call in calls if call.endpoint == reply.endpoint), calls[0]), reply)

    async def check(context: Context) -> str:
        place, body = await load(context, calls[0])
        return summary(read(calls[0], Reply(Cursor(""), "", body, context.now(), context=place)))

    return fetch, parse, check


def read(call: Call, reply: Reply) -> list[Item]:
    """The readings of an answer, and what was wrong with it. Total: nothing readable is a Problem, never a zero."""
    notes = Notes(reply.endpoint, "the answer")
    try:
        data = decode(reply.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        notes.problem("the answer cannot be read; nothing was changed")
        return list(notes.problems())
    place = reply.context if isinstance(reply.context, str) else ""
    found = list(call.read(Told(data, notes, reply.at, place)))
    if not found and not notes.problems():
        notes.problem("the answer holds none of the figures it is asked for")
    return [*found, *notes.problems()]


def summary(items: Iterable[Item]) -> str:
    """What a test of the key found, in one sentence. Raises AccountError when it is nothing."""
    found = [
        f"{item.left.amount} {item.left.currency} left{'' if item.name == PLAIN else f' ({item.name})'}"
        if isinstance(item, Balance)
        else f"{item.name} {item.used_percent:.0f}% used"
        for item in items
        if isinstance(item, Balance | LimitReading)
    ]
    if not found:
        raise AccountError("The key works, but there is nothing to read with it.", "Look whether this account has a balance or a plan.")
    return f"The key works: {', '.join(found)}."


def place_of(context: Context, info: SourceInfo, places: Mapping[str, str]) -> str:
    """The account's own address; else the one of its region."""
    given = address(context, info.base_url)
    return places.get(context.options.get("region", ""), given) if given == info.base_url else given


def region(*sites: tuple[str, str]) -> Option:
    """Which of a provider's sites an account is at: keys belong to one of them. The first is the one at INFO.base_url."""
    return Option("region", "Site", "Where the account is: a key works at the site that made it.", choices=sites)


def left(told: Told, value: Any, currency: str, name: str = PLAIN, scale: Decimal = ONE) -> Iterator[Balance]:
    """A balance, which may be owed (below zero). ``scale``: the provider's unit in whole ones of the currency."""
    found = number(value)
    if found is None:
        told.notes.problem("a balance is not a number; it was left out")
    elif found.copy_abs() > MAX_AMOUNT / scale:
        told.notes.problem("a balance is impossibly large; it was left out")
    elif not currency.isalnum() or len(currency) > 12:
        told.notes.problem("a balance has no known currency; it was left out")
    else:
        yield Balance(name, Money.of(MoneyKind.CREDITS, found * scale, currency), told.at)
