"""The windows of a plan as the vendor's own client gets them; asked with a token that is not official."""

from typing import Any

from tests.provider_asking import Asked, Refusal, rfc
from tests.provider_small import guarded

KEY = "sk-ant-oat01-made-up-0001"
SPEC = "subscription-quota.unofficial.openapi.yaml"
SETTINGS = {"claude_flat": False}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/api/oauth/usage")
    asked.known()
    if asked.headers.get("anthropic-beta") != "oauth-2025-04-20":
        raise Refusal(400, "The beta header is missing.")
    now = asked.world.now
    five, week = rfc(now + 7200), rfc(now + 3 * 86_400)
    flat = {
        "five_hour": {"utilization": 37.0, "resets_at": five}, "seven_day": None, "seven_day_opus": None,
        "extra_usage": {"is_enabled": True, "monthly_limit": 5000, "used_credits": 1234, "utilization": 24.7, "currency": "USD"},
    }  # fmt: skip
    if asked.settings["claude_flat"]:
        return {**flat, "seven_day": {"utilization": 12.0, "resets_at": week}, "seven_day_opus": {"utilization": 8.0, "resets_at": week}}
    scope = {"model": {"id": "claude-opus-5-5", "display_name": "Opus"}, "surface": None}
    return {**flat, "limits": [
        {"kind": "session", "group": "session", "percent": 37, "resets_at": five, "scope": None, "is_active": True},
        {"kind": "weekly_all", "group": "weekly", "percent": 12, "resets_at": week, "scope": None, "is_active": False},
        {"kind": "weekly_scoped", "group": "weekly", "percent": 8, "resets_at": week, "scope": scope, "is_active": False},
    ]}  # fmt: skip
