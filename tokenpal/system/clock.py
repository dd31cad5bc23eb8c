"""The wall clock, and how to notice that the machine slept or that somebody set the clock.

Timers stand still while a laptop sleeps (borgbase/vorta#1214), so schedules compare wall-clock times. Between two looks
the wall clock must have moved as far as the monotonic clock did: a difference is sleep, or a clock that was set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

JUMP_SECONDS: Final = 30.0
"""Smaller differences are a slewing clock or a busy machine."""


def now() -> int:
    """Epoch seconds."""
    return int(time.time())


class GapWatch:
    """``look()`` says how many seconds the wall clock jumped since the last look: sleep > 0, set back < 0, else 0."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()

    def look(self) -> float:
        offset = self._wall() - self._steady()
        jump = offset - self._offset
        if abs(jump) < JUMP_SECONDS:
            # A clock that is slewed for hours must not add up to a jump.
            self._offset = offset
            return 0.0
        self._offset = offset
        return jump
