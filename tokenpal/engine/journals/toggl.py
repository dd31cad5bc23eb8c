"""Toggl Track: the detailed report as CSV, and time entries as JSON (API v9, reports v2 and v3).

Sources: engineering.toggl.com/docs (time entries, reports) and support.toggl.com ("Detailed report", export). The CSV has no zone:
its clock times are those of the person's profile there, taken as the person's zone here. API times carry their offset.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.engine.journals.base import Collector, Parsed, instant, json_of, line_of, lines_of, seconds_of, text_of

NAME: Final = "Toggl"
_NEEDED: Final = frozenset({"start date", "start time"})
_TIME: Final = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?$")
_DURATION: Final = re.compile(r"^(\d{1,3}):(\d{2}):(\d{2})$")
_DATES: Final = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y")
"""As a profile can be set; 03/04 is read as month and day, which is Toggl's own default."""


def is_mine(data: bytes) -> bool:
    """Whether a file looks like one of Toggl's; ``data`` is its beginning or all of it."""
    text = text_of(data[:65_536]).lstrip()
    if text[:1] in {"[", "{"}:
        names = set(re.findall(r'"(\w+)"\s*:', text[:20_000]))
        return {"workspace_id", "start", "duration"} <= names or {"time_entries", "description"} <= names or {"dur", "start", "pid"} <= names
    header = {_key(name) for name in next(_rows(text.split("\n", 1)[0]), [])}
    return header >= _NEEDED and bool(header & {"duration", "end time", "stop time"})


def parse(data: bytes, zone: ZoneInfo) -> Parsed:
    """The intervals."""
    found = Collector()
    text = text_of(data).lstrip()
    if text[:1] in {"[", "{"}:
        _document(json_of(data), found, zone)
    else:
        _table(text, found, zone)
    return found.done()


# ---------------------------------------------------------------------------------------------- CSV


def _rows(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error:
        return


def _key(name: str) -> str:
    return " ".join(name.strip().casefold().split())


def _table(text: str, found: Collector, zone: ZoneInfo) -> None:
    rows = _rows(text)
    header = [_key(name) for name in next(rows, [])]
    if not set(header) >= _NEEDED:
        found.problem("line 1", "is no head of a detailed report")
        return
    number = 1
    for number, cells in enumerate(rows, 2):
        row = dict(zip(header, cells, strict=False))
        if not any(cell.strip() for cell in cells):
            continue
        start = _moment(row.get("start date", ""), row.get("start time", ""), zone)
        end = _moment(row.get("end date") or row.get("stop date") or row.get("start date", ""), row.get("end time") or row.get("stop time", ""), zone)
        lasted = _DURATION.match(row.get("duration", "").strip())
        if start is not None and lasted:  # the one figure that a change of the clocks cannot bend
            hours, minutes, seconds = (int(part) for part in lasted.groups())
            end = start + hours * 3600 + minutes * 60 + seconds
        tags = lines_of([tag for tag in row.get("tags", "").split(",") if tag.strip()])
        words = {"project": _project(row.get("client", ""), row.get("project", "")), "task": line_of(row.get("task", "")), "words": line_of(row.get("description", ""))}
        found.interval(f"line {number}", start, end, tags=tags, **words)


def _project(client: object, project: object) -> str:
    """A project; the client's name only where there is no project."""
    return line_of(project) or line_of(client)


def _moment(day: str, clock: str, zone: ZoneInfo) -> int | None:
    match = _TIME.match(clock.strip())
    on = _date(day.strip())
    if match is None or on is None:
        return None
    hour, minute, second = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
    if match.group(4):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match.group(4).casefold() == "pm" else 0)
    try:
        return seconds_of(datetime.combine(on, time(hour, minute, second)), zone)
    except ValueError:
        return None


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text[:20], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


# ---------------------------------------------------------------------------------------------- JSON


def _document(document: Any, found: Collector, zone: ZoneInfo) -> None:
    rows = document.get("data") or document.get("time_entries") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        found.problem("the file", "is not a list of time entries")
        return
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            found.problem(f"entry {number}", "is no time entry")
            continue
        inner = row.get("time_entries")
        for one in inner if isinstance(inner, list) else [row]:  # reports v3 put the times of one description together
            if isinstance(one, dict):
                _entry(found, f"entry {number}", row, one, zone)
            else:
                found.problem(f"entry {number}", "is no time entry")


def _entry(found: Collector, position: str, about: dict[str, Any], times: dict[str, Any], zone: ZoneInfo) -> None:
    start = instant(times.get("start"), zone)
    end = instant(times.get("stop") or times.get("end"), zone)
    lasted = times.get("duration", times.get("seconds"))
    if start is not None and end is None and (lasted is None or (isinstance(lasted, int) and lasted < 0)):
        found.running += 1
        return
    if start is not None and end is None and isinstance(lasted, int) and not isinstance(lasted, bool) and lasted < 10**9:
        end = start + lasted
    project = line_of(about.get("project_name")) or line_of(about.get("project"))
    if not project and isinstance(about.get("project_id"), int):
        project = f"Toggl project {line_of(about['project_id'])}"
    names = {"project": project or line_of(about.get("client_name") or about.get("client")), "task": line_of(about.get("task_name") or about.get("task"))}
    found.interval(position, start, end, tags=lines_of(about.get("tags") or about.get("tag_names")), words=line_of(about.get("description")), **names)
