"""The envelope: a week's report cut into shares, each sealed to one member, signed, and makeable again (sharing-protocol 5.5).

pyhpke seals, because it takes a chosen ephemeral key; cryptography opens: two implementations check each other. All chance
comes from a 32-byte seed, so that the audit log can make the same bytes again. HPKE is RFC 9180 base mode with
DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tokenpal.share.protocol import epochs, shamir
from tokenpal.share.protocol.questions import SIZE, Vector, one_hot
from tokenpal.share.protocol.shamir import Misbehaved
from tokenpal.share.protocol.wire import NOTHING, SCHEMA, Signed, b64, canonical, encode, hash_of, member_id, sign, unb64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NUMBER_BYTES: Final = 8
SEALED_BYTES: Final = 32 + SIZE * NUMBER_BYTES + 16
"""One sealed share: the ephemeral public key, seven numbers, the tag; 104 bytes."""
_DOMAIN: Final = b"tokenpal-share/1 ephemeral\n"
_FIELDS: Final = frozenset({"kind", "epoch", "head", "policy", "member", "schema", "team", "shares"})


def envelope(
    answers: Mapping[str, int],
    recipients: Sequence[tuple[str, bytes]],
    t: int,
    seed: bytes,
    identity: Ed25519PrivateKey,
    *,
    team: str,
    epoch: str,
    head: str,
    policy: str,
) -> Signed:
    """The signed envelope of one report; the same arguments give the same bytes.

    ``answers``: question -> the answer after the coin. ``recipients``: (member, X25519 public key of this epoch) of all active
    members, in any order; share ``x`` goes to the ``x``-th in the order of their ids. ``t``: how many of them can tell the sum.
    Raises ValueError for answers, ids, hashes, keys or an epoch that cannot be, and for a member named twice.

    A seed may serve for several envelopes of a week (the roster changed before sending): everything in them, the answers
    included, goes into what is derived from it, so two different envelopes have no coefficient and no ephemeral key in common.
    """
    member = member_id(identity.public_key().public_bytes_raw())
    made = sign(envelope_body(answers, recipients, t, seed, member, team=team, epoch=epoch, head=head, policy=policy), identity)
    if not well_formed(made, len(recipients)):
        raise ValueError("not the ids and hashes of a team")
    return made


def envelope_body(
    answers: Mapping[str, int],
    recipients: Sequence[tuple[str, bytes]],
    t: int,
    seed: bytes,
    member: str,
    *,
    team: str,
    epoch: str,
    head: str,
    policy: str,
) -> dict[str, Any]:
    """What ``envelope`` signs: all of it can be made again without the sender's key."""
    ordered = sorted(recipients)
    ids = [one for one, _ in ordered]
    if len(set(ids)) != len(ids):
        raise ValueError("a member is named twice")
    body: dict[str, Any] = {
        "kind": "report",
        "epoch": epoch,
        "head": head,
        "policy": policy,
        "member": member,
        "schema": SCHEMA,
        "team": team,
        "shares": "",
    }
    vector = one_hot(answers)
    context = canonical({**body, "t": t, "to": [[one, b64(key)] for one, key in ordered], "vector": list(vector)})
    shares = shamir.split(vector, t, len(ordered), seed, context)
    sealed = [
        _sealed(_packed(share), key, _info(body, one), _ephemeral(seed, context, one)) for (one, key), share in zip(ordered, shares, strict=True)
    ]
    return {**body, "shares": b64(b"".join(sealed))}


def envelope_size(m: int) -> int:
    """How many bytes the envelope for ``m`` active members has on the wire: always the same, whatever is in it."""
    body = {"kind": "report", "epoch": "2026-W01", "head": NOTHING, "policy": NOTHING, "member": b64(bytes(16)), "schema": SCHEMA}
    empty = Signed({**body, "team": b64(bytes(16)), "shares": ""}, b64(bytes(64)))
    return len(encode(empty)) + (m * SEALED_BYTES * 8 + 5) // 6


def well_formed(signed: Signed, m: int) -> bool:
    """Whether this has the fields and lengths of an envelope for ``m`` members; says nothing about whose it is or what is in it."""
    body = signed.body
    if frozenset(body) != _FIELDS or body["kind"] != "report" or body["schema"] != SCHEMA:
        return False
    try:
        epochs.monday(body["epoch"])
        unb64(body["team"], 16)
        unb64(body["member"], 16)
        unb64(signed.sig, 64)
        unb64(body["shares"], m * SEALED_BYTES)
        return all(len(bytes.fromhex(body[name])) == 32 and body[name] == bytes.fromhex(body[name]).hex() for name in ("head", "policy"))
    except (ValueError, TypeError):
        return False


def open_share(signed: Signed, me: str, key: bytes, x: int) -> Vector:
    """My share in a member's envelope: seven numbers of the field.

    ``me``: my member id. ``key``: the private half (32 bytes) of the X25519 key I published for the envelope's epoch. ``x``: my
    place in the order of the active members' ids, from 1. The signature is not looked at here. Raises ``Misbehaved`` when there
    is no such place, it does not open, or it holds something else.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    try:
        shares = unb64(signed.body["shares"])
        mine = shares[(x - 1) * SEALED_BYTES : x * SEALED_BYTES] if x >= 1 else b""
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
        plain = suite.decrypt(mine, X25519PrivateKey.from_private_bytes(key), _info(signed.body, me))
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise Misbehaved("A share for this member cannot be opened.") from None
    numbers = tuple(int.from_bytes(plain[place : place + NUMBER_BYTES], "big") for place in range(0, len(plain), NUMBER_BYTES))
    if len(plain) != SIZE * NUMBER_BYTES or any(number >= shamir.PRIME for number in numbers):
        raise Misbehaved("A share for this member holds something else than seven numbers.")
    return numbers


def answer_sum(reports: Sequence[tuple[str, str]], envelopes: Sequence[Signed], me: str, key: bytes, x: int) -> Vector:
    """What a member answers to a manifest: the sum of its shares in exactly the manifest's ``reports`` (member, envelope hash).

    Each is summed once, however often and beside whatever else the mailbox handed it out: a report summed many times over could
    be read off the sum. Raises ``Misbehaved`` when one is missing, and as ``open_share``.
    """
    found = {hash_of(signed): signed for signed in envelopes}
    try:
        listed = [found[name] for _, name in reports]
    except KeyError:
        raise Misbehaved("A report to be summed is missing.") from None
    return share_sum(listed, me, key, x)


def share_sum(envelopes: Sequence[Signed], me: str, key: bytes, x: int) -> Vector:
    """The sum of a member's shares in envelopes of different members. Raises ``Misbehaved`` for two of one member, and as ``open_share``."""
    if len({str(signed.body.get("member")) for signed in envelopes}) != len(envelopes):
        raise Misbehaved("A member's report would be summed twice.")
    return shamir.add([open_share(signed, me, key, x) for signed in envelopes])


def _info(body: Mapping[str, Any], to: str) -> bytes:
    """What a sealed share is bound to: it opens for no other team, week, roster, policy, sender or receiver."""
    bound = {name: body[name] for name in ("team", "epoch", "head", "policy")}
    return canonical({**bound, "kind": "share", "from": body["member"], "to": to})


def _ephemeral(seed: bytes, context: bytes, member: str) -> bytes:
    """Input for RFC 9180's DeriveKeyPair."""
    return hashlib.shake_256(_DOMAIN + seed + len(context).to_bytes(4, "big") + context + member.encode()).digest(32)


def _packed(share: Vector) -> bytes:
    return b"".join(number.to_bytes(NUMBER_BYTES, "big") for number in share)


def _sealed(plain: bytes, key: bytes, info: bytes, ephemeral: bytes) -> bytes:
    """One share: ephemeral public key and ciphertext. Raises ValueError for a key nobody can seal to."""
    from pyhpke import AEADId, CipherSuite, KDFId, KEMId

    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES128_GCM)
    pair = suite.kem.derive_key_pair(ephemeral)
    enc, context = suite.create_sender_context(suite.kem.deserialize_public_key(key), info, eks=pair)
    return enc + context.seal(plain)
