"""Made-up teams: identities, keys, a roster chain and an endpoint's key, all from small numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from tokenpal.share.protocol import roster as rosters
from tokenpal.share.protocol.card import Card
from tokenpal.share.protocol.entries import invite_body, invite_voucher, member_voucher, voucher_body
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.keys import sealing_public, signing_key, signing_public
from tokenpal.share.protocol.policy import default, policy_hash
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import Signed, b64, member_id, sign

TEAM = b64(b"team of the test")
WEEK = "2026-W40"
POLICY = default("The makers", "someone@team.example")
SEEDS = {name: hashlib.sha256(name.encode()).digest() for name in ("endpoint", "founding")}
CARD = Card(b64(signing_public(SEEDS["founding"])), b64(signing_public(SEEDS["endpoint"])), "The makers", policy_hash(POLICY), TEAM)
ENDPOINT = signing_key(SEEDS["endpoint"])


class Person:
    """A member's secrets."""

    def __init__(self, number: int) -> None:
        self.seed = hashlib.sha256(b"identity %d" % number).digest()
        self.private = signing_key(self.seed)
        self.identity = signing_public(self.seed)
        self.id = member_id(self.identity)

    def key(self, epoch: str) -> bytes:
        """Private half for a week."""
        return hashlib.sha256(self.seed + epoch.encode()).digest()

    def keys(self, begin: str, weeks: int = 13) -> dict[str, bytes]:
        return {week: sealing_public(self.key(week)) for week in (shifted(begin, ahead) for ahead in range(weeks))}

    def sign(self, body: dict[str, Any]) -> Signed:
        return sign(body, self.private)


PEOPLE = [Person(number) for number in range(30)]


def founding(person: Person) -> list[dict[str, str]]:
    return [rosters.founding_voucher(sign(voucher_body(TEAM, person.identity), signing_key(SEEDS["founding"])).sig)]


def invited(person: Person, founder: Person, invite: bytes) -> list[dict[str, str]]:
    """Vouchers by an invite key (a seed) that the founder gave."""
    given = founder.sign(invite_body(TEAM, signing_public(invite))).sig
    proof = sign(voucher_body(TEAM, person.identity), signing_key(invite)).sig
    return [invite_voucher(signing_public(invite), given, proof)]


def vouched(person: Person, by: Sequence[Person]) -> list[dict[str, str]]:
    return [member_voucher(one.id, one.sign(voucher_body(TEAM, person.identity)).sig) for one in by]


def vouchers_for(number: int) -> list[dict[str, str]]:
    """What the person of that number needs when all before it are in."""
    person = PEOPLE[number]
    if number == 0:
        return founding(person)
    if number < rosters.FOUNDERS:
        return invited(person, PEOPLE[0], hashlib.sha256(b"invite %d" % number).digest())
    return vouched(person, PEOPLE[number - 2 : number])


def joins(roster: Roster, person: Person, epoch: str, vouchers: list[dict[str, str]], weeks: int = 13) -> Signed:
    body = rosters.join_body(roster.size, roster.head, TEAM, epoch, person.identity, person.keys(epoch, weeks), vouchers)
    return person.sign(body)


def team(size: int, epoch: str = WEEK) -> Roster:
    """So many people who all joined in one week."""
    roster = rosters.empty(CARD)
    for number in range(size):
        roster = rosters.extend(roster, [joins(roster, PEOPLE[number], epoch, vouchers_for(number))])
    return roster
