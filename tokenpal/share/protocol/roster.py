"""Who is in the team: an append-only chain of signed entries, read with all its rules R1 to R8 (protocol.md 5).

Every entry is signed by the member it is about and bound to the one before. Nothing here trusts the endpoint that keeps the
chain: it can withhold entries, but neither forge, change nor reorder them without another head.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from tokenpal.share.protocol.card import Card
from tokenpal.share.protocol.entries import (
    FOUNDING,
    HORIZON,
    INVITE,
    KEYS_AHEAD,
    Entry,
    Join,
    Keys,
    Leave,
    Return,
    founding_voucher,
    four_words,
    invite_body,
    invite_voucher,
    join_body,
    keys_body,
    leave_body,
    member_voucher,
    return_body,
    shape,
    signs,
    usable,
    voucher_body,
)
from tokenpal.share.protocol.epochs import distance, monday, shifted
from tokenpal.share.protocol.members import Member, Roster, RosterError, View, counts
from tokenpal.share.protocol.wire import Signed, hash_of, member_id, unb64, verified

__all__ = [
    "FOUNDERS",
    "Member",
    "Published",
    "Roster",
    "RosterError",
    "View",
    "active",
    "counts",
    "empty",
    "extend",
    "founding_voucher",
    "four_words",
    "invite_body",
    "invite_fits",
    "invite_voucher",
    "join_body",
    "keys_body",
    "leave_body",
    "member_voucher",
    "read",
    "return_body",
    "threshold",
    "voucher_body",
]

FOUNDERS: Final = 5
"""The first five joins found the team: one voucher is enough, and they count from the week they join in."""
WAIT_JOIN: Final = 2
WAIT_RETURN: Final = 1


class Published(Protocol):
    """As much of a manifest as the active set depends on."""

    @property
    def epoch(self) -> str: ...
    @property
    def reporters(self) -> Collection[str]: ...


def empty(card: Card) -> Roster:
    """The chain before its first entry."""
    return Roster(card.team, unb64(card.founding, 32))


def read(entries: Iterable[Signed], card: Card, *, present: str = "") -> Roster:
    """Verify a whole chain. ``present``: no entry may be of a later epoch. Raises RosterError, never anything else."""
    return extend(empty(card), entries, present=present)


def extend(roster: Roster, entries: Iterable[Signed], *, present: str = "", closed: str = "") -> Roster:
    """Verify further entries. Raises RosterError, never anything else.

    ``present``: no entry may be of a later epoch. ``closed``: the newest epoch whose head was already used, sealed or
    answered with: no new entry may be of that epoch or an earlier one. An endpoint that appends passes both, so that
    only the present epoch is left.
    """
    for entry in entries:
        roster = _appended(roster, entry, present, closed)
    return roster


def active(roster: Roster, manifests: Sequence[Published], epoch: str) -> tuple[str, ...]:
    """Sorted ids to whom a report of the epoch is sealed: the m of the protocol (protocol.md 6).

    ``manifests``: the published ones, in any order; those of the epoch and later are ignored. Active is who counts, gave
    a key for the epoch, and either reported in one of the last two manifests before it or began to count (by joining or
    returning) after the older of the two. While fewer than two are published, all are.
    """
    view = roster.at(epoch)
    last = sorted((one for one in manifests if distance(one.epoch, epoch) > 0), key=lambda one: monday(one.epoch))[-2:]
    if len(last) < 2:
        return tuple(sorted(view.keys))
    reported = {*last[0].reporters, *last[1].reporters}
    return tuple(sorted(one for one in view.keys if one in reported or _began_after(roster.members[one], last[0].epoch, epoch)))


def threshold(m: int) -> int:
    """Answers needed to open a sum: two thirds of the active members, never fewer than four."""
    return max(4, -(-2 * m // 3))


def invite_fits(roster: Roster, key: bytes, given: str) -> bool:
    """Whether this roster's founder gave that invite key and it is not used yet: also tells the invited that the roster is the founder's."""
    founder = roster.members.get(roster.founder)
    body = invite_body(roster.team, key)
    return founder is not None and not founder.left and body["key"] not in roster.invites and signs(body, given, founder.identity)


def _began_after(member: Member, older: str, epoch: str) -> bool:
    began = [member.counts_from, *(shifted(one, WAIT_RETURN) for one in member.returns)]
    return any(distance(older, one) > 0 and distance(one, epoch) >= 0 for one in began)


def _appended(roster: Roster, signed: Signed, present: str, closed: str) -> Roster:
    place = f"entry {roster.size}"
    try:
        entry = shape(signed.body)
        monday(entry.epoch)
        name = hash_of(signed)
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise RosterError("R1", f"{place} is not an entry of a roster.") from None
    if (entry.n, entry.prev, entry.team) != (roster.size, roster.head, roster.team):
        raise RosterError("R2", f"{place} does not follow the entry before it.")
    _check_time(entry, roster, present, closed, place)
    member = _joined(entry, roster, place) if isinstance(entry, Join) else _changed(entry, roster, place)
    if not verified(signed, member.identity):
        raise RosterError("R4", f"{place} is not signed by the member it is about.")
    return msgspec.structs.replace(
        roster,
        entries=(*roster.entries, signed),
        hashes=(*roster.hashes, name),
        epochs=(*roster.epochs, entry.epoch),
        members={**roster.members, member.id: member},
        founder=roster.founder or member.id,
        invites=roster.invites | ({one["key"] for one in entry.vouchers if "key" in one} if isinstance(entry, Join) else set()),
    )


def _check_time(entry: Entry, roster: Roster, present: str, closed: str, place: str) -> None:
    if roster.epochs and distance(roster.epochs[-1], entry.epoch) < 0:
        raise RosterError("R3", f"{place} is of an earlier week than the entry before it.")
    if present and distance(present, entry.epoch) > 0:
        raise RosterError("R3", f"{place} is of a week that has not begun.")
    if closed and distance(closed, entry.epoch) <= 0:
        raise RosterError("R3", f"{place} is of a week that is closed already.")


def _joined(entry: Join, roster: Roster, place: str) -> Member:
    try:
        identity = unb64(entry.identity, 32)
        fits = member_id(identity) == entry.member
    except ValueError:
        raise RosterError("R1", f"{place} holds no identity key.") from None
    if not fits:
        raise RosterError("R4", f"{place} is about a member whose number is not made from its key.")
    if entry.member in roster.members:
        raise RosterError("R5", f"{place} lets a member in a second time.")
    _check_vouchers(entry, identity, roster, place)
    wait = 0 if len(roster.members) < FOUNDERS else WAIT_JOIN
    return Member(entry.member, identity, entry.epoch, shifted(entry.epoch, wait), _with_keys({}, entry.keys, entry.epoch, place, some=True))


def _changed(entry: Keys | Return | Leave, roster: Roster, place: str) -> Member:
    member = roster.present.get(entry.member)
    if member is None:
        raise RosterError("R5", f"{place} is about nobody who is in the team.")
    replaced = msgspec.structs.replace
    if isinstance(entry, Leave):
        return replaced(member, left=entry.epoch)
    keys = _with_keys(member.keys, entry.keys, entry.epoch, place, some=isinstance(entry, Keys))
    if isinstance(entry, Keys):
        if member.last_keys == entry.epoch:
            raise RosterError("R8", f"{place} is the member's second one with keys in this week.")
        return replaced(member, keys=keys, last_keys=entry.epoch)
    if entry.epoch in member.returns:
        raise RosterError("R8", f"{place} is the member's second return in this week.")
    return replaced(member, keys=keys, returns=(*member.returns, entry.epoch))


def _with_keys(old: Mapping[str, bytes], new: Mapping[str, str], epoch: str, place: str, *, some: bool) -> dict[str, bytes]:
    try:
        fine = len(new) <= KEYS_AHEAD and (bool(new) or not some) and all(0 <= distance(epoch, one) < HORIZON for one in new)
        added = {one: usable(key) for one, key in new.items()}
    except ValueError:
        fine, added = False, {}
    if not fine:
        raise RosterError("R7", f"{place} holds keys that are none, too many, or of weeks too early or too late.")
    if old.keys() & added.keys():
        raise RosterError("R7", f"{place} changes the key of a week, and a week's key never changes.")
    return {**old, **added}


def _check_vouchers(entry: Join, identity: bytes, roster: Roster, place: str) -> None:
    """R6: the founder by the founding key, four more by the founder's invitations, everybody else by two present members."""
    body = voucher_body(roster.team, identity)
    kinds = [one.get("by", "") for one in entry.vouchers]
    if not roster.entries:
        one = entry.vouchers[0] if kinds == [FOUNDING] else {}
        fine = one.keys() == {"by", "proof"} and signs(body, one["proof"], roster.founding)
    elif kinds == [INVITE]:
        fine = len(roster.members) < FOUNDERS and _invited(entry.vouchers[0], body, roster)
    else:
        present = roster.present
        fine = len(kinds) == len(set(kinds)) == 2 and all(
            one.keys() == {"by", "sig"} and one["by"] in present and signs(body, one["sig"], present[one["by"]].identity)
            for one in entry.vouchers
        )
    if not fine:
        raise RosterError("R6", f"{place} is a join without the vouchers it needs.")


def _invited(voucher: Mapping[str, str], body: dict[str, str], roster: Roster) -> bool:
    try:
        key = unb64(voucher.get("key"), 32)
    except ValueError:
        return False
    fields = voucher.keys() == {"by", "key", "given", "proof"}
    return fields and invite_fits(roster, key, voucher["given"]) and signs(body, voucher["proof"], key)
