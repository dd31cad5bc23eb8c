"""What the check-in page asks and does: a week's words with their pins, its sessions by label, inserting, templates (product 5.4)."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine import insights, weeks
from tokenpal.engine.changes import changes
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.ranges import days_range, iso_week_days
from tokenpal.model.report import SessionRow
from tokenpal.store import checkins, diaries, edits, maintenance, sessions, templates
from tokenpal.store.database import Store
from tokenpal.store.edits import editing
from tokenpal.translation import tr

MOST_SESSIONS: Final = 300
ORDER: Final = ("exploration", "delivered", "waste", "")


class Pinned(msgspec.Struct, frozen=True):
    """A session behind a field's words; ``row`` None = it is not in the ledger (any more)."""

    field: str
    session: str
    row: SessionRow | None


class Words(msgspec.Struct, frozen=True):
    """What was written of a week, and what it could begin with."""

    checkin: CheckIn
    pins: tuple[Pinned, ...] = ()
    templates: tuple[str, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """A week's evidence: its figures now, its sessions grouped by label, those with a note first, and what its waste asks."""

    figures: weeks.Evidence
    rows: tuple[SessionRow, ...] = ()
    more: int = 0  # sessions without a label that are left out here
    question: str = ""


def words(store: Store, week: str) -> Words:
    """Raises UsageError for what is no week."""
    week = checkins.checked_week(week)
    pins = tuple(Pinned(pin.field, pin.session, sessions.session_row(store, pin.session)) for pin in checkins.pins(store, week))
    return Words(checkins.checkin_of(store, week) or CheckIn(week), pins, tuple(one.name for one in templates.templates(store)))


def shown(store: Store, week: str, zone: str) -> Shown:
    """The evidence as it is now. Raises UsageError."""
    week = checkins.checked_week(week)
    first, until = iso_week_days(week)
    span = days_range(first, until, ZoneInfo(zone))
    started = [row for row in sessions.sessions(store, first=first, until=until, zone=zone, limit=None) if row.started in span]
    worded = sorted((row for row in started if row.label or row.note), key=_place)
    rest = sorted((row for row in started if not row.label and not row.note), key=_place)
    room = max(6, 12 - len(worded))
    kept = (*worded[:MOST_SESSIONS], *rest[:room])
    return Shown(weeks.evidence(store, week, zone), kept, len(started) - len(kept), insights.question(store, week))


def _place(row: SessionRow) -> tuple[int, bool, int, int]:
    return ORDER.index(row.label) if row.label in ORDER else len(ORDER), not row.note, -row.measures.tokens.total, row.started


@changes("checkins")
def insert(store: Store, checkin: CheckIn, field: str, session: str) -> CheckIn:
    """Words with a note in them and the session pinned behind ``field``: one edit."""
    with store.transaction():
        before = edits.newest(store)
        if not checkin.evidence:
            checkin = msgspec.structs.replace(checkin, evidence=weeks.freeze(store, checkin.week, maintenance.zone_of(store)))
        saved = checkins.save_checkin(store, checkin)
        pin(store, checkin.week, field, session)
        edits.join(store, since=before)
    return saved


@changes("checkins")
def pin(store: Store, week: str, field: str, session: str) -> None:
    """A session behind the words of a field, after those that are there. Raises UsageError."""
    there = _sessions(store, week, field)
    if session not in there:
        checkins.set_pins(store, week, field, [*there, session])


@changes("checkins")
def unpin(store: Store, week: str, field: str, session: str) -> None:
    """Take it away again. Raises UsageError."""
    checkins.set_pins(store, week, field, [one for one in _sessions(store, week, field) if one != session])


def _sessions(store: Store, week: str, field: str) -> list[str]:
    return [one.session for one in checkins.pins(store, checkins.checked_week(week)) if one.field == field]


@changes("checkins")
def begin(store: Store, week: str, template: str) -> tuple[str, ...]:
    """A template's words into the fields that are empty; which were filled. Nothing written is replaced. Raises UsageError."""
    week = checkins.checked_week(week)
    found = template_named(store, template)
    zone = maintenance.zone_of(store)
    with editing(store, tr("Start the check-in of {week} from {name}", week=week, name=found.name)) as change:
        return diaries.fill(change, week, found, checkins.FIELDS, lambda one: weeks.freeze(store, one, zone))


def template_named(store: Store, name: str) -> Template:
    """The template of this name, whatever the case. Raises UsageError."""
    wanted = " ".join(name.split()).casefold()
    every = templates.templates(store)
    found = next((one for one in every if one.name.casefold() == wanted), None)
    if found is None:
        there = ", ".join(one.name for one in every)
        raise UsageError(tr("There is no template {name}.", name=repr(name)), tr("There are: {names}.", names=there) if there else tr("Make one on the Check-in page."))
    return found


def every_template(store: Store) -> tuple[Template, ...]:
    """All templates by name."""
    return tuple(templates.templates(store))


@changes("checkins")
def change_template(store: Store, name: str, template: Template) -> None:
    """Other words, or another name, for a template: one edit. Raises UsageError."""
    with store.transaction():
        before = edits.newest(store)
        if template.name != name:
            templates.delete_template(store, name)
        templates.save_template(store, template)
        edits.join(store, since=before)
