"""The roster: entries that follow its rules, who asks to join, who vouches (sharing-protocol 5.5)."""

from __future__ import annotations

from typing import Final

from tokenpal.share.protocol import roster as rosters
from tokenpal.share.protocol.entries import signs
from tokenpal.share.protocol.epochs import due, epoch_of
from tokenpal.share.protocol.roster import Roster, RosterError, voucher_body
from tokenpal.share.protocol.wire import Signed, encode, hash_of, member_id, unb64
from tokenpal.team.mailbox import Mailbox, Reply, said
from tokenpal.team.messages import DAY_SECONDS, Asking, Vouching, check_signature, read_signed, shaped
from tokenpal.team.refused import Refused

MOST_MEMBERS: Final = 50
MOST_ASKING: Final = 20
ENTRIES: Final = frozenset({"join", "keys", "return", "leave"})
LATE: Final = frozenset({"R2", "R3"})
"""Rules that break when somebody else was quicker, or a week began: the same entry, made anew, may be fine."""


def post_roster(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """A roster entry (201), or a request to join that waits for vouchers (202). Raises Refused."""
    signed = read_signed(data)
    if signed.kind == "asking":
        return _ask(mailbox, team, signed)
    if signed.kind not in ENTRIES:
        raise Refused(400, "form", "This is no entry of a roster.")
    return _append(mailbox, team, signed)


def _append(mailbox: Mailbox, team: str, signed: Signed) -> Reply:
    now, name = mailbox.now(), hash_of(signed)
    with mailbox.writing(team) as (rows, found):
        roster = mailbox.roster(rows, found)
        if name in roster.hashes[-200:]:
            return said(200, head=roster.head, n=roster.hashes.index(name))
        if signed.kind == "join":
            _check_room(roster)
        try:
            longer = rosters.extend(roster, [signed], present=epoch_of(now), closed=due(now))
        except RosterError as error:
            raise Refused(409 if error.rule in LATE else 403, error.rule, error.sentence) from None
        rows.append(team, roster.size, name, encode(signed))
        if signed.kind == "join":
            rows.asked(team, signed.body["member"])
    return said(201, head=longer.head, n=longer.size - 1)


def _check_room(roster: Roster) -> None:
    if len(roster.present) >= MOST_MEMBERS:
        raise Refused(403, "full", f"This team has {MOST_MEMBERS} members, and more are not taken: make a second team.")


def _ask(mailbox: Mailbox, team: str, signed: Signed) -> Reply:
    asking = shaped(signed, Asking, team)
    _check_identity(asking.member, asking.identity)
    check_signature(signed, unb64(asking.identity, 32))
    with mailbox.writing(team) as (rows, found):
        roster = mailbox.roster(rows, found)
        if asking.member in roster.members:
            raise Refused(409, "member", "This member is in the team already, or has left it for good.")
        _check_room(roster)
        waiting = rows.asking(team)
        if asking.member in waiting:
            rows.ask_again(team, asking.member, mailbox.now() // DAY_SECONDS)
            return said(200, waiting=_lacking(len([one for one, _ in rows.vouchings(team) if one == asking.member])))
        if len(waiting) >= MOST_ASKING:
            raise Refused(403, "full", f"{MOST_ASKING} people wait to join this team already; ask again when some have joined.")
        rows.ask(team, asking.member, mailbox.now() // DAY_SECONDS, encode(signed))
    return said(202, waiting=_lacking(0))


def post_vouch(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """A present member vouches for somebody who asks to join. Raises Refused."""
    signed = read_signed(data)
    vouching = shaped(signed, Vouching, team)
    identity = _check_identity(vouching.member, vouching.identity)
    with mailbox.writing(team) as (rows, found):
        holder = mailbox.roster(rows, found).present.get(vouching.voucher)
        check_signature(signed, holder.identity if holder else None)
        if not signs(voucher_body(team, identity), vouching.sig, holder.identity if holder else b""):
            raise Refused(401, "signature", "The voucher inside is not signed by the member who vouches.")
        if vouching.member not in rows.asking(team):
            raise Refused(404, "asking", "Nobody of that number asks to join, or has joined already.")
        known = rows.vouchings(team)
        if (vouching.member, vouching.voucher) in known:
            return said(200, waiting=_lacking(len([one for one, _ in known if one == vouching.member])))
        rows.vouch(team, vouching.member, vouching.voucher, mailbox.now() // DAY_SECONDS, encode(signed))
        count = len([one for one, _ in known if one == vouching.member]) + 1
    return said(201, waiting=_lacking(count))


def _check_identity(member: str, identity: str) -> bytes:
    try:
        found = unb64(identity, 32)
        fine = member_id(found) == member
    except ValueError:
        found, fine = b"", False
    if not fine:
        raise Refused(400, "form", "The member's number is not made from its key.")
    return found


def _lacking(vouched: int) -> int:
    """Vouchers that are still needed."""
    return max(0, 2 - vouched)
