"""Windows of a plan. A team plan is told only with its headers, and errors come with status 200."""

from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "zai-made-up-0001"
SAMPLES = {"quota-limit": "/api/monitor/usage/quota/limit"}
SETTINGS = {"zai_code": 200, "zai_team": False}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/api/monitor/usage/quota/limit")
    asked.known("type")
    if asked.settings["zai_code"] != 200:
        return {"code": asked.settings["zai_code"], "msg": "told to fail", "success": False}
    named = asked.headers.get("bigmodel-organization") == "org-1" and asked.headers.get("bigmodel-project") == "proj-1" and asked.one("type", "") == "2"
    soon = asked.world.now * 1000
    limits = [
        {"type": "TOKENS_LIMIT", "unit": 3, "number": 5, "percentage": 27, "nextResetTime": soon + 3_600_000},
        {"type": "TOKENS_LIMIT", "unit": 6, "number": 1, "percentage": 8, "nextResetTime": soon + 86_400_000},
        {
            "type": "TIME_LIMIT", "unit": 5, "number": 1, "usage": 1000, "currentValue": 40, "remaining": 960, "percentage": 4,
            "nextResetTime": soon + 864_000_000,
        },
    ]  # fmt: skip
    return {"code": 200, "msg": "Operation successful", "success": True, "data": {"limits": limits if named or not asked.settings["zai_team"] else []}}
