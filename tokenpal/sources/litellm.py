"""LiteLLM proxy: the daily activity of the key's own user (provider-apis 6.4).

An admin's key would see everybody: the user's own id is always sent along, and a key without a user is refused. Prompt
tokens include what was read from and written to the cache. ``spend`` is the proxy's computed price.
"""

from __future__ import annotations

import re
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
    added,
    cursor_for,
    gather,
    plan,
    progress_of,
    utc_day,
)
from tokenpal.sources.http import StatusError, Words, address, ask, bearer, decode, each, paged, part_of
from tokenpal.sources.numbers import Notes, day_epoch, epoch, fields, group_text, number, rows, text

INFO: Final = SourceInfo(
    id="litellm",
    name="LiteLLM proxy",
    kind=Kind.API,
    provider="litellm",
    docs="https://docs.litellm.ai/docs/proxy/cost_tracking",
    key="Your own virtual key (sk-…) of the proxy, bound to you as a user. Its page or its administrator makes one. "
    "A service account's key does not work; with an admin's key only the admin's own use is read.",
    tells="Your tokens by model, key and day, with cache reads and writes, the proxy's own price for them, and your budgets.",
    silent="It knows whole UTC days only and does not tell reasoning tokens apart. The same requests may also be in the upstream "
    "provider's report: mark this account as a mirror of it.",
    needs_base_url=True,
    poll_seconds=900,
    gateway=True,
    options=(
        Option("api_key", "Only this key", "The hash of one of your keys, as the proxy's page shows it: use of your other keys is left out.", example="88dc28d0f030c55e…"),
    ),
)
WORDS: Final = Words(
    provider="The proxy",
    refused="Ask for a new virtual key, or make one on the proxy's own page, and enter it under Accounts.",
    scope="Ask for a virtual key that is bound to you as a user; keys of service accounts may not read usage.",
    missing="This proxy stores no spend: it has no database, or its management paths are closed. Ask its administrator.",
    patience=INFO.poll_seconds,
)
RHYTHM: Final = Rhythm(day_span=31)
ENDPOINT: Final = "daily activity"
PAGED: Final = "paged"
PERSON: Final = "litellm:person"  # asked for a moment ago
WHAT: Final = "the daily activity"
NO_DATABASE: Final = re.compile(r"data ?base|\bdb\b|prisma", re.IGNORECASE)
DURATION: Final = re.compile(r"(\d{1,6})(mo|[smhdw])")
MINUTES: Final = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440, "w": 10080, "mo": 43200}

__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]


# ---------------------------------------------------------------------------------------------- fetch


class Person(msgspec.Struct, frozen=True):
    """Whose key this is."""

    user: str
    role: str = ""
    email: str = ""
    body: bytes = b""  # the answer about the user, for the budget in it
    key_body: bytes = b""


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Who the key belongs to, then that user's days, then the budgets."""
    person = context.memory.pop(PERSON, None) or await whose(context)
    async for reply in each([daily(context, person.user), budgets(context, person)]):
        yield reply


async def identity(context: Context) -> str:
    """The user on this proxy."""
    person = context.memory[PERSON] = await whose(context)
    return part_of(f"{base(context)} {person.user}", context, key="api_key")


def base(context: Context) -> str:
    """The root of the proxy, without the /v1 that chat clients want."""
    root = address(context)
    if not root:
        raise AccountError("This account has no address.", "Enter the address of the proxy under Accounts.", state=AccountState.UNREADABLE)
    return root.removesuffix("/v1").rstrip("/")


async def get(context: Context, path: str, what: str, params: list[tuple[str, str]] | None = None) -> bytes:
    """One question; a proxy without a database is told from one that is ill."""
    try:
        return await ask(context, WORDS, f"{base(context)}/{path}", params or [], what=what, headers=bearer(context))
    except StatusError as problem:
        if problem.status in {400, 500} and NO_DATABASE.search(problem.said):
            raise no_spend() from None
        raise


def no_spend() -> StatusError:
    error = StatusError("This proxy stores no spend.", WORDS.missing, state=AccountState.NOT_AVAILABLE)
    error.status = 404
    return error


async def whose(context: Context) -> Person:
    """The user of the key, from whichever path this proxy has. Raises AccountError when there is none."""
    user, failed = Person(""), None
    for path in ("v2/user/info", "user/info"):
        try:
            body = await get(context, path, "its user")
        except StatusError as problem:
            if problem.status == 401 or problem.state is AccountState.RATE_LIMITED:
                raise
            failed = problem
            continue
        data = user_fields(fields(decode(body)))
        user = Person(text(data.get("user_id")), text(data.get("user_role")), text(data.get("user_email")), body)
        if user.user:
            break
    try:
        key_body = await get(context, "key/info", "its budget")
    except StatusError as problem:
        if problem.status == 401 or problem.state is AccountState.RATE_LIMITED:
            raise
        key_body = b""
    if not user.user and key_body:
        info = fields(fields(decode(key_body)).get("info"))
        user = msgspec.structs.replace(user, user=text(info.get("user_id")))
    if not user.user and not user.body and not key_body and failed is not None and failed.status != 403:
        raise failed  # nobody answered: that tells nothing about the key
    if not user.user:
        raise AccountError(
            "The key belongs to no user, so nobody can tell your use from everyone's.", WORDS.scope, state=AccountState.NOT_ALLOWED
        )
    return msgspec.structs.replace(user, key_body=key_body)


def user_fields(data: Any) -> Any:
    """Flat in /v2/user/info; under ``user_info`` in the older path, whose own ``user_id`` may say more."""
    inner = fields(data.get("user_info"))
    return {**inner, "user_id": inner.get("user_id") or data.get("user_id")} if "user_info" in data else data


async def daily(context: Context, user: str) -> AsyncIterator[Reply]:
    """The days, added up by the proxy where it can, else page by page."""
    progress = progress_of(context, ENDPOINT)
    now = context.now()
    paged_at = progress.dialect_at if progress.dialect == PAGED and now - progress.dialect_at < DAY else 0
    for span in plan(progress, now, context.since, RHYTHM):
        # Both dates belong to the range (provider-apis 6.4).
        asked = [("start_date", utc_day(span.start)), ("end_date", utc_day(span.end - DAY)), ("user_id", user)]
        if only := context.options.get("api_key", ""):
            asked.append(("api_key", only))
        if not paged_at:
            try:
                body = await get(context, "user/daily/activity/aggregated", WHAT, [*asked, ("api_key_limit", "1000")])
                after = msgspec.structs.replace(span.after, dialect="", dialect_at=0)
                yield reply_of(context, after, span, body, 1, final=True)
                continue
            except StatusError as problem:
                if problem.status not in {404, 405, 422}:
                    raise
                paged_at = now
        after = msgspec.structs.replace(span.after, dialect=PAGED, dialect_at=paged_at)

        async def load(cursor: str, asked: list[tuple[str, str]] = asked) -> bytes:
            return await get(context, "user/daily/activity", WHAT, [*asked, ("page", cursor or "1"), ("page_size", "1000")])

        async for page in paged(WORDS, load, next_page):
            yield reply_of(context, after, span, page.body, page.number, final=page.final)


def reply_of(context: Context, after: Progress, span: Span, body: bytes, page: int, *, final: bool) -> Reply:
    return Reply(
        cursor_for(ENDPOINT, after), ENDPOINT, body, context.now(), (span.start, span.end), page, final, Facts(context.account)
    )


def next_page(data: dict[str, Any]) -> str:
    """Pages run over raw rows, not over days; they are counted from 1."""
    meta = fields(data.get("metadata"))
    page, last = number(meta.get("page")), number(meta.get("total_pages"))
    if page is None or meta.get("has_more") is False or (meta.get("has_more") is None and (last is None or page >= last)):
        return ""
    return str(int(page) + 1) if 0 < page < 10**6 else ""


async def budgets(context: Context, person: Person) -> AsyncIterator[Reply]:
    for endpoint, body in (("user budget", person.body), ("key budget", person.key_body)):
        if body:
            yield Reply(cursor_for(endpoint, Progress()), endpoint, body, context.now(), context=Facts(context.account))


async def check(context: Context) -> str:
    """Says whose key it is. Raises AccountError."""
    person = await whose(context)
    today = utc_day(context.now())
    asked = [("start_date", today), ("end_date", today), ("user_id", person.user), ("page_size", "1")]
    await get(context, "user/daily/activity", WHAT, asked)
    name = person.email or person.user
    if "admin" in person.role.lower():
        return f"The key works: an admin's key. Only the use of {name} is read."
    return f"The key works: user {name}."


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total: bad input gives a Problem. The same date may be on several pages: days are added up at the last one."""
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, f"page {reply.page}")
    if reply.endpoint != ENDPOINT:
        info = user_fields(data) if reply.endpoint == "user budget" else fields(data.get("info"))
        readings = list(budget(info, reply, notes))
        return state or State(), [*readings, *notes.problems()]
    readable = isinstance(data.get("results"), list)
    if not readable:
        notes.problem("the answer is not a report; nothing was changed")
    found = [row for day in rows(data.get("results")) for row in day_rows(fields(day), notes)]
    return gather(INFO.id, state, reply, found, notes.problems(), readable=readable)


def day_rows(day: Any, notes: Notes) -> Iterator[BucketRow]:
    """One date. ``breakdown.models`` only: the other breakdowns are views of the same total (provider-apis 5.7)."""
    start = day_epoch(day.get("date"))
    if start is None:
        notes.problem("a day has no usable date; it was left out")
        return
    notes.place = utc_day(start)
    models = fields(fields(day.get("breakdown")).get("models"))
    if not models:
        yield figures(start, "", "", day.get("metrics"), notes)
    for model, entry in models.items():
        yield from model_rows(start, text(model), fields(entry), notes)


def model_rows(start: int, model: str, entry: Any, notes: Notes) -> Iterator[BucketRow]:
    """One row per key, if the keys add up to the model: lists of keys may be cut short or lack the cache."""
    whole = figures(start, "", model, entry.get("metrics"), notes)
    keys = fields(entry.get("api_key_breakdown"))
    quiet = Notes("", "")  # what is wrong with a part is wrong with the whole, and said there
    parts = [figures(start, group_text(key)[:16], model, fields(part).get("metrics"), quiet) for key, part in keys.items()]
    if parts:
        total = parts[0]
        for part in parts[1:]:
            total = added(total, part)
        if (total.tokens, total.requests, total.money) == (whole.tokens, whole.requests, whole.money):
            yield from parts
            return
    yield msgspec.structs.replace(whole, group=group_text(next(iter(keys)))[:16] if len(keys) == 1 else "all-keys")


def figures(start: int, group: str, model: str, metrics: Any, notes: Notes) -> BucketRow:
    """Prompt tokens include cache reads and writes (provider-apis 4.2); spend is list price as the proxy knows it."""
    data = fields(metrics)
    prompt = notes.tokens(data.get("prompt_tokens"))
    read = notes.tokens(data.get("cache_read_input_tokens"))
    written = notes.tokens(data.get("cache_creation_input_tokens"))
    fresh = prompt - read - written
    if fresh < 0:  # keep what was sent, and say so (provider-apis 4.2, guard)
        notes.problem("cached tokens exceed the input; fresh input may be too high")
        fresh = prompt
    requests = notes.count(data.get("api_requests"))
    return BucketRow(
        start,
        start + DAY,
        group,
        model,
        tokens=Tokens(
            fresh_input=fresh, cache_read=read, cache_write_other=written, output=notes.tokens(data.get("completion_tokens"))
        ),
        requests=requests or 0,  # all metrics default to zero
        money=notes.money(MoneyKind.LIST_PRICE, data.get("spend") or 0),
    )


def budget(info: Any, reply: Reply, notes: Notes) -> Iterator[Item]:
    """``spend`` counts from the last reset only."""
    limit = number(info.get("max_budget"))
    if limit is None or limit <= 0:
        return
    whole, used = notes.money(MoneyKind.LIST_PRICE, limit), notes.money(MoneyKind.LIST_PRICE, info.get("spend") or 0)
    if not whole:
        return
    spent = used[0].amount if used else Decimal(0)
    yield LimitReading(
        reply.endpoint,
        float(min(spent / limit * 100, Decimal(10_000))),
        reply.at,
        epoch(info.get("budget_reset_at")),
        minutes(text(info.get("budget_duration"))),
        used=used[0] if used else Money(MoneyKind.LIST_PRICE, "USD", 0),
        limit=whole[0],
    )


def minutes(duration: str) -> int | None:
    """Of a duration such as "30d", "24h" or "1mo"."""
    found = DURATION.fullmatch(duration.strip())
    return max(1, int(int(found[1]) * MINUTES[found[2]])) if found else None
