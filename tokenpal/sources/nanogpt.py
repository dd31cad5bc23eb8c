"""NanoGPT: tokens and cost of one key, by day and model (provider-apis 8.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Item, Quality
from tokenpal.sources.balances import HIDDEN, Call, Told, left, read
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, State, cursor_for, gather, plan, progress_of, utc_day
from tokenpal.sources.http import StatusError, Words, address, ask, bearer, decode, key_of
from tokenpal.sources.numbers import Notes, day_epoch, fields, rows, text

INFO: Final = SourceInfo(
    id="nanogpt",
    name="NanoGPT",
    kind=Kind.API,
    provider="nanogpt",
    docs="https://docs.nano-gpt.com/api-reference/endpoint/usage",
    key="The API key whose use you want to see: it tells its own use only. Add an account for each of your keys.",
    key_page="https://nano-gpt.com/api",
    tells="Input, output, reasoning, requests and cost (refunds taken off) by UTC day and model, and the balance.",
    silent="Not what was cached, and nothing of your other keys or of the website. Models have their display names.",
    base_url="https://nano-gpt.com",
)
WORDS: Final = Words(
    provider="NanoGPT",
    refused="Make a new key at nano-gpt.com, API, and enter it under Accounts.",
    scope="Use an API key of your own account.",
    missing="Look at the address of this account; it is https://nano-gpt.com.",
)
ENDPOINT: Final = "usage"
RHYTHM: Final = Rhythm(day_span=30, history=30)  # how much one answer may cover is not documented
MISSING_DAYS: Final = 35  # the provider may still work out days that are this old


async def usage(context: Context, start: int, end: int) -> bytes:
    """Whole UTC days; ``to`` belongs to the range."""
    asked = (("from", utc_day(start)), ("to", utc_day(end - DAY)), ("groupBy", "day,model"))
    url = f"{address(context, INFO.base_url)}/api/v1/usage"
    return await ask(context, WORDS, url, asked, what="the usage report", headers=bearer(context))


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Days that the provider has not worked out yet are asked for again."""
    now = context.now()
    lacking = now // DAY
    for span in plan(progress_of(context, ENDPOINT), now, context.since, RHYTHM):
        body = await usage(context, span.start, span.end)
        oldest = min((at // DAY for at in missing(decode(body)) if at // DAY > now // DAY - MISSING_DAYS), default=lacking)
        lacking = min(lacking, oldest)
        after = msgspec.structs.replace(span.after, until=min(span.after.until, lacking))
        window = (span.start, span.end)
        yield Reply(cursor_for(ENDPOINT, after), ENDPOINT, body, context.now(), window, context=Facts(context.account))
    url, headers = f"{address(context, INFO.base_url)}/api/check-balance", {"x-api-key": key_of(context)}
    try:
        body = await ask(context, WORDS, url, what="the balance", headers=headers, body={})
    except StatusError as problem:
        if problem.status not in HIDDEN:
            raise
    else:
        yield Reply(Cursor("balance"), "balance", body, context.now(), context=Facts(context.account))


async def check(context: Context) -> str:
    today = context.now() - context.now() % DAY
    data = fields(decode(await usage(context, today, today + DAY)))
    return f"The key works: it tells the use of key {number_of(data)}." if number_of(data) else "The key works."


async def identity(context: Context) -> str:
    """The key's own id: the same key twice would count twice."""
    today = context.now() - context.now() % DAY
    return number_of(fields(decode(await usage(context, today, today + DAY))))


def number_of(data: Any) -> str:
    found = fields(data.get("apiKey")).get("id")
    return str(found)[:100] if isinstance(found, int | str) else ""


def missing(data: Any) -> list[int]:
    """Days that are incomplete, epoch seconds."""
    return [at for day in rows(fields(fields(data).get("source")).get("missingRollupDays")) if (at := day_epoch(day)) is not None]


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem."""
    if reply.endpoint == "balance":
        return state or State(), read(BALANCE, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the answer")
    readable = isinstance(data.get("byDayModel"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    incomplete = set(missing(data))
    found = [row for one in rows(data.get("byDayModel")) for row in day_row(fields(one), incomplete, notes)]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def day_row(one: Any, incomplete: set[int], notes: Notes) -> Iterator[BucketRow]:
    """``byDayModel`` only: the other lists are views of the same total (provider-apis 5.7). Reasoning is part of the output."""
    start = day_epoch(one.get("date"))
    if start is None:
        notes.problem("a row has no usable date; it was left out")
        return
    notes.place = utc_day(start)
    output, reasoning = notes.tokens(one.get("outputTokens")), notes.tokens(one.get("reasoningTokens"))
    if reasoning > output:
        notes.problem("reasoning tokens exceed the output; they were counted as all of it")
    cost = one.get("netCostUsd")
    yield BucketRow(
        start,
        start + DAY,
        "this-key",
        text(one.get("model")),
        tokens=Tokens(fresh_input=notes.tokens(one.get("inputTokens")), output=output, reasoning=min(reasoning, output)),
        requests=notes.count(one.get("requests")),
        money=() if cost is None else notes.money(MoneyKind.CREDITS, cost),
        # What of the input was cached is not told.
        quality=Quality.LOWER_BOUND if start in incomplete else Quality.INFERRED,
    )


def balance(told: Told) -> Iterator[Balance]:
    yield from left(told, told.data.get("usd_balance"), "USD")


BALANCE: Final = Call("balance", "/api/check-balance", "the balance", balance)
__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]
