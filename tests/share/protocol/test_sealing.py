"""The sealed envelope: RFC vectors, two implementations, the same bytes again, one size, nothing readable (sharing-protocol 6)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any, NamedTuple

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings, strategies as st
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

from tokenpal.share.protocol import shamir
from tokenpal.share.protocol.keys import can_be_sealed_to, sealing_public, signing_key, signing_public
from tokenpal.share.protocol.questions import KINDS
from tokenpal.share.protocol.sealing import SEALED_BYTES, answer_sum, envelope, envelope_size, open_share, share_sum, well_formed
from tokenpal.share.protocol.shamir import Misbehaved
from tokenpal.share.protocol.wire import Signed, b64, decode, digest, encode, hash_of, member_id, sign, unb64, verified

TEAM = b64(bytes(range(16)))
HEAD = digest(b"head")
POLICY = digest(b"policy")
EPOCH = "2026-W47"
ANSWERS = {"label": 2, "use": 1}


class Member(NamedTuple):
    id: str
    identity: bytes
    key: bytes


def team(m: int) -> list[Member]:
    made = [Member(member_id(signing_public(bytes([n, 1] * 16))), bytes([n, 1] * 16), bytes([n, 2] * 16)) for n in range(m)]
    return sorted(made)


def threshold(m: int) -> int:
    return max(4, -(-2 * m // 3))


def make(members: list[Member], by: Member, answers: dict[str, int] = ANSWERS, seed: bytes = bytes(32), **bound: str) -> Signed:
    to = [(member.id, sealing_public(member.key)) for member in members]
    bound = {"team": TEAM, "epoch": EPOCH, "head": HEAD, "policy": POLICY, **bound}
    return envelope(answers, to, threshold(len(members)), seed, signing_key(by.identity), **bound)


def remade(signed: Signed, by: Member, **change: Any) -> Signed:
    return sign({**signed.body, **change}, signing_key(by.identity))


# ---------------------------------------------------------------------------------------------- RFC 9180, A.1.1

RFC = {
    name: bytes.fromhex(value)
    for name, value in {
        "info": "4f6465206f6e2061204772656369616e2055726e",
        "ikmE": "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
        "pkEm": "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
        "skEm": "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
        "ikmR": "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
        "pkRm": "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
        "skRm": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
        "shared_secret": "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
        "pt": "4265617574792069732074727574682c20747275746820626561757479",
        "aad": "436f756e742d30",
        "ct": "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    }.items()
}
PYHPKE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES128_GCM)
CRYPTOGRAPHY = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def test_the_rfcs_keys() -> None:
    assert sealing_public(RFC["skEm"]) == RFC["pkEm"]
    assert sealing_public(RFC["skRm"]) == RFC["pkRm"]
    for ikm, secret in [("ikmE", "skEm"), ("ikmR", "skRm")]:
        pair = PYHPKE.kem.derive_key_pair(RFC[ikm])
        assert pair.private_key.to_private_bytes() == RFC[secret]


def test_pyhpke_seals_what_the_rfc_says() -> None:
    pair = PYHPKE.kem.derive_key_pair(RFC["ikmE"])
    receiver = PYHPKE.kem.deserialize_public_key(RFC["pkRm"])
    assert PYHPKE.kem.encap(receiver, eks=pair) == (RFC["shared_secret"], RFC["pkEm"])
    enc, context = PYHPKE.create_sender_context(receiver, RFC["info"], eks=pair)
    assert (enc, context.seal(RFC["pt"], RFC["aad"])) == (RFC["pkEm"], RFC["ct"])


def test_cryptography_opens_what_the_rfc_says() -> None:
    private = X25519PrivateKey.from_private_bytes(RFC["skRm"])
    assert openssl.hpke._decrypt_with_aad(CRYPTOGRAPHY, RFC["pkEm"] + RFC["ct"], private, RFC["info"], RFC["aad"]) == RFC["pt"]
    with pytest.raises(InvalidTag):
        CRYPTOGRAPHY.decrypt(RFC["pkEm"] + RFC["ct"], private, RFC["info"])


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.binary(max_size=80))
@settings(max_examples=25)
def test_each_opens_what_the_other_seals(ephemeral: bytes, key: bytes, plain: bytes, info: bytes) -> None:
    private = X25519PrivateKey.from_private_bytes(key)
    receiver = PYHPKE.kem.deserialize_public_key(sealing_public(key))
    enc, sender = PYHPKE.create_sender_context(receiver, info, eks=PYHPKE.kem.derive_key_pair(ephemeral))
    assert CRYPTOGRAPHY.decrypt(enc + sender.seal(plain), private, info) == plain
    sealed = CRYPTOGRAPHY.encrypt(plain, private.public_key(), info)
    opener = PYHPKE.create_recipient_context(sealed[:32], PYHPKE.kem.deserialize_private_key(key), info)
    assert opener.open(sealed[32:]) == plain


# ---------------------------------------------------------------------------------------------- the whole way


@pytest.mark.parametrize("m", [5, 6, 8, 25])
def test_a_week_of_a_team(m: int) -> None:
    """Everybody reports, over the wire; the sums of any t members give what was sent and no more."""
    members = team(m)
    sent = [{"label": n % 4, "use": n % 3} for n in range(m)]
    seals = [make(members, by, answers, bytes([place] * 32)) for place, (by, answers) in enumerate(zip(members, sent, strict=True))]
    posted = [decode(encode(signed)) for signed in seals]
    assert all(verified(signed, signing_public(by.identity)) for signed, by in zip(posted, members, strict=True))
    answers = [(x, share_sum(posted, me.id, me.key, x)) for x, me in enumerate(members, 1)]
    total = shamir.combine(answers, threshold(m))
    shamir.check_sum(total, m)
    assert total == tuple(sum(one[question] == place for one in sent) for question, k in KINDS.items() for place in range(k))
    assert shamir.combine(answers[: threshold(m) - 1], threshold(m) - 1) != total


def test_a_report_handed_out_many_times_is_summed_once() -> None:
    """Else the mailbox could weigh one member's report so heavily that its answers stand out of the sum."""
    members = team(5)
    seals = [make(members, by) for by in members]
    reports = [(by.id, hash_of(signed)) for by, signed in zip(members, seals, strict=True)]
    me = members[1]
    sound = share_sum(seals, me.id, me.key, 2)
    other = make(members, members[0], {"label": 0, "use": 0}, b"2" * 32)
    for handed_out in (seals, seals[::-1], [*seals, *[seals[0]] * 1000], [other, *seals]):
        assert answer_sum(reports, handed_out, me.id, me.key, 2) == sound
    for wrong in ([*seals, seals[0]], [*seals, other]):
        with pytest.raises(Misbehaved, match="twice"):
            share_sum(wrong, me.id, me.key, 2)
    with pytest.raises(Misbehaved, match="twice"):
        answer_sum([*reports, reports[0]], seals, me.id, me.key, 2)
    with pytest.raises(Misbehaved, match="missing"):
        answer_sum(reports, [*seals[1:], other], me.id, me.key, 2)


def test_the_order_of_receivers_does_not_matter() -> None:
    members = team(5)
    assert make(members, members[2]) == make(members[::-1], members[2])


# ------------------------------------------------------------------------------------------------ the same again


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.integers(0, 3), st.integers(0, 2))
def test_an_envelope_is_made_again_byte_for_byte(seed: bytes, label: int, use: int) -> None:
    members = team(5)
    answers = {"label": label, "use": use}
    assert encode(make(members, members[0], answers, seed)) == encode(make(members, members[0], answers, seed))


def test_in_another_process_too() -> None:
    members = team(5)
    code = (
        "from tests.share.protocol.test_sealing import *; members = team(5); "
        "sys.stdout.write(digest(encode(make(members, members[3], seed=b'7' * 32))))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == digest(encode(make(members, members[3], seed=b"7" * 32)))


@pytest.mark.parametrize(
    "other",
    [
        {"head": digest(b"other")},
        {"policy": digest(b"other")},
        {"epoch": "2026-W48"},
        {"team": b64(bytes(16))},
        {"seed": b"1" * 32},
        {"answers": {"label": 2, "use": 2}},
        {"answers": {"label": 1, "use": 1}},
    ],
)
def test_nothing_is_used_twice(other: dict[str, Any]) -> None:
    """A coin sealed again under another roster has no ephemeral key and no share in common with the first time."""
    members = team(6)
    first, second = (make(members, members[0], **change) for change in ({}, other))
    assert not keys_of(first) & keys_of(second)
    assert len(keys_of(first)) == 6
    assert not numbers_of(first, members) & numbers_of(second, members)


def test_nor_when_only_the_receivers_differ() -> None:
    """The same head with another active set: shares at other places of one polynomial would be an extra share for somebody."""
    members = team(9)
    first, second = make(members, members[0]), make(members[:1] + members[2:], members[0])
    assert not keys_of(first) & keys_of(second)
    assert not numbers_of(first, members) & numbers_of(second, members[:1] + members[2:])


def test_nor_when_only_the_threshold_differs() -> None:
    members = team(6)
    to = [(member.id, sealing_public(member.key)) for member in members]
    bound = {"team": TEAM, "epoch": EPOCH, "head": HEAD, "policy": POLICY}
    first, second = (envelope(ANSWERS, to, t, bytes(32), signing_key(members[0].identity), **bound) for t in (4, 5))
    assert not keys_of(first) & keys_of(second)
    assert not numbers_of(first, members) & numbers_of(second, members)


def keys_of(signed: Signed) -> set[bytes]:
    shares = unb64(signed.body["shares"])
    return {shares[place : place + 32] for place in range(0, len(shares), SEALED_BYTES)}


def numbers_of(signed: Signed, members: list[Member]) -> set[int]:
    return {number for x, me in enumerate(members, 1) for number in open_share(signed, me.id, me.key, x)}


# ----------------------------------------------------------------------------------------------------- the size


@settings(max_examples=40)
@given(
    st.integers(4, 12), st.integers(0, 3), st.integers(0, 2), st.binary(min_size=32, max_size=32), st.sampled_from(["1999-W01", "2026-W53", "2199-W01"])
)
def test_the_size_tells_how_many_members_there_are_and_nothing_else(m: int, label: int, use: int, seed: bytes, epoch: str) -> None:
    members = team(m)
    made = make(members, members[seed[0] % m], {"label": label, "use": use}, seed, epoch=epoch, head=digest(seed), team=b64(seed[:16]))
    assert len(encode(made)) == envelope_size(m)
    assert well_formed(made, m)


def test_sizes_as_documented() -> None:
    assert [envelope_size(m) for m in (5, 10, 25, 50)] == [1090, 1783, 3863, 7330]


# ------------------------------------------------------------------------------------------- nothing to be read


def test_neither_truth_nor_coin_nor_seed_can_be_read() -> None:
    members = team(5)
    seed = b"a seed of exactly 32 bytes here!"
    made = make(members, members[0], seed=seed)
    assert set(made.body) == {"epoch", "head", "kind", "member", "policy", "schema", "shares", "team"}
    data = encode(made)
    for word in ("label", "use", "sent", "true", "odds", "seed", "vector", '"q"'):
        assert word not in json.dumps({**made.body, "shares": ""}), word
    for secret in (seed, members[0].identity, members[0].key, *(member.key for member in members)):
        for spelled in (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret).rstrip(b"=")):
            assert spelled not in data
            assert spelled not in unb64(made.body["shares"])


def test_two_members_with_the_same_answer_send_nothing_alike() -> None:
    members = team(5)
    first, second = (make(members, by) for by in members[:2])  # even with the same seed, which does not happen
    assert not keys_of(first) & keys_of(second)
    assert not numbers_of(first, members) & numbers_of(second, members)


# ---------------------------------------------------------------------------------------------------- it is bound


@pytest.mark.parametrize("field", ["epoch", "head", "policy", "team", "member"])
def test_shares_moved_into_another_envelope_do_not_open(field: str) -> None:
    """Else a mailbox could replay last week's shares, or a member another's."""
    members = team(5)
    made = make(members, members[0])
    other = {"epoch": "2026-W48", "head": digest(b"x"), "policy": digest(b"x"), "team": b64(bytes(16)), "member": members[1].id}
    moved = remade(made, members[1], **{field: other[field]})
    with pytest.raises(Misbehaved):
        open_share(moved, members[2].id, members[2].key, 3)
    assert open_share(made, members[2].id, members[2].key, 3)


@pytest.mark.parametrize(
    ("me", "key", "x"),
    [(0, 1, 1), (1, 0, 1), (0, 0, 2), (0, 0, 0), (0, 0, -4), (0, 0, 6)],
)
def test_only_the_member_opens_its_share(me: int, key: int, x: int) -> None:
    members = team(5)
    with pytest.raises(Misbehaved):
        open_share(make(members, members[3]), members[me].id, members[key].key, x)


@pytest.mark.parametrize("shares", ["", "AAAA", "?", 5, None, b64(bytes(SEALED_BYTES * 5)), b64(b"\1" * SEALED_BYTES * 5)])
def test_shares_that_are_none(shares: object) -> None:
    members = team(5)
    with pytest.raises(Misbehaved):
        open_share(remade(make(members, members[0]), members[0], shares=shares), members[0].id, members[0].key, 1)


@pytest.mark.parametrize("plain", [b"\xff" * 56, bytes(48), bytes(64), shamir.PRIME.to_bytes(8, "big") + bytes(48)])
def test_what_opens_but_is_no_share(plain: bytes) -> None:
    members = team(5)
    body = make(members, members[0]).body
    info = {name: body[name] for name in ("team", "epoch", "head", "policy")} | {"kind": "share", "from": body["member"], "to": members[0].id}
    spelled = json.dumps(info, sort_keys=True, separators=(",", ":")).encode()  # what protocol.md says, not the code's own
    public = X25519PrivateKey.from_private_bytes(members[0].key).public_key()
    for content, fine in [(bytes(56), True), (plain, False)]:
        sealed = b64(CRYPTOGRAPHY.encrypt(content, public, spelled))
        signed = remade(Signed(body, ""), members[0], shares=sealed)
        if fine:
            assert open_share(signed, members[0].id, members[0].key, 1) == (0,) * 7
        else:
            with pytest.raises(Misbehaved):
                open_share(signed, members[0].id, members[0].key, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"kind": "answer"},
        {"schema": "tokenpal-share/2"},
        {"epoch": "2026-W60"},
        {"epoch": "2025-W53"},
        {"epoch": 202647},
        {"epoch": None},
        {"head": HEAD.upper()},
        {"head": " " + HEAD},
        {"head": HEAD[:62]},
        {"policy": 5},
        {"team": TEAM + "A"},
        {"member": ""},
        {"shares": b64(bytes(SEALED_BYTES * 4))},
        {"shares": b64(bytes(SEALED_BYTES * 5 + 1))},
        {"shares": ["A"]},
    ],
)
def test_what_is_no_envelope(change: dict[str, Any]) -> None:
    members = team(5)
    made = make(members, members[0])
    assert well_formed(made, 5)
    assert not well_formed(remade(made, members[0], **change), 5)


def test_no_envelope_without_a_field_or_with_another_signature() -> None:
    members = team(5)
    made = make(members, members[0])
    assert not any(well_formed(Signed({name: value for name, value in made.body.items() if name != lost}, made.sig), 5) for lost in made.body)
    assert not well_formed(Signed(made.body, made.sig + "A"), 5)
    assert not well_formed(made, 6)


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("bound", [{"team": "x"}, {"epoch": "2026-47"}, {"head": ""}, {"policy": "é" * 64}])
def test_ids_of_another_length_make_no_envelope(bound: dict[str, str]) -> None:
    members = team(5)
    with pytest.raises(ValueError):
        make(members, members[0], **bound)


def test_a_member_named_twice() -> None:
    members = team(5)
    with pytest.raises(ValueError):
        make([*members, members[0]], members[0])


WEAK = [bytes(32), (1).to_bytes(32, "little"), (2**255 - 19).to_bytes(32, "little"), (2**255 - 18).to_bytes(32, "little")]


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_is_no_key(key: bytes) -> None:
    """Points of low order agree on zero with everybody, so anybody could open the share."""
    assert not can_be_sealed_to(key)
    members = team(5)
    to = [(member.id, sealing_public(member.key)) for member in members[1:]] + [(members[0].id, key)]
    with pytest.raises(ValueError):
        envelope(ANSWERS, to, 4, bytes(32), signing_key(members[0].identity), team=TEAM, epoch=EPOCH, head=HEAD, policy=POLICY)


@pytest.mark.parametrize("key", [b"", bytes(31), b"\2" * 33])
def test_keys_of_another_length(key: bytes) -> None:
    assert not can_be_sealed_to(key)
    for make_key in (signing_key, signing_public, sealing_public):
        with pytest.raises(ValueError):
            make_key(key)


def test_good_keys_are_good() -> None:
    assert all(can_be_sealed_to(sealing_public(bytes([n] * 32))) for n in range(20))


def test_the_libraries_are_loaded_when_first_used() -> None:
    """The tray starts without them."""
    code = (
        "import sys; from tokenpal.share.protocol import epochs, estimate, keys, questions, sealing, shamir, wire; "
        "sys.exit(any(name in sys.modules for name in ('cryptography', 'pyhpke')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
