"""Copilot plan: the quota that editors ask for, with a token that the person pastes (provider-apis 7.3). Unofficial.

Nothing is read from an editor's or gh's own store, and each reading asks once (agent-logs 9.3, product 8). It says who asks:
tokenpal, not an editor. The answer tells what **remains**; without a meter (unlimited, or nothing granted) nothing is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Context, Kind, SourceInfo
from tokenpal.sources.http import Words, key_of
from tokenpal.sources.numbers import day_epoch, fields, number, text
from tokenpal.sources.plans import MONTH, window

INFO: Final = SourceInfo(
    id="copilot-plan",
    name="Copilot plan (unofficial)",
    kind=Kind.API,
    provider="github-copilot",
    docs="https://docs.github.com/en/copilot/how-tos/manage-and-track-spending/monitor-premium-requests",
    key="An OAuth token of an editor or a device login with the scope read:user (gho_…), pasted by you. Personal access tokens are refused, as a rule.",
    key_page="https://github.com/settings/copilot/features",
    tells="How much of the month's premium requests, and of chat and completions where they are limited, is used, and when it resets.",
    silent="No tokens and no money. The official account (GitHub Copilot) tells what was billed, with a token made for it.",
    base_url="https://api.github.com",
    poll_seconds=300,
    unofficial="The address serves GitHub's own editor extensions. GitHub does not document it, may change or close it at any time, and its terms "
    "may not allow other programs to use it. tokenpal only reads it, at most every 5 minutes, and stops when it is refused.",
)
WORDS: Final = Words(
    provider="The Copilot plan's address",
    refused="The token has expired or was withdrawn. tokenpal asks no more until you enter a new one under Accounts.",
    scope="Use an OAuth token with the scope read:user. tokenpal asks no more until you enter another one under Accounts.",
    missing="This login has no Copilot plan, or the address is not there any more.",
    patience=0,
)
NAMES: Final = {"premium_interactions": "premium requests", "chat": "chat", "completions": "completions"}
HUNDRED: Final = Decimal(100)


def headers(context: Context) -> Mapping[str, str]:
    return {"authorization": f"token {key_of(context)}", "accept": "application/json", "x-github-api-version": "2025-04-01"}


def windows(told: Told) -> Iterator[LimitReading]:
    """The snapshots of paid plans; of free ones what is granted a month and what is left of it."""
    resets = _resets(told.data)
    for id_, found in fields(told.data.get("quota_snapshots")).items():
        one = fields(found)
        granted, left = number(one.get("entitlement")), number(one.get("remaining"))
        if one.get("unlimited") is True or (granted == 0 and left == 0):
            continue
        share = number(one.get("percent_remaining"))
        percent = None if share is None or share.copy_abs() > 10_000 else HUNDRED - share
        if percent is None and granted is None:
            continue
        yield from window(told, MONTH, name=_name(id_), percent=percent, left=one.get("remaining"), limit=one.get("entitlement"), resets=resets)
    granted_by, left_by = fields(told.data.get("monthly_quotas")), fields(told.data.get("limited_user_quotas"))
    for id_, whole in granted_by.items():
        if id_ in left_by:
            yield from window(told, MONTH, name=_name(id_), left=left_by[id_], limit=whole, resets=resets)


def _name(id_: str) -> str:
    return f"month, {NAMES.get(id_) or text(id_)[:60].replace('_', ' ')}"


def _resets(data: Any) -> Any:
    """A date means its beginning in UTC."""
    said = data.get("quota_reset_date") or data.get("limited_user_reset_date")
    return day_epoch(said)


fetch, parse, check = account(INFO, WORDS, Call("plan", "/copilot_internal/user", "the plan's quota", windows), headers=headers)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
