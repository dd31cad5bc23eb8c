"""Find by a few letters: "chrt" finds "Checkout retry". Whole words and beginnings come first; ties keep their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

Thing = TypeVar("Thing")
SCATTERED: Final = 3
"""So many letters may lie apart; fewer have to be initials."""


def score(wanted: str, text: str) -> int | None:
    """How well ``text`` fits, lower is better; None = its letters are not in it in this order. Case is nothing."""
    want, have = wanted.casefold().strip(), text.casefold()
    if not want:
        return 0
    if have.startswith(want):
        return 0
    at = have.find(want)
    if at > 0:
        return 1 if not have[at - 1].isalnum() else 2
    parts = want.split()
    if len(parts) > 1 and all(part in have for part in parts):
        return 3
    letters, place, starts = want.replace(" ", ""), 0, 0
    for letter in letters:
        found = have.find(letter, place)
        if found < 0:
            return None
        starts += found == 0 or not have[found - 1].isalnum()
        place = found + 1
    if len(letters) < SCATTERED and starts < len(letters):
        return None  # two letters are in nearly everything
    return 40 - min(starts, 30)  # initials before scattered letters


def ranked(wanted: str, things: Iterable[Thing], texts: Callable[[Thing], Sequence[str]]) -> list[Thing]:
    """The things of which a text fits, the best first. A name (the first text) counts before the others."""
    found = []
    for order, thing in enumerate(things):
        scores = [(one, place) for place, text in enumerate(texts(thing)) if text and (one := score(wanted, text)) is not None]
        if scores:
            found.append((*min(scores), order, thing))
    return [thing for *_, thing in sorted(found, key=lambda item: item[:3])]
