"""The weekly check-in: four fields in the person's words and a frozen copy of the week's figures (product 3, decisions 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Pin
from tokenpal.model.names import whole
from tokenpal.model.ranges import iso_week, iso_week_days
from tokenpal.store.database import Store
from tokenpal.store.edits import editing, join
from tokenpal.store.search import match_expression
from tokenpal.translation import tr

FIELDS: Final = ("tried", "worked", "failed", "learned")


SITTING: Final = 60
"""Seconds of writing that one undo takes back: it is saved every moment, and the history keeps 200 edits."""


def save_checkin(store: Store, checkin: CheckIn, now: int | None = None, *, sitting: bool = False) -> CheckIn:
    """Keep a week's words. ``evidence`` (JSON) replaces the frozen figures only when it is not empty.

    ``sitting``: it is saved while the person writes, so one undo takes back what was written within ``SITTING``.
    """
    week = checked_week(checkin.week)
    with store.transaction():
        _save(store, week, checkin, now)
        if sitting:
            join(store, within=SITTING)
    found = checkin_of(store, week)
    return found or CheckIn(week)


def _save(store: Store, week: str, checkin: CheckIn, now: int | None) -> None:
    with editing(store, tr("Write the check-in of {week}", week=week), now=now) as change:
        row = {"week": week, "changed_at": change.now} | {name: whole(getattr(checkin, name)).strip() for name in FIELDS}
        old = change.get("checkin", week)
        row["evidence"] = checkin.evidence or (old or {}).get("evidence", "")
        if old is None or any(old[name] != row[name] for name in (*FIELDS, "evidence")):
            change.put("checkin", row)


def checkin_of(store: Store, week: str) -> CheckIn | None:
    """The check-in of an ISO week, or None."""
    row = store.execute("SELECT week, tried, worked, failed, learned, evidence, changed_at FROM checkin WHERE week = ?", (week,)).fetchone()
    return None if row is None else CheckIn(*row)


def checkins(store: Store) -> list[CheckIn]:
    """All check-ins, newest week first."""
    rows = store.execute("SELECT week, tried, worked, failed, learned, evidence, changed_at FROM checkin ORDER BY week DESC")
    return [CheckIn(*row) for row in rows]


def written_weeks(store: Store, first: str = "", last: str = "", text: str = "") -> list[str]:
    """ISO weeks from ``first`` to ``last`` (both inside, "" = open) with words, newest first; with ``text`` those that have all of its words."""
    match = match_expression(text)
    if text.strip() and not match:
        return []
    with_text = " AND week IN (SELECT r.ref FROM search s CROSS JOIN search_ref r ON r.id = s.rowid WHERE search MATCH ? AND r.kind = 'checkin')"
    rows = store.execute(
        "SELECT week FROM checkin WHERE (?1 = '' OR week >= ?1) AND (?2 = '' OR week <= ?2) AND tried || worked || failed || learned <> ''"
        f"{with_text.replace('?', '?3') if match else ''} ORDER BY week DESC",
        (first, last, *([match] if match else [])),
    )
    return [week for (week,) in rows]


def set_pins(store: Store, week: str, field: str, sessions: Sequence[str], now: int | None = None) -> None:
    """The sessions behind the lines of a field, in the order of its lines; "" = nothing is pinned to this line. One edit."""
    week = checked_week(week)
    if field not in FIELDS:
        raise UsageError(tr("{word} is no field of a check-in.", word=repr(field)), tr("Use one of: {words}.", words=", ".join(FIELDS)))
    with editing(store, tr("Pin sessions to the check-in of {week}", week=week), now=now) as change:
        wanted = {position: session for position, session in enumerate(sessions) if session}
        for row in change.rows("checkin_pin", week=week, field=field):
            if row["position"] not in wanted:
                change.drop("checkin_pin", week, field, row["position"])
        for position, session in wanted.items():
            change.put("checkin_pin", {"week": week, "field": field, "position": position, "session": session})


def pins(store: Store, week: str) -> list[Pin]:
    """The pins of a week by field and line."""
    rows = store.execute("SELECT week, field, position, session FROM checkin_pin WHERE week = ? ORDER BY field, position", (week,))
    return [Pin(*row) for row in rows]


def checked_week(week: str) -> str:
    """An ISO week in its one spelling, such as 2026-W47. Raises UsageError."""
    try:
        return iso_week(iso_week_days(week.strip().upper())[0])
    except ValueError:
        raise UsageError(tr("{word} is no week.", word=repr(week)), tr("Write it like 2026-W47.")) from None
