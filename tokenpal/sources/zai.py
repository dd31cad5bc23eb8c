"""Z.ai (GLM Coding Plan): its plan windows, with the plan's key (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account, region
from tokenpal.sources.base import Context, Kind, Option, SourceInfo
from tokenpal.sources.http import Words, bearer
from tokenpal.sources.numbers import fields, number, rows, text
from tokenpal.sources.plans import DAY, HOUR, WEEK, length, window
from tokenpal.system.net import Params

PLACES: Final = {"world": "https://api.z.ai", "china": "https://open.bigmodel.cn"}
UNITS: Final = {1: DAY, 3: HOUR, 5: 1, 6: WEEK}
REFUSED: Final = frozenset({401, 1000, 1001, 1002, 1003, 1004})
INFO: Final = SourceInfo(
    id="zai",
    name="Z.ai (GLM Coding Plan)",
    kind=Kind.API,
    plan=True,
    provider="zai",
    docs="https://docs.z.ai/devpack/overview",
    key="The API key of your coding plan. There are no keys with fewer rights: make one for tokenpal alone.",
    key_page="https://z.ai/manage-apikey/apikey-list",
    tells="How much of the plan's 5-hour and weekly windows is used, and when they reset.",
    silent="No tokens and no money: the report of daily tokens does not tell input from output. What your agents log is counted from their logs.",
    base_url=PLACES["world"],
    poll_seconds=300,
    options=(
        region(("world", "z.ai"), ("china", "bigmodel.cn")),
        Option("organization", "Organisation", "Only for a team plan: the id of the organisation, from the console.", example="org-…"),
        Option("project", "Project", "Only for a team plan: the id of the project, from the console.", example="proj-…"),
    ),
)
WORDS: Final = Words(
    provider="Z.ai",
    refused="Look at the site of this account: a key of bigmodel.cn does not work at z.ai. Else make a new key.",
    scope="Use the key of the account that holds the plan.",
    missing="This key has no coding plan. A team plan needs its organisation and project as well: change them under Accounts.",
    patience=INFO.poll_seconds,
)


def headers(context: Context) -> Mapping[str, str]:
    """A team plan is named in headers; without them its limits are silently empty."""
    said = {"Bigmodel-Organization": context.options.get("organization", ""), "Bigmodel-Project": context.options.get("project", "")}
    return {**bearer(context), **{name: value for name, value in said.items() if value}}


def kind_of_plan(context: Context) -> Params:
    return (("type", "2"),) if context.options.get("organization") or context.options.get("project") else ()


def refusal(data: Any) -> int:
    """Errors come with status 200; an answer without limits is a key without a plan."""
    code = number(data.get("code"))
    if code in REFUSED:
        return 401
    if data.get("success") is False or (code is not None and code != 200):
        return 400
    return 0 if rows(fields(data.get("data")).get("limits")) else 404


def windows(told: Told) -> Iterator[LimitReading]:
    """``percentage`` is used. TIME_LIMIT counts tool calls, and its unit is not its length."""
    for one in map(fields, rows(fields(told.data.get("data")).get("limits"))):
        kind, unit, count = text(one.get("type")), number(one.get("unit")), number(one.get("number"))
        tools = kind == "TIME_LIMIT"
        known = unit is not None and count is not None and 0 < count < 1000 and unit in UNITS
        minutes = UNITS[int(unit)] * int(count) if known and unit is not None and count is not None and not tools else None
        name = "tool calls" if tools else length(minutes) if minutes else "plan"
        yield from window(
            told, minutes, name=f"{name}, credits" if kind == "CREDIT_LIMIT" else name, percent=one.get("percentage"),
            used=one.get("currentValue"), left=one.get("remaining"), limit=one.get("usage"), resets=one.get("nextResetTime"),
        )  # fmt: skip


fetch, parse, check = account(
    INFO, WORDS, Call("plan", "/api/monitor/usage/quota/limit", "the plan's windows", windows),
    refusal=refusal, places=PLACES, headers=headers, query=kind_of_plan,
)  # fmt: skip
__all__ = ["INFO", "State", "check", "fetch", "parse"]
