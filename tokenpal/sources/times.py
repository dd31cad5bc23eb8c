"""Times as agents write them (agent-logs 2.5), as epoch milliseconds, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from tokenpal.model.ranges import EARLIEST, LATEST

FIRST: Final = EARLIEST * 1000
END: Final = LATEST * 1000


def millis(value: Any) -> int | None:
    """ISO 8601 with ``Z``, with an offset or without zone (= UTC), or a number whose scale its size tells; else None.

    Only times between ``ranges.EARLIEST`` and ``LATEST`` are times.
    """
    if type(value) is str:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            at = round(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            return _text(value)
        return at if FIRST <= at < END else None
    if type(value) is int or type(value) is float:
        return _number(value)
    if isinstance(value, list) and len(value) == 2 and type(value[0]) is int and type(value[1]) is int:
        if 0 < value[0] < 1e20 and 0 <= value[1] < 1e12:  # seconds and nanoseconds, as OpenTelemetry's JavaScript writes them
            return _number(value[0] + value[1] / 1e9)
    return None


def _text(text: str) -> int | None:
    """A number written as text, or a time with spaces around it."""
    try:
        return _number(float(text))
    except ValueError:
        return millis(text.strip()) if text != text.strip() else None


def _number(number: float) -> int | None:
    if not 0 < number < 1e20:
        return None
    if number > 1e17:
        at = number / 1e6
    elif number > 1e14:
        at = number / 1e3
    elif number > 1e11:
        at = number
    else:
        at = number * 1000
    return int(at) if FIRST <= at < END else None


def file_millis(mtime_ns: int) -> int:
    """When a file was changed, for rows that have no time; the nearest possible time when that is none."""
    return max(FIRST, min(mtime_ns // 1_000_000, END - 1))
