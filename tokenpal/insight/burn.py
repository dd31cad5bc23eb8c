"""How fast a plan window or a balance is used, and when it runs out: a range, from readings as they were said.

Readings are sparse, late, rounded to whole per cents and begin again after each reset, so every figure comes with the
range it can be trusted in: the rate of the whole stretch, of its halves, what rounding hides, and the less sure the fewer
readings there are. Too few readings, or old ones, give no figure at all (product 2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

from tokenpal.insight.numbers import is_unit
from tokenpal.model.money import Money
from tokenpal.model.usage import Balance, LimitReading

HOUR: Final = 3600
DAY: Final = 86_400
DIP: Final = 1.0  # a smaller step down is rounding; a greater one is a reset
UNKNOWN_LENGTH: Final = DAY
BALANCE_LOOK: Final = 14 * DAY
BALANCE_SPAN: Final = DAY
LOW_DAYS: Final = 3
LOW_AMOUNT: Final = 5
"""Below so many units of its currency a balance is low; a setting (advanced.low_balance) may say otherwise."""

Seen = tuple[int, float, int | None]
"""(read at, used per cent, resets at), as ``store.readings.limit_history`` gives them."""


class Outlook(StrEnum):
    """What can be said of the time until the reset."""

    UNKNOWN = "unknown"  # too few readings, or too old
    OVER = "over"  # the window was reset since
    USED_UP = "used up"
    QUIET = "quiet"  # no use in the stretch that was looked at
    LASTS = "lasts"  # even the greatest rate of the range does not use it up before the reset
    MAY = "may run out"  # the range holds both
    RUNS_OUT = "runs out"  # even the smallest rate uses it up before the reset


class Burn(msgspec.Struct, frozen=True):
    """Rates in per cent of the window an hour. ``earliest`` and ``latest`` bound ``run_out``; ``latest`` None = perhaps never."""

    outlook: Outlook
    per_hour: float | None = None
    low: float = 0.0
    high: float = 0.0
    run_out: int | None = None
    earliest: int | None = None
    latest: int | None = None
    since: int | None = None  # the stretch begins here
    readings: int = 0  # how many it rests on
    stale: bool = False  # there were readings, but the newest is too old


def look_back(seconds: int) -> int:
    """The stretch that tells the pace of a window of this length: an hour of five; whole days of a week, as nights are quiet."""
    if seconds > 2 * DAY:
        return max(2, round(seconds / DAY / 4)) * DAY
    return max(HOUR // 2, seconds // 5)


def burn(history: Iterable[Seen], reading: LimitReading, now: int) -> Burn:
    """The pace of a window from its readings, in any order; those of earlier windows are left out by themselves."""
    if reading.resets_at is not None and now >= reading.resets_at:
        return Burn(Outlook.OVER)
    period = current(history, reading)
    if reading.used_percent >= 100:
        return Burn(Outlook.USED_UP, readings=len(period))
    length = reading.window_minutes * 60 if reading.window_minutes else UNKNOWN_LENGTH
    look = look_back(length)
    if now - reading.at > look:
        return Burn(Outlook.UNKNOWN, readings=len(period), stale=True)
    points = _stretch(period, _start(reading), look)
    span = points[-1][0] - points[0][0]
    told = sum(1 for at, _ in period if at >= points[0][0])
    if told < 2 or span < look / 6:
        return Burn(Outlook.UNKNOWN, readings=told)
    return _judged(points, reading, now, told)


def current(history: Iterable[Seen], reading: LimitReading) -> list[tuple[int, float]]:
    """(at, used) of the window that ``reading`` speaks of, oldest first and never falling, with the reading itself."""
    newest: Seen = (reading.at, max(0.0, reading.used_percent), reading.resets_at)
    best: dict[int, Seen] = {}
    for at, used, resets in history:
        if at < reading.at and used >= 0 and (at not in best or (used, resets or 0) > (best[at][1], best[at][2] or 0)):
            best[at] = (at, used, resets)
    seen = [best[at] for at in sorted(best)] + [newest]
    first = len(seen) - 1
    while first and not _reset_between(seen[first - 1], seen[first], reading.window_minutes):
        first -= 1
    rising: list[tuple[int, float]] = []
    for at, used, _ in seen[first:]:
        rising.append((at, max(used, rising[-1][1] if rising else 0.0)))
    return rising


def _reset_between(before: Seen, after: Seen, minutes: int | None) -> bool:
    if before[2] is not None and after[0] >= before[2]:
        return True
    if after[1] < before[1] - DIP:
        return True
    if before[2] is None or after[2] is None:
        return False
    return abs(after[2] - before[2]) > max(600, (minutes or 0) * 3)  # a twentieth: seconds that are told anew each time


def _start(reading: LimitReading) -> int | None:
    """When the window began, where that is known: it was empty then."""
    return None if reading.resets_at is None or not reading.window_minutes else reading.resets_at - reading.window_minutes * 60


def _stretch(period: Sequence[tuple[int, float]], start: int | None, look: int) -> list[tuple[int, float]]:
    """The points to judge by: those inside the look back, and one before it, so that a pause counts as one."""
    points = list(period)
    if start is not None and start < points[0][0]:
        points.insert(0, (start, 0.0))
    first = next(n for n, (at, _) in enumerate(points) if at > points[-1][0] - look)
    if first and (len(points) - first < 2 or points[first][0] - points[first - 1][0] <= look):
        first -= 1
    return points[first:]


def _judged(points: Sequence[tuple[int, float]], reading: LimitReading, now: int, told: int) -> Burn:
    base, last = points[0], points[-1]
    span = last[0] - base[0]
    grain = _grain([used for _, used in points])
    rate = (last[1] - base[1]) / span
    middle = base[0] + span / 2
    half = _at(points, middle)
    halves = ((half - base[1]) / (span / 2), (last[1] - half) / (span / 2))
    hidden, doubt = grain / span, rate / len(points)
    low = min(rate - doubt, *halves, (last[1] - base[1]) / max(span, now - base[0])) - hidden
    high = max(rate + doubt, *halves) + hidden
    low = max(0.0, low)
    if rate <= 0:
        return Burn(Outlook.QUIET, 0.0, 0.0, high * HOUR, since=base[0], readings=told)
    left = 100.0 - last[1]
    likely = last[0] + left / rate
    earliest = last[0] + max(0.0, left - grain) / high
    latest = last[0] + (left + grain) / low if low > 0 else None
    resets = reading.resets_at
    if resets is not None and earliest >= resets:
        outlook = Outlook.LASTS
    elif latest is not None and (resets is None or latest <= resets):
        outlook = Outlook.RUNS_OUT
    else:
        outlook = Outlook.MAY
    return Burn(
        outlook, rate * HOUR, low * HOUR, high * HOUR, _moment(likely, now), _moment(earliest, now),
        None if latest is None else _moment(latest, now), base[0], told,
    )  # fmt: skip


def _grain(values: Iterable[float]) -> float:
    """What rounding may hide of a difference: whole per cents, halves, or tenths."""
    steps = list(values)
    return next((grain for grain in (1.0, 0.5) if all(abs(value / grain - round(value / grain)) < 1e-6 for value in steps)), 0.1)


def _at(points: Sequence[tuple[int, float]], moment: float) -> float:
    """The use at a moment between two readings, on a straight line."""
    for (at, used), (until, then) in pairwise(points):
        if at <= moment <= until:
            return used + (then - used) * (moment - at) / (until - at)
    return points[-1][1]


def _moment(at: float, now: int) -> int:
    return max(now, int(min(at, 2.0**52)))


# ---------------------------------------------------------------------------------------------- balances


class BalanceBurn(msgspec.Struct, frozen=True):
    """Amounts a day in the balance's own unit. ``topped_up`` is the last time it rose, and by how much."""

    outlook: Outlook
    low_balance: bool = False
    per_day: Decimal | None = None
    run_out: int | None = None
    earliest: int | None = None
    latest: int | None = None
    topped_up: tuple[int, Money] | None = None
    since: int | None = None


def balance_burn(history: Iterable[tuple[int, Money]], balance: Balance, now: int, low_amount: int = LOW_AMOUNT) -> BalanceBurn:
    """How long a prepaid balance lasts by the use of two weeks. What it rose by in between is a top-up, not negative use."""
    left = balance.left
    best = {at: money for at, money in history if at < balance.at and (money.kind, money.currency) == (left.kind, left.currency)}
    points = [(at, best[at].amount) for at in sorted(best)] + [(balance.at, left.amount)]
    raised = [(at, Money.of(left.kind, after - before, left.currency)) for (_, before), (at, after) in pairwise(points) if after > before]
    topped = raised[-1] if raised else None
    first = next(n for n, (at, _) in enumerate(points) if at > balance.at - BALANCE_LOOK)
    if first and points[first][0] - points[first - 1][0] <= BALANCE_LOOK:
        first -= 1
    points = points[first:]
    span = balance.at - points[0][0]
    little = left.amount <= (0 if is_unit(left.currency) else low_amount)
    if left.amount <= 0:
        return BalanceBurn(Outlook.USED_UP, low_balance=True, topped_up=topped)
    if len(points) < 2 or span < BALANCE_SPAN:
        return BalanceBurn(Outlook.UNKNOWN, little, topped_up=topped)
    falls = [(at, before - after) for (_, before), (at, after) in pairwise(points) if after < before]
    spent = float(sum((amount for _, amount in falls), Decimal(0)))
    if not spent:
        return BalanceBurn(Outlook.QUIET, little, Decimal(0), topped_up=topped, since=points[0][0])
    middle = points[0][0] + span / 2
    early = float(sum((amount for at, amount in falls if at <= middle), Decimal(0)))
    rate, doubt = spent / span, spent / span / len(points)
    halves = (early / (span / 2), (spent - early) / (span / 2))
    low, high = max(0.0, min(rate - doubt, *halves)), max(rate + doubt, *halves)
    amount = float(left.amount)
    run_out = _moment(balance.at + amount / rate, now)
    return BalanceBurn(
        Outlook.RUNS_OUT, little or run_out - now <= LOW_DAYS * DAY, (Decimal(repr(rate)) * DAY).quantize(Decimal("0.0001")), run_out,
        _moment(balance.at + amount / high, now), _moment(balance.at + amount / low, now) if low > 0 else None, topped, points[0][0],
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- crossings

FALL: Final = 2.0
"""Per cent below the threshold before the next crossing counts: a reading that wobbles is one crossing."""


def crossings(before: frozenset[str] | None, near: Iterable[str], still: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """(what is near now, what crossed since). ``before`` None: the start, where nothing crosses.

    ``still`` are those a little below the threshold: once near, they stay so until they fall further or are reset.
    """
    known = before or frozenset()
    now = frozenset(near) | (known & frozenset(still))
    return now, () if before is None else tuple(sorted(now - known))
