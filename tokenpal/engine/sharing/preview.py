"""The share report of a week as it would be sent: drawn once, kept, and shown with the meaning of each byte (decisions 7)."""

from __future__ import annotations

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import day_number, iso_week
from tokenpal.share import preview as shown, report
from tokenpal.store import facts
from tokenpal.store.database import Store
from tokenpal.translation import tr


class ShareLine(msgspec.Struct, frozen=True):
    """A piece of the report and what it means; ``answer`` marks what is said about the person."""

    code: str
    meaning: str
    answer: bool


class SharePreview(msgspec.Struct, frozen=True):
    """Exactly what would be sent of a week. ``banner`` says that it is an example, while there is no team."""

    week: str
    text: str
    lines: tuple[ShareLine, ...]
    banner: str


def share_preview(store: Store, week: str = "", now: int | None = None) -> SharePreview:
    """The report of an ISO week in UTC; "" = the one that ended last. The first look draws it, every later one shows that draw.

    Raises UsageError for what is no week, and for one that has not begun.
    """
    now = store.now() if now is None else now
    week = week.strip().upper() or report.last_week(now)
    monday, _ = report.week_days(week)
    week = iso_week(monday)
    if day_number(monday) * 86_400 > now:
        raise UsageError(tr("Week {week} has not begun.", week=week), tr("Choose this week or an earlier one."))
    with store.transaction():
        found = facts.week_facts(store, day_number(monday))
        draw, new = report.drawn_once(facts.draw_of(store, week), week, found.days_used, found.labels)
        if new:
            facts.keep_draw(store, week, report.kept(draw))
    made = shown.preview(draw)
    lines = tuple(ShareLine(line.text, line.meaning, line.text.startswith('{"id"')) for line in made.lines)
    return SharePreview(week, made.report.decode(), lines, made.banner)
