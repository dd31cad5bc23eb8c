"""Cursor for teams: one member's events from the team's Admin API (provider-apis 8.8).

Only the team's admins can make its key, and it could read every colleague: tokenpal asks for one address and keeps nothing
of anybody else. An event has no id: events are added up by minute and model, and each span read replaces the one before.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.base import Context, Kind, Option, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, Span, State, cursor_for, gather, plan, progress_of, utc_day
from tokenpal.sources.http import Words, address, ask, decode, key_of, paged
from tokenpal.sources.numbers import Notes, fields, number, rows, text

INFO: Final = SourceInfo(
    id="cursor",
    name="Cursor (team)",
    kind=Kind.API,
    provider="cursor",
    docs="https://cursor.com/docs/account/teams/admin-api",
    key="An Admin API key of your team (key_… or crsr_…), made by an admin in the dashboard under Settings, Cursor Admin API Keys; "
    "a read-only one suffices. Personal plans have no such key.",
    key_page="https://cursor.com/dashboard?tab=settings",
    tells="Your requests in the team by minute and model, with tokens, cache reads and writes, and what of them the plan covers.",
    silent="It tells nothing of personal plans, and no reasoning tokens apart. Requests that are not counted in tokens have none.",
    base_url="https://api.cursor.com",
    poll_seconds=3600,
    options=(
        Option(
            "email",
            "Your address in the team",
            "The address of your own Cursor account: only its events are asked for and kept.",
            required=True,
            example="me@example.com",
        ),
    ),
)
WORDS: Final = Words(
    provider="Cursor",
    refused="Ask an admin of the team for a new Admin API key (dashboard, Settings), and enter it under Accounts.",
    scope="Use an Admin API key of the team; a member's own key may not read events.",
    missing="Admin API keys exist for team, business and enterprise plans only. Look at the address of this account too.",
    patience=INFO.poll_seconds,
)
ENDPOINT: Final = "events"
WHAT: Final = "the usage events"
RHYTHM: Final = Rhythm(day_span=7)
PAGE: Final = 100
AT_ONCE: Final = 15  # questions; 20 a minute are allowed for the whole team
PAUSE: Final = 3.5  # seconds between those after

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """The member's events, week by week, up to now."""
    asked = 0
    for span in plan(progress_of(context, ENDPOINT), context.now(), context.since, RHYTHM):
        until = min(span.end, context.now() + 1)

        async def load(cursor: str, span: Span = span, until: int = until) -> bytes:
            nonlocal asked
            asked += 1
            if asked > AT_ONCE and context.http is not None:
                await context.http.sleep(PAUSE)
            return await events(context, span.start, until, int(cursor or 1), PAGE)

        async for page in paged(WORDS, load, next_page):
            yield Reply(
                cursor_for(ENDPOINT, span.after), ENDPOINT, page.body, context.now(), (span.start, span.end),
                page.number, page.final, Facts(context.account, generation=member(context)),
            )  # fmt: skip


def member(context: Context) -> str:
    """Whose events. Raises AccountError without an address: nobody else's are read."""
    email = context.options.get("email", "").strip().lower()
    if not email:
        raise AccountError("This account has no address of a member.", "Enter your address in the team under Accounts.", state=AccountState.UNREADABLE)
    return email


async def events(context: Context, start: int, end: int, page: int, size: int) -> bytes:
    """One page of [start, end); times on the wire are milliseconds."""
    question = {"startDate": start * 1000, "endDate": end * 1000 - 1, "email": member(context), "page": page, "pageSize": size}
    headers = {"authorization": f"Basic {b64encode(f'{key_of(context)}:'.encode()).decode()}"}
    url = f"{address(context, INFO.base_url)}/teams/filtered-usage-events"
    return await ask(context, WORDS, url, what=WHAT, headers=headers, body=question)


def next_page(data: dict[str, Any]) -> str:
    """Pages are counted from 1."""
    pages = fields(data.get("pagination"))
    page, last = number(pages.get("currentPage")), number(pages.get("numPages"))
    if page is None or pages.get("hasNextPage") is False or (pages.get("hasNextPage") is None and (last is None or page >= last)):
        return ""
    return str(int(page) + 1) if 0 < page < 10**6 else ""


async def identity(context: Context) -> str:
    """The member: an address belongs to one team."""
    return member(context)


async def check(context: Context) -> str:
    """Tries the key on the member's last month. Raises AccountError."""
    data = fields(decode(await events(context, context.now() - 30 * DAY, context.now() + 1, 1, 1)))
    count = number(data.get("totalUsageEventsCount"))
    if not count:
        return f"The key works, but {member(context)} has no event in the last 30 days: look at the address."
    return f"The key works: {int(count)} event{'' if count == 1 else 's'} of {member(context)} in the last 30 days."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Events of one page; the last page of a span gives its records. Total: bad input gives a Problem."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, f"page {reply.page}")
    readable = isinstance(data.get("usageEvents"), list)
    if not readable:
        notes.problem("the answer is no list of events; nothing was changed")
    mine = reply.context.generation if isinstance(reply.context, Facts) else ""
    found = list(event_rows(rows(data.get("usageEvents")), mine, notes))
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def event_rows(events: list[Any], mine: str, notes: Notes) -> Iterator[BucketRow]:
    """Four disjoint classes of tokens; cents; no tokens on requests that are counted by the piece."""
    for event in events:
        at = number(fields(event).get("timestamp"))
        if not isinstance(event, dict) or at is None or not 10**11 < at < 10**13:
            notes.problem("an event has no usable time; it was left out")
            continue
        if mine and text(event.get("userEmail")).strip().lower() not in {mine, ""}:
            notes.problem("an event is somebody else's; it was left out")
            continue
        second = int(at) // 1000
        start = second - second % 60
        notes.place = utc_day(start)
        usage = fields(event.get("tokenUsage"))
        yield BucketRow(
            start,
            start + 60,
            group="mine",
            model=text(event.get("model")),
            tokens=Tokens(
                fresh_input=notes.tokens(usage.get("inputTokens")),
                cache_read=notes.tokens(usage.get("cacheReadTokens")),
                cache_write_other=notes.tokens(usage.get("cacheWriteTokens")),
                output=notes.tokens(usage.get("outputTokens")),
            ),
            requests=1,
            money=price(event, usage, notes),
            quality=Quality.EXACT,
        )


def price(event: Any, usage: Any, notes: Notes) -> tuple[Money, ...]:
    """What is charged on top, or what the plan covers; in cents, with fractions (provider-apis 4.3)."""
    charged = event.get("chargedCents")
    if event.get("isChargeable") is True:
        if charged is None and usage:  # older events: the model's price and the fee
            charged = (number(usage.get("totalCents")) or Decimal(0)) + (number(event.get("cursorTokenFee")) or Decimal(0))
        return notes.money(MoneyKind.CASH, charged, cents=True) if charged is not None else ()
    worth = usage.get("totalCents")
    return notes.money(MoneyKind.PLAN_VALUE, worth, cents=True) if worth is not None else ()
