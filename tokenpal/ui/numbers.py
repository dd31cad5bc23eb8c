"""How a figure is written for a person: `insight.numbers`, with the marks of the person's locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenpal.insight.numbers import (
    DASH,
    HIDDEN,
    MINUS,
    MONEY_WORDS,
    NNBSP,
    Marks,
    Number,
    axis,
    count,
    digits,
    exact,
    hidden,
    hide,
    join,
    marks,
    money,
    money_line,
    percent,
    plain,
    shares,
    short,
    total_weakest_origin,
    unpriced,
    use_marks,
    whole_shares,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QLocale

__all__ = [
    "DASH",
    "HIDDEN",
    "MINUS",
    "MONEY_WORDS",
    "NNBSP",
    "Marks",
    "Number",
    "axis",
    "count",
    "digits",
    "exact",
    "hidden",
    "hide",
    "join",
    "marks",
    "money",
    "money_line",
    "percent",
    "plain",
    "shares",
    "short",
    "total_weakest_origin",
    "unpriced",
    "use_locale",
    "use_marks",
    "whole_shares",
]


def use_locale(locale: QLocale | None = None) -> None:
    """Take the separators of a locale, the person's own by default."""
    from PySide6.QtCore import QLocale

    loc = locale or QLocale.system()
    use_marks(Marks(loc.decimalPoint() or ".", loc.groupSeparator() or ",", "AP" not in loc.timeFormat(QLocale.FormatType.ShortFormat).upper()))
