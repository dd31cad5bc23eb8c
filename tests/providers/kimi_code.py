"""Numbers are texts."""

from typing import Any

from tests.provider_asking import Asked, rfc
from tests.provider_small import guarded

KEY = "sk-kimi-made-up-0001"
SAMPLES = {"usages": "/coding/v1/usages"}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/coding/v1/usages")
    asked.known()
    short = {"limit": "200", "used": "40", "remaining": "160", "resetTime": rfc(asked.world.now + 7200)}
    return {
        "usage": {"limit": "2048", "used": "512", "remaining": "1536", "resetTime": rfc(asked.world.now + 259_200)},
        "limits": [{"window": {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"}, "detail": short}],
    }  # fmt: skip
