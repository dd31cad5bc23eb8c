"""protocol.md is enough: a stranger's implementation, made from its text alone, comes to the same bytes as its examples.

Nothing of tokenpal is used below the line but to compare the document with what this program makes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

from tests.share.protocol.examples import examples

TEXT = (Path(__file__).resolve().parents[3] / "resources" / "team" / "protocol.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(examples()))
def test_the_examples_are_what_this_program_makes(name: str) -> None:
    assert examples()[name] in TEXT


def test_every_rule_is_in_the_text() -> None:
    for rule in (*(f"R{number}" for number in range(1, 9)), *(f"A{number}" for number in range(1, 9))):
        assert f"| {rule} |" in TEXT


# ---------------------------------------------------------------------------------------------- a stranger's version

P = 2**61 - 1
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", TEXT)]
SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES128_GCM)


def the(kind: str, place: int = 0) -> dict[str, Any]:
    return [block for block in BLOCKS if isinstance(block, dict) and block.get("body", {}).get("kind") == kind][place]


def can(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def to64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hashed(thing: dict[str, Any]) -> str:
    return sha(can(thing)).hex()


def signing(body: dict[str, Any]) -> bytes:
    return b"tokenpal-share/1 " + body["kind"].encode() + b"\n" + can(body)


def signature(seed: bytes, body: dict[str, Any]) -> str:
    return to64(Ed25519PrivateKey.from_private_bytes(seed).sign(signing(body)))


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def good(body: dict[str, Any], sig: str, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(from64(sig), signing(body))
    except InvalidSignature:
        return False
    return True


def identity(number: int) -> bytes:
    return sha(b"identity %d" % number)


def number_of(key: bytes) -> str:
    return to64(sha(key)[:16])


MEMBERS = {number_of(public(identity(number))): identity(number) for number in range(6)}
TEAM = to64(b"team of the test")
CARD = next(block for block in BLOCKS if "founding" in block and "policy" in block)


def week_key(member: str, epoch: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(sha(MEMBERS[member] + epoch.encode()))


def week_public(member: str, epoch: str) -> bytes:
    return week_key(member, epoch).public_key().public_bytes_raw()


def join(number: int, prev: str) -> dict[str, Any]:
    """Entry ``number`` as section 12 describes it."""
    key = public(identity(number))
    vouch = {"kind": "vouch", "team": TEAM, "member": number_of(key), "identity": to64(key)}
    invite = sha(b"invite %d" % number)
    given = {"kind": "invite", "team": TEAM, "key": to64(public(invite))}
    vouchers = (
        {"by": "founding", "proof": signature(sha(b"founding"), vouch)}
        if number == 0
        else {"by": "invite", "key": given["key"], "given": signature(identity(0), given), "proof": signature(invite, vouch)}
    )
    weeks = {epoch: to64(week_public(number_of(key), epoch)) for epoch in ("2026-W40", "2026-W41")}
    body = {
        "kind": "join", "n": number, "prev": prev, "team": TEAM, "epoch": "2026-W40", "member": number_of(key), "identity": to64(key),
        "keys": weeks, "vouchers": [vouchers],
    }  # fmt: skip
    return {"body": body, "sig": signature(identity(number), body)}


def envelope(number: int, label: int, use: int, head: str, policy: str, members: list[str], t: int) -> dict[str, Any]:
    """Section 6, with the seed of section 12."""
    seed, epoch = b"s" * 32, "2026-W40"
    vector = [int(label == place) for place in range(4)] + [int(use == place) for place in range(3)]
    body = {
        "kind": "report", "epoch": epoch, "head": head, "policy": policy, "member": number_of(public(identity(number))),
        "schema": "tokenpal-share/1", "team": TEAM, "shares": "",
    }  # fmt: skip
    c = can({**body, "t": t, "to": [[one, to64(week_public(one, epoch))] for one in members], "vector": vector})
    length = len(c).to_bytes(4, "big")
    drawn: list[int] = []
    counter = 0
    while len(drawn) < 7 * (t - 1):
        block = hashlib.shake_256(b"tokenpal-share/1 shamir\n" + seed + length + c + counter.to_bytes(4, "big")).digest(1024)
        numbers = [int.from_bytes(block[at : at + 8], "big") & P for at in range(0, 1024, 8)]
        drawn += [one for one in numbers if one < P]
        counter += 1
    sealed = b""
    for x, member in enumerate(members, 1):
        share = [
            (vector[place] + sum(drawn[place * (t - 1) + power - 1] * pow(x, power, P) for power in range(1, t))) % P for place in range(7)
        ]
        pair = SUITE.kem.derive_key_pair(
            hashlib.shake_256(b"tokenpal-share/1 ephemeral\n" + seed + length + c + member.encode()).digest(32)
        )
        info = can({"kind": "share", "team": TEAM, "epoch": epoch, "head": head, "policy": policy, "from": body["member"], "to": member})
        enc, context = SUITE.create_sender_context(SUITE.kem.deserialize_public_key(week_public(member, epoch)), info, eks=pair)
        sealed += enc + context.seal(b"".join(one.to_bytes(8, "big") for one in share))
    body["shares"] = to64(sealed)
    return {"body": body, "sig": signature(identity(number), body)}


def opened(thing: dict[str, Any], member: str, x: int) -> list[int]:
    data = from64(thing["body"]["shares"])[(x - 1) * 104 : x * 104]
    bound = {name: thing["body"][name] for name in ("team", "epoch", "head", "policy")}
    info = can({**bound, "kind": "share", "from": thing["body"]["member"], "to": member})
    key = SUITE.kem.deserialize_private_key(week_key(member, thing["body"]["epoch"]).private_bytes_raw())
    plain = SUITE.create_recipient_context(data[:32], key, info).open(data[32:])
    return [int.from_bytes(plain[at : at + 8], "big") for at in range(0, 56, 8)]


def at_zero(points: dict[int, list[int]]) -> list[int]:
    total = [0] * 7
    for x, share in points.items():
        weight = 1
        for other in points:
            if other != x:
                weight = weight * -other * pow(x - other, -1, P) % P
        total = [(one + weight * number) % P for one, number in zip(total, share)]
    return total


def test_one_spelling() -> None:
    for block in re.findall(r"```json\n(.*?)\n```", TEXT):
        assert can(json.loads(block)).decode() == block


def test_card_and_policy() -> None:
    policy = next(block for block in BLOCKS if "odds" in block)
    assert CARD["policy"] == sha(can(policy)).hex()
    assert CARD["team"] == TEAM
    assert from64(CARD["key"]) == public(sha(b"endpoint"))
    assert from64(CARD["founding"]) == public(sha(b"founding"))
    line = re.search(r"^tokenpal-team:(\S+)$", TEXT, re.MULTILINE)
    assert line is not None
    assert json.loads(from64(line[1])) == next(block for block in BLOCKS if "v" in block)


def test_everything_is_signed_by_whom_it_says() -> None:
    signed = [block for block in BLOCKS if "body" in block]
    assert len(signed) == 16
    for thing in signed:
        body = thing["body"]
        who = body.get("voucher") or body.get("member")
        assert good(body, thing["sig"], public(MEMBERS[who]) if who else from64(CARD["key"])), body["kind"]
        assert not good({**body, "team": "x"}, thing["sig"], public(MEMBERS[who]) if who else from64(CARD["key"]))
    for voucher in next(block for block in BLOCKS if isinstance(block, list)):
        key = public(identity(5))
        assert good({"kind": "vouch", "team": TEAM, "member": number_of(key), "identity": to64(key)}, voucher["sig"], public(MEMBERS[voucher["by"]]))


def test_the_whole_week() -> None:
    chain: list[dict[str, Any]] = []
    for number in range(5):
        chain.append(join(number, hashed(chain[-1]) if chain else "0" * 64))
    assert chain[:2] == [the("join", 0), the("join", 1)]
    head = hashed(chain[-1])
    assert f"`{head}`" in TEXT
    assert all(the(kind)["body"]["prev"] == head for kind in ("keys", "return", "leave"))

    members = sorted(entry["body"]["member"] for entry in chain)
    envelopes = [envelope(n, *answers, head, CARD["policy"], members, 4) for n, answers in enumerate(((1, 2), (1, 1), (0, 2), (3, 0), (2, 2)))]
    assert envelopes[0] == the("report")

    manifest = the("manifest")
    assert manifest["body"] == {
        "kind": "manifest", "team": TEAM, "epoch": "2026-W40", "head": head, "policy": CARD["policy"], "m": 5, "t": 4, "members": members,
        "reports": sorted([one["body"]["member"], hashed(one)] for one in envelopes), "after": "0" * 64, "release": "0" * 64,
    }  # fmt: skip

    sums = {}
    for x, member in enumerate(members, 1):
        shares = [opened(one, member, x) for one in envelopes]
        sums[x] = [sum(column) % P for column in zip(*shares)]
    answer = the("answer")["body"]
    assert answer["sum"] == sums[members.index(answer["member"]) + 1]
    assert answer["manifest"] == hashed(manifest)

    release = the("release")["body"]
    answering = sorted(number_of(public(identity(number))) for number in range(4))
    bodies = [{**answer, "member": member, "sum": sums[members.index(member) + 1]} for member in answering]
    assert release["answers"] == [hashed({"body": body, "sig": signature(MEMBERS[body["member"]], body)}) for body in bodies]
    for left_out in sums:
        assert at_zero({x: one for x, one in sums.items() if x != left_out}) == release["bins"] == [1, 2, 1, 1, 1, 1, 3]
