"""What every visit begins with: the team's card, its rules when they changed, the new entries of its roster (sharing-protocol 5.5).

Whatever is fetched is checked against what was pinned before it is kept. A roster that breaks a rule is never taken over.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.engine.sharing import known as state
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.mailbox import Mailbox, MailboxError
from tokenpal.engine.sharing.world import World
from tokenpal.share import audit
from tokenpal.share.consent import Event, Membership, Saw, Seen, State, step
from tokenpal.share.protocol import epochs, roster as rosters
from tokenpal.share.protocol.card import Card, encode_card
from tokenpal.share.protocol.manifest import Manifest
from tokenpal.share.protocol.policy import POLICY_LIMIT
from tokenpal.share.protocol.roster import Roster, RosterError
from tokenpal.share.protocol.wire import Signed, digest, encode
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.translation import tr

SLACK: Final = 3600
"""Clocks differ: an entry of a week that begins within the hour is taken."""
MOST_ALARMS: Final = 20


class Fetched(msgspec.Struct, frozen=True):
    """What the mailbox shows now, verified; ``new`` are the roster entries that were not known."""

    card: Card
    roster: Roster
    new: tuple[Signed, ...]
    seen: Seen


async def fetch(world: World, mailbox: Mailbox, url: str, old: Known | None = None) -> Fetched:
    """Card, policy and roster, without identity. Raises NetError, MailboxError, and RosterError after logging it."""
    card = await mailbox.card()
    if old is not None and (card.team, card.founding) != (old.card.team, old.card.founding):
        raise MailboxError(0, tr("{host} shows another team than the one you joined.", host=mailbox.host))
    policy = old.record.membership.seen.policy.encode() if old is not None and old.record.membership.seen is not None else b""
    if digest(policy) != card.policy:
        policy = await mailbox.policy()
    if digest(policy) != card.policy:
        raise MailboxError(0, tr("{host} shows rules that do not fit their fingerprint.", host=mailbox.host))
    if len(policy) > POLICY_LIMIT:
        raise MailboxError(0, tr("{host} shows rules that are longer than rules may be.", host=mailbox.host))
    known = old.roster if old is not None else rosters.empty(card)
    new = await mailbox.roster(known.size)
    try:
        roster = rosters.extend(known, new, present=epochs.epoch_of(world.now() + SLACK), closed=_closed(old))
    except RosterError as problem:
        await world.log(audit.Kind.REFUSAL, audit.refusal_body(problem.rule, problem.sentence, team=card.team))
        raise
    seen = see(world, url, card, policy.decode("utf-8", "replace"), roster, old.manifests if old is not None else ())
    return Fetched(card, roster, tuple(new), seen)


def see(world: World, url: str, card: Card, policy: str, roster: Roster, manifests: tuple[Manifest, ...]) -> Seen:
    """What consent is compared with."""
    now = world.now()
    week = epochs.epoch_of(now)
    before = epochs.shifted(week, -1)
    there = [
        one for one in roster.members.values()
        if epochs.distance(one.joined, before) >= 0 and (not one.left or epochs.distance(one.left, before) < 0)
    ]  # fmt: skip
    return Seen(
        url=url, team=card.team, key=card.key, name=card.name, policy=policy, head=roster.head, size=len(roster.present), before=len(there),
        active=len(rosters.active(roster, manifests, week)), founded=len(roster.members) >= rosters.FOUNDERS, epoch=week, at=now,
    )  # fmt: skip


def saw(fetched: Fetched) -> Saw:
    """The event of a visit."""
    return Saw(fetched.seen)


def adopt(store: Store, record: Record, fetched: Fetched, before: Membership) -> Record:
    """Keep what was fetched, and the record, in one transaction. ``before``: see ``known.keep``."""
    with store.transaction():
        rows.extend_roster(store, record.team, fetched.roster.size - len(fetched.new), [encode(entry) for entry in fetched.new])
        card = record.card or encode_card(fetched.card).decode()
        return state.keep(store, msgspec.structs.replace(record, card=card), before)


async def stepped(world: World, record: Record, event: Event) -> Record:
    """The record after an event, with an entry in the log when the state or the consent changed. Raises Refused; not stored yet."""
    before = record.membership
    after = step(before, event, managed=world.managed())
    if (after.state, after.consent) != (before.state, before.consent):
        new = after.consent if after.consent != before.consent else None
        changes = after.changes if after.state is State.STALE else ()
        await world.log(audit.Kind.CONSENT, audit.consent_body(before.state, after.state, new, changes))
    return msgspec.structs.replace(record, membership=after)


def alarmed(record: Record, sentence: str, now: int) -> Record:
    """With one more sentence that the person must see; each once."""
    if any(said == sentence for _, said in record.alarms):
        return record
    return msgspec.structs.replace(record, alarms=(*record.alarms, (now, sentence))[-MOST_ALARMS:])


def _closed(old: Known | None) -> str:
    """The newest week whose head was sealed under: nothing may be added to it any more."""
    used = [week.epoch for week in old.weeks if week.state != "planned" and week.head] if old is not None else []
    return max(used, default="")
