"""OpenRouter: spend and limits of one key, or with a management key the account's tokens and money (provider-apis 6.3).

The analytics know hours, keys and today; where they do not serve, the activity report gives the last 30 completed days
under the same name, so that one replaces the other. Prompt tokens include cached ones, which nobody tells apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Item, LimitReading, Quality
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import (
    DAY,
    BucketRow,
    Facts,
    Progress,
    Rhythm,
    Span,
    State,
    cursor_for,
    day_after,
    gather,
    month_after,
    plan,
    progress_of,
    rfc3339,
    utc_day,
    week_after,
)
from tokenpal.sources.http import MAX_PAGES, StatusError, Words, address, ask, bearer, decode, each, part_of
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, day_epoch, epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="openrouter",
    name="OpenRouter",
    kind=Kind.API,
    provider="openrouter",
    docs="https://openrouter.ai/docs/api-reference/overview",
    key="A management key tells tokens by model and hour, credits and the limits of all your keys; it cannot run models. "
    "An ordinary key (both look like sk-or-v1-…) tells only what that key itself spent and its limit.",
    key_page="https://openrouter.ai/settings/management-keys",
    tells="With a management key: tokens and credits by model, key and hour of the last 30 days, and the balance. "
    "With an ordinary key: what it spent today, and its limit.",
    silent="It never tells cached tokens apart. Requests with your own provider keys may also be in that provider's report: "
    "mark this account as a mirror of it.",
    base_url="https://openrouter.ai/api/v1",
    poll_seconds=900,
    gateway=True,
    options=(
        Option("api_key_hash", "Only this key", "With a management key: the hash of one of your keys. An ordinary key tells of itself alone anyway.", example="f01d52606dc8f0a8…"),
    ),
)
WORDS: Final = Words(
    provider="OpenRouter",
    refused="Make a new key at openrouter.ai, Settings, Management keys, and enter it under Accounts.",
    scope="Use a management key from openrouter.ai, Settings, Management keys; an ordinary key does not suffice.",
    missing="Look at the address of this account; it ends in /api/v1.",
    patience=INFO.poll_seconds,
)
ANALYTICS_RHYTHM: Final = Rhythm(day_span=7, hour_span=3, history=30)
ACTIVITY_DAYS: Final = 30
ACTIVITY: Final = "activity"
SETTLED: Final = 6 * 3600  # by then yesterday is in the activity report
METRICS: Final = ("total_usage", "request_count", "tokens_prompt", "tokens_completion")
ROW_LIMIT: Final = 10_000
USD: Final = "USD"
KEY_ANSWER: Final = "openrouter:key"  # asked for a moment ago

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """The key itself first: it says which of the other reports it may read."""
    now = context.now()
    body = context.memory.pop(KEY_ANSWER, None) or await get(context, "key", "the key's own figures")
    management = is_management(fields(fields(decode(body)).get("data")))
    today = None if management else (now - now % DAY, day_after(now))
    yield Reply(cursor_for("key", Progress()), "key", body, now, today, context=Facts(context.account))
    reports = [optional(context, "credits", "the balance")]
    if management:
        reports += [activity(context), *([] if context.options.get("api_key_hash") else [key_limits(context)])]
    async for reply in each(reports):
        yield reply


def is_management(data: Any) -> bool:
    return data.get("is_management_key") is True or data.get("is_provisioning_key") is True


async def get(context: Context, path: str, what: str, params: tuple[tuple[str, str], ...] = ()) -> bytes:
    return await ask(context, WORDS, f"{address(context, INFO.base_url)}/{path}", params, what=what, headers=bearer(context))


async def identity(context: Context) -> str:
    """The account, for a management key; an ordinary key is a part of it (one line each)."""
    body = await get(context, "key", "the key's own figures")
    context.memory[KEY_ANSWER] = body
    data = fields(fields(decode(body)).get("data"))
    user = text(data.get("creator_user_id"))
    return part_of(user, context, key="api_key_hash") if is_management(data) else f"{user}\n{text(data.get('label')).replace('=', '-')}"


async def optional(context: Context, endpoint: str, what: str) -> AsyncIterator[Reply]:
    """A figure that this key may not be allowed to read: then it is hidden, and the rest goes on."""
    try:
        body = await get(context, endpoint, what)
    except StatusError as problem:
        if problem.status in {401, 402, 403, 404}:
            return
        raise
    yield Reply(cursor_for(endpoint, Progress()), endpoint, body, context.now(), context=Facts(context.account))


async def key_limits(context: Context) -> AsyncIterator[Reply]:
    """All keys of the default workspace, a hundred at a time."""
    seen: set[str] = set()
    for page in range(MAX_PAGES):
        try:
            body = await get(context, "keys", "the list of keys", (("offset", str(page * 100)),))
        except StatusError as problem:
            if problem.status in {401, 403, 404}:
                return
            raise
        found = rows(fields(decode(body)).get("data"))
        hashes = {text(fields(key).get("hash")) for key in found}
        if not found or hashes <= seen:  # a server that knows no offset sends the same page for ever
            return
        seen |= hashes
        yield Reply(cursor_for("keys", Progress()), "keys", body, context.now(), page=page + 1, context=Facts(context.account))
        if len(found) < 100:
            return


async def activity(context: Context) -> AsyncIterator[Reply]:
    """Tokens and money, from the analytics where they serve; that they do not is remembered for a day."""
    progress = progress_of(context, ACTIVITY)
    now = context.now()
    given_up = progress.dialect == ACTIVITY and now - progress.dialect_at < DAY
    if not given_up and (metrics := await usable_metrics(context)):
        progress = msgspec.structs.replace(progress, dialect="", dialect_at=0)
        try:
            for span in plan(progress, now, context.since, ANALYTICS_RHYTHM):
                async for reply in analytics(context, span, metrics):
                    yield reply
            return
        except StatusError as problem:
            if problem.status not in {400, 403, 404, 408}:
                raise
    at = progress.dialect_at if given_up else now
    async for reply in completed_days(context, msgspec.structs.replace(progress, dialect=ACTIVITY, dialect_at=at)):
        yield reply


async def usable_metrics(context: Context) -> list[str]:
    """The metrics to ask for; nothing when the analytics lack one that is needed (provider-apis 6.3)."""
    try:
        data = fields(fields(decode(await get(context, "analytics/meta", "the analytics"))).get("data"))
    except StatusError as problem:
        if problem.status in {400, 403, 404} or problem.status >= 500:
            return []
        raise

    def names(part: str) -> set[str]:
        return {text(fields(entry).get("name")) for entry in rows(data.get(part))}

    if not names("metrics").issuperset(METRICS) or "model" not in names("dimensions") or "hour" not in names("granularities"):
        return []
    return [*METRICS, *({"reasoning_tokens"} & names("metrics"))]


async def analytics(context: Context, span: Span, metrics: list[str]) -> AsyncIterator[Reply]:
    """One span; an answer that was cut short is asked for again in halves."""
    url = f"{address(context, INFO.base_url)}/analytics/query"
    unit = 3600 if span.hourly else DAY
    only = context.options.get("api_key_hash", "")
    waiting = [(span.start, span.end)]
    page = 0
    while waiting:
        start, end = waiting.pop(0)
        question = {
            "metrics": metrics,
            "dimensions": ["model", "api_key_id"],
            "granularity": "hour" if span.hourly else "day",
            "time_range": {"start": rfc3339(start), "end": rfc3339(end)},
            "limit": ROW_LIMIT,
            **({"filters": [{"field": "api_key_id", "operator": "eq", "value": only}]} if only else {}),
        }
        body = await ask(context, WORDS, url, what="the analytics", headers=bearer(context), body=question)
        told = fields(fields(decode(body)).get("data"))
        if only and told.get("warnings"):  # what it cannot find it says there, and may then tell of all keys
            raise AccountError("OpenRouter does not know the key that this account is about.", "Look at the hash of the key.", state=AccountState.NOT_AVAILABLE)
        meta = fields(told.get("metadata"))
        if meta.get("truncated") is True:
            if end - start <= unit or len(waiting) >= MAX_PAGES:
                raise AccountError("OpenRouter cuts its report short.", "Nothing of it was stored; tokenpal tries again by itself.")
            middle = start + (end - start) // unit // 2 * unit
            waiting[:0] = [(start, middle), (middle, end)]
            continue
        page += 1
        yield Reply(
            cursor_for(ACTIVITY, span.after), ACTIVITY, body, context.now(), (span.start, span.end),
            page, not waiting, Facts(context.account, "hour" if span.hourly else "day", (start, end)),
        )  # fmt: skip


async def completed_days(context: Context, progress: Progress) -> AsyncIterator[Reply]:
    """The activity report: one call, no pages, never today. Only what may have changed is replaced."""
    now = context.now()
    today = now // DAY
    only = context.options.get("api_key_hash", "")
    body = await get(context, "activity", "the activity report", (("api_key_hash", only),) if only else ())
    dates = {day_epoch(fields(row).get("date")) for row in rows(fields(decode(body)).get("data"))}
    until = today if (today - 1) * DAY in dates or now % DAY >= SETTLED else today - 1
    first = today - ACTIVITY_DAYS
    if progress.until:
        # The oldest day may drop out while the answer is made: it is stored already and left alone.
        first = max(first + 1, min(progress.until - 3, today - 4 if context.since is None else context.since // DAY))
    if first >= until:
        return
    after = msgspec.structs.replace(progress, until=until, first=min(progress.first or first, first), hours_from=progress.hours_from or today)
    window = (first * DAY, until * DAY)
    yield Reply(cursor_for(ACTIVITY, after), ACTIVITY, body, now, window, context=Facts(context.account, ACTIVITY, window))


async def check(context: Context) -> str:
    """Says which of the two kinds of key this is. Raises AccountError."""
    data = fields(fields(decode(await get(context, "key", "the key's own figures"))).get("data"))
    if is_management(data):
        return "The key works: a management key, which tells tokens, credits and limits of the whole account."
    return "The key works: an ordinary key, which tells its own spend and limit. A management key also tells tokens by model."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem."""
    try:
        data = fields(decode(reply.body)).get("data")
    except ValueError:
        data = None
    notes = Notes(reply.endpoint, f"page {reply.page}")
    if reply.endpoint == ACTIVITY:
        facts = reply.context if isinstance(reply.context, Facts) else Facts(0)
        listed = data if facts.generation == ACTIVITY else fields(data).get("data")
        if not isinstance(listed, list):
            notes.problem("the answer is not a report; nothing was changed")
        found = list(activity_rows(rows(listed), facts, notes))
        return gather(INFO.id, state, reply, found, notes.problems(), readable=isinstance(listed, list))
    if reply.endpoint == "keys":
        readings: list[Item] = [
            item for key in rows(data) for item in limit_items(fields(key), f"key {text(fields(key).get('name'))}".strip(), reply, notes)
        ]
        return state or State(), [*readings, *notes.problems()]
    if not isinstance(data, dict):
        notes.problem("the answer cannot be read; nothing was changed")
        return state or State(), list(notes.problems())
    if reply.endpoint == "credits":
        found_items = list(balance(data, reply, notes))
        return state or State(), [*found_items, *notes.problems()]
    limits = list(limit_items(data, "this key", reply, notes))
    if reply.window is None:
        return state or State(), [*limits, *notes.problems()]
    spent = list(today_row(data, reply.window, notes))
    state, items = gather(INFO.id, state, reply, spent, notes.problems())
    return state, [*limits, *items]


def activity_rows(listed: list[Any], facts: Facts, notes: Notes) -> Iterator[BucketRow]:
    """Rows of either report. ``byok_usage_inference`` is another provider's money and is never added."""
    days = facts.generation == ACTIVITY
    width = 3600 if facts.generation == "hour" else DAY
    for row in listed:
        if not isinstance(row, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        start = day_epoch(row.get("date")) if days else row_time(row)
        if start is None:
            notes.problem("a row has no usable time; it was left out")
            continue
        if facts.span is not None and not facts.span[0] <= start < facts.span[1]:
            continue  # the report has more than was asked for
        notes.place = utc_day(start)
        output = notes.tokens(row.get("completion_tokens" if days else "tokens_completion"))
        reasoning = notes.tokens(row.get("reasoning_tokens"))
        if reasoning > output:
            notes.problem("reasoning tokens exceed the output; they were counted as all of it")
        yield BucketRow(
            start,
            start - start % width + width,
            group="all-keys" if days else group_text(row.get("api_key_id")),
            model=text(row.get("model")),
            tokens=Tokens(
                fresh_input=notes.tokens(row.get("prompt_tokens" if days else "tokens_prompt")),
                output=output,
                reasoning=min(reasoning, output),
            ),
            requests=notes.count(row.get("requests" if days else "request_count")),
            money=notes.money(MoneyKind.CREDITS, row.get("usage" if days else "total_usage"), USD),
            quality=Quality.INFERRED,  # what of the input was cached is not told
        )


def row_time(row: dict[str, Any]) -> int | None:
    """``date__hour`` or ``created_at__hour``, with T or a space (provider-apis 6.3)."""
    for name, value in row.items():
        if name.startswith(("date__", "created_at__")) and isinstance(value, str):
            at = epoch(value.replace(" ", "T", 1))
            return day_epoch(value) if at is None else at
    return None


def today_row(data: Any, window: tuple[int, int], notes: Notes) -> Iterator[BucketRow]:
    """What an ordinary key spent on this UTC day so far; neither tokens nor requests are told."""
    money = notes.money(MoneyKind.CREDITS, data.get("usage_daily"), USD)
    if money:
        yield BucketRow(*window, group="this-key", model="", requests=None, money=money, quality=Quality.LOWER_BOUND)


def limit_items(data: Any, name: str, reply: Reply, notes: Notes) -> Iterator[Item]:
    """The spending limit of a key; null = no limit."""
    limit, left = number(data.get("limit")), number(data.get("limit_remaining"))
    if limit is None or limit <= 0:
        return
    if left is None:
        left = limit - (number(data.get("usage")) or Decimal(0))
    used, whole = notes.money(MoneyKind.CREDITS, max(Decimal(0), limit - left)), notes.money(MoneyKind.CREDITS, limit)
    if not whole:
        return
    reset = text(data.get("limit_reset"))
    resets_at = {"daily": day_after, "weekly": week_after, "monthly": month_after}.get(reset, lambda _: None)(reply.at)
    yield LimitReading(
        name,
        float(max(Decimal(0), min(limit - left, limit * 100)) / limit * 100),
        reply.at,
        resets_at,
        {"daily": 1440, "weekly": 10080}.get(reset),
        used=used[0] if used else Money(MoneyKind.CREDITS, USD, 0),
        limit=whole[0],
    )


def balance(data: Any, reply: Reply, notes: Notes) -> Iterator[Item]:
    """Credits bought minus credits used; below zero is owed, and is said as it is."""
    bought, used = number(data.get("total_credits")), number(data.get("total_usage"))
    if bought is None or used is None or max(abs(bought), abs(used)) > MAX_AMOUNT / 2:
        notes.problem("the balance cannot be read")
        return
    yield Balance("credits", Money.of(MoneyKind.CREDITS, bought - used, USD), reply.at)
