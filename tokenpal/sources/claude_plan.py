"""Claude plan: the windows that Claude Code itself asks for, with a token that the person pastes (provider-apis 7.1). Unofficial.

Nothing is read from Claude Code's own store, no token is renewed, and each reading asks once (agent-logs 9.3, product 8). It says
who asks: tokenpal, not the vendor's client. ``limits`` is the live list; the flat fields serve where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Context, Kind, SourceInfo
from tokenpal.sources.http import Words, bearer
from tokenpal.sources.numbers import fields, rows, text
from tokenpal.sources.plans import HOUR, WEEK, window

INFO: Final = SourceInfo(
    id="claude-plan",
    name="Claude plan (unofficial)",
    kind=Kind.API,
    provider="anthropic",
    docs="https://support.claude.com/en/articles/9797557-usage-limit-best-practices",
    key="An access token of your Claude login with the scope user:profile (sk-ant-oat01-…), pasted by you. One made by setup-token lacks it. "
    "It expires after some hours; tokenpal does not take it from Claude Code, and never renews it.",
    key_page="https://claude.ai/settings/usage",
    tells="How much of the plan's 5 hours and week is used, for all models and for single ones, and when they reset.",
    silent="No tokens and no money. Claude Code hands the same figures of its 5 hours and week to tokenpal's status line, without a token.",
    base_url="https://api.anthropic.com",
    poll_seconds=300,
    unofficial="The address serves Claude Code itself. Anthropic does not document it, may change or close it at any time, and its terms may not "
    "allow other programs to use it. tokenpal only reads it, at most every 5 minutes, and stops when it is refused.",
)
WORDS: Final = Words(
    provider="The Claude plan's address",
    refused="The token has expired or was withdrawn. tokenpal asks no more until you enter a new one under Accounts.",
    scope="The token lacks the scope user:profile. tokenpal asks no more until you enter another one under Accounts.",
    missing="The address is not there any more. Use tokenpal's status line for Claude Code instead, and remove this account.",
    patience=0,
)
LENGTHS: Final = {"session": 5 * HOUR, "weekly": WEEK}
FLAT: Final = (
    ("five_hour", 5 * HOUR, ""), ("seven_day", WEEK, ""), ("seven_day_opus", WEEK, "Opus"), ("seven_day_sonnet", WEEK, "Sonnet"),
    ("seven_day_oauth_apps", WEEK, "other apps"), ("seven_day_cowork", WEEK, "Cowork"),
)  # fmt: skip


def headers(context: Context) -> Mapping[str, str]:
    return {**bearer(context), "anthropic-beta": "oauth-2025-04-20"}


def windows(told: Told) -> Iterator[LimitReading]:
    """From ``limits`` where it holds anything, else from the flat fields. A window without a figure was not used yet."""
    listed = [fields(one) for one in rows(told.data.get("limits"))]
    if any(one.get("percent") is not None for one in listed):
        for one in listed:
            kind = text(one.get("group")) or text(one.get("kind"))
            minutes = next((length for word, length in LENGTHS.items() if kind.startswith(word)), None)
            yield from _window(told, minutes, _scope(one) if minutes else kind or "plan", one.get("percent"), one.get("resets_at"))
    else:
        for name, minutes, scope in FLAT:
            found = fields(told.data.get(name))
            yield from _window(told, minutes, scope, found.get("utilization"), found.get("resets_at"))
    extra = fields(told.data.get("extra_usage"))
    if extra.get("is_enabled") is True:
        yield from _window(told, None, "extra usage", extra.get("utilization"), None)


def _window(told: Told, minutes: int | None, scope: str, percent: Any, resets: Any) -> Iterator[LimitReading]:
    if percent is None:
        return
    name = f"{'5 hours' if minutes == 5 * HOUR else 'week'}{f', {scope}' if scope else ''}" if minutes else scope
    yield from window(told, minutes, name=name, percent=percent, resets=resets)


def _scope(one: Mapping[str, Any]) -> str:
    """The model or surface that a window is of; "" = all."""
    scope = fields(one.get("scope"))
    model = fields(scope.get("model"))
    return (text(model.get("display_name")) or text(model.get("id")) or text(scope.get("surface")))[:60]


fetch, parse, check = account(INFO, WORDS, Call("plan", "/api/oauth/usage", "the plan's windows", windows), headers=headers)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
