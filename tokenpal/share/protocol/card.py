"""What an endpoint says about a team to anybody who knows its number: its keys and the hash of its policy (protocol.md 4)."""

from __future__ import annotations

import msgspec

from tokenpal.share.protocol.wire import canonical, unb64

NAME_LIMIT = 80


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The team card. A member pins ``team`` and ``key`` from the invitation; the rest may not change unseen."""

    founding: str  # base64url Ed25519 public key whose one signature lets the founder in
    key: str  # base64url Ed25519 public key of the endpoint: manifests and releases
    name: str
    policy: str  # hash of the policy
    team: str  # 16 bytes base64url


def parse_card(data: bytes) -> Card:
    """Raises ValueError for unknown fields, another spelling, or keys that are none."""
    card = None
    try:
        card = msgspec.json.decode(data, type=Card)
        unb64(card.team, 16), unb64(card.key, 32), unb64(card.founding, 32)
        fine = encode_card(card) == data and is_hash(card.policy) and len(card.name) <= NAME_LIMIT
    except (msgspec.DecodeError, ValueError, RecursionError):
        fine = False
    if card is None or not fine:
        raise ValueError("not a team card")
    return card


def encode_card(card: Card) -> bytes:
    """The card's one spelling."""
    return canonical(msgspec.to_builtins(card))


def is_hash(text: object) -> bool:
    """Whether this is a SHA-256 in lower-case hex."""
    return isinstance(text, str) and len(text) == 64 and all(c in "0123456789abcdef" for c in text)
