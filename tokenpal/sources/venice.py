"""Venice: tokens and cost by model and day, in dollars and DIEM, and what is left of both (provider-apis 8.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.balances import Call, Told, left, read, summary
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, State, cursor_for, day_after, gather, plan, progress_of, utc_day
from tokenpal.sources.http import Words, decode, getter
from tokenpal.sources.numbers import Notes, fields, number, rows, text
from tokenpal.sources.plans import DAY as DAY_MINUTES, window

INFO: Final = SourceInfo(
    id="venice",
    name="Venice",
    kind=Kind.API,
    provider="venice",
    docs="https://docs.venice.ai/api-reference/endpoint/billing/usage-analytics",
    key="An ADMIN key. It can manage your other keys, so make one for tokenpal alone, with a date at which it expires.",
    key_page="https://venice.ai/settings/api",
    tells="Input, cached input, output and cost by UTC day and model, of all your keys and the website; DIEM, dollars and credits left.",
    silent="No number of requests; nothing that was paid from earned credits. Figures are up to ten minutes old, and the report is a beta.",
    base_url="https://api.venice.ai/api/v1",
)
WORDS: Final = Words(
    provider="Venice",
    refused="Use an ADMIN key from venice.ai, Settings, API: Venice refuses an INFERENCE key with the same words as a wrong one.",
    scope="Use an ADMIN key from venice.ai, Settings, API.",
    missing="Look at the address of this account; it ends in /api/v1.",
)
get = getter(INFO.base_url, WORDS)
ENDPOINT: Final = "usage-analytics"
RHYTHM: Final = Rhythm(day_span=1, history=30)  # tokens are told per model of the whole range: a question a day
CLASSES: Final = {"input": "fresh_input", "output": "output", "cache read": "cache_read", "cache write": "cache_write_other"}
BALANCES: Final = (("diem", "DIEM", "DIEM"), ("usd", "USD", "dollars"), ("bundledCredits", "USD", "bundled credits"), ("earnedCredits", "USD", "earned credits"))


async def fetch(context: Context) -> AsyncIterator[Reply]:
    yield Reply(Cursor("balance"), "balance", await get(context, "/billing/balance", "the balance"), context.now())
    for span in plan(progress_of(context, ENDPOINT), context.now(), context.since, RHYTHM):
        # Both dates belong to the range.
        asked = ("startDate", utc_day(span.start)), ("endDate", utc_day(span.end - DAY))
        body = await get(context, "/billing/usage-analytics", "the usage report", *asked)
        window_ = (span.start, span.end)
        yield Reply(cursor_for(ENDPOINT, span.after), ENDPOINT, body, context.now(), window_, context=Facts(context.account))


async def check(context: Context) -> str:
    body = await get(context, "/billing/balance", "the balance")
    return summary(read(BALANCE, Reply(Cursor(""), "balance", body, context.now())))


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem."""
    if reply.endpoint != ENDPOINT:
        return state or State(), read(BALANCE, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    start = reply.window[0] if reply.window else 0
    notes = Notes(reply.endpoint, utc_day(start))
    readable = isinstance(data.get("byModel"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    found = [model_row(start, fields(one), notes) for one in rows(data.get("byModel"))]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def model_row(start: int, one: Any, notes: Notes) -> BucketRow:
    """``byModel`` only: the other lists are views of the same total. Dollars and DIEM are paid apart, for different requests."""
    tokens: dict[str, int] = {}
    quality = Quality.AGGREGATE
    if "token" in text(one.get("unitType")).lower():
        parts = rows(one.get("breakdown"))
        for part in map(fields, parts):
            name = CLASSES.get(text(part.get("type")).strip().lower())
            if name is None:
                notes.problem("units of an unknown type; they were left out")
                continue
            tokens[name] = tokens.get(name, 0) + notes.tokens(part.get("units"))
        if not parts:  # of one type only, and not told of which
            tokens["fresh_input"], quality = notes.tokens(one.get("totalUnits")), Quality.INFERRED
    money = [
        amount
        for name, currency in (("totalUsd", "USD"), ("totalDiem", "DIEM"))
        if one.get(name) is not None
        for amount in notes.money(MoneyKind.CREDITS, one.get(name), currency)
    ]
    return BucketRow(
        start, start + DAY, "all-keys", text(one.get("modelName")), tokens=Tokens(**tokens), requests=None, money=tuple(money), quality=quality
    )


def balances(told: Told) -> Iterator[Item]:
    """DIEM are an allowance of the UTC day; the rest is prepaid. What an account does not have is null."""
    found = fields(told.data.get("balances"))
    for name, currency, said in BALANCES:
        if found.get(name) is not None:
            yield from left(told, found.get(name), currency, said)
    if number(told.data.get("diemEpochAllocation")) and found.get("diem") is not None:
        yield from window(
            told, DAY_MINUTES, left=found.get("diem"), limit=told.data.get("diemEpochAllocation"), resets=day_after(told.at), unit="DIEM"
        )
    if not found:
        told.notes.problem("the balance cannot be read")


BALANCE: Final = Call("balance", "/billing/balance", "the balance", balances)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
