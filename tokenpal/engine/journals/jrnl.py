"""jrnl: its JSON export (``jrnl --format json``) and its plain text, as in the journal file or ``jrnl --format txt``.

Source: jrnl.sh/en/stable (formats, journal files) and jrnl's Entry and Journal classes, version 4. A text entry begins with
``[2026-11-16 09:30] Title.`` (before version 2 without brackets), also with seconds or with AM and PM; what follows up to the next
such line is its body. Times are clocks in the person's zone. A star at the end of the title is a mark, no word.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.engine.journals.base import Collector, Parsed, json_of, seconds_of, text_of

NAME: Final = "jrnl"
_CLOCK: Final = r"(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?"
_BRACKETED: Final = re.compile(rf"^\[{_CLOCK}\] ?(.*)$")
_BARE: Final = re.compile(rf"^{_CLOCK} (.*)$")
_STAMP: Final = re.compile(rf"^{_CLOCK}$")
_LONGEST_LINE: Final = 100_000


def is_mine(data: bytes) -> bool:
    """Whether a file looks like one of jrnl's; ``data`` is its beginning or all of it."""
    text = text_of(data[:65_536]).lstrip()
    if text.startswith("{"):
        return '"entries"' in text and '"title"' in text and '"body"' in text and '"date"' in text
    first = text.split("\n", 1)[0].rstrip("\r")
    return bool(_BRACKETED.match(first) or _BARE.match(first))


def parse(data: bytes, zone: ZoneInfo) -> Parsed:
    """The entries, title and body as one text."""
    found = Collector()
    text = text_of(data).lstrip()
    if text.startswith("{"):
        _exported(json_of(data), found, zone)
    else:
        _text(text, found, zone)
    return found.done()


def _exported(document: Any, found: Collector, zone: ZoneInfo) -> None:
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        found.problem("the file", "is not a list of entries")
        return
    for number, one in enumerate(entries, 1):
        if not isinstance(one, dict):
            found.problem(f"entry {number}", "is no entry")
            continue
        day, clock, title, body = (one.get(name) if isinstance(one.get(name), str) else "" for name in ("date", "time", "title", "body"))
        match = _STAMP.match(f"{day} {clock}")
        found.entry(f"entry {number}", _at(match.groups(), zone) if match else None, _words(str(title), str(body)))


def _text(text: str, found: Collector, zone: ZoneInfo) -> None:
    lines = text.splitlines()
    head = _BRACKETED if any(_BRACKETED.match(line[:_LONGEST_LINE]) for line in lines[:1]) else _BARE
    started: tuple[int, int | None, str] | None = None  # line, time, title
    body: list[str] = []
    for number, line in enumerate(lines, 1):
        match = head.match(line[:_LONGEST_LINE])
        if match is None:
            body.append(line)
            continue
        if started is not None:
            found.entry(f"line {started[0]}", started[1], _words(started[2], "\n".join(body)))
        elif any(one.strip() for one in body):
            found.problem("line 1", "stands before the first entry")
        *clock, title = match.groups()
        started, body = (number, _at(tuple(clock), zone), title), []
    if started is not None:
        found.entry(f"line {started[0]}", started[1], _words(started[2], "\n".join(body)))
    elif lines:
        found.problem("line 1", "is no entry of a journal")


def _words(title: str, body: str) -> str:
    clean = title.strip()
    clean = clean.removesuffix(" *").rstrip() if clean.endswith(" *") else clean
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in f"{clean}\n{body.strip()}")
    return kept.strip()


def _at(parts: tuple[str | None, ...], zone: ZoneInfo) -> int | None:
    year, month, day, hour, minute, second, half = parts
    try:
        clock = int(hour or 0)
        if half:
            if not 1 <= clock <= 12:
                return None
            clock = clock % 12 + (12 if half in "pP" else 0)
        return seconds_of(datetime(int(year or 0), int(month or 0), int(day or 0), clock, int(minute or 0), int(second or 0)), zone)  # noqa: DTZ001 - a clock; its zone comes next
    except (ValueError, OverflowError):
        return None
