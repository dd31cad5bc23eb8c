"""A list of sessions of any length, without its rows: who is in it, in which order, and its days."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date


def _numbers() -> array[int]:
    return array("q")


@dataclass(frozen=True, slots=True)
class SessionIndex:
    """Columns, newest session first; a session is a place in them (200,000 take 5 MB).

    ``firsts[d]`` is the place where day ``d`` begins, ``firsts[-1]`` the length; ``found`` the place of the session that was
    asked for, -1 = not in the list.
    """

    ids: array[int] = field(default_factory=_numbers)  # table session
    started: array[int] = field(default_factory=_numbers)  # epoch seconds, falling
    totals: array[int] = field(default_factory=_numbers)  # tokens
    days: tuple[date, ...] = ()
    firsts: tuple[int, ...] = (0,)
    sums: tuple[int, ...] = ()  # tokens of each day's sessions
    found: int = -1

    def __len__(self) -> int:
        return len(self.ids)

    def day_of(self, place: int) -> int:
        """The number of the day that the session at ``place`` began on."""
        return bisect_right(self.firsts, place) - 1

    def place_of(self, id_: int, started: int) -> int:
        """Where a session stands that began at ``started``; -1 when it is not in the list."""
        place = bisect_left(self.started, -started, key=_minus)
        while place < len(self.ids) and self.started[place] == started:
            if self.ids[place] == id_:
                return place
            place += 1
        return -1


def _minus(value: int) -> int:
    return -value
