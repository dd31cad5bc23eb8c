"""Together AI: the organisation's bill by line item, a month a question (provider-apis 8.3).

A beta that Together turns on per organisation: others are told that there is no such page. Every key of the organisation
reads all of it; one's own use is chosen by key or project from the rows. Token counts come from the names of line items.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import (
    DAY,
    HISTORY_DAYS,
    HOURLY_DAYS,
    REVISED_DAYS,
    BucketRow,
    Facts,
    Progress,
    State,
    cursor_for,
    gather,
    month_after,
    month_start,
    progress_of,
    utc_day,
)
from tokenpal.sources.http import Words, address, ask, bearer, decode, paged, part_of
from tokenpal.sources.numbers import Notes, day_epoch, epoch, fields, group_text, rows, text

INFO: Final = SourceInfo(
    id="together",
    name="Together AI",
    kind=Kind.API,
    provider="together",
    docs="https://docs.together.ai/reference/billing-usage",
    key="Any API key of your organisation; there are none with fewer rights, so make one for tokenpal alone. Together must have "
    "turned the billing report (beta) on for the organisation: ask its support.",
    key_page="https://api.together.ai/settings/api-keys",
    tells="What each hour cost by model, key and project, with tokens as the bill names them, up to the last full hour.",
    silent="It counts no requests, tells no cache apart unless the bill does, and no balance. Without a filter the figures are those "
    "of the whole organisation.",
    base_url="https://api.together.ai/v1",
    poll_seconds=1800,
    options=(
        Option("api_key_id", "Only these keys", "Ids of your own keys, with commas between: rows of others are left out, and what belongs to no key.", example="key_1"),
        Option("project_id", "Only these projects", "Ids of your own projects, with commas between: rows of others are left out.", example="proj_1"),
        Option("organization_id", "Organisation", "Needed only when the key belongs to several organisations.", example="org_123"),
    ),
)
WORDS: Final = Words(
    provider="Together",
    refused="Make a new key at api.together.ai, Settings, API keys, and enter it under Accounts.",
    scope="Use a key of the organisation whose bill is to be read.",
    missing="Together turns this report on per organisation: ask its support for the billing usage report (beta).",
    patience=INFO.poll_seconds,
)
ENDPOINT: Final = "billing"
WHAT: Final = "the billing report"
KINDS: Final = (  # disjoint, as they are billed; the first that fits
    ("cache_read", re.compile(r"cache[ds]?\b.*\btokens?\b|\btokens?\b.*\bcached?\b", re.IGNORECASE)),
    ("fresh_input", re.compile(r"\b(input|prompt)\b.*\btokens?\b", re.IGNORECASE)),
    ("output", re.compile(r"\b(output|completion|generated)\b.*\btokens?\b", re.IGNORECASE)),
)
PAID: Final = {"POSTPAID": MoneyKind.CASH, "PREPAID": MoneyKind.CREDITS, "CREDIT": MoneyKind.CREDITS}

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """This month, the one before while it is new or may be revised, then history, newest first."""
    chosen = whole_or_part("-", context).removeprefix("-").strip()
    for start, after in months(progress_of(context, ENDPOINT), context.now(), context.since):
        window = (start, month_after(start))
        hourly = window[1] > context.now() - HOURLY_DAYS * DAY

        async def load(cursor: str, start: int = start, hourly: bool = hourly) -> bytes:
            return await month_of(context, start, hourly, 1000, cursor)

        async for page in paged(WORDS, load, lambda data: text(data.get("next_cursor"))):
            yield Reply(
                cursor_for(ENDPOINT, after), ENDPOINT, page.body, context.now(), window, page.number, page.final,
                Facts(context.account, generation=chosen),
            )  # fmt: skip


def months(progress: Progress, now: int, since: int | None) -> Iterator[tuple[int, Progress]]:
    """Starts of months to read, and what to remember once each is stored: first what is new or may be revised, oldest first,
    then history, newest first. A month is settled when it was read some days after its end.
    """
    today, this = now // DAY, month_start(now)
    wanted = month_start(now - (HISTORY_DAYS - 1) * DAY if since is None else min(since, now))
    due = [this]
    while due[-1] > min(wanted, progress.first * DAY if progress.until else wanted):
        due.append(month_start(due[-1] - DAY))
    known = [start for start in due if start >= progress.first * DAY] if progress.until else [this]
    asked = since is not None
    again = [start for start in reversed(known) if month_after(start) // DAY + REVISED_DAYS > progress.until or (asked and start >= wanted)]
    for start in again:
        if start == this:
            progress = msgspec.structs.replace(progress, first=progress.first or start // DAY, until=today)
        yield start, progress
    for start in due:
        if start // DAY < progress.first and start >= wanted:
            progress = msgspec.structs.replace(progress, first=start // DAY)
            yield start, progress


async def month_of(context: Context, start: int, hourly: bool, limit: int, cursor: str = "") -> bytes:
    params = [("month", f"{datetime.fromtimestamp(start, UTC):%Y-%m}"), ("granularity", "hour" if hourly else "day"), ("limit", str(limit))]
    if organisation := context.options.get("organization_id", ""):
        params.append(("organization_id", organisation))
    if cursor:
        params.append(("after", cursor))
    url = f"{address(context, INFO.base_url)}/billing/usage"
    return await ask(context, WORDS, url, params, what=WHAT, headers=bearer(context))


async def identity(context: Context) -> str:
    """The organisation, and the part of it that is read."""
    data = fields(decode(await month_of(context, month_start(context.now()), False, 1)))
    return whole_or_part(text(data.get("organization_id")), context)


def whole_or_part(organisation: str, context: Context) -> str:
    """``key=key_1,key_2`` and ``project=proj_1`` on lines of their own: what of the organisation this account reads."""
    return part_of(organisation, context, key="api_key_id", project="project_id")


async def check(context: Context) -> str:
    """Tries the key on this month's bill. Raises AccountError."""
    data = fields(decode(await month_of(context, month_start(context.now()), False, 1)))
    name = text(data.get("organization_id")) or "without an id"
    return f"The key works: organisation {name}" + (", of which only what you chose is read." if "\n" in whole_or_part("-", context) else ".")


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Line items of one page. Total: bad input gives a Problem; another month than asked for changes nothing."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, f"page {reply.page}")
    window = reply.window or (0, 0)
    period = day_epoch(f"{text(data.get('billing_period'))}-01")
    readable = isinstance(data.get("data"), list) and period is not None and window[0] <= period < window[1]
    if not readable:
        notes.problem("the answer is no bill of this month; nothing was changed")
    chosen = reply.context.generation if isinstance(reply.context, Facts) else ""
    wanted = {term: set(values.split(",")) for term, _, values in (part.partition("=") for part in chosen.split("\n") if part)}
    found = [row for bucket in rows(data.get("data")) for row in item_rows(fields(bucket), text(data.get("currency")), wanted, notes)] if readable else []
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def item_rows(bucket: Any, currency: str, wanted: dict[str, set[str]], notes: Notes) -> Iterator[BucketRow]:
    """Decimal texts in dollars. Tokens are billed by kind, each in its own row."""
    start, end = epoch(bucket.get("start_time")), epoch(bucket.get("end_time"))
    if start is None or end is None or not start < end <= start + DAY:
        notes.problem("a bucket has no usable time; it was left out")
        return
    notes.place = utc_day(start)
    for item in rows(bucket.get("line_items")):
        if not isinstance(item, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        owner = fields(item.get("attributes"))
        key, project = group_text(owner.get("api_key_id")), group_text(owner.get("project_id"))
        if ("key" in wanted and key not in wanted["key"]) or ("project" in wanted and project not in wanted["project"]):
            continue
        kind = next((name for name, shape in KINDS if shape.search(text(item.get("product_name")))), "")
        paid = text(fields(item.get("applied_credit")).get("type")).upper()
        yield BucketRow(
            start,
            end,
            group=key or project,
            model=text(fields(item.get("pricing_dimensions")).get("model")),
            tokens=Tokens(**{kind: notes.tokens(item.get("quantity"))}) if kind else Tokens(),
            requests=None,
            money=notes.money(PAID.get(paid, MoneyKind.CASH), item.get("cost"), currency),
            quality=Quality.INFERRED if kind else Quality.AGGREGATE,  # the kind of token is read from a name that may change
        )
