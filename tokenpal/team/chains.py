"""Verified rosters and weeks, kept in memory so that signatures are checked once and not for every message.

The database stays the truth: before each use the newest entry is compared, and what is new is verified on top.
"""

from __future__ import annotations

import threading
from collections import defaultdict

import msgspec

from tokenpal.share.protocol import roster
from tokenpal.share.protocol.card import Card
from tokenpal.share.protocol.manifest import Manifest, manifest_of
from tokenpal.share.protocol.roster import Roster, View
from tokenpal.share.protocol.wire import decode, unb64
from tokenpal.team.storage import Rows, Team


class Week(msgspec.Struct, frozen=True):
    """Who counts in a week. ``active``: sorted ids; ``published``: the last two manifests before it."""

    view: View
    active: tuple[str, ...]
    published: tuple[Manifest, ...]
    basis: tuple[str, ...]  # hashes of all that this was made from


class Chains:
    """One per process; threads may share it."""

    def __init__(self) -> None:
        self._rosters: dict[str, Roster] = {}
        self._weeks: dict[str, Week] = {}
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)  # a long chain is verified by one thread; others wait for it

    def roster(self, rows: Rows, team: Team) -> Roster:
        """The team's roster as ``rows`` sees it. Ask before appending to it in the same transaction, which may yet fail.

        Raises RosterError when the database holds what was never accepted.
        """
        with self._turns[team.team]:
            return self._roster(rows, team)

    def _roster(self, rows: Rows, team: Team) -> Roster:
        size, head = rows.roster_state(team.team)
        known = self._rosters.get(team.team) or roster.empty(card(team))
        if known.size > size or (known.size == size and size and known.head != head):  # the database was put back to an older copy
            known = roster.empty(card(team))
        if known.size < size:
            known = roster.extend(known, [decode(entry) for entry in rows.roster(team.team, known.size)])
            self._rosters[team.team] = known
        return known

    def week(self, rows: Rows, team: Team, epoch: str) -> Week:
        """A week that has ended: nothing in its roster and the manifests before it changes any more, so it is kept."""
        members = self.roster(rows, team)
        last = rows.last_manifests(team.team, epoch)
        basis = (epoch, members.head, *(one.hash for one in last))
        known = self._weeks.get(team.team)
        if known is None or known.basis != basis:
            published = tuple(manifest_of(decode(one.body), unb64(team.key, 32)) for one in last)
            known = Week(members.at(epoch), roster.active(members, published, epoch), published, basis)
            self._weeks[team.team] = known
        return known


def card(team: Team) -> Card:
    """What anybody may know who knows the team's number."""
    return Card(team.founding, team.key, team.name, team.policy_hash, team.team)
