"""Long sessions without a label: those with more tokens than nine in ten of the person's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tokenpal.insight.unusual import quantile

LEAST_SESSIONS: Final = 20
PERCENT: Final = 90


class Long(msgspec.Struct, frozen=True):
    """``sessions`` are (key, tokens), the largest first; ``above`` is what nine in ten sessions stay at or below."""

    above: int
    of: int  # sessions that it rests on
    sessions: tuple[tuple[str, int], ...]


def long_unlabelled(own: Sequence[int], waiting: Iterable[tuple[str, int]]) -> Long | None:
    """From the tokens of the person's sessions, and (key, tokens) of those without a label; None when there are too few or none is long."""
    known = sorted(tokens for tokens in own if tokens > 0)
    if len(known) < LEAST_SESSIONS:
        return None
    above = quantile(known, PERCENT)
    found = sorted(((key, tokens) for key, tokens in waiting if tokens > above), key=lambda one: (-one[1], one[0]))
    return Long(above, len(known), tuple(found)) if found else None
