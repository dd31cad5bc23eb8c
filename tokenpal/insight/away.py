"""Breaks while a timer runs: found from looks at the clock and at how long nobody has touched the machine. Pure.

A look comes once a minute. A gap between two looks is sleep of the machine, and counts as a break like any other.
"""

from __future__ import annotations

from typing import Final

import msgspec

GAP: Final = 150  # seconds between two looks that are more than a late timer


class Break(msgspec.Struct, frozen=True):
    """Nobody was there in [start, end), epoch seconds."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        return self.end - self.start


class Watch(msgspec.Struct, frozen=True):
    """What is known between two looks; ``gone``: nobody has been there since (epoch seconds), None = somebody is."""

    last: int | None = None
    gone: int | None = None


def look(watch: Watch, now: int, idle: float | None, enough: int) -> tuple[Watch, Break | None]:
    """The next state, and the break that is over if it lasted ``enough`` seconds. ``idle`` None = only sleep can be told."""
    still = max(0, int(idle)) if idle is not None else 0
    gone = watch.gone
    if watch.last is not None and now - watch.last >= GAP and gone is None:
        gone = watch.last  # the machine slept; whoever wakes it was not there
    if still >= enough:
        return Watch(now, min(now - still, gone) if gone is not None else now - still), None
    if gone is None:
        return Watch(now), None
    back = max(gone, now - still)
    return Watch(now), (Break(gone, back) if back - gone >= enough else None)
