"""How things are written and signed: one spelling of JSON, base64url without padding, Ed25519 (protocol.md 2).

A signed thing is ``{"body": {...}, "sig": "..."}``. The body names its kind, and the kind is part of what is signed, so that
a signature under one thing never fits another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SCHEMA: Final = "tokenpal-share/1"
NOTHING: Final = "0" * 64
"""Stands where a hash would, when there is nothing before."""


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body and the signature under it; whose signature it is, the body says."""

    body: dict[str, Any]
    sig: str

    @property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))


def canonical(value: Any) -> bytes:
    """JSON that has one spelling only: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: object, length: int | None = None) -> bytes:
    """Bytes of the one right spelling. Raises ValueError for any other, and for another length."""
    try:
        data = base64.b64decode(str(text) + "=" * (-len(str(text)) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        data = None
    if not isinstance(text, str) or data is None or b64(data) != text or length not in {None, len(data)}:
        message = "not base64url"
        raise ValueError(message)
    return data


def message(body: dict[str, Any]) -> bytes:
    """What is signed."""
    return f"{SCHEMA} {body['kind']}\n".encode() + canonical(body)


def sign(body: dict[str, Any], private: Ed25519PrivateKey) -> Signed:
    """Sign a body that has a ``kind``. Ed25519 is deterministic: the same body gives the same bytes."""
    return Signed(body, b64(private.sign(message(body))))


def verified(signed: Signed, public: bytes) -> bool:
    """Whether ``public`` (32 bytes) signed this; False for anything malformed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(unb64(signed.sig, 64), message(signed.body))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def encode(signed: Signed) -> bytes:
    """The bytes that travel and are hashed."""
    return canonical({"body": signed.body, "sig": signed.sig})


def decode(data: bytes, limit: int = 1 << 20) -> Signed:
    """What ``encode`` wrote. Raises ValueError for any other spelling, unknown fields, floats, or more than ``limit`` bytes."""
    if len(data) > limit:
        raise ValueError("too long")
    try:
        found = msgspec.json.decode(data, type=Signed)
        same = encode(found) == data
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise ValueError("not a signed message") from None
    if not same or not isinstance(found.body.get("kind"), str) or _has_float(found.body):
        raise ValueError("not the canonical form of a signed message")
    return found


def hash_of(signed: Signed) -> str:
    """SHA-256 of what travels, in hex."""
    return digest(encode(signed))


def member_id(identity: bytes) -> str:
    """A member's number: 16 bytes of the SHA-256 of the identity key, base64url."""
    return b64(hashlib.sha256(identity).digest()[:16])


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_float(one) for one in value)
    return isinstance(value, float)
