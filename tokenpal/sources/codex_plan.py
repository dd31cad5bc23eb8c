"""Codex plan: the windows that Codex itself asks for, with a token that the person pastes (provider-apis 7.2). Unofficial.

Nothing is read from Codex's own store, no token is renewed, and each reading asks once (agent-logs 9.3, product 8). It says who
asks: tokenpal, not the vendor's client. Windows are named by their length, not by their slot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenpal.model.usage import Item, LimitReading
from tokenpal.sources.balances import Call, State, Told, account, left
from tokenpal.sources.base import Context, Kind, Option, SourceInfo
from tokenpal.sources.http import Words, bearer
from tokenpal.sources.numbers import fields, number, rows, text
from tokenpal.sources.plans import length, window

INFO: Final = SourceInfo(
    id="codex-plan",
    name="Codex plan (unofficial)",
    kind=Kind.API,
    provider="openai",
    docs="https://developers.openai.com/codex/pricing",
    key="An access token of your ChatGPT login, pasted by you. It expires; tokenpal does not take it from Codex's own store, and never renews it.",
    key_page="https://chatgpt.com/codex/settings/usage",
    tells="How much of the plan's 5 hours and week is used and when they reset, windows of single features, the spend limit, and credits left.",
    silent="No tokens. Codex writes the same windows into its logs, and tokenpal reads them there without a token.",
    base_url="https://chatgpt.com",
    poll_seconds=300,
    options=(Option("account_id", "Account id", "The ChatGPT account, where your login has more than one; a long id with dashes.", example="0c1d2e3f-…"),),
    unofficial="The address serves Codex itself. OpenAI does not document it, may change or close it at any time, and its terms may not allow "
    "other programs to use it. tokenpal only reads it, at most every 5 minutes, and stops when it is refused.",
)
WORDS: Final = Words(
    provider="The Codex plan's address",
    refused="The token has expired or was withdrawn. tokenpal asks no more until you enter a new one under Accounts.",
    scope="This login may not read the plan. tokenpal asks no more until you enter another token under Accounts.",
    missing="The address is not there any more. Codex's own logs tell the same windows; remove this account.",
    patience=0,
)
LONGEST: Final = 10 * 366 * 86_400  # seconds; a window of more than ten years is none


def headers(context: Context) -> Mapping[str, str]:
    chosen = context.options.get("account_id", "")
    return {**bearer(context), **({"chatgpt-account-id": chosen} if chosen else {})}


def windows(told: Told) -> Iterator[Item]:
    """The plan's windows, those of single features, the spend limit and the credits; each where it is told."""
    yield from _limit(told, fields(told.data.get("rate_limit")), "")
    for one in map(fields, rows(told.data.get("additional_rate_limits"))):
        yield from _limit(told, fields(one.get("rate_limit")), (text(one.get("limit_name")) or text(one.get("metered_feature")) or "other")[:60])
    spend = fields(fields(told.data.get("spend_control")).get("individual_limit"))
    if spend.get("used_percent") is not None:
        yield from window(told, None, name="spend limit", percent=spend.get("used_percent"), resets=_resets(told, spend))
    credit = fields(told.data.get("credits"))
    if credit.get("has_credits") is True and credit.get("unlimited") is not True and credit.get("balance") is not None:
        yield from left(told, credit.get("balance"), "credits", "credits")


def _limit(told: Told, limit: Mapping[str, Any], feature: str) -> Iterator[LimitReading]:
    for slot, place in (("primary_window", "first window"), ("secondary_window", "second window")):
        one = fields(limit.get(slot))
        if one.get("used_percent") is None:
            continue
        seconds = number(one.get("limit_window_seconds"))
        minutes = round(seconds / 300) * 5 if seconds is not None and 150 < seconds < LONGEST else None
        name = length(minutes) if minutes else place
        yield from window(told, minutes, name=f"{feature}: {name}" if feature else name, percent=one.get("used_percent"), resets=_resets(told, one))


def _resets(told: Told, one: Mapping[str, Any]) -> Any:
    at, after = one.get("reset_at"), number(one.get("reset_after_seconds"))
    return at if at is not None or after is None or not 0 <= after < LONGEST else told.at + int(after)


fetch, parse, check = account(INFO, WORDS, Call("plan", "/backend-api/wham/usage", "the plan's windows", windows), headers=headers)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
