"""The use of one key by day and model; reasoning is part of the output."""

from typing import Any

from tests.provider_asking import Asked, Refusal, at_of, buckets, day_of, dollars, grouped, rfc
from tests.provider_data import DAY

KEY = "nano-made-up-0001"
SPEC = "small-providers.transcribed.openapi.yaml"
BESIDE = ("/api/check-balance",)
MODELS, GROUPS = ("GPT-6", "Claude Sonnet 5"), ("",)
SETTINGS = {"nano_missing": (), "nano_balance": True}


def answer(asked: Asked) -> Any:
    if KEY not in {asked.bearer(), asked.headers.get("x-api-key")}:
        raise Refusal(401, "Invalid API key")
    if asked.path == "/api/check-balance" and asked.method == "POST" and asked.settings["nano_balance"]:
        return {"usd_balance": "5.80", "nano_balance": "0"}
    if asked.path != "/api/v1/usage":
        raise Refusal(404, "Not found")
    asked.known("from", "to", "groupBy")
    first, last = asked.one("from"), asked.one("to")
    rows = []
    for at in buckets(at_of(first + "T00:00:00Z"), at_of(last + "T00:00:00Z") + DAY, DAY, asked.world):
        for model, _, use in grouped(asked, "nanogpt", at, at + DAY, False, True):
            rows.append({
                "date": day_of(at), "model": model, "requests": use.requests, "costUsd": dollars(use.micros + 1000), "refundedUsd": dollars(1000),
                "netCostUsd": dollars(use.micros), "inputTokens": use.prompt, "outputTokens": use.output, "reasoningTokens": use.output // 3,
                "totalTokens": use.total,
            })  # fmt: skip
    missing = [day for day in asked.settings["nano_missing"] if first <= day <= last]
    return {
        "apiKey": {"id": 123}, "from": first, "to": last, "groupBy": asked.one("groupBy"), "asOf": rfc(asked.world.now),
        "source": {"rollupDays": [first], "liveDays": [last], "missingRollupDays": missing}, "totals": {"requests": len(rows)}, "byDay": [],
        "byModel": [], "byDayModel": [row for row in rows if row["date"] not in missing],
    }  # fmt: skip
