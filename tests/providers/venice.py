"""Dollars for one model, DIEM for the other; tokens by type, over the whole range that was asked for."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal, at_of, day_of, dollars, grouped
from tests.provider_data import DAY
from tests.provider_small import guarded

BASE = "/api/v1"
KEY = "venice-made-up-admin"
KEYS = {"inference": "venice-made-up-inference"}
MODELS, GROUPS = ("GLM 6", "Kimi K3"), ("",)
SAMPLES = {"balance": "/api/v1/billing/balance", "usage-analytics": "/api/v1/billing/usage-analytics"}
SETTINGS = {"venice_diem": Decimal("90.5")}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/billing/balance", "/billing/usage-analytics")
    if asked.path == "/billing/balance":
        balances = {"diem": Decimal("90.5"), "usd": 25, "bundledCredits": 10, "earnedCredits": None}
        return {"canConsume": True, "consumptionCurrency": "DIEM", "balances": balances, "diemEpochAllocation": 100}
    asked.known("startDate", "endDate")
    start, end = at_of(asked.one("startDate") + "T00:00:00Z"), at_of(asked.one("endDate") + "T00:00:00Z") + DAY
    if end - start > 90 * DAY:
        raise Refusal(400, "range")
    models = []
    for model, _, use in grouped(asked, "venice", start, end, False, True):
        diem = model == "Kimi K3"
        types = {"Input": use.fresh, "Output": use.output, "Cache Read": use.read}
        models.append({
            "modelName": model, "unitType": "tokens", "modelType": "LLM", "totalUsd": 0 if diem else dollars(use.micros),
            "totalDiem": dollars(use.micros) if diem else 0, "totalUnits": use.total,
            "breakdown": [{"type": kind, "usd": 0, "diem": 0, "units": units} for kind, units in types.items()],
        })  # fmt: skip
    return {"byDate": [{"date": day_of(start), "USD": 0, "DIEM": 0}], "byModel": models, "byModelDaily": [], "byKey": [], "byKeyDaily": []}
