"""What this machine knows of its team: one record as JSON, and what the mailbox published, verified when it came."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import msgspec

from tokenpal.engine.sharing.plan import Week
from tokenpal.model.errors import StoreError
from tokenpal.share.consent import Membership, State
from tokenpal.share.protocol import policy as policies, roster as rosters
from tokenpal.share.protocol.card import Card, parse_card
from tokenpal.share.protocol.manifest import Manifest, Release
from tokenpal.share.protocol.policy import Policy
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import Signed, decode, hash_of
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.translation import tr

OVER: Final = frozenset({State.DECLINED, State.LEFT, State.NEVER_ASKED})


class Waiting(msgspec.Struct, frozen=True):
    """Somebody who asks to be let in. ``vouched`` are the members who vouched so far."""

    member: str
    identity: str
    vouched: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """One team, besides what it published. No key is in here: they are in the credential store.

    ``way``: how this member gets in: founding, invite, vouched. ``joined``: its join entry is in the pinned roster.
    ``trouble``: the sentence and next step of the last failed visit. ``next_try``: not before, after a failure.
    """

    membership: Membership
    team: str = ""
    url: str = ""
    key: str = ""
    card: str = ""
    way: str = ""
    given: str = ""
    member: str = ""
    identity: str = ""
    joined: bool = False
    asked_at: int = 0
    vouched: tuple[tuple[str, str], ...] = ()  # (member, signature) under my asking
    asking: tuple[Waiting, ...] = ()
    alarms: tuple[tuple[int, str], ...] = ()  # when, and what the person must see
    doubted: tuple[str, ...] = ()  # weeks whose released sum is not the sum of the answers
    gaps: dict[str, str] = {}  # week -> why it has no release, in the mailbox's words
    trouble: tuple[str, str] = ("", "")
    failures: int = 0
    next_try: int = 0
    visited_at: int = 0


class Known(msgspec.Struct, frozen=True):
    """Everything together, read once for an act."""

    record: Record
    card: Card
    policy: Policy  # the one last seen
    roster: Roster
    manifests: tuple[Manifest, ...]  # oldest first
    releases: tuple[Release, ...]  # oldest first
    weeks: tuple[Week, ...]  # plans, oldest first

    @property
    def team(self) -> str:
        return self.record.team

    def week(self, epoch: str) -> Week | None:
        return next((week for week in self.weeks if week.epoch == epoch), None)

    def active(self, epoch: str) -> tuple[str, ...]:
        """To whom a report of the epoch is sealed."""
        return rosters.active(self.roster, self.manifests, epoch)


def current(store: Store) -> Record | None:
    """The team of this profile: the one that is not over, else the one that ended last."""
    found = [_record(text) for text in rows.teams(store).values()]
    return max(found, key=lambda one: (one.membership.state not in OVER, one.membership.at), default=None)


def put(store: Store, record: Record) -> None:
    """All of the record, its membership too."""
    rows.put_team(store, record.team, msgspec.json.encode(record).decode())


def keep(store: Store, record: Record, before: Membership | None = None) -> Record:
    """What a visit learned; returns the record as it is now.

    A visit takes a while, and the person may pause or leave meanwhile: theirs is the word that counts. The membership is
    replaced only when ``before`` is still the one that is stored.
    """
    with store.transaction():
        text = rows.team_record(store, record.team)
        stored = _record(text).membership if text is not None else None
        if stored is not None and stored != before:
            record = msgspec.structs.replace(record, membership=stored)
        put(store, record)
    return record


def keep_week(store: Store, team: str, week: Week) -> None:
    rows.put_plan(store, team, week.epoch, msgspec.json.encode(week).decode())


def weeks(store: Store, team: str) -> tuple[Week, ...]:
    return tuple(msgspec.json.decode(text, type=Week) for _, text in rows.plans(store, team))


def known(store: Store) -> Known | None:
    """All of the current team; None while there is none. The roster is verified again: cryptography is imported here."""
    record = current(store)
    if record is None or not record.card or record.membership.seen is None:
        return None
    try:
        card = parse_card(record.card.encode())
        return Known(
            record,
            card,
            policy_of(record.membership),
            _verified(card, tuple(rows.roster(store, record.team))),
            tuple(_shaped(body, Manifest) for _, body in rows.manifests(store, record.team)),
            tuple(_shaped(body, Release) for _, body in rows.releases(store, record.team)),
            weeks(store, record.team),
        )
    except ValueError:
        raise StoreError(tr("What is kept of the team is damaged."), tr("Restore a backup, or leave the team and join again.")) from None


@lru_cache(maxsize=8)
def _verified(card: Card, entries: tuple[bytes, ...]) -> Roster:
    """The same bytes are verified once in a process: every act asks for them, and 25 members take 130 ms."""
    return rosters.read([decode(entry) for entry in entries], card)


def policy_of(membership: Membership) -> Policy:
    """The rules last seen; those agreed to, while the team shows some that cannot be read. Raises ValueError without any."""
    for text in (membership.seen and membership.seen.policy, membership.consent and membership.consent.policy):
        with suppress(ValueError):
            return policies.parse((text or "").encode())
    raise ValueError("no rules")


def _record(text: str) -> Record:
    try:
        return msgspec.json.decode(text, type=Record)
    except msgspec.DecodeError:
        raise StoreError(tr("What is kept of the team is damaged."), tr("Restore a backup, or leave the team and join again.")) from None


def _shaped(body: bytes, shape: type[Any]) -> Any:
    """A manifest or release whose signature was verified when it came."""
    signed: Signed = decode(body)
    return msgspec.convert({**signed.body, "hash": hash_of(signed)}, shape)
