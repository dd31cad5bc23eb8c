"""Credit is below zero, in dollars; months are in cents, by model and pricing type."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, grouped
from tests.provider_small import guarded
from tokenpal.sources.buckets import month_after, month_start

KEY = "deepinfra-made-up-0001"
SAMPLES = {"checklist": "/payment/checklist", "usage-tokens": ""}
SETTINGS = {"deepinfra_limit": 20, "deepinfra_correction": 0, "deepinfra_usage": True}
MODELS, GROUPS = ("deepseek-ai/DeepSeek-V4", "Qwen/Qwen4-32B"), ("",)


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/payment/checklist", *(["/payment/usage/tokens"] if asked.settings["deepinfra_usage"] else []))
    if asked.path == "/payment/checklist":
        asked.known("compute_owed")
        return {
            "stripe_balance": Decimal("-7.5"), "recent": Decimal("3.25"), "limit": asked.settings["deepinfra_limit"], "suspended": False,
            "suspend_reason": None,
        }  # fmt: skip
    asked.known("from", "to")
    now = asked.world.now
    asked_for = asked.one("from")
    at = month_start(now) if asked_for == "current" else int(datetime.strptime(asked_for + "+0000", "%Y.%m%z").timestamp())
    months = []
    while at <= now:
        items = []
        for model, _, use in grouped(asked, "deepinfra", at, min(month_after(at), now + 1), False, True):
            less = asked.settings["deepinfra_correction"] if model == MODELS[0] else 0
            spent = Decimal(use.micros) / 10_000
            for kind, units, cost in (
                ("input_tokens", use.fresh - less, spent / 2), ("output_tokens", use.output, spent / 2), ("cached_input_tokens", use.read, Decimal(0)),
            ):  # fmt: skip
                named = {"provider": model.split("/")[0], "model_name": model}
                items.append({"model": named, "units": units, "rate": Decimal("0.0001"), "cost": cost, "pricing_type": kind})
        total = sum((item["cost"] for item in items), Decimal(0))
        months.append({"period": datetime.fromtimestamp(at, UTC).strftime("%Y.%m"), "items": items, "total_cost": total})
        at = month_after(at)
    return {"months": months}
