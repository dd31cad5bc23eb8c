"""Its answers are in tests/provider_gateways.py."""

from tests.provider_asking import KEYS as ALL
from tests.provider_gateways import openrouter as answer

BASE = "/api/v1"
KEY = ALL["openrouter"]
KEYS = {name.removeprefix("openrouter "): key for name, key in ALL.items() if name.startswith("openrouter ")}
SPEC = "openrouter-usage.openapi.yaml"

__all__ = ["BASE", "KEY", "KEYS", "SPEC", "answer"]
