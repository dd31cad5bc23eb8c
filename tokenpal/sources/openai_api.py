"""OpenAI API platform: the organisation's usage and cost reports (provider-apis 6.1).

Tokens come from the usage reports, money from the costs report: two views of the same requests, kept as separate records
and never added up row by row. ``input_tokens`` includes what was read from and written to the cache.
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
from tokenpal.model.usage import Item, LimitReading
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
    gather,
    month_after,
    month_start,
    plan,
    progress_of,
    utc_day,
)
from tokenpal.sources.http import StatusError, Words, address, ask, bearer, decode, each, ids, paged, part_of
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, epoch, fields, group_text, rows, text

INFO: Final = SourceInfo(
    id="openai",
    name="OpenAI API",
    kind=Kind.API,
    provider="openai",
    docs="https://platform.openai.com/docs/api-reference/usage",
    key="An admin key (sk-admin-…) of your organisation, with the scope api.usage.read. Only an owner of the organisation can "
    "make one; if you signed up by yourself, that is you. Give it an expiry date. Ordinary keys (sk-proj-…) do not work.",
    key_page="https://platform.openai.com/settings/organization/admin-keys",
    tells="Tokens by model, key and hour with what was cached, and what each day cost, for every key of the organisation.",
    silent="It tells no prepaid balance, does not tell reasoning tokens apart, and knows nothing of ChatGPT or of Codex signed in with ChatGPT. "
    "Without a filter the figures of a shared organisation are everyone's.",
    base_url="https://api.openai.com/v1",
    poll_seconds=300,
    options=(
        Option("api_key_id", "Only these keys", "Ids of your own keys (Settings, API keys), with commas between.", example="key_abc123"),
        Option("project_id", "Only these projects", "Ids of your own projects (Settings, Project, General), with commas between.", example="proj_abc123"),
        Option(
            "user_id",
            "Only this person",
            "Your id in the organisation (Settings, Members). Costs cannot be told by person and are left out.",
            example="user-abc123",
        ),
    ),
)
WORDS: Final = Words(
    provider="OpenAI",
    refused="Make a new admin key at platform.openai.com, Settings, Organization, Admin keys, and enter it under Accounts.",
    scope="Use an admin key (sk-admin-…) with the scope api.usage.read; ordinary keys do not have it.",
    missing="Look at the address of this account; it ends in /v1.",
    patience=INFO.poll_seconds,
)
USAGE_RHYTHM: Final = Rhythm(day_span=31, hour_span=7)
COST_RHYTHM: Final = Rhythm(day_span=90, wide=35)
REPORTS: Final = {
    "usage/completions": ("model", "api_key_id", "project_id", "batch", "service_tier"),
    "usage/embeddings": ("model", "api_key_id", "project_id"),
}
FILTERS: Final = {"api_key_id": "api_key_ids", "project_id": "project_ids", "user_id": "user_ids"}
COST_GROUPS: Final = ("line_item", "api_key_id", "project_id")
PLAIN: Final = "plain"
CACHE_WRITES: Final = ("input_cache_write_30m_tokens", "input_cache_write_12h_tokens")

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Completions and embeddings by the hour where recent, costs by the day, and the spend limit where there is one."""
    reports = [usage(context, endpoint, groups) for endpoint, groups in REPORTS.items()]
    async for reply in each([*reports, costs(context), spend_limit(context)]):
        yield reply


async def usage(context: Context, endpoint: str, groups: tuple[str, ...]) -> AsyncIterator[Reply]:
    """One usage report. 168 hours or 31 days fit a page."""
    try:
        for span in plan(progress_of(context, endpoint), context.now(), context.since, USAGE_RHYTHM):
            width = [("bucket_width", "1h"), ("limit", "168")] if span.hourly else [("bucket_width", "1d"), ("limit", "31")]
            async for reply in report(context, endpoint, span, width, groups, "the usage report"):
                yield reply
    except StatusError as problem:
        if problem.status != 404 or endpoint == "usage/completions":  # a smaller report that is not there is no trouble
            raise


async def costs(context: Context) -> AsyncIterator[Reply]:
    """The invoice's view: days only, at most 180 of them a page."""
    for span in plan(progress_of(context, "costs"), context.now(), context.since, COST_RHYTHM):
        width = [("bucket_width", "1d"), ("limit", "180")]
        if ids(context, "user_id"):  # an empty report, so that nothing of others stays from before
            window = (span.start, span.end)
            yield Reply(cursor_for("costs", span.after), "costs", b'{"data": []}', context.now(), window, context=Facts(context.account))
            continue
        async for reply in report(context, "costs", span, width, COST_GROUPS, "the cost report"):
            yield reply


async def report(
    context: Context, endpoint: str, span: Span, width: list[tuple[str, str]], groups: tuple[str, ...], what: str
) -> AsyncIterator[Reply]:
    """The pages of one span. Arrays go in brackets; after a 400 they go plain, and that is remembered (provider-apis 3)."""
    url = f"{address(context, INFO.base_url)}/organization/{endpoint}"
    base = [("start_time", str(span.start)), ("end_time", str(span.end)), *width]
    after = [span.after if span.after.dialect else known_dialect(context, span.after)]

    async def load(cursor: str) -> bytes:
        page = [("page", cursor)] if cursor else []
        plain = after[0].dialect == PLAIN
        try:
            return await ask(context, WORDS, url, [*base, *arrays(context, groups, plain), *page], what=what, headers=bearer(context))
        except StatusError as problem:
            if problem.status != 400 or plain or cursor:
                raise
            body = await ask(context, WORDS, url, [*base, *arrays(context, groups, plain=True), *page], what=what, headers=bearer(context))
            context.memory["openai:arrays"] = PLAIN
            after[0] = msgspec.structs.replace(after[0], dialect=PLAIN)
            return body

    async for page in paged(WORDS, load, next_page):
        yield Reply(
            cursor_for(endpoint, after[0]), endpoint, page.body, context.now(),
            (span.start, span.end), page.number, page.final, Facts(context.account),
        )  # fmt: skip


def known_dialect(context: Context, progress: Progress) -> Progress:
    """What another report of this account found out a moment ago."""
    return msgspec.structs.replace(progress, dialect=context.memory.get("openai:arrays", ""))


def arrays(context: Context, groups: tuple[str, ...], plain: bool) -> list[tuple[str, str]]:
    """What to group by, and whose use: lists of the query."""
    brackets = "" if plain else "[]"
    chosen = [(f"{name}{brackets}", one) for option, name in FILTERS.items() for one in ids(context, option)]
    return [*((f"group_by{brackets}", group) for group in groups), *chosen]


def next_page(data: dict[str, Any]) -> str:
    return text(data.get("next_page")) if data.get("has_more") else ""


async def spend_limit(context: Context) -> AsyncIterator[Reply]:
    """The organisation's own monthly ceiling with what this month cost so far. Many have none: then this is silent, as it is for
    an account that reads a part.
    """
    if any(ids(context, option) for option in FILTERS):
        return
    base = f"{address(context, INFO.base_url)}/organization"
    now = context.now()
    try:
        limit = await ask(context, WORDS, f"{base}/spend_limit", what="the spend limit", headers=bearer(context))
        if not fields(decode(limit)).get("threshold_amount"):
            return
        params = [("start_time", str(month_start(now))), ("end_time", str(now - now % DAY + DAY)), ("bucket_width", "1d"), ("limit", "31")]
        spent = await ask(context, WORDS, f"{base}/costs", params, what="the cost report", headers=bearer(context))
    except StatusError as problem:
        if problem.state is AccountState.RATE_LIMITED:
            raise
        return
    yield Reply(cursor_for("spend_limit", Progress()), "spend_limit", limit, now, context=spent)


async def identity(context: Context) -> str:
    """The organisation, by its oldest project: that one is made with the organisation and cannot be deleted."""
    url = f"{address(context, INFO.base_url)}/organization/projects"
    try:
        body = await ask(
            context, WORDS, url, [("limit", "100"), ("include_archived", "true")], what="the projects", headers=bearer(context)
        )  # fmt: skip
    except StatusError as problem:
        if problem.status in {401, 429}:
            raise
        return ""
    projects = [(epoch(fields(p).get("created_at")) or 0, text(fields(p).get("id"))) for p in rows(fields(decode(body)).get("data"))]
    return part_of(min(projects, default=(0, ""))[1], context, key="api_key_id", project="project_id", user="user_id")


async def check(context: Context) -> str:
    """Tries the key on the report itself, then names the projects if it may. Raises AccountError."""
    base = f"{address(context, INFO.base_url)}/organization"
    now = context.now()
    params = [("start_time", str(now - now % DAY)), ("bucket_width", "1d"), ("limit", "1")]
    await ask(context, WORDS, f"{base}/usage/completions", params, what="the usage report", headers=bearer(context))
    try:
        body = await ask(context, WORDS, f"{base}/projects", [("limit", "100")], what="the projects", headers=bearer(context))
    except AccountError:
        return "The key works: it may read the usage report."
    data = fields(decode(body))
    names = [text(fields(p).get("name")) or "unnamed" for p in rows(data.get("data"))]
    some = ", ".join(names[:3]) + (", …" if len(names) > 3 or data.get("has_more") else "")
    return f"The key works: {len(names)} project{'' if len(names) == 1 else 's'}" + (f" ({some})." if names else ".")


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Rows of one page to buckets; the last page of a window gives its records. Total: bad input gives a Problem."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    if reply.endpoint == "spend_limit":
        return state or State(), list(limit_reading(data, reply))
    notes = Notes(reply.endpoint, f"page {reply.page}")
    readable = isinstance(data.get("data"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    read = cost_rows if reply.endpoint == "costs" else usage_rows
    found = [row for bucket in rows(data.get("data")) for row in read(fields(bucket), notes)]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def bucket_bounds(bucket: Any, notes: Notes) -> tuple[int, int] | None:
    start, end = epoch(bucket.get("start_time")), epoch(bucket.get("end_time"))
    if start is None or end is None or not start < end <= start + DAY:
        notes.problem("a bucket has no usable time; it was left out")
        return None
    notes.place = utc_day(start)
    return start, end


def usage_rows(bucket: Any, notes: Notes) -> Iterator[BucketRow]:
    """Rows of one bucket. Old rows lack the cache fields (provider-apis 6.1, token fields)."""
    bounds = bucket_bounds(bucket, notes)
    for row in rows(bucket.get("results")) if bounds else ():
        if not isinstance(row, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        whole = notes.tokens(row.get("input_tokens"))
        read = notes.tokens(row.get("input_cached_tokens"))
        written = notes.count(row.get("input_cache_write_tokens"))
        if written is None:
            written = sum(notes.tokens(row.get(name)) for name in CACHE_WRITES)
        fresh = notes.count(row.get("input_uncached_tokens"))
        if fresh is None:
            fresh = whole - read - written
            if fresh < 0:  # keep what was sent, and say so (provider-apis 4.2, guard)
                notes.problem("cached tokens exceed the input; fresh input may be too high")
                fresh = whole
        elif fresh + read + written != whole:
            notes.problem("input tokens do not add up; the parts were taken")
        tier = "batch" if row.get("batch") is True else service_tier(row.get("service_tier"))
        yield BucketRow(
            *bounds,  # type: ignore[misc]  # the loop is empty without bounds
            group=group_text(row.get("api_key_id")) or group_text(row.get("project_id")),
            model=text(row.get("model")),
            tier=tier,
            tokens=Tokens(fresh_input=fresh, cache_read=read, cache_write_other=written, output=notes.tokens(row.get("output_tokens"))),
            requests=notes.count(row.get("num_model_requests")),
        )


def service_tier(value: Any) -> str:
    """The price tier, "" for the ordinary one."""
    tier = text(value).strip().lower()
    return "" if tier in {"default", "standard", "auto"} else tier


def cost_rows(bucket: Any, notes: Notes) -> Iterator[BucketRow]:
    """Money of one day. ``line_item`` is "model, token kind"; other items belong to no model. Values are dollars."""
    bounds = bucket_bounds(bucket, notes)
    for row in rows(bucket.get("results")) if bounds else ():
        if not isinstance(row, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        amount = fields(row.get("amount"))
        item, comma, _ = text(row.get("line_item")).rpartition(", ")
        yield BucketRow(
            *bounds,  # type: ignore[misc]  # the loop is empty without bounds
            group=group_text(row.get("api_key_id")) or group_text(row.get("project_id")),
            model=item if comma else "",
            money=notes.money(MoneyKind.CASH, amount.get("value"), amount.get("currency")),
        )


def limit_reading(data: Any, reply: Reply) -> Iterator[Item]:
    """The ceiling is in whole cents, the costs are in dollars (provider-apis 4.3)."""
    notes = Notes("spend_limit", "month")
    limit = notes.money(MoneyKind.CASH, data.get("threshold_amount"), data.get("currency"), cents=True)
    try:
        costs_of_month = fields(decode(reply.context)) if isinstance(reply.context, bytes) else {}
    except ValueError:
        costs_of_month = {}
    spent = Decimal(0)
    for bucket in rows(costs_of_month.get("data")):
        for row in rows(fields(bucket).get("results")):
            amount = fields(fields(row).get("amount"))
            spent += sum((m.amount for m in notes.money(MoneyKind.CASH, amount.get("value"), amount.get("currency"))), Decimal(0))
    yield from notes.problems()
    if limit:
        spent = min(spent, MAX_AMOUNT)
        used = Money.of(MoneyKind.CASH, spent, limit[0].currency)
        percent = float(spent / limit[0].amount * 100)
        yield LimitReading("month", percent, reply.at, month_after(reply.at), used=used, limit=limit[0])
