"""Plan windows and spend limits as they stand now: age, use, near the limit, over."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.usage import LimitReading

NEAR_PERCENT: Final = 85
"""From here "near the limit"; a setting (advanced.near_limit) may say otherwise."""


class LimitState(msgspec.Struct, frozen=True):
    """A reading seen at a moment. ``used_percent`` is None once the window it speaks of is over (``void``)."""

    reading: LimitReading
    age: int  # seconds since it was said
    used_percent: float | None
    void: bool
    near: bool


def limit_state(reading: LimitReading, now: int, near_percent: int = NEAR_PERCENT) -> LimitState:
    """A window that was reset since the reading has an unknown use, not 0: nobody has told it yet."""
    void = reading.resets_at is not None and now >= reading.resets_at
    used = None if void else max(0.0, reading.used_percent)
    return LimitState(reading, max(0, now - reading.at), used, void, used is not None and used >= near_percent)
