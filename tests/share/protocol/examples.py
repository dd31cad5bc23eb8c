"""The examples of ``resources/team/protocol.md``, made from the seeds that it names. Run as a module to print them."""

from __future__ import annotations

from tests.share.teams import CARD, ENDPOINT, PEOPLE, POLICY, TEAM, WEEK, Person, joins, vouched, vouchers_for
from tokenpal.share.invitation import Invitation, written
from tokenpal.share.protocol import roster as rosters
from tokenpal.share.protocol.card import encode_card
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.keys import sealing_public
from tokenpal.share.protocol.learning import learning_body, retract_body
from tokenpal.share.protocol.manifest import answer_body, make_manifest, make_release, manifest_of
from tokenpal.share.protocol.policy import encode_policy, policy_hash
from tokenpal.share.protocol.sealing import answer_sum, envelope
from tokenpal.share.protocol.wire import NOTHING, Signed, b64, canonical, encode, hash_of, sign

ANSWERS = ((1, 2), (1, 1), (0, 2), (3, 0), (2, 2))
"""Label and use, after the coin, of identities 0 to 4."""


def roster_entries() -> list[Signed]:
    roster = rosters.empty(CARD)
    for number in range(5):
        roster = rosters.extend(roster, [joins(roster, PEOPLE[number], WEEK, vouchers_for(number), 2)])
    return list(roster.entries)


def week() -> tuple[list[Signed], Signed, list[Signed], Signed]:
    """Envelopes, manifest, answers and release of the example's week."""
    roster = rosters.read(roster_entries(), CARD)
    view, policy = roster.at(WEEK), policy_hash(POLICY)
    to = sorted(view.keys.items())
    envelopes = [
        envelope({"label": label, "use": use}, to, 4, b"s" * 32, one.private, team=TEAM, epoch=WEEK, head=view.head, policy=policy)
        for one, (label, use) in zip(PEOPLE, ANSWERS)
    ]
    body = make_manifest(roster, (), WEEK, policy, [(one.id, hash_of(found)) for one, found in zip(PEOPLE, envelopes)], NOTHING)
    assert body is not None
    signed = sign(body, ENDPOINT)
    manifest = manifest_of(signed, ENDPOINT.public_key().public_bytes_raw())
    answers = [
        one.sign(answer_body(manifest, one.id, answer_sum(manifest.reports, envelopes, one.id, one.key(WEEK), manifest.place(one.id))))
        for one in PEOPLE[:4]
    ]
    released = make_release(manifest, answers, view.members, NOTHING)
    assert released is not None
    return envelopes, signed, answers, sign(released, ENDPOINT)


def examples() -> dict[str, str]:
    """Name -> the exact text that stands in the document."""
    entries = roster_entries()
    roster = rosters.read(entries, CARD)
    envelopes, manifest, answers, release = week()
    one, two, six = PEOPLE[0], PEOPLE[1], PEOPLE[5]
    later, new = shifted(WEEK, 1), shifted(WEEK, 2)
    keys = {new: sealing_public(two.key(new))}

    def mine(body: dict[str, object], person: Person = two) -> str:
        return encode(person.sign(body)).decode()

    proof = vouched(six, [two])[0]["sig"]
    return {
        "card": encode_card(CARD).decode(),
        "policy": encode_policy(POLICY).decode(),
        "policy hash": policy_hash(POLICY),
        "invitation": written(Invitation("", "", "https://share.team.example", "", CARD.key, TEAM)),
        "founder's join": encode(entries[0]).decode(),
        "invited join": encode(entries[1]).decode(),
        "two vouchers": canonical(vouched(six, PEOPLE[:2])).decode(),
        "keys": mine(rosters.keys_body(5, roster.head, TEAM, later, two.id, keys)),
        "return": mine(rosters.return_body(5, roster.head, TEAM, later, two.id, {})),
        "leave": mine(rosters.leave_body(5, roster.head, TEAM, later, two.id)),
        "words": rosters.four_words(one.identity),
        "head": roster.head,
        "envelope": encode(envelopes[0]).decode(),
        "manifest": encode(manifest).decode(),
        "answer": encode(answers[0]).decode(),
        "release": encode(release).decode(),
        "withdraw": mine({"kind": "withdraw", "team": TEAM, "epoch": WEEK, "member": two.id}),
        "asking": mine({"kind": "asking", "team": TEAM, "member": six.id, "identity": b64(six.identity)}, six),
        "vouching": mine({"kind": "vouching", "team": TEAM, "voucher": two.id, "for": six.id, "identity": b64(six.identity), "sig": proof}),
        "query": mine({"kind": "query", "team": TEAM, "member": two.id, "day": "2026-10-08", "what": "manifest", "epoch": WEEK, "since": ""}),
        "link": mine({"kind": "link", "team": TEAM, "member": two.id, "until": 1_791_500_000}),
        "learning": mine(learning_body(TEAM, two.id, b"n" * 16, later, "worked", "Asking for a plan first saved us a detour.", "Kim")),
        "retract": mine(retract_body(TEAM, two.id, b64(b"n" * 16))),
    }


if __name__ == "__main__":
    for name, text in examples().items():
        print(f"{name}\n{text}\n")
