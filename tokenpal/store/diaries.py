"""Time and words that other tools kept, put into the journal inside one edit: timers, notes on sessions, lines of check-ins.

What is there wins: a timer is laid only where none runs, a note or a line is added only where it does not stand already. So the same
file again changes nothing, and one undo takes all of it back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.model.journal import Template
from tokenpal.store.database import Store
from tokenpal.store.edits import Change
from tokenpal.store.journal import NOTE_LENGTH
from tokenpal.store.tasks import new_task, task_named
from tokenpal.translation import tr

NEAR: Final = 3600  # an entry belongs to a session that ended or begins within the hour
OPEN_SESSION: Final = 7 * 86_400  # how long ago a session may have begun that still covers a moment
MOST_NEW_TASKS: Final = 500
FIELD_LENGTH: Final = 100_000  # a field of a check-in takes no more lines from elsewhere; nobody could read them


class Span(msgspec.Struct, frozen=True):
    """[start, end), epoch seconds, for the task of this name."""

    task: str
    start: int
    end: int


class Laid(msgspec.Struct, frozen=True):
    """What became of spans. ``covered``: seconds that a timer of before has already."""

    timers: int = 0
    seconds: int = 0
    tasks: tuple[str, ...] = ()  # new ones
    covered: int = 0
    refused: int = 0  # spans whose name no task can have


class Said(msgspec.Struct, frozen=True):
    """What became of words."""

    added: int = 0
    places: int = 0  # sessions or weeks they went to
    known: int = 0  # stood there already
    unplaced: int = 0  # no session within the hour, or no room


def lay(change: Change, spans: Iterable[Span]) -> Laid:
    """Timers for the free parts of spans; of two spans that overlap the earlier wins. Raises UsageError for too many new tasks."""
    store = change.store
    busy = [(start, change.now if end is None else end, end is None) for start, end in store.execute('SELECT start, "end" FROM timer ORDER BY start')]
    ids: dict[str, int | None] = {}
    new: list[str] = []
    timers = seconds = covered = refused = place = 0
    until = 0  # what is laid reaches this far
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        end = min(span.end, change.now)
        cursor = max(span.start, until)
        pieces: list[tuple[int, int]] = []
        while place < len(busy) and busy[place][1] <= span.start and not busy[place][2]:
            place += 1
        for at in range(place, len(busy)):
            start, stop, runs = busy[at]
            if start >= end:
                break
            if start > cursor:
                pieces.append((cursor, min(start, end)))
            cursor = end if runs else max(cursor, stop)
            if cursor >= end:
                break
        if cursor < end:
            pieces.append((cursor, end))
        covered += max(0, end - span.start) - sum(stop - start for start, stop in pieces)
        until = max(until, end)
        task = _task(change, span.task, ids, new) if pieces else None
        refused += bool(pieces) and task is None
        for start, stop in pieces if task is not None else []:
            change.put("timer", {"id": change.new_id("timer"), "task": task, "start": start, "end": stop})
            timers += 1
            seconds += stop - start
    return Laid(timers, seconds, tuple(new), covered, refused)


def _task(change: Change, name: str, ids: dict[str, int | None], new: list[str]) -> int | None:
    if name not in ids:
        found = task_named(change.store, name)
        if found is not None:
            ids[name] = found.id
        elif len(new) >= MOST_NEW_TASKS:
            raise UsageError(
                tr("This would make more than {count} tasks.", count=MOST_NEW_TASKS), tr("Choose another name for them: by project, or by the first tag.")
            )
        else:
            try:
                ids[name] = new_task(change, name)
                new.append(name)
            except UsageError:
                ids[name] = None
    return ids[name]


def note(change: Change, entries: Sequence[tuple[int, str]]) -> Said:
    """Entries (epoch seconds, text) onto the session they fall in, or the nearest within the hour."""
    starts, rows = _sessions(change.store, entries)
    added = known = unplaced = 0
    places: set[str] = set()
    for at, text in entries:
        session = _session_at(at, starts, rows)
        if session is None:
            unplaced += 1
            continue
        row = change.get("annotation", session) or {"session": session, "note": ""}
        whole = with_line(str(row["note"]), text)
        if whole is None:
            known += 1
        elif len(whole) > NOTE_LENGTH:
            unplaced += 1
        else:
            change.put("annotation", row | {"note": whole, "note_at": change.now})
            places.add(session)
            added += 1
    return Said(added, len(places), known, unplaced)


def _sessions(store: Store, entries: Sequence[tuple[int, str]]) -> tuple[list[int], list[tuple[int, int, str]]]:
    first, last = min((at for at, _ in entries), default=0), max((at for at, _ in entries), default=0)
    found = store.execute(
        "SELECT first_at, last_at, key FROM session WHERE first_at > 0 AND first_at BETWEEN ? AND ? ORDER BY first_at, key",
        (first - OPEN_SESSION, last + NEAR),
    ).fetchall()
    rows = [(start, end, key) for start, end, key in found]
    return [row[0] for row in rows], rows


def _session_at(at: int, starts: list[int], rows: list[tuple[int, int, str]]) -> str | None:
    """Of the sessions that cover the moment the one that began last, else the nearest."""
    near = rows[bisect_left(starts, at - OPEN_SESSION) : bisect_right(starts, at + NEAR)]
    inside = [row for row in near if row[0] <= at <= row[1]]
    if inside:
        return inside[-1][2]
    distances = [(max(start - at, at - end), key) for start, end, key in near]
    return min(((far, key) for far, key in distances if far <= NEAR), default=(0, None))[1]


def write(change: Change, lines: Iterable[tuple[str, str]], field: str, freeze: Callable[[str], str]) -> Said:
    """Lines (ISO week, each text one line) into one field of their weeks' check-ins. ``freeze(week)`` gives the figures of a week that had none."""
    grouped: dict[str, list[str]] = {}
    for week, text in lines:
        grouped.setdefault(week, []).append(text)
    added = known = unplaced = places = 0
    for week, texts in grouped.items():
        row = change.get("checkin", week)
        if row is None:
            row = {"week": week, "tried": "", "worked": "", "failed": "", "learned": "", "evidence": freeze(week)}
        whole, before = str(row[field]), added
        have = {line.strip() for line in whole.splitlines()}
        for text in texts:
            if text.strip() in have:
                known += 1
            elif len(whole) + len(text) > FIELD_LENGTH:
                unplaced += 1
            else:
                whole = f"{whole.rstrip()}\n{text}" if whole.strip() else text
                have.add(text.strip())
                added += 1
        if added > before:
            change.put("checkin", row | {field: whole, "changed_at": change.now})
            places += 1
    return Said(added, places, known, unplaced)


def fill(change: Change, week: str, template: Template, fields: Sequence[str], freeze: Callable[[str], str]) -> tuple[str, ...]:
    """The template's words into the fields of a check-in that are empty; which were filled."""
    row = change.get("checkin", week)
    before = row or {"week": week, "evidence": freeze(week)} | dict.fromkeys(fields, "")
    filled = {field: words for field in fields if (words := getattr(template, field)) and not str(before[field]).strip()}
    if filled:
        change.put("checkin", before | filled | {"changed_at": change.now})
    return tuple(filled)


def with_line(whole: str, text: str) -> str | None:
    """A text with these lines after it, or None when they stand in it, one below the other."""
    have, more = [line.strip() for line in whole.splitlines()], [line.strip() for line in text.splitlines()]
    if any(have[at : at + len(more)] == more for at in range(len(have) - len(more) + 1)):
        return None
    return f"{whole.rstrip()}\n{text}" if whole.strip() else text
