"""Keys from 32 secret bytes: Ed25519 to sign, X25519 to be sealed to. Bytes in, bytes out (sharing-protocol 5.5).

The libraries are imported when a key is first used, so that the tray starts without them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_BYTES: Final = 32


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """What ``wire.sign`` takes. Raises ValueError for another length than 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def signing_public(seed: bytes) -> bytes:
    """The 32 public bytes of the identity made from ``seed``."""
    return signing_key(seed).public_key().public_bytes_raw()


def sealing_public(seed: bytes) -> bytes:
    """The 32 public bytes that shares are sealed to; ``seed`` is the private half. Raises ValueError for another length."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


@lru_cache(maxsize=2048)
def can_be_sealed_to(public: bytes) -> bool:
    """Whether these are 32 bytes of an X25519 key that agrees on a secret at all: a few weak ones do not (RFC 7748 6.1).

    A roster must refuse the weak ones: nobody could make an envelope for a team with such a member.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    try:
        X25519PrivateKey.from_private_bytes(b"\1" * KEY_BYTES).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return False
    return True
