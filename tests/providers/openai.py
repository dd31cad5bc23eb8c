"""Its answers are in tests/provider_answers.py."""

from tests.provider_answers import openai as answer
from tests.provider_asking import KEYS as ALL

BASE = "/v1"
KEY = ALL["openai"]
KEYS = {name.removeprefix("openai "): key for name, key in ALL.items() if name.startswith("openai ")}
SPEC = "openai-usage-costs.openapi.yaml"

__all__ = ["BASE", "KEY", "KEYS", "SPEC", "answer"]
