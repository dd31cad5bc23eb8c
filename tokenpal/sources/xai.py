"""xAI: a team's prepaid balance and what each day cost, through the management API (provider-apis 8.4).

The balance is the posted ledger: what was used since the last bill is not taken off yet. Its sign is turned around on the
wire. Days are in dollars, by description; no token counts are documented.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, Item, Quality
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Progress, Rhythm, Span, State, cursor_for, gather, plan, progress_of, utc_day
from tokenpal.sources.http import MAX_PAGES, StatusError, Words, address, ask, bearer, decode, each, ids, part_of
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="xai",
    name="xAI API",
    kind=Kind.API,
    provider="xai",
    docs="https://docs.x.ai/docs/management-api/billing",
    key="A management key of your team, made in the console under Settings, Management keys, with reading of billing only. "
    "Ordinary keys (xai-…) do not work.",
    key_page="https://console.x.ai/team/default/management-keys",
    tells="What each day cost by model and key, and the prepaid credit as last billed.",
    silent="It tells no tokens and no requests, and nothing of Grok plans. Use since the last bill is not taken off the credit yet.",
    base_url="https://management-api.x.ai",
    poll_seconds=900,
    options=(
        Option("team_id", "Team id", "The id in the address bar of console.x.ai, after /team/.", required=True, example="0a1b2c3d-4e5f-6789-abcd-ef0123456789"),
        Option("api_key_id", "Only these keys", "Ids of your own keys, with commas between: what others cost is left out. The credit stays the team's.", example="key_1"),
    ),
)
WORDS: Final = Words(
    provider="xAI",
    refused="Make a management key at console.x.ai, Settings, Management keys, and enter it under Accounts; ordinary keys do not work.",
    scope="Use a management key of this team that may read billing.",
    missing="Look at the team id: it is in the address bar of console.x.ai, after /team/.",
    patience=INFO.poll_seconds,
)
RHYTHM: Final = Rhythm(day_span=31, wide=35)
COSTS: Final = "costs"
BALANCE: Final = "balance"
BY_KEY: Final = ("description", "api_key_id")
NO_KEYS: Final = "description"  # what this team's report was found to group by
KIND: Final = re.compile(r"\s+(?:(?:cached|text|image|audio|video|reasoning|completion|prompt|input|output|vision)\b\s*)+tokens?$", re.IGNORECASE)

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """The balance, then what the days cost."""
    async for reply in each([balance(context), costs(context)]):
        yield reply


def team(context: Context) -> str:
    """The address of the team's billing. Raises AccountError without a team."""
    name = context.options.get("team_id", "").strip().strip("/")
    if not name or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise AccountError("This account has no usable team id.", WORDS.missing, state=AccountState.UNREADABLE)
    return f"{address(context, INFO.base_url)}/v1/billing/teams/{name}"


async def balance(context: Context) -> AsyncIterator[Reply]:
    body = await ask(context, WORDS, f"{team(context)}/prepaid/balance", what="the balance", headers=bearer(context))
    yield Reply(cursor_for(BALANCE, Progress()), BALANCE, body, context.now(), context=Facts(context.account))


async def costs(context: Context) -> AsyncIterator[Reply]:
    """Days by description and key; where that is refused, by description alone, which is remembered for a day."""
    progress, now = progress_of(context, COSTS), context.now()
    alone_at = progress.dialect_at if progress.dialect == NO_KEYS and now - progress.dialect_at < DAY else 0
    for span in plan(progress, now, context.since, RHYTHM):
        if not alone_at:
            try:
                async for reply in pages(context, msgspec.structs.replace(span, after=msgspec.structs.replace(span.after, dialect="", dialect_at=0)), BY_KEY):
                    yield reply
                continue
            except StatusError as problem:
                if problem.status != 400:
                    raise
                if chosen(context):
                    raise AccountError("xAI does not tell this team's costs by key.", "Take the filter off this account.", state=AccountState.NOT_AVAILABLE) from None
                alone_at = now
        after = msgspec.structs.replace(span.after, dialect=NO_KEYS, dialect_at=alone_at)
        async for reply in pages(context, msgspec.structs.replace(span, after=after), BY_KEY[:1]):
            yield reply


async def pages(context: Context, span: Span, groups: tuple[str, ...]) -> AsyncIterator[Reply]:
    """One span; an answer that was cut short is asked for again in halves."""
    waiting, page = [(span.start, span.end)], 0
    while waiting:
        start, end = waiting.pop(0)
        body = await usage(context, start, end, groups)
        if fields(decode(body)).get("limitReached") is True:
            if end - start <= DAY or len(waiting) >= MAX_PAGES:
                raise AccountError("xAI cuts its report short.", "Nothing of it was stored; tokenpal tries again by itself.")
            middle = start + (end - start) // DAY // 2 * DAY
            waiting[:0] = [(start, middle), (middle, end)]
            continue
        page += 1
        facts = Facts(context.account, generation="\n".join((chosen(context), *groups)), span=(start, end))
        yield Reply(cursor_for(COSTS, span.after), COSTS, body, context.now(), (span.start, span.end), page, not waiting, facts)


async def usage(context: Context, start: int, end: int, groups: tuple[str, ...]) -> bytes:
    question = {
        "analyticsRequest": {
            "timeRange": {"startTime": written(start), "endTime": written(end), "timezone": "Etc/GMT"},
            "timeUnit": "TIME_UNIT_DAY",
            "values": [{"name": "usd", "aggregation": "AGGREGATION_SUM"}],
            "groupBy": list(groups),
            "filters": [],
        }
    }
    return await ask(context, WORDS, f"{team(context)}/usage", what="the cost report", headers=bearer(context), body=question)


def written(at: int) -> str:
    """2026-11-20 00:00:00, in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def chosen(context: Context) -> str:
    """The keys whose costs are read; "" = everybody's."""
    return ",".join(ids(context, "api_key_id"))


async def identity(context: Context) -> str:
    """The team, and the part of it that is read."""
    return part_of(team(context).rpartition("/")[2], context, key="api_key_id")


async def check(context: Context) -> str:
    """Tries the key on the balance and on today's costs. Raises AccountError."""
    body = await ask(context, WORDS, f"{team(context)}/prepaid/balance", what="the balance", headers=bearer(context))
    today = context.now() - context.now() % DAY
    await usage(context, today, today + DAY, BY_KEY[:1])
    left = credit(decode(body), Notes("", ""))
    return f"The key works: {left:.2f} dollars of credit, as last billed." if left is not None else "The key works: it may read the costs."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """The balance, or the points of one answer. Total: bad input gives a Problem."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, f"page {reply.page}")
    if reply.endpoint == BALANCE:
        left = credit(data, notes)
        found = [] if left is None else [Balance("credits", Money.of(MoneyKind.CREDITS, left, "USD"), reply.at)]
        return state or State(), [*found, *notes.problems()]
    readable = isinstance(data.get("timeSeries"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    facts = reply.context if isinstance(reply.context, Facts) else Facts(0)
    wanted, *groups = facts.generation.split("\n")
    points = [row for series in rows(data.get("timeSeries")) for row in series_rows(fields(series), groups, set(wanted.split(",")) - {""}, facts.span, notes)]
    return gather(INFO.id, state, reply, points, notes.problems(), readable=readable)


def credit(data: Any, notes: Notes) -> Decimal | None:
    """Cents as text, and negative when there is credit: "-1000" is ten dollars. What cannot be read is no zero."""
    cents = number(fields(fields(data).get("total")).get("val"))
    if cents is None or abs(cents) > MAX_AMOUNT * 100:
        notes.problem("the balance cannot be read")
        return None
    return -cents / 100


def series_rows(series: Any, groups: list[str], wanted: set[str], span: tuple[int, int] | None, notes: Notes) -> Iterator[BucketRow]:
    """One description (and key), a value a day. The kind of token at a description's end is no part of the model."""
    named = dict(zip(groups, map(text, rows(series.get("group"))), strict=False))
    key = group_text(named.get("api_key_id"))
    if wanted and key not in wanted:
        return
    described = named.get("description", "")
    model = KIND.sub("", described) if KIND.search(described) else ""
    for point in rows(series.get("dataPoints")):
        start = epoch(fields(point).get("timestamp"))
        if start is None:
            notes.problem("a point has no usable time; it was left out")
            continue
        if span is not None and not span[0] <= start < span[1]:
            continue  # the report has more than was asked for
        start -= start % DAY
        notes.place = utc_day(start)
        values = rows(fields(point).get("values"))
        money = notes.money(MoneyKind.CASH, values[0] if values else None)
        if money:
            yield BucketRow(start, start + DAY, group=key, model=model, requests=0, money=money, quality=Quality.INFERRED)
