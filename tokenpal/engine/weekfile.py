"""Check-ins to hand on: one week or several, as Markdown or plain text, to the clipboard or into a file (product 5.4)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tokenpal.engine import weeks
from tokenpal.insight.numbers import plain as in_clear
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn
from tokenpal.store import checkins
from tokenpal.store.database import Store

FORMS: Final = ("markdown", "text")


def page(store: Store, week: str, zone: str, form: str = "markdown") -> str:
    """One week: what was written, with the figures it was written with, or those of now. Raises UsageError for what is no week."""
    with in_clear():
        if form == "markdown":
            return weeks.checkin_markdown(store, week, zone)
        week = checkins.checked_week(week)
        checkin = checkins.checkin_of(store, week) or CheckIn(week)
        kept = weeks.frozen_evidence(checkin)
        return text(checkin, kept or weeks.evidence(store, week, zone), kept is not None)


def pages(store: Store, some: Sequence[str], zone: str, form: str = "markdown", title: str = "") -> str:
    """Several weeks as one text, oldest first, each as ``page`` has it; headings go one level down below the title."""
    every = [page(store, week, zone, form) for week in sorted(set(some))]
    if form != "markdown":
        return "\n\n".join([*([f"{title}\n{'=' * len(title)}\n"] if title else []), *every])
    if not title:
        return "\n".join(every)
    lower = ("\n".join(f"#{line}" if line.startswith("#") else line for line in one.split("\n")) for one in every)
    return "\n".join([f"# {title}\n", *lower])


def text(checkin: CheckIn, evidence: weeks.Evidence, frozen: bool = False) -> str:
    """The page without marks."""
    head = f"Check-in {checkin.week}"
    lines = [head, "-" * len(head), f"{weeks.span_of(checkin.week)}. {weeks.summary(evidence)}", *([weeks.origin_line(evidence, frozen)] if evidence.tokens else []), ""]
    for name, title in weeks.FIELDS.items():
        if words := getattr(checkin, name):
            lines += [f"{title}:", *(f"  {line}".rstrip() for line in words.splitlines()), ""]
    return "\n".join(lines)


def save(store: Store, name: str, some: Sequence[str], zone: str, title: str = "") -> int:
    """Write weeks to a file, plain text for .txt and Markdown for any other; how many weeks. Raises UsageError when it cannot be written."""
    target = Path(name).expanduser()
    form = "text" if target.suffix.lower() == ".txt" else "markdown"
    write(target, pages(store, some, zone, form, title if len(set(some)) > 1 else ""))
    return len(set(some))


def write(target: Path, words: str) -> None:
    """All of it or nothing, readable by the person only. Raises UsageError."""
    if target.is_dir():
        raise UsageError(f"{target} is a folder.", "Give the name of a file.")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        with open(partial, "w", encoding="utf-8", errors="replace", newline="\n", opener=_private) as file:
            file.write(words if words.endswith("\n") else f"{words}\n")
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def written(store: Store, first: str = "", last: str = "") -> list[str]:
    """Weeks from ``first`` to ``last`` (both inside, "" = open) that have words, oldest first."""
    return checkins.written_weeks(store, first, last)[::-1]
