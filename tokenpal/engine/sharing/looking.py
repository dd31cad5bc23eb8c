"""Taking up an invitation: what is seen before anything of the person leaves (sharing-protocol 5.2)."""

from __future__ import annotations

import msgspec

from tokenpal.engine import loop
from tokenpal.engine.sharing import catchup, keys as key_store, known as state, visit
from tokenpal.engine.sharing.keys import Keys, KeysUnavailable
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.share import consent, invitation as invitations
from tokenpal.share.consent import Membership, Purpose, Refused, State
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.keys import signing_public
from tokenpal.share.protocol.roster import RosterError, invite_fits
from tokenpal.share.protocol.wire import b64, unb64
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.system.secrets import NoBackend
from tokenpal.translation import tr

Replaced = msgspec.structs.replace


async def in_team(world: World) -> Known:
    """Everything known of the team. Raises UsageError without one."""
    known: Known | None = await world.do(state.known)
    if known is None:
        raise UsageError(tr("You are in no team."), tr("Paste an invitation first."))
    return known


async def look(world: World, line: str) -> None:
    """Take up an invitation: one look without identity, then the preview begins."""
    found = invitations.parse(line)
    old: Record | None = await world.do(state.current)
    if old is not None and old.membership.state in {State.SHARING, State.PAUSED, State.STALE}:
        raise Refused(tr("You are in a team already."), tr("Leave it first to join another."))
    same = old if old is not None and old.team == found.team and old.membership.state is State.PREVIEW else None
    _, missing = await loop.in_thread(world.secrets.look, "keys")
    if missing is not None and isinstance(missing, NoBackend):
        raise KeysUnavailable(tr("Sharing needs a credential store, and this system has none that works."), missing.next_step)
    if world.managed():
        raise Refused(tr("Sharing is switched off by whoever manages this machine."), tr("Ask them."))
    before = same.membership if same is not None else Membership(old.membership.state) if old is not None else Membership()
    mailbox = Mailbox(world, found.host, found.team, before, Purpose.LOOK)
    try:
        fetched = await catchup.fetch(world, mailbox, found.host)
    except RosterError as problem:
        raise await visit.failed(world, problem) from problem
    if (fetched.card.team, fetched.card.key) != (found.team, found.key):
        raise TokenpalError(tr("The address does not have the key that the invitation names."), tr("Do not join; ask whoever invited you."))
    way, ticket = _way(found, fetched)
    record = Record(before, found.team, found.host, found.key, way=way, given=found.given)
    record = await catchup.stepped(world, record, consent.Looked(fetched.seen))
    keys = await _own_keys(world, found.team) if same is not None else None
    keys = (keys or key_store.made(epochs.due(world.now()), world.entropy)).with_ticket(ticket)
    await world.keep_keys(found.team, keys)
    record = Replaced(record, member=keys.member, identity=b64(keys.identity))
    await world.do(_begin, record, fetched)
    if old is not None and old.team not in {"", found.team} and old.membership.state is State.PREVIEW:  # one team at a time
        await world.wipe_keys(old.team)
        await world.do(rows.forget_team, old.team)
    await visit.prepared(world)


async def look_again(world: World) -> None:
    """See a previewed team again, or one that stopped sharing because it changed."""
    known = await in_team(world)
    current = known.record.membership.state
    if current not in {State.STALE, State.PREVIEW}:
        raise Refused(tr("There is nothing to look at again."), tr("Paste an invitation."))
    mailbox = Mailbox(world, known.record.url, known.team, known.record.membership, Purpose.LOOK)
    try:
        fetched = await catchup.fetch(world, mailbox, known.record.url, known)
    except (TokenpalError, RosterError) as problem:
        raise await visit.failed(world, problem) from problem
    event = consent.Saw(fetched.seen) if current is State.STALE else consent.Looked(fetched.seen)
    record = await catchup.stepped(world, known.record, event)
    await world.do(catchup.adopt, Replaced(record, trouble=("", ""), failures=0), fetched, known.record.membership)
    await visit.prepared(world)


async def _own_keys(world: World, team: str) -> Keys | None:
    try:
        return await world.keys(team, prompt=True)
    except KeysUnavailable as problem:
        if problem.lost:
            return None
        raise


def _way(found: invitations.Invitation, fetched: catchup.Fetched) -> tuple[str, bytes]:
    """How the invitation lets somebody in, and the seed of its one-use key. Raises UsageError for one that does not fit this team."""
    roster = fetched.roster
    if found.founding:
        seed = unb64(found.founding, 32)
        if roster.size or b64(signing_public(seed)) != fetched.card.founding:
            raise UsageError(tr("This team is founded already, or the founding line is of another team."), tr("Ask its founder for an invitation."))
        return "founding", seed
    if found.invite:
        seed = unb64(found.invite, 32)
        if not roster.size:
            raise UsageError(tr("The founder has not joined yet."), tr("Try again when they have."))
        if not invite_fits(roster, signing_public(seed), found.given):
            raise UsageError(tr("This invitation was used already, or is not by the founder of this team."), tr("Ask the founder for another one."))
        return "invite", seed
    return "vouched", b""


def _begin(store: Store, record: Record, fetched: catchup.Fetched) -> None:
    """A new membership; nothing of an earlier one in the same team is kept but draws and the log."""
    with store.transaction():
        rows.forget_team(store, record.team)
        catchup.adopt(store, record, fetched, record.membership)
