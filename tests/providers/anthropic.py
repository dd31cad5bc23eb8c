"""Its answers are in tests/provider_answers.py."""

from tests.provider_answers import anthropic as answer
from tests.provider_asking import KEYS as ALL

BASE = ""
KEY = ALL["anthropic"]
KEYS = {name.removeprefix("anthropic "): key for name, key in ALL.items() if name.startswith("anthropic ")}
SPEC = "anthropic-usage-cost.transcribed.openapi.yaml"

__all__ = ["BASE", "KEY", "KEYS", "SPEC", "answer"]
