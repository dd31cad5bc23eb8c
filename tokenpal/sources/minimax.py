"""MiniMax: the windows of its coding (token) plan, by model, with the plan's key (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Call, State, Told, account, region
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, number, rows, text
from tokenpal.sources.plans import HOUR, WEEK, length, moment, window

PLACES: Final = {"world": "https://api.minimax.io", "china": "https://api.minimaxi.com"}
STATUS: Final = {1002: 429, 1004: 401, 1008: 402, 2049: 401}
INFO: Final = SourceInfo(
    id="minimax",
    name="MiniMax (coding plan)",
    kind=Kind.API,
    plan=True,
    provider="minimax",
    docs="https://platform.minimax.io/docs/coding-plan/intro",
    key="The key of your coding plan (sk-cp-…). A key that is paid by use (sk-api-…) does not work.",
    key_page="https://platform.minimax.io/user-center/payment/coding-plan",
    tells="How much of the plan's 5-hour and weekly windows is used for each model, and when they reset.",
    silent="No tokens and no money: MiniMax counts its plan in requests of its own kind. What your agents log is counted from their logs.",
    base_url=PLACES["world"],
    poll_seconds=300,
    options=(region(("world", "minimax.io"), ("china", "minimaxi.com")),),
)
WORDS: Final = Words(
    provider="MiniMax",
    refused="Use the plan's own key (sk-cp-…), and look at the site of this account: minimax.io or minimaxi.com.",
    scope="Use the key of the coding plan (sk-cp-…).",
    missing="This key has no coding plan.",
    patience=INFO.poll_seconds,
)


def refusal(data: Any) -> int:
    """``base_resp`` is at the top or under ``data``; a status code other than 0 is an error."""
    said = fields(data.get("base_resp")) or fields(fields(data.get("data")).get("base_resp"))
    code = number(said.get("status_code"))
    return 0 if not code else STATUS.get(int(code), 400) if code.copy_abs() < 10**9 else 400


def windows(told: Told) -> Iterator[LimitReading]:
    """``*_usage_count`` is what REMAINS, despite its name, and so is ``*_remaining_percent``; with percents both counts are 0."""
    for one in map(fields, rows(told.data.get("model_remains") or fields(told.data.get("data")).get("model_remains"))):
        model = text(one.get("model_name")).strip() or "all models"
        start, end = moment(one.get("start_time")), moment(one.get("end_time"))
        minutes = (end - start) // 60 if start is not None and end is not None and 0 < end - start < 366 * 86_400 else 5 * HOUR
        for name, span, resets in (("interval", minutes, one.get("end_time")), ("weekly", WEEK, one.get("weekly_end_time"))):
            left = number(one.get(f"current_{name}_remaining_percent"))
            total = number(one.get(f"current_{name}_total_count"))
            if left is None and not total:
                continue  # this plan has no such window
            usable = left is not None and left.copy_abs() <= Decimal(10) ** 6
            yield from window(
                told, span, name=f"{length(span)}, {model}", percent=100 - left if usable and left is not None else None,
                left=one.get(f"current_{name}_usage_count"), limit=total, resets=resets,
            )  # fmt: skip


PLAN: Final = Call(
    "plan", "/v1/api/openplatform/coding_plan/remains", "the plan's windows", windows, instead="/v1/token_plan/remains"
)
fetch, parse, check = account(INFO, WORDS, PLAN, refusal=refusal, places=PLACES)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
