"""Three windows, or a workspace without a plan."""

from typing import Any

from tests.provider_asking import Asked, Refusal, rfc
from tests.provider_small import guarded

KEY = "opencode-made-up-0001"
SAMPLES = {"usage": "/zen/go/v1/usage"}
SETTINGS = {"go_plan": True}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/zen/go/v1/usage")
    asked.known()
    if not asked.settings["go_plan"]:
        raise Refusal(403, "EntitlementError")
    spans = (("rolling", 12, 3600), ("weekly", 34, 86_400), ("monthly", 56, 864_000))
    return {"usage": {name: {"percent": percent, "resetsAt": rfc(asked.world.now + left)} for name, percent, left in spans}}
