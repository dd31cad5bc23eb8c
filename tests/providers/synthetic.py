"""Windows that fill up again bit by bit."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, rfc
from tests.provider_small import guarded

KEY = "syn_made-up-0001"
SAMPLES = {"quotas": "/v2/quotas", "quotas-short": ""}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/v2/quotas")
    asked.known()
    soon = rfc(asked.world.now + 600)
    return {
        "search": {"hourly": {"limit": 250, "requests": 5, "renewsAt": rfc(asked.world.now + 1800)}},
        "rollingFiveHourLimit": {"max": 500, "remaining": 400, "limited": False, "nextTickAt": soon, "tickPercent": Decimal("0.05")},
        "weeklyTokenLimit": {"percentRemaining": 75, "maxCredits": "$24.00", "remainingCredits": "$18.00", "nextRegenAt": soon},
    }  # fmt: skip
