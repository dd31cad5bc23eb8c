"""The names that providers give their price tiers, as one word each."""

from __future__ import annotations

from typing import Final

STANDARD: Final = ""
_WORDS: Final = {
    "": STANDARD,
    "standard": STANDARD,
    "default": STANDARD,
    "auto": STANDARD,
    "none": STANDARD,
    "not_available": STANDARD,
    "batch": "batch",
    "batches": "batch",
    "flex": "flex",
    "flex_discount": "flex",
    "priority": "priority",
    "priority_on_demand": "priority",
    "fast": "fast",
}


def tier_name(said: str) -> str:
    """"", "batch", "flex", "priority" or "fast"; anything else stays as it is and has no price."""
    word = said.strip().lower()
    return _WORDS.get(word, word)
