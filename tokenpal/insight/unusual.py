"""A session that burns far more than the person's own sessions with that agent do, and still runs (product 6).

Past use is cut into windows of ten minutes of one session; those without use do not count. Unusual is, in the last ten minutes,
both twice what 95 of 100 windows stay below, and three quartile distances above the third quartile. Robust: single bursts of
the past move neither. Too little history says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

WINDOW: Final = 600  # seconds
PAUSE: Final = 300  # seconds without a request after which a session no longer runs
LOOK_BACK: Final = 3_600  # seconds; a burn is told from at most so far back
LEAST_WINDOWS: Final = 60
LEAST_REQUESTS: Final = 5  # in the window: one large prompt is no loop
LEAST_TOKENS: Final = 20_000  # in the window; whatever the range is, less is not worth a word
TIMES: Final = 2
SPREAD: Final = 3


class OwnRange(msgspec.Struct, frozen=True):
    """Tokens of ten-minute windows with use."""

    windows: int
    median: int
    third: int  # quartile
    high: int  # 95 of 100 windows are not above
    fence: int  # from here on use is unusual


class Spell(msgspec.Struct, frozen=True):
    """Tokens used in the last ``seconds``."""

    tokens: int
    seconds: int


def own_range(windows: Iterable[int]) -> OwnRange | None:
    """None with fewer than ``LEAST_WINDOWS`` windows that had any use."""
    known = sorted(value for value in windows if value > 0)
    if len(known) < LEAST_WINDOWS:
        return None
    first, median, third, high = (quantile(known, part) for part in (25, 50, 75, 95))
    return OwnRange(len(known), median, third, high, max(TIMES * high, third + SPREAD * (third - first), LEAST_TOKENS))


def quantile(ordered: Sequence[int], percent: int) -> int:
    """Linear interpolation between the two neighbours, rounded down."""
    place, rest = divmod((len(ordered) - 1) * percent, 100)
    following = ordered[min(place + 1, len(ordered) - 1)]
    return ordered[place] + (following - ordered[place]) * rest // 100


def spell(uses: Sequence[tuple[int, int]], now: int, usual: OwnRange) -> Spell | None:
    """The unusual burn of a session from its requests (at, tokens), oldest first; None when there is none or it has stopped.

    It reaches back to the first request from which on the use, without a pause, was at that rate on the whole.
    """
    recent = [(at, tokens) for at, tokens in uses if now - LOOK_BACK < at <= now]
    if not recent or now - recent[-1][0] > PAUSE:
        return None
    last = [tokens for at, tokens in recent if at > now - WINDOW]
    if len(last) < LEAST_REQUESTS or sum(last) < usual.fence:
        return None
    found = Spell(sum(last), WINDOW)
    total, later = 0, now
    for at, tokens in reversed(recent):
        if later - at > PAUSE:
            break
        total, later = total + tokens, at
        seconds = now - at
        if seconds > WINDOW and total * WINDOW >= usual.fence * seconds:
            found = Spell(total, seconds)
    return found
