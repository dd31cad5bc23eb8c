"""Cursor's Admin API: events of one member, a page at a time (provider-apis 8.8)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal
from tests.provider_data import HOUR, NOTHING, groups, use_in_hour

KEY = "crsr_made_up_0001"
OPTIONS = {"email": "me@example.com"}
SPEC = "cursor-admin.transcribed.openapi.yaml"
MODELS, GROUPS = ("claude-sonnet-5", "gpt-6-mini"), ("me@example.com",)
SETTINGS = {"cursor_page": None, "cursor_others": False, "cursor_many": 1}


def answer(asked: Asked) -> Any:
    if asked.user() != KEY:
        raise Refusal(401, "Invalid API key")
    if asked.path != "/teams/filtered-usage-events" or asked.method != "POST":
        raise Refusal(404, "Not found")
    if set(asked.body) - {"startDate", "endDate", "userId", "email", "page", "pageSize"}:
        raise Refusal(400, "unknown field")
    size = asked.settings["cursor_page"] or asked.body.get("pageSize", 10)
    page = asked.body.get("page", 1)
    events = [] if asked.body.get("email") not in {None, *GROUPS} else list(of_member(asked, asked.body["startDate"], asked.body["endDate"]))
    pages = max(1, -(-len(events) // size))
    return {
        "totalUsageEventsCount": len(events),
        "pagination": {"numPages": pages, "currentPage": page, "pageSize": size, "hasNextPage": page < pages, "hasPreviousPage": page > 1},
        "usageEvents": events[(page - 1) * size : page * size],
        "period": {"startDate": asked.body["startDate"], "endDate": asked.body["endDate"]},
    }


def of_member(asked: Asked, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Newest first; the use of an hour is one event, twelve minutes in."""
    for hour in reversed(range(start // 1000 // HOUR * HOUR, end // 1000 + 1, HOUR)):
        at = (hour + 720) * 1000 + 345
        if not start <= at <= min(end, asked.world.now * 1000):
            continue
        for model, key in groups("cursor"):
            use = use_in_hour(asked.world, "cursor", hour, model, key)
            if use == NOTHING:
                continue
            cents = Decimal(use.micros).scaleb(-4)
            mine = event(at, model, use.requests % 3 > 0, cents)
            tokens = {"inputTokens": use.fresh, "outputTokens": use.output, "cacheWriteTokens": 0, "cacheReadTokens": use.read, "totalCents": cents}
            yield from [{**mine, "tokenUsage": tokens}] * asked.settings["cursor_many"]
            if use.requests % 5 == 0:  # one that is counted by the piece
                yield {**mine, "isTokenBasedCall": False, "isChargeable": False, "chargedCents": 0}
            if asked.settings["cursor_others"]:
                yield {**mine, "tokenUsage": tokens, "userEmail": "colleague@example.com"}


def event(at: int, model: str, chargeable: bool, cents: Decimal) -> dict[str, Any]:
    return {
        "timestamp": str(at), "model": model, "kind": "Usage-based" if chargeable else "Included in Business", "maxMode": False, "requestsCosts": 1.5,
        "isTokenBasedCall": True, "isChargeable": chargeable, "isHeadless": False, "chargedCents": cents, "cursorTokenFee": 0,
        "isFreeBugbot": False, "userEmail": "me@example.com",
    }  # fmt: skip


def error(status: int, said: str) -> Any:
    return {"error": "Unauthorized" if status == 401 else "Error", "message": said}
