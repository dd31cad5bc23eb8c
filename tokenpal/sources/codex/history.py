"""Which rows at the start of a file are copies of another file's history (agent-logs 4.3.C, 4.3.D)."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.sources.codex.rows import Meta, Vector

Pair = tuple[Vector | None, Vector | None]
"""(last, total) of a raw row: copies are stamped anew, so times say nothing."""
BURST_MS: Final = 500  # copies are written within milliseconds, real responses take longer
CREATION_MS: Final = 1000


class Family(msgspec.Struct, frozen=True):
    """What ``fetch`` knows of a file's relatives: all that ``parse`` needs to tell copies from work."""

    root: str = ""  # thread whose session this file's use belongs to; "" = its own
    resolved: bool = True  # False: a sub-agent whose starter's file is missing, the root is a guess
    parent_known: bool = False
    relatives: tuple[str, ...] = ()  # files compared with: the parent's pages, or earlier children of a missing parent
    size: int = 0  # of these files
    early: int = 0  # of all pages of the parent but the last: these are not expected to grow
    complete: bool = True  # False: the parent has no row after the fork yet, so it may still be on its way
    groups: tuple[tuple[tuple[Pair, ...], ...], ...] = ()  # raw rows to compare with; the first group that fits is taken


ALONE: Final = Family()


class History(msgspec.Struct, array_like=True, omit_defaults=True):
    """How far the copied history of one file was followed; saved between scans."""

    open: bool = False  # the next row may still be a copy
    group: int = -1  # which group fits; -1 = no row yet, -2 = none fits: judged by the rhythm of the rows
    alive: tuple[int, ...] = ()  # rows of the group that fit so far
    index: int = 0
    inferred: bool = False
    lead_ms: int = -1  # time of the row before, while judging by rhythm
    lead_key: bytes = b""  # key of a first row that was counted until the second one shows that it is a copy
    old_turn: bool = False  # the current turn is older than the thread: it is the parent's
    short: bool = False  # the relatives had no more rows to compare with

    def is_copy(self, family: Family, meta: Meta, pair: Pair, at: int | None, *, bound: bool) -> bool:
        """Is the next row a copy? ``bound`` = a response id belongs to it, so that no guess is needed."""
        if not self.open:
            return False
        if self.group == -1:
            self.short = bool(family.groups) and not all(family.groups[-1])
            for number, group in enumerate(family.groups):
                alive = tuple(n for n, rows in enumerate(group) if rows and rows[0] == pair)
                if alive:
                    self.group, self.alive, self.index = number, alive, 1
                    self.inferred = not family.parent_known
                    return True
            self.group = -2
        if self.group >= 0:
            group = family.groups[self.group] if self.group < len(family.groups) else ()
            before, here = self.alive, self.index
            self.alive = tuple(n for n in before if n < len(group) and here < len(group[n]) and group[n][here] == pair)
            self.index += 1
            self.open = bool(self.alive)
            if not self.open:
                last = self.group == len(family.groups) - 1
                ended = any(n >= len(group) or here >= len(group[n]) for n in before)
                self.short = self.short or (ended and (last or not family.complete))
            return self.open
        if bound or meta.by_reference or at is None:
            self.open = False
            return False
        return self._in_rhythm(family, meta, at)

    def _in_rhythm(self, family: Family, meta: Meta, at: int) -> bool:
        """Nothing to compare with: rows that follow one another too fast, or belong to an older turn, are copies."""
        first, before, self.lead_ms = self.lead_ms < 0, self.lead_ms, at
        if self.old_turn:
            self.inferred = True
            return True
        if first:
            self.inferred = family.parent_known and meta.at > 0 and abs(at - meta.at) <= CREATION_MS
            return self.inferred
        self.open = 0 <= at - before <= BURST_MS
        self.inferred = self.inferred or self.open
        return self.open

    def turn(self, turn_id: str, thread: str) -> None:
        """A turn's id and a thread's id tell their time: the file's own work starts with a turn that is not older."""
        if not (self.open and _tells_time(turn_id) and _tells_time(thread)):
            return
        older = turn_id[:13] < thread[:13]
        if self.group < 0 and self.old_turn and not older:
            self.open = False
        self.old_turn = older


def _tells_time(identity: str) -> bool:
    return len(identity) == 36 and identity[14] == "7"
