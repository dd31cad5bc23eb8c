"""Fireworks' metered usage and billing summary of one account (provider-apis 8.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.provider_asking import Asked, Refusal, at_of, buckets, grouped, rfc
from tests.provider_data import DAY, NOTHING, Use

KEY = "fw_made_up_0001"
SPEC = "fireworks-billing.transcribed.openapi.yaml"
MODELS, GROUPS = ("accounts/fireworks/models/kimi-k3", "accounts/fireworks/models/qwen4"), ("key_1", "key_2")
SETTINGS = {"fireworks_accounts": ("me-1a2b",), "fireworks_member": False, "fireworks_terse": False}


def answer(asked: Asked) -> Any:
    if asked.bearer() != KEY:
        raise Refusal(401, "unauthorized")
    if asked.path == "/v1/accounts":
        return {"accounts": [{"name": f"accounts/{name}", "displayName": name} for name in asked.settings["fireworks_accounts"]], "nextPageToken": ""}
    account, _, report = asked.path.removeprefix("/v1/accounts/").partition("/")
    if account not in asked.settings["fireworks_accounts"]:
        raise Refusal(404, "account not found")
    start, end = at_of(asked.one("startTime")), at_of(asked.one("endTime"))
    start, end = start - start % DAY, end - end % DAY
    if report == "billing/summary":
        asked.known("startTime", "endTime", "granularity")
        if asked.settings["fireworks_member"]:
            raise Refusal(403, "permission denied")
        days = {at: list(line_items(asked, at, at + DAY)) for at in buckets(start, end, DAY, asked.world)}
        return {
            "lineItems": [item for items in days.values() for item in items],
            "usageBuckets": [{"bucketStartTime": rfc(at), "lineItems": items} for at, items in days.items()],
        }
    if report == "billingUsage":
        asked.known("startTime", "endTime", "usageType", "timezone", "groupBy")
        if end - start > 31 * DAY:
            raise Refusal(400, "range too long")
        by = asked.many("groupBy")
        rows = [
            {"modelName": model, "promptTokens": str(use.fresh + use.read), "completionTokens": str(use.output), "startTime": rfc(start), "endTime": rfc(end),
             "usageType": "TEXT_COMPLETION_INFERENCE_USAGE", "apiKeyId": key}
            for model, key, use in grouped(asked, "fireworks", start, end, "api_key_id" in by, "model_name" in by)
        ]  # fmt: skip
        return {} if asked.settings["fireworks_terse"] and not rows else {"serverlessCosts": rows, "dedicatedCosts": []}
    raise Refusal(404, "not found")


def line_items(asked: Asked, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Prompt tokens cost a millionth of a dollar, those of the answer seven."""
    total = sum((use for _, _, use in grouped(asked, "fireworks", start, end, False, False)), NOTHING)
    for category, count, micros in (("LLM input tokens", total.fresh + total.read, total.fresh + total.read), ("LLM output tokens", total.output, 7 * total.output)):
        if count:
            yield {
                "category": category, "groupingKey": "model_bucket", "groupingValue": "MoE 56B+", "quantity": count, "series": "SERVERLESS",
                "totalCost": money(micros), "unitAmount": {"currencyCode": "USD", "units": "0", "nanos": 1000},
            }  # fmt: skip


def money(micros: int) -> dict[str, Any]:
    """What is zero is left out."""
    units, rest = divmod(micros, 10**6)
    return {"currencyCode": "USD", **({"units": str(units)} if units else {}), **({"nanos": rest * 1000} if rest else {})}


def cost(use: Use) -> int:
    """In millionths of a dollar."""
    return use.fresh + use.read + 7 * use.output


def error(status: int, said: str) -> Any:
    return {"code": {401: 16, 403: 7, 404: 5}.get(status, 2), "message": said}
