"""Everything in 1/10 000 dollar: the balance of the document, and a bill a day and model."""

from typing import Any

from tests.provider_asking import Asked, buckets, grouped
from tests.provider_data import DAY
from tests.provider_small import guarded

KEY = "sk_made-up-novita"
SPEC = "small-providers.transcribed.openapi.yaml"
BESIDE = ("/openapi/v1/billing/bill/list",)  # described in the document without a specification
MODELS, GROUPS = ("deepseek/deepseek-v4", "qwen/qwen4-coder"), ("",)


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/openapi/v1/billing/balance/detail", *BESIDE)
    if asked.path not in BESIDE:
        asked.known()
        return {
            "availableBalance": "1000000", "cashBalance": "800000", "creditLimit": "200000", "pendingCharges": "0", "outstandingInvoices": "0",
        }  # fmt: skip
    asked.known("cycleType", "productCategory", "startTime", "endTime")
    assert (asked.one("cycleType"), asked.one("productCategory")) == ("Day", "llm")
    bills = []
    for at in buckets(int(asked.one("startTime")), int(asked.one("endTime")), DAY, asked.world):
        for model, _, use in grouped(asked, "novita", at, at + DAY, False, True):
            amount = str(use.micros // 100)
            bills.append({
                "startTime": str(at), "endTime": str(at + DAY), "productName": model, "category": "llm", "billNum0": str(use.prompt),
                "billNum1": str(use.output), "amount": amount, "payAmount": amount,
            })  # fmt: skip
    return {"bills": bills}
