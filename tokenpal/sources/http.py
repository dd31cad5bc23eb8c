"""What all provider accounts share on the wire: asking, retrying, and saying in words what went wrong (provider-apis 3, 12)."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.sources.base import Context, Reply
from tokenpal.system.net import Answer, Fault, Http, NetError, Params

ATTEMPTS: Final = 4
OFFLINE_ATTEMPTS: Final = 2
LONGEST_WAIT: Final = 60.0
MAX_PAGES: Final = 200
RETRY: Final = frozenset({408, 409, 429, 500, 502, 503, 504, 524, 529})
NEVER: Final = frozenset({400, 401, 402, 403, 404, 422})
KEY_LIKE: Final = re.compile(
    r"\b(?:sk|key|pk|rk|org|eyJ|fw|xai|crsr|gh[opsu]|github_pat|tgp|hf|pplx|gsk)[-_][^\s\"']{4,}|\bBearer\s+\S+|\b[0-9a-fA-F]{32,}\b|\S+@\S+|\b[A-Za-z0-9+/_-]{40,}={0,2}"
)

_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Words(msgspec.Struct, frozen=True):
    """How one provider's troubles are told: next steps for the person, never codes."""

    provider: str
    refused: str  # next step when the key is unknown or expired (401)
    scope: str  # next step when the key may not read this: the exact scope or kind of key (403)
    missing: str  # next step when this account has no such report (404)
    headers: Mapping[str, str] = {}
    patience: int = 900  # the poll interval: longer waits are for the schedule, not for sleep; 0 = one question, whatever comes


class StatusError(AccountError):
    """An answer that is not a success; ``status`` lets a source fall back to another report."""

    status: int = 0
    said: str = ""  # the provider's own sentence, with nothing in it that looks like a key


# ---------------------------------------------------------------------------------------------- asking


def key_of(context: Context) -> str:
    """The key, for a header. Raises AccountError when there is none or it cannot be one."""
    key = context.secret.reveal().strip() if context.secret is not None else ""
    if not key:
        raise AccountError(
            "There is no key for this account.", "Enter the key again under Accounts.", state=AccountState.KEY_MISSING
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise AccountError(
            "The stored key holds characters that no key has.",
            "Copy the key again, without quotes or line breaks.",
            state=AccountState.KEY_REFUSED,
        )
    return key


def bearer(context: Context) -> dict[str, str]:
    return {"authorization": f"Bearer {key_of(context)}"}


def address(context: Context, default: str = "") -> str:
    """The account's own address, or the provider's; without a slash at the end."""
    return (context.base_url or default).strip().rstrip("/")


def getter(base_url: str, words: Words) -> Callable[..., Awaitable[bytes]]:
    """``get(context, path, what, *params)`` of a provider that takes the key as a bearer: the body, or an AccountError."""

    async def get(context: Context, path: str, what: str, *params: tuple[str, str]) -> bytes:
        return await ask(context, words, f"{address(context, base_url)}{path}", params, what=what, headers=bearer(context))

    return get


def ids(context: Context, option: str) -> list[str]:
    """An "only mine" option as a list: ids with commas between; nothing = everybody's."""
    return [one.strip() for one in context.options.get(option, "").split(",") if one.strip()]


def part_of(whole: str, context: Context, **terms: str) -> str:
    """An identity: the organisation, and the part of it that the options choose, such as ``key="api_key_id"`` (base.identity)."""
    chosen = [f"{term}={','.join(sorted(ids(context, option)))}" for term, option in terms.items() if ids(context, option)]
    return "\n".join([whole, *chosen]) if whole else ""


async def ask(
    context: Context,
    words: Words,
    url: str,
    params: Params = (),
    *,
    what: str,
    headers: Mapping[str, str],
    body: Any = None,
    read: Callable[[Answer, Words], bytes] | None = None,
) -> bytes:
    """One question, with retries; the answer's bytes are a JSON object. Raises AccountError, StatusError for a status.

    ``what`` is the thing read, as the person calls it: "the usage report". ``read`` says what else than an object the answer may be.
    Retry rules: provider-apis 3.
    """
    http = context.http
    if http is None:
        raise AccountError("This account cannot be read without a network.", state=AccountState.OFFLINE)
    sent = {**words.headers, **headers}
    payload = None if body is None else msgspec.json.encode(body)
    attempt = 0
    while True:
        attempt += 1
        try:
            answer = await (http.get(url, params, sent) if payload is None else http.post(url, payload, sent))
        except NetError as problem:
            if attempt >= attempts_for(problem.fault) or not words.patience:
                raise from_net(problem, words) from None
            await http.sleep(backoff(attempt))
            continue
        if answer.status // 100 == 2:
            return (read or object_bytes)(answer, words)
        again, wait = verdict(answer, context.now())
        longest = min(LONGEST_WAIT, float(words.patience))
        if not again or attempt >= ATTEMPTS or not words.patience or (wait is not None and wait > longest):
            raise from_status(without_key(answer, context), words, what, context.now(), wait)
        await http.sleep(backoff(attempt) if wait is None else wait)


def without_key(answer: Answer, context: Context) -> Answer:
    """Some providers repeat the key in what they say of it, whole."""
    key = context.secret.reveal().strip() if context.secret is not None else ""
    return msgspec.structs.replace(answer, body=answer.body.replace(key.encode(), "…".encode())) if len(key) > 5 else answer


def attempts_for(fault: Fault) -> int:
    if fault is Fault.OFFLINE:
        return OFFLINE_ATTEMPTS
    return ATTEMPTS if fault in {Fault.TIMEOUT, Fault.BROKEN} else 1


def backoff(attempt: int) -> float:
    """1, 2, 4 ... seconds, a quarter more or less, so that many machines do not come back together."""
    return float(min(LONGEST_WAIT, 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)))


def verdict(answer: Answer, now: int) -> tuple[bool, float | None]:
    """Whether to ask again, and after how many seconds (None = the server does not say)."""
    if limited(answer):
        return False, asked_wait(answer.headers, now)
    order = answer.headers.get("x-should-retry", "").strip().lower()
    again = answer.status not in NEVER and (order == "true" or (answer.status in RETRY and order != "false"))
    return again, asked_wait(answer.headers, now)


def limited(answer: Answer) -> bool:
    """A 403 that means 429: GitHub's way of saying that the hour's questions are used up (provider-apis 6.5)."""
    return answer.status == 403 and ("retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining", "").strip() == "0")


def asked_wait(headers: Mapping[str, str], now: int) -> float | None:
    """retry-after-ms, else retry-after: seconds, whole or not, or an HTTP date (provider-apis 3); else GitHub's time of reset."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if not text:
            continue
        try:
            seconds = float(text) / scale
        except ValueError:
            from email.utils import parsedate_to_datetime

            try:
                seconds = parsedate_to_datetime(text).timestamp() - now
            except (ValueError, OverflowError, TypeError):
                continue
        if seconds == seconds:  # noqa: PLR0124  # "nan" is a float too
            return min(max(0.0, seconds), 30 * 86_400.0)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if headers.get("x-ratelimit-remaining", "").strip() == "0" and reset.isascii() and reset.isdigit() and int(reset) > now - 86_400:
        return float(min(max(1, int(reset) - now), 30 * 86_400))  # epoch seconds; others count from now, and are small
    return None


# ---------------------------------------------------------------------------------------------- words


def from_net(problem: NetError, words: Words) -> AccountError:
    """No answer at all: offline is told from trouble that only the person can mend."""
    offline = problem.fault in {Fault.OFFLINE, Fault.TIMEOUT, Fault.BROKEN}
    state = AccountState.OFFLINE if offline else AccountState.PROVIDER_PROBLEM
    return AccountError(problem.sentence, problem.next_step, state=state)


def from_status(answer: Answer, words: Words, what: str, now: int, wait: float | None) -> StatusError:
    """What a status means for the person, and what to do (provider-apis 3: what to show on failure)."""
    name, status = words.provider, 429 if limited(answer) else answer.status
    retry_at = None if wait is None else now + int(wait + 0.999)
    state, step = AccountState.PROVIDER_PROBLEM, "The figures so far are safe; tokenpal tries again by itself."
    if status == 401:
        state, sentence, step = AccountState.KEY_REFUSED, f"{name} refused the key.", words.refused
    elif status == 403:
        state, sentence, step = AccountState.NOT_ALLOWED, f"{name} knows the key, but it may not read {what}.", words.scope
    elif status == 404:
        state, sentence, step = AccountState.NOT_AVAILABLE, f"{name} has no {bare(what)} for this account.", words.missing
    elif status == 402:
        state, sentence, step = AccountState.NOT_ALLOWED, f"{name} says that this account has no credits left.", "Add credits there, or wait."
    elif status == 429:
        until = "" if retry_at is None else f" until {clock(retry_at, now)}"
        state, sentence = AccountState.RATE_LIMITED, f"{name} asks to wait{until}."
    elif status >= 500 or status == 408:
        sentence = f"{name} has a problem on its side (status {status})."
    else:
        said = message_of(answer.body)
        sentence = f"{name} did not accept the question for {what} (status {status})."
        sentence += f" It says: {said}" if said else ""
        step = "Update tokenpal; if that does not help, report it."
    error = StatusError(sentence, step, state=state, retry_at=retry_at)
    error.status, error.said = status, message_of(answer.body)
    return error


def bare(what: str) -> str:
    return what.removeprefix("the ")


def clock(at: int, now: int) -> str:
    """A time of day for a sentence, with its date when that is not today."""
    moment = datetime.fromtimestamp(at, UTC)
    today = datetime.fromtimestamp(now, UTC).date()
    return f"{moment:%H:%M} UTC" if moment.date() == today else f"{moment:%Y-%m-%d %H:%M} UTC"


def message_of(body: bytes) -> str:
    """The provider's own sentence, wherever it keeps it: at most 300 characters, nothing that looks like a key."""
    try:
        data = decode(body)
    except ValueError:
        return ""
    for path in (
        ("error", "message"), ("error",), ("detail", "error"), ("detail",), ("detail", 0, "msg"),
        ("message",), ("msg",), ("errors", 0, "message"), ("base_resp", "status_msg"),
    ):  # fmt: skip
        found: Any = data
        for step in path:
            if isinstance(step, int):
                found = found[step] if isinstance(found, list) and found else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            text = "".join(c if c.isprintable() else " " for c in found)
            return KEY_LIKE.sub("…", " ".join(text.split()))[:300]
    return ""


# ---------------------------------------------------------------------------------------------- answers


def decode(body: bytes) -> Any:
    """JSON with exact decimals. Raises ValueError for anything else."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, ArithmeticError, UnicodeError) as problem:
        raise ValueError("not JSON") from problem


def no_web_page(answer: Answer, words: Words) -> None:
    """Raises AccountError for a page that a person should see instead of a program."""
    head = answer.body[:200].lstrip().lower()
    if head.startswith(b"<") or "text/html" in answer.headers.get("content-type", ""):
        raise AccountError(
            f"{words.provider} answered with a web page instead of figures.",
            "A sign-in page or a company proxy may be in between: open the address in a browser, or look at the account's address.",
        )


def object_bytes(answer: Answer, words: Words) -> bytes:
    """The body, once it is known to be a JSON object. A web page instead of data is said in words."""
    no_web_page(answer, words)
    try:
        data = decode(answer.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise AccountError(
            f"{words.provider} sent an answer that cannot be read.", "The figures so far are safe; tokenpal tries again by itself."
        )
    return answer.body


# ---------------------------------------------------------------------------------------------- pages and reports


class Page(msgspec.Struct, frozen=True):
    """One page of a chain."""

    number: int
    body: bytes
    final: bool


async def paged(words: Words, load: Callable[[str], Awaitable[bytes]], following: Callable[[dict[str, Any]], str]) -> AsyncIterator[Page]:
    """Pages until ``following`` finds no cursor. A chain that turns in circles or does not end is an AccountError.

    ``load`` gets the cursor ("" first). A page may be empty and still have a successor (provider-apis 3).
    """
    cursor, number, seen = "", 0, {""}
    while True:
        number += 1
        body = await load(cursor)
        cursor = following(decode(body))
        if cursor and (cursor in seen or number >= MAX_PAGES):
            raise AccountError(
                f"{words.provider} sends pages without end.", "Nothing of this report was stored; tokenpal tries again by itself."
            )
        seen.add(cursor)
        yield Page(number, body, not cursor)
        if not cursor:
            return


FATAL: Final = frozenset(
    {AccountState.OFFLINE, AccountState.KEY_MISSING, AccountState.KEY_LOCKED, AccountState.KEY_REFUSED, AccountState.RATE_LIMITED}
)
"""Troubles that every other report of the account would have too."""


async def each(reports: Sequence[AsyncIterator[Reply]]) -> AsyncIterator[Reply]:
    """The replies of all reports, one report after the other. One that fails leaves the others alone; the first failure
    is raised at the end.
    """
    first: AccountError | None = None
    for report in reports:
        async with aclosing(report) as replies:  # type: ignore[type-var]  # all of them are generators
            try:
                async for reply in replies:
                    yield reply
            except AccountError as problem:
                if problem.state in FATAL:
                    raise
                first = first or problem
    if first is not None:
        raise first


__all__ = [
    "Answer", "Http", "Page", "StatusError", "Words", "address", "ask", "bearer", "decode", "each", "getter", "ids",
    "key_of", "paged", "part_of",
]  # fmt: skip
