"""An amount as a person types it: ``50``, ``$1,250.00``, ``2 M``, ``1,5 Mio`` with the marks of the locale in force."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from tokenpal.insight import numbers
from tokenpal.model.budget import MOST, Budget, BudgetMeasure
from tokenpal.model.errors import UsageError
from tokenpal.model.money import PICO
from tokenpal.translation import tr

_STEPS: Final = {"": 0, "k": 3, "m": 6, "mio": 6, "million": 6, "b": 9, "bn": 9, "mrd": 9, "billion": 9, "t": 12, "trillion": 12}
_TYPED: Final = re.compile(r"(\d[\d.,'’]*|[.,]\d+)([a-z]*)")
_SYMBOLS: Final = str.maketrans(dict.fromkeys("$€£¥₹₩"))


def tokens(text: str) -> int:
    """A whole number of tokens. Raises UsageError for what is none."""
    return _whole(_number(text, units=True), text)


def pico(text: str) -> int:
    """An amount of money in picounits; a symbol before or after it is for the eye. Raises UsageError."""
    return _whole(_number(text.translate(_SYMBOLS), units=False) / PICO, text)


def typed(budget: Budget) -> str:
    """The budget's amount as it would be typed, to be changed: ``2,000,000``, ``50.00``. Never hidden: the field is asked for."""
    with numbers.plain():
        if budget.measure is BudgetMeasure.TOKENS:
            return numbers.exact(budget.amount)
        value = Decimal(budget.amount) * PICO
        cents = value.quantize(Decimal("0.01"))
        return f"{cents if cents == value else value.normalize():f}".replace(".", numbers.marks().decimal)


def _whole(value: Decimal, text: str) -> int:
    if value != value.to_integral_value() or not 0 < value <= MOST:
        raise _no_amount(text)
    return int(value)


def _number(text: str, *, units: bool) -> Decimal:
    clean = "".join(text.split()).replace("\u200e", "").casefold()  # every kind of space
    found = _TYPED.fullmatch(clean)
    if found is None or found[2] not in (_STEPS if units else {""}):
        raise _no_amount(text)
    digits = _plain(found[1])
    if digits is None or len(digits) > 40:
        raise _no_amount(text)
    return Decimal(digits).scaleb(_STEPS[found[2]])


def _plain(figure: str) -> str | None:
    """The figure with a point and no groups; None when its marks contradict each other."""
    decimal, group = numbers.marks().decimal, numbers.marks().group
    whole, mark, rest = figure.partition(decimal)
    groups = re.split(r"[.,'’]", whole)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(part) != 3 for part in groups[1:])):
        # "1.5" where the point groups: nobody writes a group of one, so it is the other mark
        other = figure.partition(group)
        if group.strip() and not mark and len(groups) == 2 and other[1] and other[2].isdigit():
            return f"{other[0] or 0}.{other[2]}" if other[0].isdigit() or not other[0] else None
        return None
    joined = "".join(groups) or "0"
    if not joined.isdigit() or (mark and not (rest or "0").isdigit()):
        return None
    return f"{joined}.{rest or 0}" if mark else joined


def _no_amount(text: str) -> UsageError:
    return UsageError(tr("{word} is no amount.", word=repr(text.strip())), tr("Write it like 50.00, or 2 M for tokens."))
