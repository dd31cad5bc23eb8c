"""Counts called usage are what remains; errors come with status 200."""

from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "sk-cp-made-up-0001"
SAMPLES = {"remains": "/v1/api/openplatform/coding_plan/remains", "remains-percent": "/v1/api/openplatform/coding_plan/remains"}
SETTINGS = {"minimax_code": 0, "minimax_newer": False}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/v1/token_plan/remains" if asked.settings["minimax_newer"] else "/v1/api/openplatform/coding_plan/remains")
    asked.known()
    code = asked.settings["minimax_code"]
    if code:
        return {"base_resp": {"status_code": code, "status_msg": "told to fail"}}
    start = (asked.world.now - 3600) * 1000
    model = {
        "model_name": "MiniMax-M3", "current_interval_total_count": 1500, "current_interval_usage_count": 1200, "start_time": start,
        "end_time": start + 18_000_000, "remains_time": 14_400_000, "current_weekly_total_count": 15_000, "current_weekly_usage_count": 12_000,
        "weekly_start_time": start, "weekly_end_time": start + 604_800_000,
    }  # fmt: skip
    return {"model_remains": [model], "base_resp": {"status_code": 0, "status_msg": "success"}}
