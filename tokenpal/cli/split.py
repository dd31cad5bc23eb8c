"""``tokenpal task split`` and ``tokenpal task merge``: one session that was work on two tasks."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.cli.profile import Profile, add_zone, local_time
from tokenpal.engine import commands as edits, queries
from tokenpal.model.errors import UsageError
from tokenpal.model.report import SessionRow


def add(part: Any) -> None:
    """``part(title, run, line)`` makes the parser of one part."""
    cut = part("split", split_session, "From a time on, a session's use belongs to another task.")
    cut.add_argument("session", metavar="SESSION", help="its id, the beginning of it, or: last")
    cut.add_argument("--at", metavar="TIME", required=True, help="2026-11-20T13:05, or 13:05 on the day the session began")
    cut.add_argument("--task", metavar="TASK", help="where the later part goes (default: what timer and rules say)")
    add_zone(cut)
    part("merge", merge_session, "Take back every split of a session.").add_argument(
        "session", metavar="SESSION", help="its id, the beginning of it, or: last"
    )


def split_session(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone = ZoneInfo(profile.zone(options.tz))
    with profile.store() as store:
        session = queries.find_session(store, options.session)
        row = queries.session(store, session)
        if row is None:
            raise UsageError(f"There is no use of {session!r}.", "Read the agents' logs with: tokenpal scan")
        at = _time(options.at, row, zone)
        task = queries.task(store, options.task) if options.task else None
        edits.split_session(store, session, at, task.id if task else None)
    print(f"{session}: from {local_time(at, zone)} on {task.name if task else 'as timer and rules say'}.")
    return None


def merge_session(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        session = queries.find_session(store, options.session)
        edits.merge_session(store, session)
    print(f"{session}: one part.")
    return None


def _time(text: str, row: SessionRow, zone: ZoneInfo) -> int:
    """Epoch seconds within the session. Raises UsageError."""
    began = datetime.fromtimestamp(row.started, zone)
    word = text.strip()
    try:
        found = datetime.fromisoformat(word if "-" in word else f"{began:%Y-%m-%d}T{word}")
        at = int((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time.", "Write it like 2026-11-20T13:05 or 13:05.") from None
    if not row.started < at <= row.ended:
        span = f"from {local_time(row.started, zone)} to {local_time(row.ended, zone)}"
        raise UsageError("The session has no use on both sides of that time.", f"It went {span}.")
    return at
