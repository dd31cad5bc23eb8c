"""What the journals of other tools come to: intervals and entries in UTC seconds, problems, and the bounds of both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.usage import Problem

MOST_BYTES: Final = 32 << 20
MOST_ITEMS: Final = 50_000
EARLIEST: Final = 946_684_800  # 2000-01-01: nobody timed work with an agent before
LATEST: Final = 4_102_444_800  # 2100-01-01
LONGEST: Final = 31 * 86_400  # a timer that was forgotten is no work
NAME_LENGTH: Final = 200
TEXT_LENGTH: Final = 10_000


class Interval(msgspec.Struct, frozen=True):
    """Time that was spent, [start, end) in epoch seconds, and what the other tool knows of it; "" and () = nothing."""

    start: int
    end: int
    tags: tuple[str, ...] = ()
    project: str = ""
    task: str = ""
    words: str = ""  # description or annotation


class Entry(msgspec.Struct, frozen=True):
    """A journal entry: epoch seconds, its text, first line first."""

    at: int
    text: str


class Parsed(msgspec.Struct, frozen=True):
    """What a file holds."""

    intervals: tuple[Interval, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    running: int = 0  # timers that had not ended when the file was written; they are left out


class Collector:
    """Gathers intervals and entries within bounds; what is out of bounds becomes a problem, counted by its reason."""

    def __init__(self) -> None:
        self.intervals: list[Interval] = []
        self.entries: list[Entry] = []
        self.running = 0
        self._reasons: Counter[str] = Counter()
        self._places: dict[str, str] = {}

    def problem(self, position: str, reason: str) -> None:
        """One more that cannot be read. ``reason`` never holds a piece of the input."""
        self._reasons[reason] += 1
        self._places.setdefault(reason, position)

    def interval(self, position: str, start: int | None, end: int | None, **words: Any) -> None:
        """Takes it when it is a believable stretch of time."""
        if start is None or end is None:
            self.problem(position, "has no time that can be read")
        elif not EARLIEST <= start <= end <= LATEST:
            self.problem(position, "ends before it begins, or lies in another century")
        elif end - start > LONGEST:
            self.problem(position, "lasts longer than a month")
        elif len(self.intervals) >= MOST_ITEMS:
            self.problem(position, "is one too many")
        elif end > start:
            self.intervals.append(Interval(start, end, **words))

    def entry(self, position: str, at: int | None, text: str) -> None:
        """Takes it when it has words and a time."""
        clean = text.strip()[:TEXT_LENGTH]
        if at is None or not EARLIEST <= at <= LATEST:
            self.problem(position, "has no time that can be read")
        elif len(self.entries) >= MOST_ITEMS:
            self.problem(position, "is one too many")
        elif clean:
            self.entries.append(Entry(at, clean))

    def done(self) -> Parsed:
        """All of it, by time."""
        problems = tuple(Problem("", self._places[reason], reason, number) for reason, number in self._reasons.most_common())
        intervals = tuple(sorted(self.intervals, key=lambda one: (one.start, one.end, one.tags, one.project, one.task, one.words)))
        return Parsed(intervals, tuple(sorted(self.entries, key=lambda one: (one.at, one.text))), problems, self.running)


def line_of(value: object, most: int = NAME_LENGTH) -> str:
    """A value as one clean line; "" for what is no text or number. Control characters are no words."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)[: most * 4] if isinstance(value, str) else str(value) if abs(value) < 10**18 else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def lines_of(value: object) -> tuple[str, ...]:
    """A list of values as clean lines, each once, in their order; at most 50."""
    found = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return tuple(dict.fromkeys(line for one in found[:50] if (line := line_of(one))))


def instant(value: object, zone: ZoneInfo) -> int | None:
    """Epoch seconds of an ISO time, extended or basic; one without an offset is a clock in ``zone``. None for what is none."""
    if not isinstance(value, str) or not 8 <= len(value) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return seconds_of(moment, zone)


def seconds_of(moment: datetime, zone: ZoneInfo) -> int | None:
    """Epoch seconds. A clock time that occurs twice is the first of the two; one that was skipped is the moment it would have been."""
    try:
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def text_of(data: bytes) -> str:
    """The text of a file, whatever was done to it: UTF-8 or UTF-16 with a mark, line ends as they come."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def json_of(data: bytes) -> Any:
    """The document, or None."""
    try:
        return json.loads(text_of(data), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


Parse = Callable[[bytes, ZoneInfo], Parsed]


def groups(intervals: Iterable[Interval], by: str) -> dict[str, tuple[Interval, ...]]:
    """Intervals under the name that ``by`` gives them: "tags", "tag" (the first one), "project", "task" or "words"; "" = none."""
    found: dict[str, list[Interval]] = {}
    for one in intervals:
        found.setdefault(name_of(one, by), []).append(one)
    return {name: tuple(some) for name, some in found.items()}


def name_of(interval: Interval, by: str) -> str:
    """What an interval is called."""
    if by == "tags":
        return ", ".join(interval.tags)[:NAME_LENGTH]
    if by == "tag":
        return interval.tags[0] if interval.tags else ""
    return {"project": interval.project, "task": interval.task, "words": interval.words}[by]


BY: Final = ("project", "task", "tag", "tags", "words")
"""What intervals can be named by, in the order in which the first that names most is proposed."""


def choices(intervals: Iterable[Interval]) -> tuple[str, ...]:
    """The ways to name these intervals: those that name any, the one that names the most of the time first."""
    sums: dict[str, int] = dict.fromkeys(BY, 0)
    for one in intervals:
        for by in BY:
            sums[by] += one.end - one.start if name_of(one, by) else 0
    most = max(sums.values(), default=0)
    known = [by for by in BY if sums[by]]
    return tuple(sorted(known, key=lambda by: (sums[by] < most * 0.9, BY.index(by))))
