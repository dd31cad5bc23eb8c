"""Chutes: how much of the plan's four hours and month is used, in dollars of covered use (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields
from tokenpal.sources.plans import HOUR, MONTH, window

INFO: Final = SourceInfo(
    id="chutes",
    name="Chutes",
    kind=Kind.API,
    plan=True,
    provider="chutes",
    docs="https://chutes.ai/docs",
    key="An API key (cpk_…). A key with the scope to read the account suffices.",
    key_page="https://chutes.ai/app/api",
    tells="How much of the plan's four hours and of its month is used, in dollars of covered use, and when each resets.",
    silent="No tokens, no models, and nothing for an account without a plan. A custom plan has no monthly limit, so none is shown.",
    base_url="https://api.chutes.ai",
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="Chutes",
    refused="Make a new key at chutes.ai, API keys, and enter it under Accounts.",
    scope="Use a key that may read the account.",
    missing="This account has no Chutes plan; use that is paid by request has no windows.",
    patience=INFO.poll_seconds,
)


def refusal(data: Any) -> int:
    """An account without a plan says so."""
    return 404 if data.get("subscription") is False else 0


def windows(told: Told) -> Iterator[LimitReading]:
    """Usage and cap are what the use would cost by request, in dollars. No cap, no window."""
    for name, minutes in (("four_hour", 4 * HOUR), ("monthly", MONTH)):
        one = fields(told.data.get(name))
        if one and one.get("uncapped") is not True:
            yield from window(
                told, minutes, used=one.get("usage"), left=one.get("remaining"), limit=one.get("cap"), resets=one.get("reset_at"), unit="USD"
            )


fetch, parse, check = account(INFO, WORDS, Call("plan", "/users/me/subscription_usage", "the plan's windows", windows), refusal=refusal)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
