"""What stands in a roster: the five signed bodies about a member, and the two that a voucher signs (protocol.md 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tokenpal.share.protocol.keys import can_be_sealed_to
from tokenpal.share.protocol.wire import NOTHING, Signed, b64, member_id, unb64, verified

KEYS_AHEAD: Final = 13
"""Weekly keys in one entry at most, and as many as a member should have waiting."""
HORIZON: Final = 26
"""A key may lie fewer weeks than this after the entry that brings it."""
ENTRY_LIMIT: Final = 8 << 10
"""Bytes of an encoded entry at most."""
FOUNDING, INVITE = "founding", "invite"


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="join"):
    n: int
    prev: str
    team: str
    epoch: str
    member: str
    identity: str
    keys: dict[str, str]
    vouchers: list[dict[str, str]]


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="keys"):
    n: int
    prev: str
    team: str
    epoch: str
    member: str
    keys: dict[str, str]


class Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="return"):
    n: int
    prev: str
    team: str
    epoch: str
    member: str
    keys: dict[str, str]


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="leave"):
    n: int
    prev: str
    team: str
    epoch: str
    member: str


Entry = Join | Keys | Return | Leave


def shape(body: object) -> Entry:
    """An entry's fields, exactly. Raises ValueError for missing, unknown or wrongly typed ones."""
    try:
        found: Entry = msgspec.convert(body, Entry)
    except (msgspec.ValidationError, RecursionError):
        raise ValueError("not an entry of a roster") from None
    return found


def join_body(
    n: int, prev: str, team: str, epoch: str, identity: bytes, keys: Mapping[str, bytes], vouchers: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """``identity``: Ed25519 public key (32 bytes). ``keys``: epoch -> X25519 public key. ``vouchers``: one founding or invite voucher, or two of members."""
    return {
        **_head("join", n, prev, team, epoch, member_id(identity)),
        "identity": b64(identity), "keys": _written(keys), "vouchers": [dict(one) for one in vouchers],
    }  # fmt: skip


def keys_body(n: int, prev: str, team: str, epoch: str, member: str, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """More weekly keys of a present member."""
    return {**_head("keys", n, prev, team, epoch, member), "keys": _written(keys)}


def return_body(n: int, prev: str, team: str, epoch: str, member: str, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """A member who fell out of the active set is back; ``keys`` may be empty."""
    return {**_head("return", n, prev, team, epoch, member), "keys": _written(keys)}


def leave_body(n: int, prev: str, team: str, epoch: str, member: str) -> dict[str, Any]:
    """A member leaves for good; coming back takes a new identity."""
    return _head("leave", n, prev, team, epoch, member)


def voucher_body(team: str, identity: bytes) -> dict[str, Any]:
    """What a voucher, the founding key or an invite key signs for a joiner."""
    return {"kind": "vouch", "team": team, "member": member_id(identity), "identity": b64(identity)}


def invite_body(team: str, key: bytes) -> dict[str, Any]:
    """What the founder signs to give an invitation: the public half of the invite key."""
    return {"kind": "invite", "team": team, "key": b64(key)}


def founding_voucher(proof: str) -> dict[str, str]:
    """``proof``: the founding key's signature over ``voucher_body``. Only for the first entry."""
    return {"by": FOUNDING, "proof": proof}


def invite_voucher(key: bytes, given: str, proof: str) -> dict[str, str]:
    """``given``: the founder's signature over ``invite_body``; ``proof``: the invite key's over ``voucher_body``."""
    return {"by": INVITE, "key": b64(key), "given": given, "proof": proof}


def member_voucher(member: str, sig: str) -> dict[str, str]:
    """``sig``: a member's signature over ``voucher_body``."""
    return {"by": member, "sig": sig}


def signs(body: dict[str, Any], sig: str, public: bytes) -> bool:
    """Whether ``sig`` is ``public``'s signature under ``body``; never raises."""
    return verified(Signed(body, sig), public)


def usable(key: str) -> bytes:
    """An X25519 public key with which something can be sealed: a member with another would stop everybody's sealing. Raises ValueError."""
    data = unb64(key, 32)
    if not can_be_sealed_to(data):
        raise ValueError("nothing can be sealed to this key")
    return data


def four_words(identity: bytes) -> str:
    """The 64 first bits of the key's SHA-256 as proquints, "lusab-babad-gutih-tugad": for comparing by voice, not a secret."""
    bits = hashlib.sha256(identity).digest()[:8]
    return "-".join(_proquint(int.from_bytes(bits[at : at + 2])) for at in range(0, 8, 2))


def _proquint(word: int) -> str:
    letters = (("bdfghjklmnprstvz", 12, 15), ("aiou", 10, 3), ("bdfghjklmnprstvz", 6, 15), ("aiou", 4, 3), ("bdfghjklmnprstvz", 0, 15))
    return "".join(alphabet[word >> shift & mask] for alphabet, shift, mask in letters)


def _head(kind: str, n: int, prev: str, team: str, epoch: str, member: str) -> dict[str, Any]:
    return {"kind": kind, "n": n, "prev": prev or NOTHING, "team": team, "epoch": epoch, "member": member}


def _written(keys: Mapping[str, bytes]) -> dict[str, str]:
    return {epoch: b64(key) for epoch, key in keys.items()}
