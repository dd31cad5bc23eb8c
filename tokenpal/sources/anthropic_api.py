"""Anthropic API (Claude Console): the organisation's usage and cost reports (provider-apis 6.2).

Two generations report the same requests. The newer analytics are read; where they answer 400 or 404 the older reports
take their place under the same names, so that one replaces the other and both are never added. Amounts are in cents.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import (
    DAY,
    BucketRow,
    Facts,
    Rhythm,
    Span,
    State,
    cursor_for,
    gather,
    plan,
    progress_of,
    rfc3339,
    utc_day,
)
from tokenpal.sources.http import StatusError, Words, address, ask, decode, each, ids, key_of, paged, part_of
from tokenpal.sources.numbers import Notes, epoch, fields, group_text, rows, text

INFO: Final = SourceInfo(
    id="anthropic",
    name="Anthropic API",
    kind=Kind.API,
    provider="anthropic",
    docs="https://platform.claude.com/docs/en/build-with-claude/usage-cost-api",
    key="An admin key (sk-ant-admin01-…) of your Claude Console organisation. Ordinary keys (sk-ant-api03-…) do not work. "
    "If the Console shows no admin keys, first set up an organisation under Settings, Organization; one person is enough.",
    key_page="https://platform.claude.com/settings/admin-keys",
    tells="Tokens by model, key and hour with cache reads and both kinds of cache writes, and what they cost.",
    silent="It tells no prepaid balance, does not tell reasoning tokens apart, and knows nothing of Claude plans (Pro, Max, Team). "
    "Without a filter the figures of a shared organisation are everyone's.",
    base_url="https://api.anthropic.com",
    poll_seconds=300,
    options=(
        Option("api_key_id", "Only these keys", "Ids of your own keys (Console, API keys), with commas between.", example="apikey_01abc"),
        Option(
            "workspace_id",
            "Only these workspaces",
            "Ids of your own workspaces, with commas between. The default workspace has no id. Where Anthropic still offers its older cost report only, costs are left out.",
            example="wrkspc_01abc",
        ),
    ),
)
WORDS: Final = Words(
    provider="Anthropic",
    refused="Make an admin key (sk-ant-admin01-…) at platform.claude.com, Settings, Admin keys. If there is no such page, "
    "set up an organisation first, under Settings, Organization.",
    scope="Use an admin key (sk-ant-admin01-…) made by a member with the admin role; keys of a workspace may not read reports. "
    "If there are no admin keys, set up an organisation first, under Settings, Organization.",
    missing="Look at the address of this account. Claude Platform on AWS has no such reports.",
    headers={"anthropic-version": "2023-06-01"},
    patience=INFO.poll_seconds,
)
BETA: Final = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
ANALYTICS_START: Final = 20454  # 2026-01-01, days since 1970: the analytics know nothing before
ANALYTICS_DAYS: Final = 364
LEGACY: Final = "legacy"
USAGE_RHYTHM: Final = Rhythm(day_span=31, hour_span=7)
COST_RHYTHM: Final = Rhythm(day_span=31, hour_span=7, wide=35)
GROUPS: Final = {
    ("usage", ""): ("model", "api_key_id", "workspace_id", "service_tier", "speed"),  # five are the most it takes
    ("usage", LEGACY): ("model", "api_key_id", "workspace_id", "service_tier"),
    ("cost", ""): ("model", "api_key_id", "workspace_id"),
    ("cost", LEGACY): ("description", "workspace_id"),  # it knows no keys
}
PATHS: Final = {
    ("usage", ""): "analytics/usage",
    ("usage", LEGACY): "usage_report/messages",
    ("cost", ""): "analytics/cost",
    ("cost", LEGACY): "cost_report",
}
FILTERS: Final = {"api_key_id": "api_key_ids[]", "workspace_id": "workspace_ids[]"}
WHAT: Final = {"usage": "the usage report", "cost": "the cost report"}

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Usage and cost, by the hour where recent; each from the newer report or, failing that, from the older one."""
    async for reply in each([report(context, "usage", USAGE_RHYTHM), report(context, "cost", COST_RHYTHM)]):
        yield reply


async def report(context: Context, endpoint: str, rhythm: Rhythm) -> AsyncIterator[Reply]:
    """All spans of one report. That the analytics are not there is remembered for a day."""
    progress = progress_of(context, endpoint)
    now = context.now()
    legacy_at = progress.dialect_at if progress.dialect == LEGACY and now - progress.dialect_at < DAY else 0
    for span in plan(progress, now, context.since, rhythm):
        if not legacy_at and span.start // DAY >= max(ANALYTICS_START, now // DAY - ANALYTICS_DAYS):
            try:
                async for reply in pages(context, endpoint, "", span):
                    yield reply
                continue
            except StatusError as problem:
                if problem.status not in {400, 404}:
                    raise
                legacy_at = now
        after = msgspec.structs.replace(span.after, dialect=LEGACY if legacy_at else "", dialect_at=legacy_at)
        async for reply in pages(context, endpoint, LEGACY, msgspec.structs.replace(span, after=after)):
            yield reply


async def pages(context: Context, endpoint: str, generation: str, span: Span) -> AsyncIterator[Reply]:
    """The pages of one span of one generation; rows come by time."""
    url = f"{address(context, INFO.base_url).removesuffix('/v1')}/v1/organizations/{PATHS[endpoint, generation]}"
    params = [("starting_at", rfc3339(span.start)), ("ending_at", rfc3339(span.end)), *width(endpoint, generation, span.hourly)]
    params += [("group_by[]", group) for group in GROUPS[endpoint, generation]]
    chosen = [(name, one) for option, name in FILTERS.items() for one in ids(context, option)]
    if chosen and (endpoint, generation) == ("cost", LEGACY):  # it knows no filter: nothing, so that nothing of others stays from before
        empty, window = b'{"data": []}', (span.start, span.end)
        yield Reply(cursor_for(endpoint, span.after), endpoint, empty, context.now(), window, context=Facts(context.account, generation))
        return
    params += chosen
    headers = {"x-api-key": key_of(context), **({} if generation == LEGACY else BETA)}

    async def load(cursor: str) -> bytes:
        page = [("page", cursor)] if cursor else []
        return await ask(context, WORDS, url, [*params, *page], what=WHAT[endpoint], headers=headers)

    after = span.after if generation == LEGACY else msgspec.structs.replace(span.after, dialect="", dialect_at=0)
    async for page in paged(WORDS, load, next_page):
        yield Reply(
            cursor_for(endpoint, after), endpoint, page.body, context.now(), (span.start, span.end),
            page.number, page.final, Facts(context.account, generation),
        )  # fmt: skip


def width(endpoint: str, generation: str, hourly: bool) -> list[tuple[str, str]]:
    """Bucket width and page size: rows for the analytics, buckets for the older reports, whose costs know days only."""
    if generation == LEGACY:
        by_hour = hourly and endpoint == "usage"
        return [("bucket_width", "1h"), ("limit", "168")] if by_hour else [("bucket_width", "1d"), ("limit", "31")]
    return [("time_bucket_width", "1h" if hourly else "1d"), ("limit", "1000"), ("order_by", "time"), ("order", "asc")]


def next_page(data: dict[str, Any]) -> str:
    """The analytics may leave ``has_more`` out or null; then the cursor alone decides."""
    return text(data.get("next_page")) if data.get("has_more", True) is not False else ""


async def organisation(context: Context) -> Any:
    url = f"{address(context, INFO.base_url).removesuffix('/v1')}/v1/organizations/me"
    return fields(decode(await ask(context, WORDS, url, what="the organisation", headers={"x-api-key": key_of(context)})))


async def identity(context: Context) -> str:
    """The organisation; keys of Claude Enterprise may not ask for it."""
    try:
        return part_of(text((await organisation(context)).get("id")), context, key="api_key_id", workspace="workspace_id")
    except StatusError as problem:
        if problem.status in {401, 429}:
            raise
        return ""


async def check(context: Context) -> str:
    """Tries the key on the report itself, then asks for the organisation's name. Raises AccountError."""
    base = f"{address(context, INFO.base_url).removesuffix('/v1')}/v1/organizations"
    headers = {"x-api-key": key_of(context)}
    start = context.now() - context.now() % DAY
    params = [("starting_at", rfc3339(start)), ("ending_at", rfc3339(start + DAY))]
    try:
        wanted = [*params, ("time_bucket_width", "1d"), ("limit", "1")]
        await ask(context, WORDS, f"{base}/analytics/usage", wanted, what=WHAT["usage"], headers={**headers, **BETA})
    except StatusError as problem:
        if problem.status not in {400, 404}:
            raise
        wanted = [*params, ("bucket_width", "1d"), ("limit", "1")]
        await ask(context, WORDS, f"{base}/usage_report/messages", wanted, what=WHAT["usage"], headers=headers)
    try:
        name = text((await organisation(context)).get("name"))
    except AccountError:
        name = ""
    return f"The key works: organisation {name}." if name else "The key works: it may read the usage report."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Rows of one page to buckets; the last page of a window gives its records. Total: bad input gives a Problem."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, f"page {reply.page}")
    readable = isinstance(data.get("data"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    legacy = isinstance(reply.context, Facts) and reply.context.generation == LEGACY
    split = legacy_rows if legacy else analytics_rows
    read = cost_row if reply.endpoint == "cost" else usage_row
    found = [read(bounds, group, figures, notes) for bounds, group, figures in split(data, reply.endpoint, notes)]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


Bounds = tuple[int, int]


def analytics_rows(data: Any, endpoint: str, notes: Notes) -> Iterator[tuple[Bounds, Any, Any]]:
    """Each row carries its own times, its group and its figures. An absent row means zero."""
    for row in rows(data.get("data")):
        bounds = bucket_bounds(fields(row), notes)
        figures = fields(row).get(endpoint)
        if bounds is not None and isinstance(figures, dict):
            yield bounds, fields(fields(row).get("group")), figures
        elif bounds is not None:
            notes.problem("a row cannot be read; it was left out")


def legacy_rows(data: Any, endpoint: str, notes: Notes) -> Iterator[tuple[Bounds, Any, Any]]:
    """Buckets with rows in them; group and figures lie side by side."""
    for bucket in rows(data.get("data")):
        bounds = bucket_bounds(fields(bucket), notes)
        for row in rows(fields(bucket).get("results")) if bounds else ():
            if isinstance(row, dict) and bounds is not None:
                yield bounds, row, row
            else:
                notes.problem("a row cannot be read; it was left out")


def bucket_bounds(row: Any, notes: Notes) -> Bounds | None:
    start, end = epoch(row.get("starting_at")), epoch(row.get("ending_at"))
    if start is None or end is None or not start < end <= start + DAY:
        notes.problem("a bucket has no usable time; it was left out")
        return None
    notes.place = utc_day(start)
    return start, end


def owner(group: Any) -> str:
    """The key; use without one (the Console's workbench) goes to its workspace, the default workspace has no id."""
    return group_text(group.get("api_key_id")) or group_text(group.get("workspace_id"))


def usage_row(bounds: Bounds, group: Any, usage: Any, notes: Notes) -> BucketRow:
    """Five disjoint classes; the older report counts no requests (provider-apis 4.2, 6.2)."""
    written = fields(usage.get("cache_creation"))
    tokens = Tokens(
        fresh_input=notes.tokens(usage.get("uncached_input_tokens")),
        cache_read=notes.tokens(usage.get("cache_read_input_tokens")),
        cache_write_5m=notes.tokens(written.get("ephemeral_5m_input_tokens")),
        cache_write_1h=notes.tokens(written.get("ephemeral_1h_input_tokens")),
        output=notes.tokens(usage.get("output_tokens")),
    )
    total = notes.count(usage.get("total_tokens"))
    if total is not None and total != tokens.total:
        notes.problem("tokens do not add up to the total; the parts were taken")
    tier = text(group.get("service_tier")).strip().lower()
    return BucketRow(
        *bounds,
        group=owner(group),
        model=text(group.get("model")),
        tier="fast" if group.get("speed") == "fast" else "" if tier == "standard" else tier,
        tokens=tokens,
        requests=notes.count(usage.get("requests")),
    )


def cost_row(bounds: Bounds, group: Any, cost: Any, notes: Notes) -> BucketRow:
    """What is billed, after discounts, in fractional cents: "123.78912" is 1.2378912 dollars (provider-apis 4.3)."""
    return BucketRow(
        *bounds,
        group=owner(group),
        model=text(group.get("model")),
        money=notes.money(MoneyKind.CASH, cost.get("amount"), cost.get("currency"), cents=True),
    )
