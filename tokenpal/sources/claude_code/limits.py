"""The limit that an API error row tells: the number after the bar is when it resets; nothing else of the text is kept (agent-logs 3.4)."""

from __future__ import annotations

import re
from typing import Final

from tokenpal.model.usage import LimitReading

REACHED: Final = re.compile(rb"limit reached\|(\d{9,11})(?!\d)")
FIVE_HOURS: Final = 300
WEEK: Final = 10_080


def reached(line: bytes, at: int) -> LimitReading | None:
    """The window that was used up at ``at`` (epoch seconds), named by the time left: more than 5 hours is the week's."""
    found = REACHED.search(line)
    if found is None:
        return None
    resets = int(found.group(1))
    left = resets - at
    if not 0 < left <= WEEK * 60:
        return None
    name, minutes = ("5 hours", FIVE_HOURS) if left <= FIVE_HOURS * 60 else ("week", WEEK)
    return LimitReading(name, 100.0, at, resets, minutes)
