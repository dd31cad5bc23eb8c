"""Plan windows that Codex wrote beside its token counts (agent-logs 4.4)."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import plain
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.sources.lenient import document, fit

NAMES: Final = {300: "5 hours", 1440: "day", 10080: "week", 43200: "month"}
OWN: Final = frozenset({"", "codex"})
LONGEST: Final = 10 * 366 * 1440  # minutes; a window of more than ten years is none


class Window(msgspec.Struct, gc=False):
    used_percent: float | None = None
    window_minutes: float | None = None
    resets_at: float | None = None
    resets_in_seconds: float | None = None


class Spend(msgspec.Struct, gc=False):
    remaining_percent: float | None = None
    resets_at: float | None = None


class Credits(msgspec.Struct, gc=False):
    has_credits: bool | None = None
    unlimited: bool | None = None
    balance: str | float | None = None


class Limits(msgspec.Struct, gc=False):
    limit_id: str | None = None
    limit_name: str | None = None
    primary: Window | None = None
    secondary: Window | None = None
    individual_limit: Spend | None = None
    credits: Credits | None = None


_typed = msgspec.json.Decoder(Limits)


def readings(raw: bytes, at: int) -> list[LimitReading | Balance]:
    """What one row says, as of ``at`` (epoch seconds). A window is named by its length, not by its place."""
    if not raw.startswith(b"{"):
        return []
    try:
        said: Limits | None = _typed.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = fit(document(raw), Limits)
    if said is None:
        return []
    prefix = "" if (said.limit_id or "") in OWN else f"{plain(said.limit_name or said.limit_id or '', 60)}: "
    found: list[LimitReading | Balance] = []
    for place, window in (("first window", said.primary), ("second window", said.secondary)):
        if window is None or window.used_percent is None:
            continue
        # Some versions write a minute less: 299, 10079.
        minutes = 5 * round(window.window_minutes / 5) if window.window_minutes is not None and 2.5 < window.window_minutes < LONGEST else None
        resets = window.resets_at
        if resets is None and window.resets_in_seconds is not None:
            resets = at + window.resets_in_seconds
        name = place if minutes is None else window_name(minutes)
        found.append(LimitReading(prefix + name, max(0.0, window.used_percent), at, _second(resets), minutes))
    spend = said.individual_limit
    if spend is not None and spend.remaining_percent is not None:
        found.append(LimitReading(f"{prefix}spend limit", max(0.0, 100.0 - spend.remaining_percent), at, _second(spend.resets_at)))
    if said.credits is not None and said.credits.has_credits and not said.credits.unlimited and said.credits.balance is not None:
        with suppress(ArithmeticError, ValueError):  # not a number: nothing to show
            found.append(Balance(f"{prefix}credits", Money.of(MoneyKind.CREDITS, Decimal(str(said.credits.balance)), "credits"), at))
    return found


def window_name(minutes: int) -> str:
    """"5 hours", "week", or the length in the largest unit that fits."""
    if minutes in NAMES:
        return NAMES[minutes]
    for length, unit in ((10080, "weeks"), (1440, "days"), (60, "hours")):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} minutes"


def _second(value: float | None) -> int | None:
    return int(value) if value is not None and 0 < value < 1e11 else None
