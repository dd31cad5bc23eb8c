"""What becomes of another tool's journal: intervals become past timers, entries become notes or lines of check-ins (product 5.3, 5.4).

``look`` is the dry run with what the person wished so far, ``take`` does it as one edit. Existing timers win over imported ones, existing
words stay, and the same file again changes nothing. ``ask(f, *args)`` is ``f(store, *args)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine.changes import changes
from tokenpal.engine.files import Opened
from tokenpal.engine.journals import base, known
from tokenpal.engine.journals.base import Entry, Interval, Parsed
from tokenpal.engine.weeks import FIELDS, freeze
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import iso_week, local_day
from tokenpal.store import diaries, edits, maintenance, tasks, trial
from tokenpal.store.database import Store
from tokenpal.store.diaries import Laid, Said, Span
from tokenpal.translation import tr

Ask = Callable[..., Any]
NOTES: Final = "notes"
LINE_LENGTH: Final = 500


class Wish(msgspec.Struct, frozen=True):
    """What the person chose. ``tasks``: other names for groups, "" = leave this group out."""

    by: str = ""  # what intervals are named by, see journals.base.BY; "" = what names most
    tasks: dict[str, str] = {}
    to: str = NOTES  # where entries go: notes, or a field of the check-in


class Group(msgspec.Struct, frozen=True):
    """Intervals of one name in the file."""

    name: str
    intervals: int
    seconds: int
    task: str  # the task they go to, "" = left out
    known: bool  # there is this task


class Diary(msgspec.Struct, frozen=True):
    """What a journal holds and what becomes of it. Dates are those of the person's zone."""

    kind: str
    name: str
    wish: Wish
    first: str = ""
    until: str = ""
    choices: tuple[str, ...] = ()  # what intervals can be named by
    groups: tuple[Group, ...] = ()  # the longest first
    intervals: int = 0
    entries: int = 0
    running: int = 0
    laid: Laid = Laid()
    said: Said = Said()
    problems: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def makes(self) -> int:
        """Everything that is new by it."""
        return self.laid.timers + self.said.added


def look(ask: Ask, file: Opened, wish: Wish = Wish()) -> Diary:  # noqa: B008 - frozen
    """The dry run. Raises UsageError for a file that cannot be read or a wish that cannot be met."""
    return _tell(ask, file, wish, dry=True)


def take(ask: Ask, file: Opened, wish: Wish = Wish()) -> Diary:  # noqa: B008 - frozen
    """Do it, as one edit. Raises UsageError."""
    return _tell(ask, file, wish, dry=False)


def _tell(ask: Ask, file: Opened, wish: Wish, *, dry: bool) -> Diary:
    zone = ZoneInfo(ask(maintenance.zone_of))
    parsed = known.parser(file.diary)(_content(file), zone)
    choices = base.choices(parsed.intervals)
    by = wish.by or (choices[0] if choices else "words")
    if by not in base.BY or wish.to not in {NOTES, *FIELDS}:
        raise UsageError(f"{wish.by or wish.to!r} is no choice here.", f"Use one of: {', '.join((*base.BY, NOTES, *FIELDS))}.")
    met = msgspec.structs.replace(wish, by=by)
    named = base.groups(parsed.intervals, by)

    def run(store: Store) -> tuple[Laid, Said, frozenset[str]]:
        every = tasks.tasks(store, archived=True)
        have = {task.name.casefold() for task in every} | {task.ticket.casefold() for task in every if task.ticket}
        there = frozenset(name for name in (_target(name, met) for name in named) if name.casefold() in have)
        made = trial.tried(store, lambda: _write(store, file.diary, parsed, met, dry=True)) if dry else _write(store, file.diary, parsed, met)
        return *made, there

    laid, said, there = ask(run if dry else changes("labels", "tasks", "checkins", "usage")(run))
    times = [at for one in parsed.intervals for at in (one.start, one.end - 1)] + [one.at for one in parsed.entries]
    return Diary(
        file.diary, known.name(file.diary), met, _day(min(times, default=None), zone), _day(max(times, default=None), zone), choices,
        _groups(named, met, there), len(parsed.intervals), len(parsed.entries), parsed.running, laid, said,
        sum(one.count for one in parsed.problems), tuple(f"{one.position}: {one.reason} ({one.count})" for one in parsed.problems[:5]),
    )  # fmt: skip


def _content(file: Opened) -> bytes:
    with file.given.open() as opened:
        data = opened.read(base.MOST_BYTES + 1)
    if len(data) > base.MOST_BYTES:
        raise UsageError("This journal is longer than 32 MB.", "Export a part of it, such as one year.")
    return data


def _write(store: Store, kind: str, parsed: Parsed, wish: Wish, *, dry: bool = False) -> tuple[Laid, Said]:
    zone = maintenance.zone_of(store)
    with edits.editing(store, tr("Import from {name}", name=known.name(kind)), attribute) as change:
        laid = diaries.lay(change, _spans(parsed.intervals, wish))
        if wish.to == NOTES:
            said = diaries.note(change, [(one.at, one.text) for one in parsed.entries])
        else:
            said = diaries.write(change, _lines(parsed.entries, ZoneInfo(zone)), wish.to, lambda week: "" if dry else freeze(store, week, zone))
    return laid, said


def _spans(intervals: Iterable[Interval], wish: Wish) -> list[Span]:
    named = ((_target(base.name_of(one, wish.by), wish), one) for one in intervals)
    return [Span(task, one.start, one.end) for task, one in named if task]


def _lines(entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[str, str]]:
    return [(iso_week(local_day(one.at, zone)), " ".join(one.text.split())[:LINE_LENGTH]) for one in entries]


def _target(name: str, wish: Wish) -> str:
    return " ".join(wish.tasks.get(name, name).split())


def _groups(named: dict[str, tuple[Interval, ...]], wish: Wish, there: frozenset[str]) -> tuple[Group, ...]:
    found = [Group(name, len(some), sum(one.end - one.start for one in some), _target(name, wish), _target(name, wish) in there) for name, some in named.items()]
    return tuple(sorted(found, key=lambda group: (-group.seconds, group.name)))


def _day(at: int | None, zone: ZoneInfo) -> str:
    return "" if at is None else local_day(at, zone).isoformat()
