"""Use in windows of ten minutes, of single sessions: what unusual burn is measured in. Roll-ups say where to look, records what was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from tokenpal.store.database import Store
from tokenpal.store.rollups import SLOT, clock

TOKENS: Final = "u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output"


class Running(msgspec.Struct, frozen=True):
    """A session with use in the last minutes, and what the person knows it by."""

    id: int
    key: str
    agent: str  # source id
    account: str
    project: str
    branch: str


def running(store: Store, since: int) -> list[Running]:
    """Sessions of single requests with use at or after ``since`` (epoch seconds), by key."""
    slot = _slot(store, since)
    return [
        Running(*row)
        for row in store.execute(
            """SELECT s.id, s.key, a.source, a.name, IFNULL(p.path, ''), g.branch FROM session s
            JOIN segment g ON g.id = (SELECT id FROM segment WHERE session = s.id ORDER BY last_at DESC, id DESC LIMIT 1)
            JOIN account a ON a.id = s.account LEFT JOIN project p ON p.id = g.project
            WHERE s.grain = 'request' AND s.last_at >= ? AND s.id IN
              (SELECT session FROM segment WHERE id IN (SELECT DISTINCT segment FROM by_hour WHERE slot >= ?)) ORDER BY s.key""",
            (since, slot),
        )
    ]


def uses(store: Store, session: int, since: int) -> list[tuple[int, int]]:
    """(at, tokens) of the requests of a session at or after ``since``, oldest first."""
    return store.execute(
        f"SELECT u.at, {TOKENS} FROM segment g JOIN usage u ON u.segment = g.id WHERE g.session = ? AND g.last_at >= ? AND u.at >= ? AND u.counted = 1 ORDER BY u.at",
        (session, since, since),
    ).fetchall()


def windows(store: Store, agent: str, since: int, until: int, seconds: int, most: int) -> list[int]:
    """Tokens of the windows with use of each session of an agent in [since, until), of the newest sessions first; about ``most`` of them."""
    sessions = store.execute(
        """SELECT s.id FROM session s JOIN account a ON a.id = s.account
        WHERE a.source = ? AND s.grain = 'request' AND s.id IN
          (SELECT session FROM segment WHERE id IN (SELECT DISTINCT segment FROM by_hour WHERE slot >= ? AND slot < ?)) ORDER BY s.last_at DESC, s.id""",
        (agent, _slot(store, since), _slot(store, until) + 1),
    ).fetchall()
    found: list[int] = []
    for (session,) in sessions:
        found += [
            tokens
            for (tokens,) in store.execute(
                f"SELECT SUM({TOKENS}) FROM segment g JOIN usage u ON u.segment = g.id WHERE g.session = ? AND g.last_at >= ?"
                " AND u.at >= ? AND u.at < ? AND u.counted = 1 GROUP BY u.at / ?",
                (session, since, since, until, seconds),
            )
        ]
        if len(found) >= most:
            break
    return found


def _slot(store: Store, at: int) -> int:
    """The first slot of the store's grain that may hold ``at``."""
    grain = clock(store).grain
    return at // grain * grain // SLOT


def sizes(store: Store, since: int, until: int) -> list[tuple[str, int, str, int, int]]:
    """(key, tokens, label, first use, last use) of the sessions of single requests that began in [since, until)."""
    return store.execute(
        "SELECT key, total, label, first_at, last_at FROM session WHERE first_at >= ? AND first_at < ? AND grain = 'request' AND total > 0", (since, until)
    ).fetchall()


def waste(store: Store, since: int, until: int) -> list[tuple[str, str]]:
    """(session, reason) of those labelled waste that began in [since, until), the newest first; reason "" = none was given."""
    return store.execute(
        """SELECT s.key, IFNULL((SELECT a.reason FROM annotation a WHERE a.label = 'waste' AND (a.session = s.key
            OR a.session IN (SELECT part FROM session_part WHERE session = s.key)) ORDER BY a.reason DESC LIMIT 1), '')
        FROM session s WHERE s.label = 'waste' AND s.first_at >= ? AND s.first_at < ? ORDER BY s.first_at DESC, s.key""",
        (since, until),
    ).fetchall()


def names(store: Store, sessions: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Branch, project and account of sessions by key: of the part that was used last."""
    return {
        key: (branch, project, account)
        for key, branch, project, account in store.execute(
            """SELECT s.key, g.branch, IFNULL(p.path, ''), a.name FROM session s
            JOIN segment g ON g.id = (SELECT id FROM segment WHERE session = s.id ORDER BY last_at DESC, id DESC LIMIT 1)
            JOIN account a ON a.id = s.account LEFT JOIN project p ON p.id = g.project WHERE s.key IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(sessions)),),
        )
    }
