"""The pages of an archive for people: check-ins and notes as Markdown, and what the file is (resources/formats/archive.md).

They follow from the lines beside them and are never read back. English, whatever the window speaks: archives of one person are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.engine import weeks
from tokenpal.insight import numbers
from tokenpal.insight.marktext import inline
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week_days
from tokenpal.model.session import Label
from tokenpal.store import checkins, maintenance
from tokenpal.store.database import Store
from tokenpal.store.notebook import Noted, notebook

README: Final = """\
# An archive of tokenpal

Everything that tokenpal knows of one person's use of AI, and everything that person wrote, at one moment.

- `tokenpal.jsonl`: all of it, as JSON lines. This is what `tokenpal import` reads back, without loss.
- `check-ins.md`: the weekly check-ins, for reading.
- `notes.md`: the notes on sessions, for reading.

Read it into an empty profile, or into another machine's, with `tokenpal import FILE` or in Settings, Data. What both have is
counted once; of two versions of a label, a note or a check-in the newer one stays.

Not in it: keys (they stay in the credential store), settings (they are a file of their own), how far logs were read, the undo
history, and what was notified. Prompts and answers are not in it either: tokenpal never has them. It holds names of folders and
branches in clear.

The format is described at resources/formats/archive.md in tokenpal's repository. The first line of `tokenpal.jsonl` names its
version, `tokenpal-archive/1`; kinds of lines that a reader does not know are to be left out.
"""


def check_ins(store: Store) -> Iterator[str]:
    """The page of all weeks, the oldest first, line by line. Figures are those that a week was written with."""
    with numbers.plain():
        yield "# Check-ins"
        for checkin in reversed(checkins.checkins(store)):
            yield ""
            yield from _week(checkin)


def _week(checkin: CheckIn) -> Iterator[str]:
    first, until = iso_week_days(checkin.week)
    frozen = weeks.frozen_evidence(checkin)
    yield f"## {checkin.week} ({first} to {until.fromordinal(until.toordinal() - 1)})"
    if frozen is not None:
        yield ""
        yield weeks.summary(frozen)
    for name, title in weeks.FIELDS.items():
        text = getattr(checkin, name)
        if text:
            yield from ("", f"### {title}", "", *text.splitlines())


def notes(store: Store) -> Iterator[str]:
    """The page of all notes by day, the oldest first, line by line. Days are those of the zone that the data is kept in."""
    zone = ZoneInfo(maintenance.zone_of(store))
    day = ""
    yield "# Notes"
    for one in notebook(store):
        moment = datetime.fromtimestamp(one.at, UTC).astimezone(zone)
        here = f"{moment:%Y-%m-%d}" if one.at else "Sessions without use here"
        if here != day:
            day = here
            yield from ("", f"## {day}")
        yield from ("", f"### {f'{moment:%H:%M} ' if one.at else ''}{_name(one.task) or 'No task'}", "")
        yield _facts(one)
        if one.note:
            yield ""
            yield from (f"> {line}".rstrip() for line in one.note.splitlines())  # whatever it holds, it is no heading of ours


def _facts(one: Noted) -> str:
    label = f"{one.label}, {one.reason}" if one.label == Label.WASTE and one.reason else one.label or "not labelled"
    minutes = "" if one.minutes_saved is None else f"{one.minutes_saved} minutes saved, as estimated"
    tags = " ".join(f"#{tag}" for tag in one.tags)
    key = _line(one.session).replace("`", "'")
    return " · ".join(part for part in (label, _name(one.project), _name(one.branch), _line(one.link), minutes, _name(tags), f"`{key}`") if part)


def _name(text: str) -> str:
    """A name out of a log or a repository that is anybody's: never a picture, a link or a mark of the page."""
    return inline(_line(text))


def _line(text: str) -> str:
    return " ".join(text.split())
