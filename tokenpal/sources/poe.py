"""Poe: points left, and each call of the last 30 days with its points (provider-apis 8.6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.usage import Balance, Grain, Item, Origin, Quality, UsageRecord, stable_key
from tokenpal.sources.balances import Call, State, Told, left, read, summary
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import Facts, utc_day
from tokenpal.sources.http import MAX_PAGES, Words, decode, getter, paged
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="poe",
    name="Poe",
    kind=Kind.API,
    provider="poe",
    docs="https://creator.poe.com/docs/resources/usage-api",
    key="The API key of your Poe account; there is one, and it can also run bots.",
    key_page="https://poe.com/api_key",
    tells="Points left, and each call of the last 30 days: bot, points, and their worth in dollars where Poe says it.",
    silent="No tokens: Poe counts in points. Chat in the app is in it too, named as such.",
    base_url="https://api.poe.com",
)
WORDS: Final = Words(
    provider="Poe",
    refused="Copy the key again from poe.com/api_key and enter it under Accounts.",
    scope="Copy the key of your own account from poe.com/api_key.",
    missing="Look at the address of this account; it is https://api.poe.com.",
)
get = getter(INFO.base_url, WORDS)
HISTORY: Final = "points history"
MICROS: Final = 1_000_000
OVERLAP: Final = 3600 * MICROS  # calls may be booked late
POINTS: Final = "points"


class Mark(msgspec.Struct, frozen=True):
    """The newest call that is stored, in microseconds since 1970."""

    newest: int = 0


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Newest first, back to what is known. The mark moves with the last page: a chain that broke off is read again."""
    yield Reply(Cursor("balance"), "balance", await get(context, BALANCE.path, BALANCE.what), context.now())
    mark = Mark() if context.since is not None else remembered(context)
    newest, pages = mark.newest, 0

    def following(data: dict[str, Any]) -> str:
        nonlocal newest, pages
        pages += 1
        found = rows(data.get("data"))
        times = [at for one in found if (at := micros(fields(one).get("creation_time"))) is not None]
        newest = max([newest, *times])
        old = not times or min(times) < mark.newest - OVERLAP
        if data.get("has_more") is not True or old or pages >= MAX_PAGES:  # 20 000 calls: what is older is left out
            return ""
        return text(fields(found[-1]).get("query_id"))

    async def load(cursor: str) -> bytes:
        after = (("starting_after", cursor),) if cursor else ()
        return await get(context, "/usage/points_history", "the points history", ("limit", "100"), *after)

    async for page in paged(WORDS, load, following):
        cursor = Cursor(HISTORY, state=msgspec.msgpack.encode(Mark(newest) if page.final else mark))
        yield Reply(cursor, HISTORY, page.body, context.now(), context=Facts(context.account))


def remembered(context: Context) -> Mark:
    cursor = context.cursors.get(HISTORY)
    try:
        return msgspec.msgpack.decode(cursor.state, type=Mark) if cursor is not None and cursor.state else Mark()
    except msgspec.DecodeError:
        return Mark()


async def check(context: Context) -> str:
    return summary(read(BALANCE, Reply(Cursor(""), "balance", await get(context, BALANCE.path, BALANCE.what), context.now())))


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total. A call is known by its id: met again on another page or in another poll it is the same record."""
    if reply.endpoint != HISTORY:
        return State(), read(BALANCE, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the answer")
    if not isinstance(data.get("data"), list):
        notes.problem("the answer is not a history; nothing was changed")
    account = reply.context.account if isinstance(reply.context, Facts) else 0
    found = {record.key: record for one in rows(data.get("data")) for record in call(fields(one), account, notes)}
    return State(), [*found.values(), *notes.problems()]


def call(one: Any, account: int, notes: Notes) -> Iterator[UsageRecord]:
    """Points are taken from what is prepaid; dollars are their worth, not paid on top."""
    moment, name = micros(one.get("creation_time")), text(one.get("query_id"))
    at = None if moment is None else epoch(moment // MICROS)
    if at is None or not name:
        notes.problem("a call has no usable time or no id; it was left out")
        return
    notes.place = utc_day(at)
    points = () if one.get("cost_points") is None else notes.money(MoneyKind.CREDITS, one.get("cost_points"), POINTS)
    worth = () if one.get("cost_usd") is None else notes.money(MoneyKind.PLAN_VALUE, one.get("cost_usd"))
    yield UsageRecord(
        key=stable_key(f"{INFO.id}:{account}:{name}"),
        session=f"{INFO.id}:{account}:{group_text(one.get('usage_type')) or 'calls'}:{utc_day(at)}",
        at=at,
        model=text(one.get("bot_name")),
        requests=1,
        grain=Grain.MINUTE,
        money=(*points, *worth),
        origin=Origin.REPORTED,
        quality=Quality.EXACT,
        endpoint=HISTORY,
    )


def micros(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and 0 < found < Decimal(10) ** 17 else None


def balance(told: Told) -> Iterator[Balance]:
    """Large plans hold more points than an amount can: those are told in thousands."""
    points = number(told.data.get("current_point_balance"))
    if points is not None and MAX_AMOUNT < points <= MAX_AMOUNT * 1000:
        yield from left(told, points, "kpoints", scale=Decimal("0.001"))
    else:
        yield from left(told, told.data.get("current_point_balance"), POINTS)


BALANCE: Final = Call("balance", "/usage/current_balance", "the points left", balance)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
