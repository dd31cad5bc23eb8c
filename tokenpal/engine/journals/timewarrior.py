"""Timewarrior: ``timew export`` (a JSON array) and its data files (``YYYY-MM.data``, a line for each interval).

Source: timewarrior.net/docs and libtimewarrior's IntervalFactory and Interval::serialize, version 1.7. Times are UTC, written
``20260405T160000Z``. A line is ``inc START [- END] [# TAG "A TAG" ...] [# "ANNOTATION"]``; lines of other kinds are its own business.
"""

from __future__ import annotations

import re
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.engine.journals.base import Collector, Parsed, instant, json_of, line_of, lines_of, text_of

NAME: Final = "Timewarrior"
_LINE: Final = re.compile(r"^inc (\d{8}T\d{6}Z)(?: - (\d{8}T\d{6}Z))?(?:\s*$| # ?(.*)$)")
_STAMP: Final = re.compile(r"^\d{8}T\d{6}Z$")
_TAG: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_LONGEST_LINE: Final = 20_000


def is_mine(data: bytes) -> bool:
    """Whether a file looks like one of Timewarrior's; ``data`` is its beginning or all of it."""
    text = text_of(data[:65_536]).lstrip()
    if text.startswith("["):
        return bool(re.search(r'"start"\s*:\s*"\d{8}T\d{6}Z"', text))
    return any(_LINE.match(line) for line in text.splitlines()[:50])


def parse(data: bytes, zone: ZoneInfo) -> Parsed:
    """The intervals; ``zone`` says nothing here, since its times are UTC."""
    found = Collector()
    text = text_of(data).lstrip()
    if text.startswith("["):
        _exported(json_of(data), found, zone)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("inc "):
                _line(found, number, line, zone)
    return found.done()


def _exported(document: Any, found: Collector, zone: ZoneInfo) -> None:
    if not isinstance(document, list):
        found.problem("the file", "is not a list of intervals")
        return
    for number, one in enumerate(document, 1):
        position = f"interval {number}"
        if not isinstance(one, dict):
            found.problem(position, "is no interval")
        elif "end" not in one and _at(one.get("start"), zone) is not None:
            found.running += 1
        else:
            words = {"tags": lines_of(one.get("tags")), "words": line_of(one.get("annotation"))}
            found.interval(position, _at(one.get("start"), zone), _at(one.get("end"), zone), **words)


def _line(found: Collector, number: int, line: str, zone: ZoneInfo) -> None:
    match = _LINE.match(line[:_LONGEST_LINE])
    if match is None:
        found.problem(f"line {number}", "has no time that can be read")
        return
    start, end, rest = match.groups()
    if end is None:
        found.running += 1
        return
    tags, _, annotation = _apart(rest or "")
    found.interval(f"line {number}", _at(start, zone), _at(end, zone), tags=lines_of(tags), words=line_of(annotation))


def _apart(rest: str) -> tuple[list[str], str, str]:
    """Tags and annotation; a # within quotes is part of a tag."""
    tags: list[str] = []
    for match in _TAG.finditer(rest):
        if match.group(2) == "#":
            return tags, "#", " ".join(_word(part) for part in _TAG.finditer(rest[match.end() :]))
        tags.append(_word(match))
    return tags, "", ""


def _word(match: re.Match[str]) -> str:
    quoted, bare = match.groups()
    return re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare


def _at(value: object, zone: ZoneInfo) -> int | None:
    return instant(value, zone) if isinstance(value, str) and _STAMP.match(value) else None
