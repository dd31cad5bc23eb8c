"""How a figure is written for a person (design.md section 4): one way for window, terminal and exports.

    short(31_300_000)                 31.3 M        (narrow no-break space)
    exact(2_204_318)                  2,204,318
    shares([31, 41, 5, 23])           ('31 %', '41 %', '5 %', '23 %')      adds up to 100
    money(Decimal('3.1'), 'USD')      $3.10         with `money_line` saying which kind
    count(3, 'session')               3 sessions

Separators follow `use_marks`, words `tokenpal.translation`. Nothing here raises for odd input: what cannot be told is `DASH`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from tokenpal.translation import WordBook, tr, trn

NNBSP = "\u202f"  # narrow no-break space
DASH = "–"  # unknown, with a reason on hover; never 0
MINUS = "−"

Number = int | float | Decimal

_STEPS = ("", "k", "M", "B", "T", "P", "E")
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩"}
_NO_CENTS = frozenset({"points", "JPY", "KRW", "VND", "CLP"})
MONEY_WORDS = WordBook(
    "kind of money",
    {"cash": "billed", "credits": "from credits", "plan_value": "covered by the plan", "list_price": "at list price", "balance": "credit left"},
)


@dataclass(frozen=True, slots=True)
class Marks:
    """The separators of a locale: decimal point, thousands group, and whether a day has 24 hours."""

    decimal: str = "."
    group: str = ","
    hours_24: bool = True


HIDDEN = "•••"
"""Stands for every figure of tokens, money and shares while the person hides them. Counts of things stay."""

_marks = Marks()
_hidden = False
_plain: ContextVar[bool] = ContextVar("plain", default=False)


def hide(on: bool) -> None:
    """Write dots instead of figures from now on, or figures again. Everything on the screen has to be drawn anew."""
    global _hidden
    _hidden = on


def hidden() -> bool:
    """Whether figures are dots here and now."""
    return _hidden and not _plain.get()


@contextmanager
def plain() -> Iterator[None]:
    """Figures as they are, for what is written to a file: an export is asked for, so it tells all."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)



def use_marks(marks: Marks) -> None:
    """Write figures with these separators from now on (tests, export)."""
    global _marks
    _marks = marks


def marks() -> Marks:
    """The separators in force."""
    return _marks


def _finite(n: Number | None) -> Decimal | None:
    if n is None:
        return None
    try:
        d = Decimal(n) if not isinstance(n, float) else Decimal(repr(n))
    except (InvalidOperation, ValueError, TypeError):
        return None
    return d if d.is_finite() else None


def _fixed(d: Decimal, places: int) -> str:
    """`d` with `places` decimals, grouped, in the locale's marks."""
    text = f"{d.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"
    return text.translate({ord(","): _marks.group, ord("."): _marks.decimal})


def short(n: Number | None) -> str:
    """Three significant figures: `842`, `9.84 k`, `214 k`, `31.3 M`, `1.02 B`. Rounding up to 1,000 moves on: `1.00 M`."""
    d = _finite(n)
    if d is None:
        return DASH
    if hidden():
        return HIDDEN
    sign, d = (MINUS, -d) if d < 0 else ("", d)
    if d < Decimal("999.5"):
        return sign + _fixed(d, 0)
    step = 0
    while step < len(_STEPS) - 1:
        d, step = d / 1000, step + 1
        if d >= Decimal("999.5"):
            continue
        places = 2 if d < Decimal("9.995") else 1 if d < Decimal("99.95") else 0
        return f"{sign}{_fixed(d, places)}{NNBSP}{_STEPS[step]}"
    return f"{sign}{_fixed(d, 0)}{NNBSP}{_STEPS[step]}"


def axis(n: Number) -> str:
    """A figure on an axis: as `short`, without zeros that say nothing: `2.5 M`, `2 M`, `0`."""
    d = _finite(n)
    if d is None:
        return DASH
    if hidden():
        return HIDDEN
    if 0 < abs(d) < 10 and d != d.to_integral_value():
        return _trim(_fixed(d, 2))
    text = short(d)
    figure, space, unit = text.partition(NNBSP)
    return _trim(figure) + space + unit


def _trim(figure: str) -> str:
    return figure.rstrip("0").rstrip(_marks.decimal) if _marks.decimal in figure else figure


def exact(n: Number | None) -> str:
    """Every digit: `2,204,318`. A fraction keeps at most two decimals."""
    return HIDDEN if hidden() and _finite(n) is not None else digits(n)


def digits(n: Number | None) -> str:
    """As `exact`, of what is no secret when figures are hidden: how many sessions, files, days."""
    d = _finite(n)
    if d is None:
        return DASH
    sign, d = (MINUS, -d) if d < 0 else ("", d)
    return sign + _fixed(d, 0 if d == d.to_integral_value() else 2)


def count(n: int, one: str, many: str = "") -> str:
    """`1 session`, `6 sessions`, `2,204 sessions`: English nouns, which `dev.py translate` finds in the calls."""
    return trn(f"{{n}} {one}", f"{{n}} {many or one + 's'}", n, shown=digits(n))


def percent(share: float | None) -> str:
    """A share 0..1 as whole per cent: `78 %`; `< 1 %` for a trace, `0 %` only for none, `> 99 %` for almost all."""
    if share is None or not math.isfinite(share):
        return DASH
    if hidden():
        return HIDDEN
    if share <= 0:
        return f"0{NNBSP}%"
    if share < 0.01:
        return f"<{NNBSP}1{NNBSP}%"
    if 0.995 <= share < 1:
        return f">{NNBSP}99{NNBSP}%"
    return f"{digits(math.floor(share * 100 + 0.5))}{NNBSP}%"


def whole_shares(parts: Sequence[Number]) -> tuple[int, ...]:
    """Whole per cent of each part, adding up to 100 (largest remainder; ties go to the earlier part). All zero: all 0.

    Parts below zero and those that are not finite count as none.
    """
    clean = [max(_finite(p) or Decimal(0), Decimal(0)) for p in parts]
    total = sum(clean)
    if not total:
        return (0,) * len(clean)
    raw = [p * 100 / total for p in clean]
    out = [int(r) for r in raw]
    by_rest = sorted(range(len(raw)), key=lambda i: (out[i] - raw[i], i))
    for i in by_rest[: 100 - sum(out)]:
        out[i] += 1
    return tuple(out)


def shares(parts: Sequence[Number]) -> tuple[str, ...]:
    """`whole_shares` in words: a part that rounds to nothing but is there is `< 1 %`."""
    if hidden():
        return (HIDDEN,) * len(parts)
    return tuple(
        f"<{NNBSP}1{NNBSP}%" if share == 0 and (_finite(part) or 0) > 0 else f"{share}{NNBSP}%"
        for share, part in zip(whole_shares(parts), parts, strict=True)
    )


def money(amount: Number | None, currency: str) -> str:
    """`$3.10`, `€8.40`, `CHF 1.20`, `412.50 credits`; under one cent `< $0.01`; unknown `–`. Never without `money_line` where kinds can differ."""
    d = _finite(amount)
    if d is None:
        return DASH
    if hidden():
        return HIDDEN
    places = 0 if currency in _NO_CENTS else 2
    smallest = Decimal(1).scaleb(-places)
    sign, d = (MINUS, -d) if d < 0 else ("", d)
    if 0 < d < smallest:
        return f"{sign}<{NNBSP}{_with_symbol(smallest, currency, places)}"
    return sign + _with_symbol(d, currency, places)


def _with_symbol(d: Decimal, currency: str, places: int) -> str:
    symbol = _SYMBOLS.get(currency)
    if is_unit(currency):
        return f"{_fixed(d, places)}{NNBSP}{currency}"
    return f"{symbol}{_fixed(d, places)}" if symbol else f"{currency}{NNBSP}{_fixed(d, places)}"


def is_unit(currency: str) -> bool:
    """Points and credits of a provider stand after the number: they are no currency."""
    return not (len(currency) == 3 and currency.isupper())


def money_line(amount: Number | None, currency: str, kind: str) -> str:
    """An amount with its kind: `$3.10 at list price`, `$12.00 billed`, `€8.40 credit left`. `kind` is a key of `MONEY_WORDS`."""
    if is_unit(currency) and kind == "credits":
        return tr("{amount} used", amount=money(amount, currency))
    return f"{money(amount, currency)} {MONEY_WORDS.get(kind, kind.replace('_', ' '))}"


def unpriced(requests: int) -> str:
    """`3 requests unpriced`; empty for none."""
    return trn("{n} request unpriced", "{n} requests unpriced", requests, shown=digits(requests)) if requests else ""


def join(parts: Iterable[str]) -> str:
    """The parts that say something, with a middle dot between: `$41.20 at list price · 3 requests unpriced`."""
    return " · ".join(p for p in parts if p)


def total_weakest_origin(origins: Iterable[str]) -> str:
    """The weakest of mixed origins, for the chip beside a total: unknown < estimated < measured < reported."""
    order = ("unknown", "estimated", "measured", "reported")
    known = [o for o in origins if o in order]
    return min(known, key=order.index) if known else "unknown"
