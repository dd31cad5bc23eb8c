"""The coin that makes every answer deniable (sharing-protocol 5.4): randomised response with exact odds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tokenpal.share.protocol.policy import MOST_ODDS

ODDS: Final = MOST_ODDS
"""The coin of this version; no policy may ask for one that keeps more of the truth."""

Random = Callable[[int], int]
"""``random(n)``: a whole number from 0 to n-1, all equally likely; ``secrets.randbelow`` outside of tests."""


def toss(true: int, k: int, random: Random, odds: int = ODDS) -> int:
    """The answer to send, of 0 .. k-1: ``true`` in ``odds`` of ``odds + k - 1`` cases, each other answer in one.

    One draw decides both whether and what, in whole numbers: there is no rounding. Raises ValueError for an answer that
    does not exist.
    """
    if not 0 <= true < k or odds < 1:
        message = "there is no such answer"
        raise ValueError(message)
    drawn = random(odds + k - 1)
    if drawn < odds:
        return true
    other = drawn - odds
    return other if other < true else other + 1
