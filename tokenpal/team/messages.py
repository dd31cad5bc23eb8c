"""The signed messages that only an endpoint reads: withdraw, asking, vouching, query. Others have a module in share.protocol."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final, Literal, TypeVar

import msgspec

from tokenpal.share.protocol.epochs import monday
from tokenpal.share.protocol.wire import Signed, decode, unb64, verified
from tokenpal.team.refused import Refused

What = Literal["manifest", "envelopes", "answers", "releases", "manifests", "learnings", "pending", "status"]
DAY_SECONDS: Final = 86_400


class Withdraw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="withdraw"):
    """Take back the report of a week before Thursday."""

    team: str
    epoch: str
    member: str


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="asking"):
    """Somebody wants to join and waits for vouchers. Signed by ``identity``."""

    team: str
    member: str
    identity: str


class Vouching(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="vouching", rename={"member": "for"}):
    """A member vouches. ``sig`` is its signature over the voucher body, for the join entry; this message is signed by it too."""

    team: str
    voucher: str
    member: str
    identity: str
    sig: str


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="query"):
    """A member reads something. ``day``: UTC, yesterday to tomorrow. ``epoch``: of a week's things; ``since``: first week of a list; else ""."""

    team: str
    member: str
    day: str
    what: What
    epoch: str = ""
    since: str = ""


_Shape = TypeVar("_Shape", Withdraw, Asking, Vouching, Query)


def read_signed(data: bytes) -> Signed:
    """The message in its one spelling. Raises Refused."""
    try:
        return decode(data)
    except (ValueError, RecursionError, OverflowError):
        raise Refused(400, "form", "This is no signed message in its one spelling.") from None


def shaped(signed: Signed, shape: type[_Shape], team: str) -> _Shape:
    """The fields of a message, exactly, and for this team. Raises Refused."""
    try:
        found = msgspec.convert(signed.body, shape)
        fine = found.team == team
        if isinstance(found, Withdraw) or (isinstance(found, Query) and found.epoch):
            monday(found.epoch)
        if isinstance(found, Query) and found.since:
            monday(found.since)
        unb64(found.member, 16)
    except (msgspec.ValidationError, ValueError, RecursionError):
        fine, found = False, None
    if found is None or not fine:
        raise Refused(400, "form", "The message has missing, unknown or impossible fields, or is for another team.")
    return found


def check_signature(signed: Signed, identity: bytes | None) -> None:
    """Raises Refused when nobody of that number is known, or it did not sign this. Both read the same to a stranger."""
    if identity is None or not verified(signed, identity):
        raise Refused(401, "signature", "This is not signed by a member of the team.")


def check_day(day: str, now: int) -> None:
    """Raises Refused unless the day is yesterday, today or tomorrow."""
    today = datetime.fromtimestamp(now, UTC).date()
    try:
        said = date.fromisoformat(day)
    except ValueError:
        said = date.min
    if said.isoformat() != day or abs((said - today).days) > 1:
        raise Refused(403, "day", "The question was signed for another day; check this machine's clock.")
