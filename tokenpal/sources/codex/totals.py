"""When a row counts, and how much: the cumulative total has to have moved (agent-logs 4.3.E)."""

from __future__ import annotations

import msgspec

from tokenpal.sources.codex.rows import NOTHING, Vector


class Totals(msgspec.Struct, array_like=True, omit_defaults=True):
    """The walk through one file's own rows."""

    base: Vector | None = None  # the total as of the latest row that counted
    lone: Vector | None = None  # L of the previous row if it had no total
    after_copies: bool = False  # no own row with a total was seen since copied history ended

    def step(self, last: Vector | None, total: Vector | None) -> Vector | None:
        """What this row adds, None = nothing. Taking ``last`` when the total moved keeps interleaved lineages right."""
        if total is None:
            repeat, self.lone = self.lone == last, last
            if last is None or repeat:
                return None
            if self.base is not None:
                self.base = add(self.base, last)
            return last
        self.lone = None
        if min(total) < 0:
            return None
        base = self.base
        if base is None:
            counted = total if last is None else last
            if counted == NOTHING:
                return None  # a zero snapshot, or an estimate of the context: no baseline
            self.base, self.after_copies = total, False
            return counted
        if total == base:
            return None  # repeated for the screen or for rate limits, or an estimate
        first_own, self.after_copies = self.after_copies, False
        moved = (total[0] - base[0], total[1] - base[1], total[2] - base[2], total[3] - base[3], total[4] - base[4])
        if min(moved) < 0:
            if last is None:
                self.base = total
                return None
            if not first_own and _is_stale(base, total, last):
                return None
            self.base = total  # a reset: compaction, or another lineage
            return last
        self.base = total
        return moved if last is None or last == NOTHING else last

    def skip(self, last: Vector | None, total: Vector | None) -> None:
        """A copied row counts nothing, but its total is where the file's own rows go on (agent-logs 4.3.C.5)."""
        if total is not None and min(total) >= 0:
            self.base = total
        elif total is None and last is not None and self.base is not None:
            self.base = add(self.base, last)
        self.lone = None
        self.after_copies = True


def add(one: Vector, other: Vector) -> Vector:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4])


def _is_stale(base: Vector, total: Vector, last: Vector) -> bool:
    """A snapshot from a moment ago: a drop of at most 2 % or twice the response, to no less than half."""
    before, now, response = base[0] + base[3], total[0] + total[3], last[0] + last[3]
    return before - now <= max(0.02 * before, 2 * response) and 2 * now > before
