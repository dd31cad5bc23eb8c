"""Plan windows told with an ordinary key: how much of the last hours, week or month is used (provider-apis 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import LimitReading
from tokenpal.sources.balances import Told
from tokenpal.sources.numbers import MAX_AMOUNT, number
from tokenpal.sources.times import millis

HOUR: Final = 60
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
MONTH: Final = 30 * DAY  # of a plan; its days are the provider's
NAMES: Final = {HOUR: "hour", DAY: "day", WEEK: "week", MONTH: "month"}
MOST: Final = Decimal(10_000)  # percent


def length(minutes: int) -> str:
    """What a window of this length is called: "5 hours", "week"."""
    if minutes in NAMES:
        return NAMES[minutes]
    if 28 * DAY <= minutes <= 31 * DAY:
        return "month"
    for unit, name in ((DAY, "days"), (HOUR, "hours")):
        if minutes % unit == 0:
            return f"{minutes // unit} {name}"
    return f"{minutes} minutes"


def window(
    told: Told,
    minutes: int | None,
    *,
    name: str = "",
    percent: Any = None,
    used: Any = None,
    left: Any = None,
    limit: Any = None,
    resets: Any = None,
    unit: str = "",
) -> Iterator[LimitReading]:
    """A reading of what is told: ``percent`` used, or two of used, left and limit. Nothing where there is no limit.

    ``resets``: a time in any of the forms of agent-logs 2.5; None = it is not told, or the window never ends. ``unit``: used and
    limit are kept too, as plan value in this currency.
    """
    spent, whole = counted(number(used), number(left), number(limit))
    share = number(percent)
    if share is None and spent is not None and whole is not None and whole > 0 and spent.copy_abs() <= whole * MOST:
        share = spent / whole * 100
    if share is None and whole == 0:
        return
    if share is None or share > MOST:
        told.notes.problem("a plan window has no usable figures; it was left out")
        return
    if share < 0:
        told.notes.problem("a plan window has more left than it holds; it was taken for unused")
    amounts = [money(each, unit) for each in (spent, whole)] if unit else [None, None]
    yield LimitReading(
        name or (length(minutes) if minutes else "plan"),
        float(max(share, Decimal(0))),
        told.at,
        moment(resets),
        minutes,
        used=amounts[0] if amounts[1] else None,
        limit=amounts[1],
    )


def counted(used: Decimal | None, left: Decimal | None, limit: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Used and limit, from two of the three; neither when a number is absurd."""
    if any(each is not None and each.copy_abs() > Decimal(10) ** 18 for each in (used, left, limit)):
        return None, None
    if used is None and limit is not None and left is not None:
        used = limit - left
    if limit is None and used is not None and left is not None:
        limit = used + left
    return used, limit


def money(amount: Decimal | None, unit: str) -> Money | None:
    return None if amount is None or not 0 <= amount <= MAX_AMOUNT else Money.of(MoneyKind.PLAN_VALUE, amount, unit)


def moment(value: Any) -> int | None:
    """Epoch seconds of a time as text, or as a number of seconds or milliseconds."""
    found = millis(value) if isinstance(value, str) else None
    if found is None and (told := number(value)) is not None and 0 < told < Decimal(10) ** 20:
        found = millis(float(told))
    return None if found is None else found // 1000
