"""Cash below zero: what is available is the voucher alone."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "sk-made-up-moonshot"
SPEC = "small-providers.transcribed.openapi.yaml"
SETTINGS = {"moonshot_code": 0}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/v1/users/me/balance")
    asked.known()
    code = asked.settings["moonshot_code"]
    if code:
        return {"code": code, "error": "told to fail", "scode": "0x5", "status": False}
    left = {"available_balance": Decimal("46.58893"), "voucher_balance": Decimal("46.58893"), "cash_balance": Decimal("-3.00001")}
    return {"code": 0, "data": left, "scode": "0x0", "status": True}
