"""Times as agents write them (agent-logs 2.5), as epoch milliseconds, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

LATEST: Final = 253_402_300_800_000  # the year 10000: anything later is not a time


def millis(value: Any) -> int | None:
    """ISO 8601 with ``Z``, with an offset or without zone (= UTC), or a number whose scale its size tells; else None."""
    if type(value) is str:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return round(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            return _text(value)
    if type(value) is int or type(value) is float:
        return _number(value)
    if isinstance(value, list) and len(value) == 2 and type(value[0]) is int and type(value[1]) is int:
        return _number(value[0] + value[1] / 1e9)  # seconds and nanoseconds, as OpenTelemetry's JavaScript writes them
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
    return int(at) if at < LATEST else None
