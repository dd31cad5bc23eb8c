"""Kimi Code: the windows of its plan, with a Kimi Code key (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, number, rows, text
from tokenpal.sources.plans import DAY, HOUR, WEEK, window

UNITS: Final = {"TIME_UNIT_MINUTE": 1, "TIME_UNIT_HOUR": HOUR, "TIME_UNIT_DAY": DAY, "TIME_UNIT_WEEK": WEEK}
INFO: Final = SourceInfo(
    id="kimi-code",
    name="Kimi Code",
    kind=Kind.API,
    plan=True,
    provider="moonshot",
    docs="https://www.kimi.com/code/docs/en/",
    key="A key of the Kimi Code console (sk-kimi-…). A key of the Moonshot platform does not work.",
    key_page="https://www.kimi.com/code/console",
    tells="How much of the plan's week and of its shorter windows is used, and when they reset.",
    silent="No tokens and no money: the plan counts in units of its own. What your agents log is counted from their logs.",
    base_url="https://api.kimi.com",
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="Kimi Code",
    refused="Make a new key in the Kimi Code console and enter it under Accounts.",
    scope="Use a key of the Kimi Code console; one of the Moonshot platform does not suffice.",
    missing="This account has no Kimi Code plan.",
    patience=INFO.poll_seconds,
)


def windows(told: Told) -> Iterator[LimitReading]:
    """``usage`` is the plan's week; ``limits`` are its shorter windows with their lengths. Numbers are texts."""
    whole = fields(told.data.get("usage"))
    if whole:
        yield from window(
            told, WEEK, used=whole.get("used"), left=whole.get("remaining"), limit=whole.get("limit"), resets=whole.get("resetTime")
        )
    for one in map(fields, rows(told.data.get("limits"))):
        span, detail = fields(one.get("window")), fields(one.get("detail"))
        count, unit = number(span.get("duration")), UNITS.get(text(span.get("timeUnit")))
        minutes = int(count) * unit if count is not None and unit is not None and 1 <= count < 10_000 else None
        yield from window(
            told, minutes, name="" if minutes else "shorter window", used=detail.get("used"), left=detail.get("remaining"),
            limit=detail.get("limit"), resets=detail.get("resetTime"),
        )  # fmt: skip


fetch, parse, check = account(INFO, WORDS, Call("plan", "/coding/v1/usages", "the plan's windows", windows))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
