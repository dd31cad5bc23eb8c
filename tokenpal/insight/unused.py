"""Windows of a subscription that ended with much of them left. A fact, no advice: nobody has to use them up.

Only windows of a day and longer, only those read in their last fifth, only when each of the last ones ended below half.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

SHORTEST: Final = 1440  # minutes
LEAST_WINDOWS: Final = 2
MOST_WINDOWS: Final = 4
HALF: Final = 50.0  # per cent
JITTER: Final = 3_600  # seconds by which readings of one window may differ about its end


class Ended(msgspec.Struct, frozen=True):
    """A window that is over: when it ended, the highest use that was read, and when it was read last."""

    at: int
    used: float
    read_at: int


def ended(points: Iterable[tuple[int, float, int | None]], minutes: int, now: int) -> tuple[Ended, ...]:
    """Windows that are over, oldest first, from readings (at, used percent, resets at) of one limit."""
    groups: list[list[tuple[int, float, int]]] = []
    for at, used, resets in sorted(((at, used, resets) for at, used, resets in points if resets is not None), key=lambda one: (one[2], one[0])):
        if groups and resets - groups[-1][0][2] <= JITTER:
            groups[-1].append((at, used, resets))
        else:
            groups.append([(at, used, resets)])
    found = (Ended(group[-1][2], max(used for _, used, _ in group), max(at for at, _, _ in group)) for group in groups)
    return tuple(one for one in found if one.at <= now and one.at - one.read_at <= minutes * 60 // 5)


def unused(points: Iterable[tuple[int, float, int | None]], minutes: int, now: int) -> tuple[Ended, ...]:
    """The last windows, oldest first, when all of them ended below half; else none."""
    if minutes < SHORTEST:
        return ()
    last = ended(points, minutes, now)[-MOST_WINDOWS:]
    return last if len(last) >= LEAST_WINDOWS and all(one.used < HALF for one in last) else ()
