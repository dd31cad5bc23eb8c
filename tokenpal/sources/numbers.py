"""Numbers as providers write them: whole, with a zero fraction, as text, in exponent form (provider-apis 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import plain
from tokenpal.model.ranges import EARLIEST, LATEST, day_number
from tokenpal.model.usage import Problem

MAX_COUNT: Final = 10**13
"""More than this in one row of a report is an error: ten trillion tokens, or requests."""
MAX_AMOUNT: Final = Decimal(4_000_000)
"""More money than this in one row of a report is an error; it is also about what 64 bits of picounits hold."""


def number(value: Any) -> Decimal | None:
    """A finite number, or None for anything else; text counts when all of it is a number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = value.strip()
        if not value or len(value) > 100 or "_" in value:
            return None
    elif isinstance(value, float):
        value = repr(value)
    elif not isinstance(value, int | Decimal) or (isinstance(value, int) and value.bit_length() > 400):
        return None
    try:
        found = Decimal(value)
    except (ArithmeticError, ValueError):
        return None
    return found if found.is_finite() else None


def epoch(value: Any) -> int | None:
    """Epoch seconds of a whole number of seconds, or of an RFC 3339 text; without a zone it is UTC."""
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
            return _possible(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
        except (ValueError, OverflowError):
            return None
    found = number(value)
    return _possible(int(found)) if found is not None and 0 <= found < LATEST else None


def _possible(at: int) -> int | None:
    return at if EARLIEST <= at < LATEST else None


def day_epoch(value: Any) -> int | None:
    """Epoch seconds of the start of a UTC day written as YYYY-MM-DD, with or without a time."""
    if not isinstance(value, str):
        return None
    try:
        return _possible(day_number(date.fromisoformat(value[:10])) * 86_400)
    except ValueError:
        return None


def text(value: Any) -> str:
    """A short text, or "" for anything else. Unknown values of a known field stay as they are."""
    return plain(value[:200]) if isinstance(value, str) else ""


def group_text(value: Any) -> str:
    """An id for a session key: the ``:`` in it would be taken for the next part."""
    return text(value).strip().replace(":", "_")


def rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def fields(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class Notes:
    """Reads the numbers of one answer and notes what was wrong with them: clamped, never silently (decisions 1)."""

    def __init__(self, endpoint: str, place: str) -> None:
        self.endpoint = endpoint
        self.place = place  # where in the report: a date, or a page
        self._seen: Counter[tuple[str, str]] = Counter()

    def problem(self, reason: str) -> None:
        self._seen[self.place, reason] += 1

    def count(self, value: Any) -> int | None:
        """A count of tokens or requests; None when the report does not say."""
        if value is None:
            return None
        if type(value) is int and 0 <= value <= MAX_COUNT:
            return value
        found = number(value)
        if found is None:
            self.problem("a count is not a number; it was left out")
            return None
        if found < 0:
            self.problem("a count is negative; it was counted as zero")
            return 0
        if found > MAX_COUNT:
            self.problem("a count is impossibly large; it was left out")
            return None
        if found != found.to_integral_value():
            self.problem("a count is not a whole number; it was rounded down")
        return int(found)

    def tokens(self, value: Any) -> int:
        """A count of tokens; what the report does not say is none."""
        return self.count(value) or 0

    def money(self, kind: MoneyKind, value: Any, currency: Any = "USD", *, cents: bool = False) -> tuple[Money, ...]:
        """An amount, or nothing when it is zero or unusable; ``cents`` = hundredths of the currency (provider-apis 4.3)."""
        found = number(value)
        if found is None:
            self.problem("an amount of money is missing; it was counted as zero")
            return ()
        if found < 0:
            self.problem("an amount of money is negative; it was counted as zero")
            return ()
        if cents:
            found *= Decimal("0.01")
        if found > MAX_AMOUNT:
            self.problem("an amount of money is impossibly large; it was left out")
            return ()
        unit = text(currency).strip() or "USD"
        if not unit.isalnum() or len(unit) > 12:
            self.problem("an amount of money has no known currency; it was left out")
            return ()
        money = Money.of(kind, found, unit)
        return (money,) if money.pico else ()

    def problems(self) -> list[Problem]:
        """All that was noted, each kind once per place."""
        return [Problem(self.endpoint, place, reason, n) for (place, reason), n in self._seen.items()]
