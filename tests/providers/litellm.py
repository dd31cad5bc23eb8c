"""Its answers are in tests/provider_gateways.py."""

from tests.provider_asking import KEYS as ALL
from tests.provider_gateways import litellm as answer

BASE = ""
KEY = ALL["litellm"]
KEYS = {name.removeprefix("litellm "): key for name, key in ALL.items() if name.startswith("litellm ")}
SPEC = "litellm-usage.openapi.yaml"

__all__ = ["BASE", "KEY", "KEYS", "SPEC", "answer"]
