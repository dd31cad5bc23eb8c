"""Small counts that pages and check-ins stand on: use per task and label, pieces for previews, a share week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from tokenpal.model.session import Segment
from tokenpal.store.database import Store
from tokenpal.store.filters import LABELS

TOTAL: Final = "(b.fresh_input + b.cache_read + b.cache_write_5m + b.cache_write_1h + b.cache_write_other + b.output)"
SLOTS_A_DAY: Final = 96


class TaskUse(msgspec.Struct, frozen=True):
    """All use of one task with one label; ``task`` None = unassigned, ``label`` "" = not labelled."""

    task: int | None
    label: str
    tokens: int
    sessions: int


class WeekFacts(msgspec.Struct, frozen=True):
    """What the share report of one UTC ISO week is drawn from (sharing-protocol 5.3); nothing else of it leaves the store."""

    days_used: int
    labels: dict[str, int]  # label or "" -> sessions that started in the week


def task_use(store: Store) -> list[TaskUse]:
    """Tokens that count, by task and label, over all time."""
    return [
        TaskUse(*row)
        for row in store.execute(
            f"""SELECT g.task, IFNULL(l.label, ''), SUM({TOTAL}), COUNT(DISTINCT g.session) FROM by_segment b
            JOIN segment g ON g.id = b.segment LEFT JOIN {LABELS} l ON l.session = g.session GROUP BY 1, 2"""
        )
    ]


def pieces(store: Store) -> Iterator[tuple[Segment, int]]:
    """Every segment with its tokens, for previews of rules and for ticket suggestions."""
    models: dict[int, list[str]] = {}
    tokens: dict[int, int] = {}
    for segment, model, total in store.execute(f"SELECT b.segment, m.name, {TOTAL} FROM by_segment b JOIN model m ON m.id = b.model"):
        models.setdefault(segment, []).append(model)
        tokens[segment] = tokens.get(segment, 0) + total
    for id_, session, agent, account, project, branch, start, cut in store.execute(
        """SELECT g.id, s.key, c.source, c.id, IFNULL(p.path, ''), g.branch, g.first_at, g.cut FROM segment g
        JOIN session s ON s.id = g.session JOIN account c ON c.id = s.account LEFT JOIN project p ON p.id = g.project"""
    ):
        if id_ in tokens:
            yield Segment(session, agent, account, project, branch, start, cut, tuple(sorted(models[id_]))), tokens[id_]


def unlabelled(store: Store, since: int = 0) -> int:
    """How many sessions with use have no label; ``since`` leaves out those that ended before."""
    return int(
        store.execute(
            f"""SELECT COUNT(*) FROM session s WHERE s.last_at >= ? AND s.first_at > 0 AND s.total > 0
            AND s.id NOT IN (SELECT session FROM {LABELS})""",
            (since,),
        ).fetchone()[0]
    )


def last_words(store: Store, session: str) -> tuple[str, str, int | None] | None:
    """(label, reason, task) of the newest labelled session in the same project before this one: to be offered, never applied."""
    row = store.execute(
        """SELECT a.label, a.reason, g.task FROM segment mine JOIN session s ON s.id = mine.session
        JOIN segment g ON g.project = mine.project AND g.session != s.id
        JOIN session other ON other.id = g.session AND other.first_at <= s.first_at
        JOIN annotation a ON a.session = other.key AND a.label != ''
        WHERE s.key = ? ORDER BY other.last_at DESC, other.id DESC LIMIT 1""",
        (session,),
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def notes(store: Store, start: int, end: int) -> list[tuple[str, int, str, str, str]]:
    """(session, started, label, reason, note) of sessions that started in [start, end) and have words, by time."""
    return [
        tuple(row)
        for row in store.execute(
            """SELECT s.key, s.first_at, a.label, a.reason, a.note FROM session s JOIN annotation a ON a.session = s.key
            WHERE s.first_at >= ? AND s.first_at < ? AND (a.label != '' OR a.note != '') ORDER BY s.first_at, s.id""",
            (start, end),
        )
    ]


def week_facts(store: Store, first_day: int) -> WeekFacts:
    """Days with any use, and labels of the sessions that started, in the seven UTC days from ``first_day`` (days since 1970)."""
    days = {
        row[0]
        for row in store.execute(
            "SELECT DISTINCT slot / ? FROM by_hour WHERE slot >= ? AND slot < ?",
            (SLOTS_A_DAY, first_day * SLOTS_A_DAY, (first_day + 7) * SLOTS_A_DAY),
        )
    } | {
        row[0]  # buckets of a UTC day are in no hour
        for row in store.execute("SELECT DISTINCT day FROM by_utc_day WHERE day >= ? AND day < ?", (first_day, first_day + 7))
    }
    labels = dict(
        store.execute(
            f"""SELECT IFNULL(l.label, ''), COUNT(*) FROM session s LEFT JOIN {LABELS} l ON l.session = s.id
            WHERE s.first_at >= ? AND s.first_at < ? AND s.total > 0 GROUP BY 1""",
            (first_day * 86_400, (first_day + 7) * 86_400),
        ).fetchall()
    )
    return WeekFacts(len(days), labels)


def draw_of(store: Store, week: str, team: str = "") -> str | None:
    """The draw that is kept for a share week, or None."""
    row = store.execute("SELECT draw FROM share_draw WHERE week = ? AND team = ?", (week, team)).fetchone()
    return None if row is None else str(row[0])


def keep_draw(store: Store, week: str, draw: str, team: str = "") -> None:
    """Keep a week's draw for good; one that is there already stays (sharing-protocol 5.4)."""
    store.execute("INSERT OR IGNORE INTO share_draw(week, team, draw) VALUES(?, ?, ?)", (week, team, draw))
