"""Every statement the endpoint runs. ``Storage`` gives a ``Rows`` for reading, or for writing under a team's lock.

    with storage.reading() as rows:
        rows.releases(team)

A write holds the team's row, so two processes never decide about the same team at once (sharing-protocol 5.6).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from tokenpal.team import tables as t
from tokenpal.team.database import open_database


class Unavailable(Exception):
    """The database did not take or give something now; nothing is known to be kept. ``str()`` is the kind of the trouble only."""


class Team(msgspec.Struct, frozen=True):
    """A team of this endpoint. ``policy``: canonical JSON; ``founding``, ``key``: base64url of public keys, the founder's and the endpoint's."""

    team: str
    founding: str
    key: str
    policy: bytes
    policy_hash: str
    name: str
    retired: bool


class Kept(msgspec.Struct, frozen=True):
    """Something signed about a week: a manifest, release, envelope or answer. ``member`` is "" for what the endpoint signed."""

    epoch: str
    hash: str
    body: bytes
    member: str = ""


class Rows:
    """The statements, inside one transaction. Weeks compare as text; ``since`` is inclusive and "" means from the first."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.execute

    # ------------------------------------------------------------------------------------ teams

    def teams(self) -> tuple[Team, ...]:
        """All teams, retired ones too, by name."""
        return tuple(_team(row) for row in self._run(select(t.teams).order_by(t.teams.c.name, t.teams.c.team)))

    def team(self, team: str) -> Team | None:
        row = self._run(select(t.teams).where(t.teams.c.team == team)).first()
        return _team(row) if row else None

    def lock(self, team: str) -> None:
        """Hold the team's row until the transaction ends (PostgreSQL; a SQLite transaction holds the file anyway)."""
        self._run(select(t.teams.c.team).where(t.teams.c.team == team).with_for_update())

    def add_team(self, team: Team) -> None:
        self._run(insert(t.teams).values(msgspec.structs.asdict(team) | {"retired": int(team.retired)}))

    def set_policy(self, team: str, policy: bytes, policy_hash: str, name: str) -> None:
        self._run(update(t.teams).where(t.teams.c.team == team).values(policy=policy, policy_hash=policy_hash, name=name))

    def retire(self, team: str) -> None:
        """Close a team: everything of single members goes, sums and the roster chain stay."""
        self._run(update(t.teams).where(t.teams.c.team == team).values(retired=1))
        for table in (t.asking, t.vouching, t.envelope, t.withdrawal, t.answer):
            self._run(delete(table).where(table.c.team == team))

    def answers_at_all(self) -> None:
        """Ask the database something small."""
        self._run(select(t.schema.c.version)).scalar()

    # ------------------------------------------------------------------------------------ roster

    def roster(self, team: str, since: int = 0) -> tuple[bytes, ...]:
        """Roster entries from number ``since`` on, as they were signed."""
        c = t.roster.c
        return tuple(self._run(select(c.body).where(c.team == team, c.n >= since).order_by(c.n)).scalars())

    def roster_state(self, team: str) -> tuple[int, str]:
        """How many entries there are and the hash of the last ("" for none)."""
        c = t.roster.c
        row = self._run(select(c.n, c.hash).where(c.team == team).order_by(c.n.desc()).limit(1)).first()
        return (row.n + 1, row.hash) if row else (0, "")

    def append(self, team: str, n: int, digest: str, body: bytes) -> None:
        self._run(insert(t.roster).values(team=team, n=n, hash=digest, body=body))

    # ------------------------------------------------------------------------------------ who asks to join

    def asking(self, team: str) -> dict[str, bytes]:
        """Requests to join that are not older than 14 days: member -> signed request."""
        c = t.asking.c
        return {row.member: row.body for row in self._run(select(c.member, c.body).where(c.team == team).order_by(c.member))}

    def ask(self, team: str, member: str, day: int, body: bytes) -> None:
        self._run(insert(t.asking).values(team=team, member=member, day=day, body=body))

    def ask_again(self, team: str, member: str, day: int) -> None:
        """The request stands for another 14 days."""
        self._run(update(t.asking).where(t.asking.c.team == team, t.asking.c.member == member).values(day=day))

    def vouchings(self, team: str) -> dict[tuple[str, str], bytes]:
        """(asking member, voucher) -> signed vouching."""
        c = t.vouching.c
        found = self._run(select(c.member, c.voucher, c.body).where(c.team == team).order_by(c.member, c.voucher))
        return {(row.member, row.voucher): row.body for row in found}

    def vouch(self, team: str, member: str, voucher: str, day: int, body: bytes) -> None:
        self._run(insert(t.vouching).values(team=team, member=member, voucher=voucher, day=day, body=body))

    def asked(self, team: str, member: str) -> None:
        """The request is settled: forget it and its vouchings."""
        for table in (t.asking, t.vouching):
            self._run(delete(table).where(table.c.team == team, table.c.member == member))

    # ------------------------------------------------------------------------------------ a week

    def envelopes(self, team: str, epoch: str) -> tuple[Kept, ...]:
        return self._of_week(t.envelope, team, epoch)

    def envelope(self, team: str, epoch: str, member: str) -> Kept | None:
        return self._of_member(t.envelope, team, epoch, member)

    def add_envelope(self, team: str, one: Kept) -> None:
        self._run(insert(t.envelope).values(team=team, **msgspec.structs.asdict(one)))

    def drop_envelopes(self, team: str, epoch: str, member: str | None = None) -> None:
        """Delete the envelopes of a week, or one member's."""
        c = t.envelope.c
        which = (c.team == team, c.epoch == epoch, *(() if member is None else (c.member == member,)))
        self._run(delete(t.envelope).where(*which))

    def withdrawn(self, team: str, epoch: str, member: str) -> bool:
        c = t.withdrawal.c
        return self._run(select(c.hash).where(c.team == team, c.epoch == epoch, c.member == member)).first() is not None

    def withdraw(self, team: str, epoch: str, member: str, digest: str) -> None:
        self._run(insert(t.withdrawal).values(team=team, epoch=epoch, member=member, hash=digest))

    def answers(self, team: str, epoch: str) -> tuple[Kept, ...]:
        return self._of_week(t.answer, team, epoch)

    def answer(self, team: str, epoch: str, member: str) -> Kept | None:
        return self._of_member(t.answer, team, epoch, member)

    def add_answer(self, team: str, one: Kept) -> None:
        self._run(insert(t.answer).values(team=team, **msgspec.structs.asdict(one)))

    def manifest(self, team: str, epoch: str) -> Kept | None:
        return next(iter(self._published(t.manifest, team, epoch, epoch)), None)

    def manifests(self, team: str, since: str = "") -> tuple[Kept, ...]:
        """Published manifests, oldest first."""
        return self._published(t.manifest, team, since)

    def last_manifests(self, team: str, before: str, count: int = 2) -> tuple[Kept, ...]:
        """The newest manifests of weeks before ``before``, newest first."""
        c = t.manifest.c
        found = select(c.epoch, c.hash, c.body).where(c.team == team, c.epoch < before).order_by(c.epoch.desc()).limit(count)
        return tuple(Kept(*row) for row in self._run(found))

    def last_release(self, team: str) -> str:
        """Hash of the newest release, "" for none."""
        c = t.release.c
        return self._run(select(c.hash).where(c.team == team).order_by(c.epoch.desc()).limit(1)).scalar() or ""

    def add_manifest(self, team: str, epoch: str, n: int, digest: str, body: bytes) -> None:
        self._run(insert(t.manifest).values(team=team, epoch=epoch, n=n, hash=digest, body=body))

    def release(self, team: str, epoch: str) -> Kept | None:
        return next(iter(self._published(t.release, team, epoch, epoch)), None)

    def releases(self, team: str, since: str = "") -> tuple[Kept, ...]:
        """Published releases (signed sums), oldest first."""
        return self._published(t.release, team, since)

    def add_release(self, team: str, epoch: str, n: int, digest: str, body: bytes) -> None:
        self._run(insert(t.release).values(team=team, epoch=epoch, n=n, hash=digest, body=body))

    def missing(self, team: str, since: str = "") -> tuple[tuple[str, str], ...]:
        """Weeks without a release and why, oldest first."""
        c = t.missing.c
        found = self._run(select(c.epoch, c.reason).where(c.team == team, c.epoch >= since).order_by(c.epoch))
        return tuple((row.epoch, row.reason) for row in found)

    def add_missing(self, team: str, epoch: str, reason: str) -> None:
        self._run(insert(t.missing).values(team=team, epoch=epoch, reason=reason))

    def last_settled(self, team: str) -> str:
        """The newest week that has a release or is known to be missing, "" for none."""
        newest = [self._run(select(func.max(table.c.epoch)).where(table.c.team == team)).scalar() for table in (t.release, t.missing)]
        return max(epoch or "" for epoch in newest)

    # ------------------------------------------------------------------------------------ learnings

    def learnings(self, team: str) -> tuple[bytes, ...]:
        """Published learnings that were not retracted, oldest week first."""
        c = t.learning.c
        return tuple(self._run(select(c.body).where(c.team == team, c.body != b"").order_by(c.epoch, c.id)).scalars())

    def learning(self, team: str, number: str) -> tuple[str, bytes] | None:
        """(member, signed learning); the bytes are empty when it was retracted."""
        c = t.learning.c
        row = self._run(select(c.member, c.body).where(c.team == team, c.id == number)).first()
        return (row.member, row.body) if row else None

    def learnings_of(self, team: str, member: str) -> int:
        """How many a member ever published."""
        c = t.learning.c
        return self._run(select(func.count()).where(c.team == team, c.member == member)).scalar() or 0

    def add_learning(self, team: str, number: str, member: str, epoch: str, body: bytes) -> None:
        self._run(insert(t.learning).values(team=team, id=number, member=member, epoch=epoch, body=body))

    def retract(self, team: str, number: str) -> None:
        self._run(update(t.learning).where(t.learning.c.team == team, t.learning.c.id == number).values(body=b""))

    # ------------------------------------------------------------------------------------ exports

    def not_exported(self, target: str) -> tuple[tuple[str, Kept], ...]:
        """(team, release) that the target has not been given yet, oldest first; retired teams are left out."""
        r, e = t.release.c, t.exported
        given = select(e.c.epoch).where(e.c.target == target, e.c.team == r.team, e.c.epoch == r.epoch).exists()
        active = r.team.in_(select(t.teams.c.team).where(t.teams.c.retired == 0))
        found = self._run(select(r.team, r.epoch, r.hash, r.body).where(active, ~given).order_by(r.epoch, r.team))
        return tuple((row.team, Kept(row.epoch, row.hash, row.body)) for row in found)

    def mark_exported(self, target: str, team: str, epoch: str) -> None:
        """The target has it. Nothing happens when it was marked before."""
        c = t.exported.c
        if self._run(select(c.epoch).where(c.target == target, c.team == team, c.epoch == epoch)).first() is None:
            self._run(insert(t.exported).values(target=target, team=team, epoch=epoch))

    # ------------------------------------------------------------------------------------ what runs out

    def sweep(self, before_epoch: str, before_day: int, team: str) -> None:
        """Delete envelopes, withdrawals and answers of weeks before ``before_epoch``, and requests from before ``before_day``."""
        for table in (t.envelope, t.withdrawal, t.answer):
            self._run(delete(table).where(table.c.team == team, table.c.epoch < before_epoch))
        for table in (t.asking, t.vouching):
            self._run(delete(table).where(table.c.team == team, table.c.day < before_day))

    # ------------------------------------------------------------------------------------ inside

    def _of_week(self, table: Table, team: str, epoch: str) -> tuple[Kept, ...]:
        c = table.c
        found = self._run(select(c.epoch, c.hash, c.body, c.member).where(c.team == team, c.epoch == epoch).order_by(c.member))
        return tuple(Kept(*row) for row in found)

    def _of_member(self, table: Table, team: str, epoch: str, member: str) -> Kept | None:
        c = table.c
        row = self._run(select(c.epoch, c.hash, c.body, c.member).where(c.team == team, c.epoch == epoch, c.member == member)).first()
        return Kept(*row) if row else None

    def _published(self, table: Table, team: str, since: str, until: str = "9") -> tuple[Kept, ...]:
        c = table.c
        which = (c.team == team, c.epoch >= since, c.epoch <= until)
        return tuple(Kept(*row) for row in self._run(select(c.epoch, c.hash, c.body).where(*which).order_by(c.epoch)))


class Storage:
    """The database of one endpoint process; threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite has one writer: threads of this process wait in line here instead of asking again and again.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """One consistent look."""
        try:
            with self._engine.connect().execution_options(looks=True) as connection, connection.begin():
                yield Rows(connection)
        except SQLAlchemyError as error:
            raise Unavailable(type(error).__name__) from None

    @contextmanager
    def writing(self, team: str) -> Iterator[Rows]:
        """One transaction that holds the team; it is durable when this ends without an error."""
        try:
            with self._turn, self._engine.begin() as connection:
                rows = Rows(connection)
                rows.lock(team)
                yield rows
        except SQLAlchemyError as error:
            raise Unavailable(type(error).__name__) from None

    def close(self) -> None:
        self._engine.dispose()


def open_storage(address: str) -> Storage:
    """``sqlite:///file`` or ``postgresql://...``. Raises UsageError and StoreError."""
    return Storage(open_database(address))


def _team(row: Any) -> Team:
    return Team(row.team, row.founding, row.key, row.policy, row.policy_hash, row.name, bool(row.retired))


def bodies(kept: Sequence[Kept]) -> list[bytes]:
    """Only what was signed."""
    return [one.body for one in kept]
