"""One endpoint process without its HTTP: storage, key, clock. What it does with each message is in the modules beside it.

Nothing is decided here that members do not check themselves (sharing-protocol 5.5); the endpoint checks it first so that
mistakes come back as sentences, and so that one member cannot make a week useless for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import canonical, unb64
from tokenpal.team.chains import Chains
from tokenpal.team.refused import Refused
from tokenpal.team.storage import Rows, Storage, Team
from tokenpal.team.weekly import phase, settle

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Reply(msgspec.Struct, frozen=True):
    """Status 200 (known already, or read), 201 (kept now) or 202 (kept, something is still lacking), and what it says."""

    status: int
    body: bytes
    kind: str = "application/json"


class Mailbox:
    """``now``: epoch seconds. Threads may share it; processes share the database and the key."""

    def __init__(self, storage: Storage, key: Ed25519PrivateKey, now: Callable[[], int]) -> None:
        self.storage = storage
        self.key = key
        self.now = now
        self.chains = Chains()
        self._settled: dict[str, str] = {}

    @contextmanager
    def reading(self, team: str) -> Iterator[tuple[Rows, Team]]:
        """A look at a team, retired or not. Raises Refused when there is no such team."""
        with self.storage.reading() as rows:
            yield rows, self._team(rows, team)

    @contextmanager
    def writing(self, team: str) -> Iterator[tuple[Rows, Team]]:
        """Hold a team that takes messages; all or nothing is kept. Raises Refused."""
        with self.storage.writing(team) as rows:
            found = self._team(rows, team)
            if found.retired:
                raise Refused(410, "retired", "This team was closed.")
            yield rows, found

    def roster(self, rows: Rows, team: Team) -> Roster:
        """The verified roster."""
        return self.chains.roster(rows, team)

    def settle(self, team: str) -> None:
        """Do what time has made due for a team, once a phase; cheap when there is nothing."""
        now = self.now()
        if self._settled.get(team) == phase(now):
            return
        with self.reading(team) as (_, found):
            retired = found.retired
        if not retired:
            with self.writing(team) as (rows, found):
                settle(rows, found, self.chains, self.key, now)
        self._settled[team] = phase(now)

    def settle_all(self) -> None:
        """For the hourly round: weeks of teams that nobody asks about end too."""
        with self.storage.reading() as rows:
            teams = [team.team for team in rows.teams() if not team.retired]
        for team in teams:
            self.settle(team)

    def _team(self, rows: Rows, team: str) -> Team:
        try:
            unb64(team, 16)
            found = rows.team(team)
        except ValueError:
            found = None
        if found is None:
            raise Refused(404, "team", "There is no such team here.")
        return found


def said(status: int, **values: Any) -> Reply:
    """A small answer."""
    return Reply(status, canonical(values))


def listed(**lists: Iterable[bytes]) -> Reply:
    """Lists of signed things, byte for byte as they were signed, names in order."""
    parts = (b'"' + name.encode() + b'":[' + b",".join(lists[name]) + b"]" for name in sorted(lists))
    return Reply(200, b"{" + b",".join(parts) + b"}")
