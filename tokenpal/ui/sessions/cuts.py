"""A session in time: its bars, which part each belongs to, where it could be cut, and what lies on either side. No widgets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenpal.model.journal import Split
from tokenpal.model.report import Moment, SegmentRow

BARS = 56


def steps(moments: Sequence[tuple[int, int]], start: int, end: int, count: int = BARS) -> list[int]:
    """Tokens in ``count`` equal steps of [start, end]; ``moments`` are (epoch seconds, tokens)."""
    bars = [0] * count
    width = max(1, end - start + 1)
    for at, tokens in moments:
        bars[min(count - 1, max(0, (at - start) * count // width))] += tokens
    return bars


@dataclass(frozen=True, slots=True)
class Part:
    """The use from ``start`` on, up to the next part."""

    start: int
    tokens: int
    task: str
    tint: int | None  # colour of the task; None = no task
    by_hand: bool  # begins at a split of the person, so that it can be merged with the part before


class Cuts:
    """``moments`` by time. Parts begin at splits and at timer edges; ``at`` of a bar is the first moment in it."""

    def __init__(self, moments: Sequence[Moment], segments: Sequence[SegmentRow], splits: Sequence[Split], start: int, end: int) -> None:
        self.start, self.end = start, end
        self.moments = tuple((m.at, m.tokens.total) for m in moments)
        self._times = [at for at, _ in self.moments]
        self.bars = steps(self.moments, start, end)
        self.splits = tuple(split.at for split in splits)
        edges = sorted({part.cut for part in segments if part.cut > start} | {at for at in self.splits if start < at <= end})
        self.parts = tuple(self._part(low, high, segments) for low, high in zip([start, *edges], [*edges, end + 1], strict=True))

    def _part(self, low: int, high: int, segments: Sequence[SegmentRow]) -> Part:
        inside = [part for part in segments if low <= part.started < high] or [part for part in segments if part.started < high]
        tokens = self.between(low, high)
        if not inside:
            return Part(low, tokens, "", None, low in self.splits)
        largest = max(inside, key=lambda part: part.measures.tokens.total)
        return Part(low, tokens, largest.task, largest.task_color if largest.task_id is not None else None, low in self.splits)

    def between(self, low: int, high: int) -> int:
        """Tokens in [low, high)."""
        return sum(tokens for _, tokens in self.moments[bisect_left(self._times, low) : bisect_left(self._times, high)])

    def width(self) -> float:
        """Seconds of a bar."""
        return max(1, self.end - self.start + 1) / BARS

    def bar_of(self, at: int) -> int:
        """The bar an instant lies in."""
        return min(BARS - 1, max(0, (at - self.start) * BARS // max(1, self.end - self.start + 1)))

    def at_of(self, bar: int) -> int | None:
        """Where a cut before this bar would lie: its first moment; None for an empty bar and for the start of the session."""
        place = bisect_left(self._times, bar, key=self.bar_of)
        there = 0 < place < len(self._times) and self.bar_of(self._times[place]) == bar
        return self._times[place] if there and self._times[place] > self.start else None

    def places(self) -> list[int]:
        """The bars before which the session can be cut, by time."""
        return [bar for bar in range(BARS) if self.bars[bar] and self.at_of(bar) is not None]

    def best(self) -> int | None:
        """The bar after the longest pause: where a cut most likely belongs."""
        good = set(self.places())
        found = [(later - sooner, -self.bar_of(later)) for sooner, later in pairwise(self._times) if self.bar_of(later) in good]
        return -max(found)[1] if found else None

    def part_at(self, at: int) -> int:
        """The number of the part an instant lies in."""
        return max(0, bisect_right([part.start for part in self.parts], at) - 1)

    def sides(self, at: int) -> tuple[int, int]:
        """Tokens of the part before a cut at ``at`` and of the part from there on."""
        number = self.part_at(at)
        until = self.parts[number + 1].start if number + 1 < len(self.parts) else self.end + 1
        return self.between(self.parts[number].start, at), self.between(at, until)
