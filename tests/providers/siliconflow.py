"""The document's example."""

from typing import Any

from tests.provider_asking import Asked
from tests.provider_small import guarded

KEY = "sk-made-up-siliconflow"
SPEC = "small-providers.transcribed.openapi.yaml"
SETTINGS = {"siliconflow_code": 20000}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/v1/user/info")
    asked.known()
    code = asked.settings["siliconflow_code"]
    if code != 20000:
        return {"code": code, "message": "told to fail", "status": False, "data": None}
    data = {"id": "", "balance": "0.88", "chargeBalance": "88.00", "totalBalance": "88.88", "status": "normal"}
    return {"code": code, "message": "OK", "status": True, "data": data}
