"""The windows of a plan as the vendor's own client gets them; the weekly one may sit in either slot."""

from typing import Any

from tests.provider_asking import Asked, Refusal
from tests.provider_small import guarded

KEY = "chatgpt-made-up-0001"
OPTIONS = {"account_id": "0c1d2e3f-made-up"}
SPEC = "subscription-quota.unofficial.openapi.yaml"


def window(now: int, used: int, seconds: int, left: int) -> Any:
    return {"used_percent": used, "limit_window_seconds": seconds, "reset_after_seconds": left, "reset_at": now + left}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/backend-api/wham/usage")
    asked.known()
    if asked.headers.get("chatgpt-account-id") != OPTIONS["account_id"]:
        raise Refusal(403, "Another account.")
    now = asked.world.now
    review = {"allowed": True, "limit_reached": False, "primary_window": window(now, 3, 604_800, 266_153), "secondary_window": None}
    return {
        "plan_type": "plus",
        "rate_limit": {
            "allowed": True, "limit_reached": False, "primary_window": window(now, 15, 18_000, 9243), "secondary_window": window(now, 5, 604_800, 266_153),
        },
        "credits": {"has_credits": True, "unlimited": False, "balance": "12.50"},
        "additional_rate_limits": [{"limit_name": "Code review", "metered_feature": "code_review", "rate_limit": review}],
        "spend_control": {"individual_limit": {"limit": "100", "used": "20", "remaining": "80", "used_percent": 20, "remaining_percent": 80,
                                               "reset_after_seconds": 86_400, "reset_at": now + 86_400}},
    }  # fmt: skip
