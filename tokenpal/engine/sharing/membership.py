"""Getting in, staying in and leaving: the roster entries of this member (sharing-protocol 5.2, 5.5).

Each function takes the picture of a visit and gives back the record as it is afterwards; roster entries that the mailbox took
are appended to the pinned chain at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tokenpal.engine.sharing import catchup, known as state
from tokenpal.engine.sharing.keys import TOP_UP, Keys
from tokenpal.engine.sharing.known import Known, Record, Waiting
from tokenpal.engine.sharing.mailbox import Mailbox, MailboxError
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import UsageError
from tokenpal.share.invitation import Invitation, written
from tokenpal.share.protocol import epochs, roster as rosters
from tokenpal.share.protocol.entries import invite_body, signs, voucher_body
from tokenpal.share.protocol.keys import signing_key, signing_public
from tokenpal.share.protocol.roster import FOUNDERS, Roster
from tokenpal.share.protocol.wire import Signed, b64, encode, sign, unb64
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.translation import tr

TRIES: Final = 4
"""Somebody else's entry may come in between; then the next one is made."""
CONFLICT: Final = 409
Replaced = msgspec.structs.replace


async def enter(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> Known:
    """Become a member, or come closer to it: found, use the invitation, or ask and wait for two vouchers."""
    record = known.record
    if keys.member in known.roster.members:
        return await _entered(world, known, keys)
    if record.way == "invite" and len(known.roster.members) >= FOUNDERS:
        record = Replaced(record, way="vouched")  # the team was complete before this invitation was used
    if record.way == "vouched" and len(record.vouched) < 2:
        record = await _ask(world, mailbox, known, keys, record)
    known = await _kept(world, known, record)
    if record.way == "vouched" and len(record.vouched) < 2:
        return known
    keys = keys.extended(epochs.epoch_of(world.now()), world.entropy)
    await world.keep_keys(known.team, keys)

    def body(roster: Roster, epoch: str) -> dict[str, Any]:
        vouchers = _vouchers(known, keys)
        return rosters.join_body(roster.size, roster.head, roster.team, epoch, keys.identity, keys.published(epoch), vouchers)

    return await _entered(world, await _append(world, mailbox, known, keys, body, "join"), keys)


async def stay(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> tuple[Known, Keys]:
    """Publish more weekly keys when few are left, and say so when this member has fallen out of the active set."""
    now = world.now()
    epoch, due = epochs.epoch_of(now), epochs.due(now)
    me = known.roster.present.get(keys.member)
    if me is None:
        return known, keys
    ahead = [week for week in me.keys if epochs.distance(epoch, week) > 0]
    if len(ahead) < TOP_UP and me.last_keys != epoch:
        keys = keys.extended(due, world.entropy)
        await world.keep_keys(known.team, keys)
        new = {week: key for week, key in keys.published(epoch).items() if week not in me.keys}

        def more(roster: Roster, epoch: str) -> dict[str, Any]:
            return rosters.keys_body(roster.size, roster.head, roster.team, epoch, keys.member, new)

        if new:
            known = await _append(world, mailbox, known, keys, more, "keys")
    counted = keys.member in known.roster.at(due).keys
    if counted and keys.member not in known.active(due) and not any(epochs.distance(one, epoch) <= 1 for one in me.returns):

        def back(roster: Roster, epoch: str) -> dict[str, Any]:
            return rosters.return_body(roster.size, roster.head, roster.team, epoch, keys.member, {})

        known = await _append(world, mailbox, known, keys, back, "return")
    return known, keys


async def leave(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> None:
    """Post the signed leave. Raises NetError and MailboxError; the caller leaves in silence then."""

    def body(roster: Roster, epoch: str) -> dict[str, Any]:
        return rosters.leave_body(roster.size, roster.head, roster.team, epoch, keys.member)

    if keys.member in known.roster.present:
        await _append(world, mailbox, known, keys, body, "leave")


async def vouch(world: World, mailbox: Mailbox, known: Known, keys: Keys, member: str) -> Record:
    """Say that one knows somebody who asks; the words were compared before. Raises UsageError."""
    found = next((one for one in known.record.asking if one.member == member), None)
    if found is None:
        raise UsageError(tr("Nobody of that number asks to join."), tr("Look at the list again."))
    proof = sign(voucher_body(known.team, unb64(found.identity, 32)), keys.private).sig
    body = {"kind": "vouching", "team": known.team, "voucher": keys.member, "for": member, "identity": found.identity, "sig": proof}
    await mailbox.post("vouch", sign(body, keys.private), "vouch")
    asking = tuple(Replaced(one, vouched=(*one.vouched, keys.member)) if one == found and keys.member not in one.vouched else one for one in known.record.asking)
    return Replaced(known.record, asking=asking)


async def pending(mailbox: Mailbox, known: Known, keys: Keys) -> tuple[Waiting, ...]:
    """Who asks to be let in, as far as the signatures hold."""
    found = await mailbox.query("pending", keys)
    vouched = _vouchings(mailbox.signed_in(found, "vouchings"), known)
    return tuple(
        Waiting(one.body["member"], one.body["identity"], tuple(sorted(by for by, who in vouched if who == one.body["member"])))
        for one in mailbox.signed_in(found, "asking") if _asks(one, known.team)
    )  # fmt: skip


def invitation(known: Known, keys: Keys, seed: bytes) -> str:
    """A line for somebody new. While the team is being founded only the founder's line opens the door; later every member's asks."""
    roster, record = known.roster, known.record
    blank = Invitation("", "", record.url, "", record.key, known.team)
    if len(roster.members) >= FOUNDERS:
        return written(blank)
    if roster.founder != keys.member:
        raise UsageError(tr("While the team is being founded, only its founder invites."), tr("Ask the founder for an invitation."))
    given = sign(invite_body(known.team, signing_public(seed)), keys.private).sig
    return written(Replaced(blank, invite=b64(seed), given=given))


# ---------------------------------------------------------------------------------------------- inside


async def _append(world: World, mailbox: Mailbox, known: Known, keys: Keys, body: Callable[[Roster, str], dict[str, Any]], why: str) -> Known:
    """Make an entry at the end of the chain and post it; when another came first, make it anew."""
    for attempt in range(TRIES):
        entry = sign(body(known.roster, epochs.epoch_of(world.now())), keys.private)
        try:
            await mailbox.post("roster", entry, why)
        except MailboxError as problem:
            if problem.status != CONFLICT or attempt == TRIES - 1:
                raise
            known = await caught_up(world, mailbox, known)
            if why == "join" and keys.member in known.roster.members:
                return known
            continue
        roster = rosters.extend(known.roster, [entry])
        await world.do(_extend, known.team, known.roster.size, entry)
        return Replaced(known, roster=roster)
    raise AssertionError


async def caught_up(world: World, mailbox: Mailbox, known: Known) -> Known:
    """With what the mailbox shows now; the record is stored. The membership may be STALE afterwards."""
    fetched = await catchup.fetch(world, mailbox, known.record.url, known)
    record = await catchup.stepped(world, known.record, catchup.saw(fetched))
    record = await world.do(catchup.adopt, record, fetched, known.record.membership)
    return Replaced(known, record=record, roster=fetched.roster, policy=state.policy_of(record.membership))


async def _kept(world: World, known: Known, record: Record) -> Known:
    if record != known.record:
        await world.do(state.keep, record)
    return Replaced(known, record=record)


async def _entered(world: World, known: Known, keys: Keys) -> Known:
    """The one-use key has served."""
    if keys.ticket:
        await world.keep_keys(known.team, keys.with_ticket(b""))
    return await _kept(world, known, Replaced(known.record, joined=True, given="", vouched=()))


async def _ask(world: World, mailbox: Mailbox, known: Known, keys: Keys, record: Record) -> Record:
    """Ask once in a fortnight, then look who vouched."""
    if not record.asked_at or world.now() - record.asked_at > 13 * 86_400:
        asking = {"kind": "asking", "team": known.team, "member": keys.member, "identity": b64(keys.identity)}
        await mailbox.post("roster", sign(asking, keys.private), "asking")
        record = Replaced(record, asked_at=world.now())
        await world.do(state.keep, record)
    found = await mailbox.query("pending", keys)
    mine = [one for one in mailbox.signed_in(found, "vouchings") if one.body.get("for") == keys.member]
    present = known.roster.present
    body = voucher_body(known.team, keys.identity)
    proofs = {
        str(one.body.get("voucher")): str(one.body.get("sig")) for one in mine
        if (voucher := present.get(str(one.body.get("voucher")))) is not None and signs(body, str(one.body.get("sig")), voucher.identity)
    }  # fmt: skip
    return Replaced(record, vouched=tuple(sorted(proofs.items())[:2]))


def _vouchers(known: Known, keys: Keys) -> list[dict[str, str]]:
    record = known.record
    if record.way == "vouched":
        return [rosters.member_voucher(member, proof) for member, proof in record.vouched]
    if not keys.ticket:
        raise UsageError(tr("The one-use key of the invitation is gone."), tr("Ask for a new invitation."))
    door = signing_key(keys.ticket)
    proof = sign(voucher_body(known.team, keys.identity), door).sig
    if record.way == "founding":
        return [rosters.founding_voucher(proof)]
    return [rosters.invite_voucher(door.public_key().public_bytes_raw(), record.given, proof)]


def _asks(signed: Signed, team: str) -> bool:
    body = signed.body
    try:
        identity = unb64(body.get("identity"), 32)
    except ValueError:
        return False
    same = body == {"kind": "asking", "team": team, "member": voucher_body(team, identity)["member"], "identity": b64(identity)}
    return same and signs(body, signed.sig, identity)


def _vouchings(found: list[Signed], known: Known) -> set[tuple[str, str]]:
    present = known.roster.present
    return {
        (str(one.body.get("voucher")), str(one.body.get("for"))) for one in found
        if (voucher := present.get(str(one.body.get("voucher")))) is not None and signs(one.body, one.sig, voucher.identity)
    }  # fmt: skip


def _extend(store: Store, team: str, start: int, entry: Signed) -> None:
    rows.extend_roster(store, team, start, [encode(entry)])
