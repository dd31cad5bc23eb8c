"""What the client keeps of its teams (sharing-protocol 5): membership, roster, manifests, releases, plans, learnings.

Bodies are the canonical bytes that travelled. Roster entries, manifests and releases are never replaced: the first that was
seen stands, so that a mailbox which says something else later is found out (rule A1). The audit log is in ``sharing_audit``.

Copies and deletion: a backup holds all of it. An export holds draws and the audit log only: a membership hangs on the keys
in the credential store of one machine. Deleting everything deletes the file. Undo knows none of these tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from tokenpal.store.database import Store

# ---------------------------------------------------------------------------------------------- teams


def teams(store: Store) -> dict[str, str]:
    """Team id -> record (JSON text of the caller's)."""
    return dict(store.execute("SELECT team, record FROM share_team ORDER BY team").fetchall())


def team_record(store: Store, team: str) -> str | None:
    """The record of one team, or None."""
    return _text(store, "SELECT record FROM share_team WHERE team = ?", team)


def put_team(store: Store, team: str, record: str) -> None:
    """Keep a team's record in place of the former one."""
    store.execute("INSERT INTO share_team(team, record) VALUES(?, ?) ON CONFLICT(team) DO UPDATE SET record = excluded.record", (team, record))


def forget_team(store: Store, team: str) -> None:
    """Everything of a team but the draws and the audit log, after leaving it."""
    with store.transaction():
        for table in ("share_team", "share_roster", "share_manifest", "share_release", "share_plan", "share_learning"):
            store.execute(f"DELETE FROM {table} WHERE team = ?", (team,))


# ---------------------------------------------------------------------------------------------- what the endpoint publishes


def roster(store: Store, team: str) -> list[bytes]:
    """The pinned chain, entry 0 first."""
    return [str(row[0]).encode() for row in store.execute("SELECT entry FROM share_roster WHERE team = ? ORDER BY n", (team,))]


def roster_length(store: Store, team: str) -> int:
    """How many entries are pinned: what to ask for next."""
    return int(store.execute("SELECT COUNT(*) FROM share_roster WHERE team = ?", (team,)).fetchone()[0])


def extend_roster(store: Store, team: str, start: int, entries: Sequence[bytes]) -> None:
    """Append verified entries; ``start`` is the index of the first. Raises ValueError unless it is the next one."""
    with store.transaction():
        if start != roster_length(store, team):
            raise ValueError("the roster is extended at its end only")
        store.many(
            "INSERT INTO share_roster(team, n, entry) VALUES(?, ?, ?)", [(team, n, entry.decode()) for n, entry in enumerate(entries, start)]
        )


def manifest(store: Store, team: str, epoch: str) -> bytes | None:
    """The manifest first seen for an epoch, or None."""
    return _bytes(_text(store, "SELECT body FROM share_manifest WHERE team = ? AND epoch = ?", team, epoch))


def manifests(store: Store, team: str, limit: int = 60) -> list[tuple[str, bytes]]:
    """(epoch, manifest), the newest last."""
    rows = store.execute("SELECT epoch, body FROM share_manifest WHERE team = ? ORDER BY epoch DESC LIMIT ?", (team, limit)).fetchall()
    return [(epoch, body.encode()) for epoch, body in reversed(rows)]


def keep_manifest(store: Store, team: str, epoch: str, body: bytes) -> bytes:
    """Keep the manifest of an epoch unless there is one; returns the one that stands, which the caller compares (A1)."""
    with store.transaction():
        store.execute("INSERT OR IGNORE INTO share_manifest(team, epoch, body) VALUES(?, ?, ?)", (team, epoch, body.decode()))
        return manifest(store, team, epoch) or body


def release(store: Store, team: str, epoch: str) -> bytes | None:
    """The release first seen for an epoch, or None."""
    return _bytes(_text(store, "SELECT body FROM share_release WHERE team = ? AND epoch = ?", team, epoch))


def releases(store: Store, team: str, limit: int = 60) -> list[tuple[str, bytes]]:
    """(epoch, release), the newest last."""
    rows = store.execute("SELECT epoch, body FROM share_release WHERE team = ? ORDER BY epoch DESC LIMIT ?", (team, limit)).fetchall()
    return [(epoch, body.encode()) for epoch, body in reversed(rows)]


def keep_release(store: Store, team: str, epoch: str, body: bytes) -> bytes:
    """Keep the release of an epoch unless there is one; returns the one that stands."""
    with store.transaction():
        store.execute("INSERT OR IGNORE INTO share_release(team, epoch, body) VALUES(?, ?, ?)", (team, epoch, body.decode()))
        return release(store, team, epoch) or body


# ---------------------------------------------------------------------------------------------- plans, draws, learnings


def plan(store: Store, team: str, epoch: str) -> str | None:
    """The plan of an epoch (JSON text of the caller's: minutes, seed, what is done), or None."""
    return _text(store, 'SELECT "plan" FROM share_plan WHERE team = ? AND epoch = ?', team, epoch)


def plans(store: Store, team: str) -> list[tuple[str, str]]:
    """(epoch, plan), the newest last."""
    return [
        (epoch, text) for epoch, text in store.execute('SELECT epoch, "plan" FROM share_plan WHERE team = ? ORDER BY epoch', (team,)).fetchall()
    ]


def put_plan(store: Store, team: str, epoch: str, text: str) -> None:
    """Keep the plan of an epoch in place of the former one."""
    store.execute(
        'INSERT INTO share_plan(team, epoch, "plan") VALUES(?, ?, ?) ON CONFLICT(team, epoch) DO UPDATE SET "plan" = excluded."plan"',
        (team, epoch, text),
    )


def learnings(store: Store, team: str) -> list[tuple[str, bytes]]:
    """(id, signed body), by id."""
    return [(id_, body.encode()) for id_, body in store.execute("SELECT id, body FROM share_learning WHERE team = ? ORDER BY id", (team,)).fetchall()]


def set_learnings(store: Store, team: str, found: Sequence[tuple[str, bytes]]) -> None:
    """What the team shows now; retracted ones are gone."""
    with store.transaction():
        store.execute("DELETE FROM share_learning WHERE team = ?", (team,))
        store.many("INSERT INTO share_learning(team, id, body) VALUES(?, ?, ?)", [(team, id_, body.decode()) for id_, body in found])


def _text(store: Store, sql: str, *values: str) -> str | None:
    row = store.execute(sql, values).fetchone()
    return None if row is None else str(row[0])


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
