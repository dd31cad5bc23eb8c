"""What the person wrote, as marks on the time axis of a chart: check-ins, and sessions that have a note (product 5.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from tokenpal.insight.axis import Slot


class MarkKind(StrEnum):
    """What a mark opens."""

    CHECKIN = "checkin"  # ref: the week, "2026-W47"
    NOTE = "note"  # ref: the session's key


class Mark(msgspec.Struct, frozen=True):
    """One thing that was written, where it belongs on the axis. ``words`` is its first line."""

    kind: MarkKind
    at: int
    words: str
    ref: str


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def placed(slots: Sequence[Slot], marks: Iterable[Mark]) -> tuple[tuple[int, Mark], ...]:
    """Each mark with the number of the slot it lies in, by time; those outside of all slots are left out."""
    starts = [slot.start for slot in slots]
    found = []
    for mark in sorted(marks, key=lambda one: (one.at, one.kind, one.ref)):
        place = bisect_right(starts, mark.at) - 1
        if place >= 0 and mark.at < slots[place].end:
            found.append((place, mark))
    return tuple(found)
