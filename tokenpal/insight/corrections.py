"""A provider's later word on a day in words: what it said before, what it says now. A fact, no blame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tokenpal.insight.numbers import count, exact
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Correction

SHOWN: Final = 3


def correction_words(one: Correction) -> str:
    """``2026-11-19, claude-sonnet-5: 1,200 tokens became 900, $3.10 billed became $2.80 billed``"""
    parts = []
    if one.before != one.after:
        before, after = one.before.total, one.after.total
        parts.append(f"{exact(before)} tokens became {exact(after)}" if before != after else f"{exact(after)} tokens in other classes")
    if one.money_before != one.money_after:
        was, now = (", ".join(money_parts(money)) or "no money" for money in (one.money_before, one.money_after))
        parts.append(f"{was} became {now}")
    return f"{one.day.isoformat()}, {one.model or 'no model'}: {', '.join(parts)}"


def corrections_words(found: Sequence[Correction], names: Mapping[int, str] | None = None, most: int = SHOWN) -> str:
    """One sentence on some corrections, the newest first; "" for none. ``names``: accounts, where there are several."""
    if not found:
        return ""
    newest = sorted(found, key=lambda one: (one.noted_at, one.day), reverse=True)
    shown = [f"{names[one.account]}, {correction_words(one)}" if names and one.account in names else correction_words(one) for one in newest[:most]]
    more = f" and {count(len(found) - most, 'more', 'more')}" if len(found) > most else ""
    return f"Corrected by the provider: {'; '.join(shown)}{more}."
