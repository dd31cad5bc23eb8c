"""A provider's later word on a day in words: what it said before, what it says now. A fact, no blame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tokenpal.insight.numbers import digits, exact
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Correction
from tokenpal.translation import tr, trn

SHOWN: Final = 3


def correction_words(one: Correction, day: str = "") -> str:
    """``2026-11-19, claude-sonnet-5: 1,200 tokens became 900, $3.10 billed became $2.80 billed``; ``day`` as the window writes it."""
    parts = []
    if one.before != one.after:
        before, after = one.before.total, one.after.total
        parts.append(
            tr("{before} tokens became {after}", before=exact(before), after=exact(after)) if before != after else tr("{n} tokens in other classes", n=exact(after))
        )
    if one.money_before != one.money_after:
        was, now = (", ".join(money_parts(money)) or tr("no money") for money in (one.money_before, one.money_after))
        parts.append(tr("{was} became {now}", was=was, now=now))
    return tr("{day}, {model}: {changes}", day=day or one.day.isoformat(), model=one.model or tr("no model"), changes=", ".join(parts))


def corrections_words(found: Sequence[Correction], names: Mapping[int, str] | None = None, most: int = SHOWN) -> str:
    """One sentence on some corrections, the newest first; "" for none. ``names``: accounts, where there are several."""
    if not found:
        return ""
    newest = sorted(found, key=lambda one: (one.noted_at, one.day), reverse=True)
    shown = [f"{names[one.account]}, {correction_words(one)}" if names and one.account in names else correction_words(one) for one in newest[:most]]
    more, said = len(found) - most, "; ".join(shown)
    if more > 0:
        return trn("Corrected by the provider: {corrections} and {n} more.", "Corrected by the provider: {corrections} and {n} more.",
                   more, shown=digits(more), corrections=said)  # fmt: skip
    return tr("Corrected by the provider: {corrections}.", corrections=said)
