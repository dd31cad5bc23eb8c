"""OpenCode Go: the three windows of its plan (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields
from tokenpal.sources.plans import HOUR, MONTH, WEEK, window

INFO: Final = SourceInfo(
    id="opencode-go",
    name="OpenCode Go",
    kind=Kind.API,
    plan=True,
    provider="opencode-go",
    docs="https://opencode.ai/docs/go/",
    key="The API key of your OpenCode workspace that has a Go plan.",
    key_page="https://opencode.ai/auth",
    tells="How much of the plan's last 5 hours, week and month is used, and when each resets.",
    silent="No tokens and no money. What OpenCode itself does is counted from its database on this machine.",
    base_url="https://opencode.ai",
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="OpenCode Go",
    refused="Make a new key at opencode.ai, and enter it under Accounts.",
    scope="The workspace of this key has no Go plan; use the key of the one that has.",
    missing="Look at the address of this account; it is https://opencode.ai.",
    patience=INFO.poll_seconds,
)


def windows(told: Told) -> Iterator[LimitReading]:
    """``percent`` is used."""
    usage = fields(told.data.get("usage"))
    for name, minutes in (("rolling", 5 * HOUR), ("weekly", WEEK), ("monthly", MONTH)):
        if one := fields(usage.get(name)):
            yield from window(told, minutes, percent=one.get("percent"), resets=one.get("resetsAt"))


fetch, parse, check = account(INFO, WORDS, Call("plan", "/zen/go/v1/usage", "the plan's windows", windows))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
