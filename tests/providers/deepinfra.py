"""Credit is below zero."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "deepinfra-made-up-0001"
SAMPLES = {"checklist": "/payment/checklist"}
SETTINGS = {"deepinfra_limit": 20}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/payment/checklist")
    asked.known("compute_owed")
    return {
        "stripe_balance": Decimal("-7.5"), "recent": Decimal("3.25"), "limit": asked.settings["deepinfra_limit"], "suspended": False, "suspend_reason": None,
    }  # fmt: skip
