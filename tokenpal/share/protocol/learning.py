"""Published learnings: short signed texts under a chosen name, retractable with the same key (protocol.md 9)."""

from __future__ import annotations

import unicodedata
from typing import Any, Final, Literal, TypeVar

import msgspec

from tokenpal.share.protocol.epochs import monday
from tokenpal.share.protocol.wire import Signed, b64, unb64, verified

PARTS: Final = ("tried", "worked", "failed", "learned")
NAME_LIMIT: Final = 40
TEXT_LIMIT: Final = 500
"""Characters."""
ID_BYTES: Final = 16
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
"""Characters that make text look like another one."""


class Learning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="learning"):
    team: str
    member: str
    id: str  # 16 random bytes
    epoch: str  # when published
    name: str  # chosen, may be empty
    part: Literal["tried", "worked", "failed", "learned"]
    text: str


class Retract(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="retract"):
    team: str
    member: str
    id: str


def learning_body(team: str, member: str, number: bytes, epoch: str, part: str, text: str, name: str = "") -> dict[str, Any]:
    """What is signed to publish. ``number``: 16 random bytes. Raises ValueError with a sentence when it breaks a limit."""
    reason = refusal(part, text, name)
    if reason:
        raise ValueError(reason)
    return {
        "kind": "learning", "team": team, "member": member, "id": b64(number), "epoch": epoch, "name": name, "part": part, "text": text,
    }  # fmt: skip


def retract_body(team: str, member: str, id: str) -> dict[str, Any]:
    """What is signed to take a learning back."""
    return {"kind": "retract", "team": team, "member": member, "id": id}


def refusal(part: str, text: str, name: str) -> str:
    """Why this cannot be published, or ""."""
    if part not in PARTS:
        return "A learning is something tried, worked, failed or learned."
    if not text.strip():
        return "There is nothing to publish yet."
    if len(text) > TEXT_LIMIT:
        return f"A learning has {TEXT_LIMIT} characters at most; this one has {len(text)}."
    if len(name) > NAME_LIMIT:
        return f"A name has {NAME_LIMIT} characters at most."
    if not _plain(text, "\n") or not _plain(name):
        return "Only letters, signs and line ends can be published, no control characters."
    return ""


def learning_of(signed: Signed, identity: bytes) -> Learning:
    """A learning signed by a member. Raises ValueError for another signature, unknown fields or broken limits."""
    found = _shaped(signed, Learning)
    if not verified(signed, identity) or refusal(found.part, found.text, found.name):
        raise ValueError("not a learning of this member")
    monday(found.epoch)
    return found


def retract_of(signed: Signed, identity: bytes) -> Retract:
    """A retraction signed by a member. Raises ValueError."""
    found = _shaped(signed, Retract)
    if not verified(signed, identity):
        raise ValueError("not a retraction of this member")
    return found


_Shape = TypeVar("_Shape", Learning, Retract)


def _shaped(signed: Signed, shape: type[_Shape]) -> _Shape:
    try:
        found: _Shape = msgspec.convert(signed.body, shape)
    except (msgspec.ValidationError, RecursionError):
        raise ValueError("not a learning or its retraction") from None
    unb64(found.id, ID_BYTES)
    unb64(found.team, 16)
    unb64(found.member, 16)
    return found


def _plain(text: str, besides: str = "") -> bool:
    return all(c in besides or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _TURNING) for c in text)
