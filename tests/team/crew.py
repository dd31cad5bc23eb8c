"""Members for the endpoint's tests: real keys and messages, and no client around them.

Everything a member says goes through ``say(method, path, body) -> (status, answer)``, so the same crew talks to an
application in this process and to a real one over TLS.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.share.teams import PEOPLE, Person
from tokenpal.share import invitation
from tokenpal.share.protocol import epochs, roster as rosters, sealing
from tokenpal.share.protocol.card import Card, parse_card
from tokenpal.share.protocol.entries import invite_body, invite_voucher, member_voucher, voucher_body
from tokenpal.share.protocol.keys import signing_key, signing_public
from tokenpal.share.protocol.manifest import Manifest, answer_body, manifest_of
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import Signed, encode, sign, unb64

Say = Callable[[str, str, bytes], tuple[int, bytes]]
ANSWERS = ({"label": 0, "use": 2}, {"label": 1, "use": 1}, {"label": 3, "use": 0})


class Crew:
    """A team as its members see it. ``now`` is what the endpoint's clock says."""

    def __init__(self, say: Say, line: str | invitation.Invitation, now: Callable[[], int], people: Sequence[Person] = PEOPLE) -> None:
        self.say, self.now, self.people = say, now, list(people)
        self.invitation = invitation.parse(line) if isinstance(line, str) else line
        self.team = self.invitation.team
        self.founding = unb64(self.invitation.founding, 32)
        self.entries: list[Signed] = []

    # ------------------------------------------------------------------------------------ asking

    def get(self, path: str = "") -> tuple[int, Any]:
        status, body = self.say("GET", f"/v1/teams/{self.team}{path}", b"")
        return status, json.loads(body)

    def post(self, path: str, signed: Signed | bytes) -> tuple[int, Any]:
        data = signed if isinstance(signed, bytes) else encode(signed)
        status, body = self.say("POST", f"/v1/teams/{self.team}/{path}", data)
        return status, json.loads(body)

    def ask(self, person: Person, what: str, epoch: str = "", since: str = "") -> tuple[int, Any]:
        day = datetime.fromtimestamp(self.now(), UTC).date().isoformat()
        body = {"kind": "query", "team": self.team, "member": person.id, "day": day, "what": what, "epoch": epoch, "since": since}
        return self.post("query", person.sign(body))

    def card(self) -> Card:
        return parse_card(json.dumps(self.get()[1], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())

    def roster(self) -> Roster:
        """As the endpoint has it, verified."""
        return rosters.read([Signed(**one) for one in self.get("/roster?since=0")[1]["entries"]], self.card())

    # ------------------------------------------------------------------------------------ joining

    def vouchers(self, number: int) -> list[dict[str, str]]:
        person = self.people[number]
        body = voucher_body(self.team, person.identity)
        if number == 0:
            return [rosters.founding_voucher(sign(body, signing_key(self.founding)).sig)]
        if number < rosters.FOUNDERS:
            invite = secrets.token_bytes(32)
            given = self.people[0].sign(invite_body(self.team, signing_public(invite))).sig
            return [invite_voucher(signing_public(invite), given, sign(body, signing_key(invite)).sig)]
        return [member_voucher(one.id, one.sign(body).sig) for one in self.people[:2]]

    def join_entry(self, number: int, roster: Roster | None = None, vouchers: list[dict[str, str]] | None = None) -> Signed:
        roster = roster or self.roster()
        person, week = self.people[number], epochs.epoch_of(self.now())
        vouchers = self.vouchers(number) if vouchers is None else vouchers
        return person.sign(rosters.join_body(roster.size, roster.head, self.team, week, person.identity, person.keys(week), vouchers))

    def join(self, size: int) -> None:
        """The first ``size`` people join, one after the other."""
        roster = self.roster()
        for number in range(roster.size, size):
            entry = self.join_entry(number, roster)
            status, said = self.post("roster", entry)
            assert status == 201, said
            roster = rosters.extend(roster, [entry])

    # ------------------------------------------------------------------------------------ a week

    def report(self, number: int, epoch: str, answers: dict[str, int] | None = None, *, roster: Roster | None = None, active: Sequence[str] = (), **other: Any) -> Signed:
        """The sealed report of one person."""
        view = (roster or self.roster()).at(epoch)
        members = active or sorted(view.keys)
        fields = {"team": self.team, "epoch": epoch, "head": view.head, "policy": self.card().policy, **other}
        seed = bytes([number]) * 32
        recipients = [(member, view.keys[member]) for member in members]
        return sealing.envelope(answers or ANSWERS[number % 3], recipients, rosters.threshold(len(members)), seed, self.people[number].private, **fields)

    def manifest(self, epoch: str, person: Person | None = None) -> Manifest | None:
        status, said = self.ask(person or self.people[0], "manifest", epoch)
        assert status == 200, said
        return manifest_of(Signed(**said["manifests"][0]), unb64(self.invitation.key, 32)) if said["manifests"] else None

    def answer(self, number: int, manifest: Manifest, *, lie: int = 0) -> Signed:
        """What one person answers; ``lie`` is added to its first number."""
        person = self.people[number]
        status, said = self.ask(person, "envelopes", manifest.epoch)
        assert status == 200, said
        envelopes = [Signed(**one) for one in said["envelopes"]]
        numbers = list(sealing.share_sum(envelopes, person.id, person.key(manifest.epoch), manifest.place(person.id)))
        numbers[0] = (numbers[0] + lie) % sealing.shamir.PRIME
        return person.sign(answer_body(manifest, person.id, numbers))
