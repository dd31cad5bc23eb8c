"""xAI's management API: a balance with its sign turned around, and days in dollars (provider-apis 8.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal, buckets, grouped, rfc
from tests.provider_data import DAY

KEY = "xai-token-made-up-0001"
OPTIONS = {"team_id": "team_1"}
MODELS, GROUPS = ("grok-5", "grok-5-mini"), ("key_1", "key_2")
SETTINGS = {"xai_balance": "-1000", "xai_keys": True, "xai_points": None}
SAMPLES = {"balance": "/v1/billing/teams/team_1/prepaid/balance", "usage": "/v1/billing/teams/team_1/usage"}


def answer(asked: Asked) -> Any:
    if asked.bearer() != KEY:
        raise Refusal(403, "this key is no management key") if asked.bearer().startswith("xai-") else Refusal(401, "Unauthorized")
    if not asked.path.startswith("/v1/billing/teams/team_1/"):
        raise Refusal(404, "team not found")
    if asked.path.endswith("/prepaid/balance") and asked.method == "GET":
        return {"total": {"val": asked.settings["xai_balance"]}}
    if not asked.path.endswith("/usage") or asked.method != "POST":
        raise Refusal(404, "not found")
    question = asked.body["analyticsRequest"]
    by = question["groupBy"]
    if question["timeUnit"] != "TIME_UNIT_DAY" or (len(by) > 1 and not asked.settings["xai_keys"]):
        raise Refusal(400, "groupBy")
    start, end = (int(datetime.fromisoformat(question["timeRange"][name]).replace(tzinfo=UTC).timestamp()) for name in ("startTime", "endTime"))
    series: dict[tuple[str, ...], list[Any]] = {}
    for at in buckets(start, end, DAY, asked.world):
        for model, key, use in grouped(asked, "xai", at, at + DAY, "api_key_id" in by, True):
            for kind, micros in (("input tokens", use.micros - 7 * use.output), ("output tokens", 7 * use.output)):
                values = [Decimal(micros).scaleb(-6)]
                series.setdefault((f"{model} {kind}", *([key] if len(by) > 1 else [])), []).append({"timestamp": rfc(at), "values": values})
    most = asked.settings["xai_points"]
    cut = most is not None and sum(map(len, series.values())) > most
    return {
        "timeSeries": [{"group": list(group), "groupLabels": list(group), "dataPoints": points[: 1 if cut else None]} for group, points in series.items()],
        "limitReached": cut,
    }


def error(status: int, said: str) -> Any:
    return {"code": "made up", "error": said}
