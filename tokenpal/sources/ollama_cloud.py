"""Ollama Cloud: tokens by the hour, their value, and what is left of the plan (provider-apis 6.6).

Only the last 24 hours are told by the hour. A day whose hours were all seen is kept by the hour; after a longer pause the
days in between come from the day buckets, whole, so that no hour is in both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, LimitReading, Quality
from tokenpal.sources.balances import Call, Told, left, read, summary
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, State, gather, utc_day
from tokenpal.sources.http import StatusError, Words, decode, getter
from tokenpal.sources.numbers import Notes, epoch, fields, number, rows, text
from tokenpal.sources.plans import HOUR, WEEK, window

INFO: Final = SourceInfo(
    id="ollama-cloud",
    name="Ollama Cloud",
    kind=Kind.API,
    provider="ollama",
    docs="https://docs.ollama.com/api/cloud-usage",
    key="One API key of your Ollama account: it tells all your own use, whichever key made it. The key pair in the .ollama folder "
    "does not work.",
    key_page="https://ollama.com/settings/keys",
    tells="Requests, input, cached input and output by the hour, what that use was worth, and what is left of the plan and of bought credit.",
    silent="No models as yet, and nothing of models that run on your own machine. History goes back 30 days; older plans tell requests only.",
    base_url="https://ollama.com",
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="Ollama Cloud",
    refused="Make a new key at ollama.com, Settings, Keys, and enter it under Accounts.",
    scope="The account may be suspended: look at ollama.com, Settings.",
    missing="Look at the address of this account; it is https://ollama.com.",
    patience=INFO.poll_seconds,
)
get = getter(INFO.base_url, WORDS)
USAGE: Final = "usage"
OLDER: Final = "older plan"
WIDTHS: Final = {"24h": 3600, "30d": DAY}
PERIOD: Final = "plan period"


class Seen(msgspec.Struct, frozen=True):
    """How far usage was read; the state of its cursor. Epoch seconds."""

    hours_from: int = 0  # from here on it is stored by the hour
    until: int = 0  # the newest hour that was read
    plain_at: int = 0  # when asking by model was refused; asked again a day later


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Three questions at most: ten a minute are allowed over all machines of an account."""
    seen = remembered(context)
    hours, seen = await usage(context, "24h", seen)
    if "buckets" not in decode(hours):
        yield Reply(Cursor(OLDER), OLDER, hours, context.now(), context=Facts(context.account))
    else:
        first = edge(hours)
        if first > seen.until or context.since is not None:  # a hole: days up to the next midnight, hours from there
            days, seen = await usage(context, "30d", seen)
            seen = msgspec.structs.replace(seen, hours_from=first if first % DAY == 0 else first - first % DAY + DAY)
            yield reply(context, days, "30d", (min(edge(days), seen.hours_from), seen.hours_from), seen)
        now = context.now()
        seen = msgspec.structs.replace(seen, until=now - now % 3600)
        yield reply(context, hours, "24h", (max(first, seen.hours_from), now - now % 3600 + 3600), seen)
    body = await get(context, "/api/balance", "the balance")
    yield Reply(Cursor("balance"), "balance", body, context.now(), context=Facts(context.account))


async def usage(context: Context, span: str, seen: Seen) -> tuple[bytes, Seen]:
    """By model where that is understood; that it is not is remembered for a day."""
    asked = ("range", span), ("scope", "self")
    if context.now() - seen.plain_at >= DAY:
        try:
            body = await get(context, "/api/usage", "the usage report", *asked, ("group_by", "model"))
        except StatusError as problem:
            if problem.status not in {400, 422, 501}:
                raise
            seen = msgspec.structs.replace(seen, plain_at=context.now())
            body = await get(context, "/api/usage", "the usage report", *asked)
    else:
        body = await get(context, "/api/usage", "the usage report", *asked)
    return body, seen


def edge(body: bytes) -> int:
    """Where its first bucket begins."""
    data = decode(body)
    starts = [epoch(fields(one).get("from")) for one in rows(fields(data).get("buckets"))]
    return min((at for at in starts if at is not None), default=epoch(fields(data).get("from")) or 0)


def remembered(context: Context) -> Seen:
    cursor = context.cursors.get(USAGE)
    try:
        return msgspec.msgpack.decode(cursor.state, type=Seen) if cursor is not None and cursor.state else Seen()
    except msgspec.DecodeError:
        return Seen()


def reply(context: Context, body: bytes, span: str, window: tuple[int, int], seen: Seen) -> Reply:
    """``seen.until`` moves with the hours only: days that were stored without them are read again."""
    cursor = Cursor(USAGE, state=msgspec.msgpack.encode(seen))
    return Reply(cursor, USAGE, body, context.now(), window, context=Facts(context.account, span, window))


async def check(context: Context) -> str:
    body = await get(context, "/api/balance", "the balance")
    return summary(read(PLAN, Reply(Cursor(""), "balance", body, context.now())))


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem."""
    if reply.endpoint != USAGE:
        return state or State(), read(LIMITS if reply.endpoint == OLDER else PLAN, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the answer")
    readable = isinstance(data.get("buckets"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    facts = reply.context if isinstance(reply.context, Facts) else Facts(0)
    found = [row for one in rows(data.get("buckets")) for row in bucket(fields(one), WIDTHS.get(facts.generation, DAY), notes)]
    inside = facts.span or (0, 0)
    return gather(INFO.id, state, reply, [row for row in found if inside[0] <= row.start < inside[1]], notes.problems(), readable=readable)


def bucket(one: Any, width: int, notes: Notes) -> Iterator[BucketRow]:
    """One bucket: of one model, or of all with a list of models in it; what they leave over has no model."""
    start = epoch(one.get("from"))
    if start is None:
        notes.problem("a bucket has no usable time; it was left out")
        return
    notes.place = utc_day(start)
    start -= start % width
    whole = figures(start, width, one, notes)
    parts = [figures(start, width, fields(part), notes) for part in rows(one.get("models"))]
    spent = [sum(getattr(part.tokens, name) for part in parts) for name in ("fresh_input", "cache_read", "output")]
    rest = [have - gone for have, gone in zip((whole.tokens.fresh_input, whole.tokens.cache_read, whole.tokens.output), spent, strict=True)]
    requests = (whole.requests or 0) - sum(part.requests or 0 for part in parts)
    pico = sum(money.pico for money in whole.money) - sum(money.pico for part in parts for money in part.money)
    if not parts or min(*rest, requests, pico) < 0:  # models that do not add up are not believed
        yield whole
        return
    yield from parts
    over = (Money(MoneyKind.PLAN_VALUE, "USD", pico),) if pico else ()
    yield BucketRow(start, start + width, "all-keys", "", tokens=Tokens(rest[0], rest[1], output=rest[2]), requests=requests, money=over)


def figures(start: int, width: int, one: Any, notes: Notes) -> BucketRow:
    """Cached input is part of the input. Older plans leave tokens out: then there are at least these requests."""
    sent, read_ = notes.tokens(one.get("input_tokens")), notes.tokens(one.get("cached_input_tokens"))
    fresh = sent - read_
    if fresh < 0:  # keep what was sent, and say so (provider-apis 4.2, guard)
        notes.problem("cached tokens exceed the input; fresh input may be too high")
        fresh = sent
    worth = one.get("usage_usd")
    return BucketRow(
        start,
        start + width,
        "all-keys",
        text(one.get("model") or one.get("name")),
        tokens=Tokens(fresh_input=fresh, cache_read=read_, output=notes.tokens(one.get("output_tokens"))),
        requests=notes.count(one.get("request_count")),
        # First taken from what the plan includes: its value, not a bill.
        money=() if worth is None else notes.money(MoneyKind.PLAN_VALUE, worth),
        quality=Quality.AGGREGATE if one.get("input_tokens") is not None else Quality.LOWER_BOUND,
    )


def plan(told: Told) -> Iterator[Item]:
    """Credit of the plan's period and bought credit; older plans tell what remains of a session and a week."""
    included = fields(told.data.get("included"))
    period = fields(included.get("period"))
    if included.get("allowance_usd") is not None:
        start, end = epoch(period.get("from")), epoch(period.get("until"))
        minutes = (end - start) // 60 if start is not None and end is not None and end > start else None
        yield from window(
            told, minutes, name="" if minutes else PERIOD, left=included.get("balance_usd"), limit=included.get("allowance_usd"), resets=end, unit="USD"
        )
    for name, length in (("session", 5 * HOUR), ("weekly", WEEK)):
        if one := fields(included.get(name)):
            yield from remaining(told, length, one)
    purchased = fields(told.data.get("purchased"))
    if purchased.get("balance_usd") is not None:
        yield from left(told, purchased.get("balance_usd"), "USD", "bought credit")


def remaining(told: Told, minutes: int, one: Any) -> Iterator[LimitReading]:
    share = number(one.get("remaining_percent"))
    used = None if share is None or share.copy_abs() > 10**6 else 100 - share
    yield from window(told, minutes, percent=used, resets=one.get("resets_at"))


def limits(told: Told) -> Iterator[LimitReading]:
    """The form before the documented one: a share of each window, from 0 to 1, without its end."""
    found = fields(told.data.get("limits"))
    for name, length in (("session", 5 * HOUR), ("weekly", WEEK)):
        if one := fields(found.get(name)):
            yield from window(told, length, used=one.get("usage"), limit=1)


LIMITS: Final = Call(OLDER, "/api/usage", "the usage report", limits)
PLAN: Final = Call("balance", "/api/balance", "the balance", plan)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
