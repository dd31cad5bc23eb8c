"""GitHub Copilot: the AI credits that a person's own plan used, day by day (provider-apis 6.5).

Since 1 June 2026 Copilot bills AI credits, before it counted premium requests: two reports, each of its own time. One
question is one day. Gross is what was used, discount what the plan covers, net what is billed on top. No tokens.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from tokenpal.model.errors import AccountError
from tokenpal.model.money import MoneyKind
from tokenpal.model.ranges import number_day
from tokenpal.model.usage import Item
from tokenpal.sources.base import Context, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, BucketRow, Facts, Rhythm, Span, State, cursor_for, gather, plan, progress_of
from tokenpal.sources.http import Words, address, ask, bearer, decode
from tokenpal.sources.numbers import Notes, day_epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="github-copilot",
    name="GitHub Copilot (billing)",
    kind=Kind.API,
    provider="github-copilot",
    docs="https://docs.github.com/en/rest/billing/usage",
    key="A fine-grained personal access token (github_pat_…) with one permission: Account permissions, Plan, read-only; no "
    "repository. Give it an expiry date. A classic token needs the scope user.",
    key_page="https://github.com/settings/personal-access-tokens/new",
    tells="AI credits by model and day (before June 2026 premium requests), what of them your plan covers and what is billed on top.",
    silent="It tells no tokens and no times of day, and nothing of a Copilot seat that an organisation pays for. Figures come hours late.",
    base_url="https://api.github.com",
    poll_seconds=1800,
)
WORDS: Final = Words(
    provider="GitHub",
    refused="Make a new token at github.com, Settings, Developer settings, with the account permission Plan: read, and enter it under Accounts.",
    scope="Give the token the account permission Plan: read-only (a classic token: the scope user).",
    missing="GitHub says this too when the token lacks the account permission Plan: read. Copilot that an organisation pays for is in no report of yours.",
    headers={"accept": "application/vnd.github+json", "x-github-api-version": "2026-03-10"},
    patience=INFO.poll_seconds,
)
ENDPOINT: Final = "billing"
WHAT: Final = "the billing report"
CREDITS_FROM: Final = 20605  # 2026-06-01, days since 1970: premium requests before
REMEMBERED_DAYS: Final = 730  # 24 months
A_POLL: Final = 40  # days, when nobody waits for more: history comes in several polls
UNITS: Final = {"ai-credits": "credits", "ai-credit": "credits", "ai-units": "credits", "ai-unit": "credits", "requests": "premium", "request": "premium"}
SEATS: Final = frozenset({"user-months", "user-month", "seats", "seat"})
LOGIN: Final = "github:login"

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """The last days, then history, newest first; a closed day is asked for once."""
    login = context.memory.get(LOGIN) or await whose(context)
    now = context.now()
    rhythm = Rhythm(day_span=1, oldest=now // DAY - REMEMBERED_DAYS + 1)
    spans = plan(progress_of(context, ENDPOINT), now, context.since, rhythm)
    for span in itertools.islice(spans, A_POLL if context.since is None else None):
        body = await day_of(context, login, span)
        window = (span.start, span.end)
        yield Reply(cursor_for(ENDPOINT, span.after), ENDPOINT, body, context.now(), window, context=Facts(context.account))


async def day_of(context: Context, login: str, span: Span) -> bytes:
    """One day of the report that knows it."""
    report = "ai_credit" if span.start // DAY >= CREDITS_FROM else "premium_request"
    day = number_day(span.start // DAY)
    url = f"{address(context, INFO.base_url)}/users/{login}/settings/billing/{report}/usage"
    params = [("year", str(day.year)), ("month", str(day.month)), ("day", str(day.day))]
    return await ask(context, WORDS, url, params, what=WHAT, headers=bearer(context))


async def whose(context: Context) -> str:
    """The login of the token's owner: it is in the report's path."""
    body = await ask(context, WORDS, f"{address(context, INFO.base_url)}/user", what="its owner", headers=bearer(context))
    login = text(fields(decode(body)).get("login"))
    if not login.replace("-", "").replace("_", "").isalnum() or not login.isascii():
        raise AccountError("GitHub did not say whose token this is.", WORDS.refused)
    context.memory[LOGIN] = login
    return login


async def identity(context: Context) -> str:
    """The person."""
    return (await whose(context)).lower()


async def check(context: Context) -> str:
    """Tries the token on today's report. Raises AccountError."""
    login = await whose(context)
    today = context.now() // DAY
    (span,) = itertools.islice(plan(progress_of(context, ENDPOINT), context.now(), today * DAY, Rhythm(day_span=1, history=1)), 1)
    await day_of(context, login, span)
    return f"The key works: it reads the Copilot billing of {login}."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Rows of one day. Total: bad input gives a Problem, and an answer about another time changes nothing."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the day")
    start = asked_day(data)
    window = reply.window or (0, 0)
    readable = isinstance(data.get("usageItems"), list) and start is not None and window[0] <= start < window[1]
    if not readable:
        notes.problem("the answer is no report of this day; nothing was changed")
    found = list(day_rows(data, start, notes)) if readable and start is not None else []
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def asked_day(data: Any) -> int | None:
    """The day that the answer is of; None for a month or a year, which would count many times."""
    period = fields(data.get("timePeriod"))
    parts = [number(period.get(name)) for name in ("year", "month", "day")]
    if any(part is None or part != part.to_integral_value() or not 0 < part < 10_000 for part in parts):
        return None
    year, month, day = (int(part) for part in parts if part is not None)
    return day_epoch(f"{year:04d}-{month:02d}-{day:02d}")


def day_rows(data: Any, start: int, notes: Notes) -> Iterator[BucketRow]:
    """Rows are chosen by their unit, since the names of products vary; seat fees are no use of a model."""
    notes.place = number_day(start // DAY).isoformat()
    owner = group_text(data.get("user"))
    for row in rows(data.get("usageItems")):
        if not isinstance(row, dict):
            notes.problem("a row cannot be read; it was left out")
            continue
        unit = text(row.get("unitType")).strip().lower().replace("_", "-").replace(" ", "-")
        if unit not in UNITS:
            if unit not in SEATS:
                notes.problem("a row has a unit that is not known; it was left out")
            continue
        yield BucketRow(
            start,
            start + DAY,
            group=owner,
            model=text(row.get("model")),
            requests=None,  # a premium request is a price, not a count
            money=(
                *notes.money(MoneyKind.CREDITS, row.get("grossQuantity"), UNITS[unit]),
                *notes.money(MoneyKind.PLAN_VALUE, row.get("discountAmount")),
                *notes.money(MoneyKind.CASH, row.get("netAmount")),
            ),
        )


