"""Synthetic: its plan's windows, which fill up again bit by bit (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, number
from tokenpal.sources.plans import HOUR, WEEK, window

INFO: Final = SourceInfo(
    id="synthetic",
    name="Synthetic",
    kind=Kind.API,
    plan=True,
    provider="synthetic",
    docs="https://dev.synthetic.new/docs/synthetic/quotas",
    key="Any API key (syn_…). There are no keys with fewer rights: make one for tokenpal alone. Asking does not count against the plan.",
    key_page="https://dev.synthetic.new/",
    tells="How much of the plan's last 5 hours, of its week and of its searches is used.",
    silent="No tokens, and no reset times: the windows roll, so use drops out of them bit by bit.",
    base_url="https://api.synthetic.new",
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="Synthetic",
    refused="Make a new key at dev.synthetic.new, and enter it under Accounts.",
    scope="Use a key of the account that has the plan.",
    missing="Look at the address of this account; it is https://api.synthetic.new.",
    patience=INFO.poll_seconds,
)


def windows(told: Told) -> Iterator[LimitReading]:
    """Limits are called ``limit``, ``max`` or ``maxCredits`` (written with a dollar sign). The next tick is no reset."""
    search = fields(fields(told.data.get("search")).get("hourly"))
    for name, minutes, one in (
        ("5 hours, rolling", 5 * HOUR, fields(told.data.get("rollingFiveHourLimit"))),
        ("week, rolling", WEEK, fields(told.data.get("weeklyTokenLimit"))),
        ("hour, searches", HOUR, search),
    ):
        if not one:
            continue
        left = number(one.get("percentRemaining"))
        limit = first(one, "limit", "max", "maxCredits")
        yield from window(
            told, minutes, name=name, percent=None if left is None or left.copy_abs() > 10**6 else 100 - left,
            used=first(one, "used", "requests"), left=first(one, "remaining", "remainingCredits"), limit=limit,
            resets=first(one, "reset", "resetsAt", "renewsAt", plain=True), unit="USD" if "maxCredits" in one else "",
        )  # fmt: skip


def first(one: Any, *names: str, plain: bool = False) -> Any:
    """The first of these fields that is there: as it is, or as a number, "$24.00" too."""
    found = next((one[name] for name in names if one.get(name) is not None), None)
    return found if plain else number(found.replace("$", "").replace(",", "") if isinstance(found, str) else found)


fetch, parse, check = account(INFO, WORDS, Call("plan", "/v2/quotas", "the plan's windows", windows))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
