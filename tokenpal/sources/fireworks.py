"""Fireworks AI: metered tokens and the account's bill, by day (provider-apis 8.2).

Tokens come from the metered usage, a day a question; money from the billing summary, by day and category: two views of the
same requests, never added row by row. Whether prompt tokens include cached ones nobody tells.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, Span, State, cursor_for, gather, plan, progress_of, rfc3339, utc_day
from tokenpal.sources.http import Words, address, ask, bearer, decode, each, ids, paged, part_of
from tokenpal.sources.numbers import Notes, epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="fireworks",
    name="Fireworks AI",
    kind=Kind.API,
    provider="fireworks",
    docs="https://docs.fireworks.ai/api-reference/get-billing-usage",
    key="Any API key (fw_…) of your account; there are none with fewer rights, so make one for tokenpal alone. What the whole account "
    "cost may need a key of an administrator.",
    key_page="https://app.fireworks.ai/settings/users/api-keys",
    tells="Prompt and completion tokens of serverless use by model, key and day, and what each day cost.",
    silent="It counts no requests, tells no cached tokens apart, no tokens of dedicated deployments and no balance. Without a filter "
    "the figures are those of the whole account.",
    base_url="https://api.fireworks.ai",
    poll_seconds=1800,
    options=(
        Option("api_key_id", "Only these keys", "Ids of your own keys, with commas between: tokens of others are left out, and costs, which know no keys.", example="key_1"),
        Option("account_id", "Account", "Needed only when the key sees several accounts.", example="me-1a2b"),
    ),
)
WORDS: Final = Words(
    provider="Fireworks",
    refused="Make a new key (fw_…) at app.fireworks.ai, Settings, API keys, and enter it under Accounts.",
    scope="Use a key of somebody who may see this account's billing; for the whole account that is an administrator.",
    missing="Look at the account's id and its address.",
    patience=INFO.poll_seconds,
)
USAGE: Final = "usage"
COSTS: Final = "costs"
USAGE_RHYTHM: Final = Rhythm(day_span=1)  # a row may cover all of the time asked for: so that is a day
COST_RHYTHM: Final = Rhythm(day_span=31, wide=35)
A_POLL: Final = 31  # days of usage, when nobody waits for more: history comes in several polls
ACCOUNT: Final = "fireworks:account"
NANO: Final = Decimal(1).scaleb(-9)

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Tokens day by day, costs month by month."""
    account = context.memory.get(ACCOUNT) or await account_of(context)
    async for reply in each([usage(context, account), costs(context, account)]):
        yield reply


async def account_of(context: Context) -> str:
    """The account of the key, or the one that was chosen. Raises AccountError when it is not clear which."""

    async def load(cursor: str) -> bytes:
        url = f"{address(context, INFO.base_url)}/v1/accounts"
        params = [("pageSize", "200"), *([("pageToken", cursor)] if cursor else [])]
        return await ask(context, WORDS, url, params, what="its accounts", headers=bearer(context))

    found: list[str] = []
    async for page in paged(WORDS, load, lambda data: text(data.get("nextPageToken"))):
        found += [text(fields(one).get("name")).removeprefix("accounts/") for one in rows(fields(decode(page.body)).get("accounts"))]
    names = sorted({name for name in found if name and "/" not in name})
    wanted = context.options.get("account_id", "").removeprefix("accounts/")
    if wanted:
        names = [name for name in names if name == wanted]
    if len(names) != 1:
        said = "The key sees several accounts: " + ", ".join(names[:5]) + "." if names else "The key sees no such account."
        raise AccountError(said, "Enter the id of the account you mean (option account_id).", state=AccountState.NOT_AVAILABLE)
    context.memory[ACCOUNT] = names[0]
    return names[0]


async def usage(context: Context, account: str) -> AsyncIterator[Reply]:
    spans = plan(progress_of(context, USAGE), context.now(), context.since, USAGE_RHYTHM)
    for span in itertools.islice(spans, A_POLL if context.since is None else None):
        params = [*times(span), ("usageType", "SERVERLESS"), ("groupBy", "model_name"), ("groupBy", "api_key_id"), ("timezone", "UTC")]
        body = await get(context, account, "billingUsage", params, "the usage report")
        yield reply_of(context, USAGE, span, body)


async def costs(context: Context, account: str) -> AsyncIterator[Reply]:
    """The bill knows no keys: with a filter it is told empty, so that nothing of others stays from before."""
    for span in plan(progress_of(context, COSTS), context.now(), context.since, COST_RHYTHM):
        if chosen(context):
            body = b'{"lineItems": [], "usageBuckets": []}'
        else:
            body = await get(context, account, "billing/summary", [*times(span), ("granularity", "DAILY")], "the billing summary")
        yield reply_of(context, COSTS, span, body)


def times(span: Span) -> list[tuple[str, str]]:
    return [("startTime", rfc3339(span.start)), ("endTime", rfc3339(span.end))]


async def get(context: Context, account: str, path: str, params: list[tuple[str, str]], what: str) -> bytes:
    url = f"{address(context, INFO.base_url)}/v1/accounts/{account}/{path}"
    return await ask(context, WORDS, url, params, what=what, headers=bearer(context))


def reply_of(context: Context, endpoint: str, span: Span, body: bytes) -> Reply:
    facts = Facts(context.account, generation=chosen(context))
    return Reply(cursor_for(endpoint, span.after), endpoint, body, context.now(), (span.start, span.end), context=facts)


def chosen(context: Context) -> str:
    """The keys whose use is read; "" = everybody's."""
    return ",".join(ids(context, "api_key_id"))


async def identity(context: Context) -> str:
    """The account, and the part of it that is read."""
    return part_of(await account_of(context), context, key="api_key_id")


async def check(context: Context) -> str:
    """Tries the key on today's usage. Raises AccountError."""
    account = await account_of(context)
    (span,) = itertools.islice(plan(progress_of(context, USAGE), context.now(), context.now(), Rhythm(day_span=1, history=1)), 1)
    await get(context, account, "billingUsage", [*times(span), ("usageType", "SERVERLESS"), ("timezone", "UTC")], "the usage report")
    return f"The key works: account {account}."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Rows of one answer; lists that would be empty are left out of it. Total: bad input gives a Problem."""
    try:
        decoded = decode(reply.body)
    except ValueError:
        decoded = None
    data = fields(decoded)
    notes = Notes(reply.endpoint, "the answer")
    wanted = set(reply.context.generation.split(",")) - {""} if isinstance(reply.context, Facts) else set()
    if reply.endpoint == COSTS:
        listed = data.get("usageBuckets")
        # Without days the sums of the whole range cannot be told apart; with them the sums are the same money again.
        readable = isinstance(listed, list) or (listed is None and set(data) <= {"lineItems"} and not data.get("lineItems"))
        found = [row for bucket in rows(listed) for row in cost_rows(fields(bucket), notes)]
    else:
        listed = data.get("serverlessCosts")
        readable = isinstance(listed, list) or (listed is None and set(data) <= {"dedicatedCosts"})
        found = list(usage_rows(rows(listed), reply.window or (0, 0), wanted, notes))
    readable = readable and isinstance(decoded, dict)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def usage_rows(listed: list[Any], window: tuple[int, int], wanted: set[str], notes: Notes) -> Iterator[BucketRow]:
    """Counts are texts. A row lies inside of the day that was asked for, and may cover all of it."""
    for row in listed:
        start, end = epoch(fields(row).get("startTime")), epoch(fields(row).get("endTime"))
        if not isinstance(row, dict) or start is None or end is None or not start < end <= start + DAY:
            notes.problem("a row has no usable time; it was left out")
            continue
        key = group_text(row.get("apiKeyId")) or group_text(fields(row.get("group")).get("api_key_id"))
        if wanted and key not in wanted:
            continue
        notes.place = utc_day(start)
        yield BucketRow(
            start,
            end,
            group=key,
            model=text(row.get("modelName")) or text(fields(row.get("group")).get("model_name")),
            tokens=Tokens(fresh_input=notes.tokens(row.get("promptTokens")), output=notes.tokens(row.get("completionTokens"))),
            requests=None,
            quality=Quality.INFERRED,  # what of the prompt was cached is not told
        )


def cost_rows(bucket: Any, notes: Notes) -> Iterator[BucketRow]:
    """Money of one day. A price class ("MoE 56B+") is no model."""
    start = epoch(bucket.get("bucketStartTime"))
    if start is None:
        notes.problem("a bucket has no usable time; it was left out")
        return
    start -= start % DAY
    notes.place = utc_day(start)
    for item in rows(bucket.get("lineItems")):
        if not isinstance(item, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        cost = fields(item.get("totalCost"))
        named = text(item.get("groupingKey")) in {"model", "model_name"}
        yield BucketRow(
            start,
            start + DAY,
            group="",
            model=text(item.get("groupingValue")) if named else "",
            requests=0,
            money=notes.money(MoneyKind.CASH, amount(cost, notes), cost.get("currencyCode")),
        )


def amount(cost: Any, notes: Notes) -> Decimal | None:
    """Whole units as text and billionths as a number; either may be left out (provider-apis 4.3)."""
    parts = [number(cost.get(name, 0)) for name in ("units", "nanos")]
    if parts[0] is None or parts[1] is None or not cost:
        return None
    return parts[0] + parts[1] * NANO if abs(parts[0]) < 10**30 and abs(parts[1]) < 10**30 else Decimal(10**30).copy_sign(parts[0] or parts[1])
