"""Caps in dollars of covered use; or a custom plan without a month; or no plan."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, rfc
from tests.provider_small import guarded

KEY = "cpk_made-up-0001"
SAMPLES = {"subscription-usage": "/users/me/subscription_usage"}
SETTINGS = {"chutes_plan": "plus"}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/users/me/subscription_usage")
    asked.known()
    plan = asked.settings["chutes_plan"]
    if plan is None:
        return {"subscription": False}
    now = asked.world.now
    month = {"usage": 40, "cap": 100, "remaining": 60, "reset_at": rfc(now + 864_000)}
    return {
        "subscription": True, "custom": plan == "custom", "monthly_price": 20,
        "four_hour": {"usage": Decimal("1.5"), "cap": 6, "remaining": Decimal("4.5"), "reset_at": rfc(now + 3600)},
        "monthly": {"uncapped": True} if plan == "custom" else month,
    }  # fmt: skip
