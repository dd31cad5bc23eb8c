"""How a session is named and placed in time. A title comes from the person or from the repository, never from a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenpal.engine import providers
from tokenpal.translation import mark, tr
from tokenpal.ui import times

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tokenpal.model.report import SessionRow

REASONS = {  # waste reasons as a person reads them, numbered 1 to 6 in this order
    "wrong model": mark("wrong model"), "missing context": mark("missing context"), "loop": mark("loop"), "unclear task": mark("unclear task"),
    "tool failure": mark("tool failure"), "other": mark("other"),
}  # fmt: skip
VIA = {  # how a session came to its task
    "hand": mark("by hand"), "split": mark("by a split"), "timer": mark("by the timer"), "rule": mark("by rule"), "project default": mark("by project"),
}  # fmt: skip
EVERYBODY = frozenset({"", "no-key", "all-keys", "this-key", "mine"})  # a report's day that is of no key in particular
RUNNING_SECONDS = 600
"""A session with use in the last ten minutes is shown as running."""


def agent_name(agent: str, otherwise: str = "") -> str:
    """What people call an agent, as its source says; ``otherwise``, or the id, for one that this version does not know."""
    info = providers.info(agent)
    return info.name if info is not None else otherwise or agent


def last_part(path: str) -> str:
    """The folder's own name of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def title(row: SessionRow) -> str:
    """First line of the note, else the branch, else the project, else the account."""
    note = row.note.strip().partition("\n")[0]
    branch = row.branch if row.branch not in {"", "main", "master", "HEAD", "no branch"} else ""
    return note or branch or last_part(row.project) or row.account


def reason_words(reason: str) -> str:
    """A waste reason in the person's language."""
    return tr(REASONS[reason]) if reason in REASONS else reason


def begin_large(said: str) -> str:
    """With a capital at the beginning: for buttons and sentences."""
    return said[:1].upper() + said[1:]


def running(row: SessionRow, now: int) -> bool:
    """Whether the session was used within the last minutes."""
    return row.grain == "request" and now - row.ended < RUNNING_SECONDS


def part(row: SessionRow) -> str:
    """The key, project or workspace whose day this is, of a provider's report; "" for others."""
    parts = row.id.split(":")
    return parts[2] if row.grain != "request" and len(parts) == 4 and parts[2] not in EVERYBODY else ""


def span(row: SessionRow, moment: Callable[[int], datetime], now: int) -> str:
    """``14:02 – now``, ``09:04 – 10:56``, or ``UTC day`` for a provider's day."""
    if row.grain == "day":
        return tr("UTC day")
    return times.span(moment(row.started), None if running(row, now) else moment(row.ended))


def second_line(row: SessionRow, moment: Callable[[int], datetime], now: int) -> str:
    """Time, key, task and reason."""
    parts = [span(row, moment, now), *filter(None, [part(row)]), row.task or tr("No task")]
    if row.reason:
        parts.append(reason_words(row.reason))
    if running(row, now):
        parts.append(tr("running {time}", time=times.duration(now - row.started)))
    return " · ".join(parts)
