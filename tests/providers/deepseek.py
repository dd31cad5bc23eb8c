"""The document's example, with a second currency."""

from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "sk-made-up-deepseek"
SPEC = "small-providers.transcribed.openapi.yaml"


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/user/balance")
    asked.known()
    return {"is_available": True, "balance_infos": [
        {"currency": "USD", "total_balance": "12.34", "granted_balance": "2.00", "topped_up_balance": "10.34"},
        {"currency": "CNY", "total_balance": "70.00", "granted_balance": "0.00", "topped_up_balance": "70.00"},
    ]}  # fmt: skip
