"""A member's week: the sealed report, its withdrawal, the answer to a manifest (sharing-protocol 5.5 and 5.6)."""

from __future__ import annotations

from typing import Any, Final

from tokenpal.share.protocol.epochs import answer_window, monday, report_window
from tokenpal.share.protocol.manifest import answer_of, manifest_of
from tokenpal.share.protocol.sealing import envelope_size, well_formed
from tokenpal.share.protocol.wire import Signed, decode, encode, hash_of, unb64
from tokenpal.team.chains import Week
from tokenpal.team.mailbox import Mailbox, Reply, said
from tokenpal.team.messages import Withdraw, check_signature, read_signed, shaped
from tokenpal.team.refused import Refused
from tokenpal.team.storage import Kept, Rows, Team
from tokenpal.team.weekly import release

OTHER: Final = "Another one of this member and week is kept already, and is never replaced."


def post_report(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Keep a sealed report; one a member and week. Raises Refused."""
    signed = read_signed(data)
    epoch = _epoch_of(signed, team, "report")
    if mailbox.now() not in report_window(epoch):
        raise Refused(409, "window", "Reports of a week are taken from Monday to Wednesday after it, in UTC.")
    member, name = str(signed.body.get("member")), hash_of(signed)
    with mailbox.reading(team) as (rows, found):  # all that costs time, before the team is held
        week = mailbox.chains.week(rows, found, epoch)
        _check_report(signed, data, found, week, member)
    with mailbox.writing(team) as (rows, found):
        if signed.body["policy"] != found.policy_hash:
            raise Refused(409, "policy", "The team's rules have changed.")
        before = rows.envelope(team, epoch, member)
        if before is not None:
            return _same(before, name)
        if rows.withdrawn(team, epoch, member):
            raise Refused(409, "withdrawn", "The report of this week was taken back.")
        _check_open(rows, team, epoch)
        rows.add_envelope(team, Kept(epoch, name, data, member))
    return said(201, hash=name)


def post_withdraw(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Delete a member's report of a week before its manifest. Raises Refused."""
    signed = read_signed(data)
    wish = shaped(signed, Withdraw, team)
    with mailbox.writing(team) as (rows, found):
        holder = mailbox.roster(rows, found).members.get(wish.member)
        check_signature(signed, holder.identity if holder else None)
        if rows.withdrawn(team, wish.epoch, wish.member):
            return said(200, hash=hash_of(signed))
        if mailbox.now() not in report_window(wish.epoch):
            raise Refused(409, "window", "A report can be taken back until Wednesday after its week, in UTC.")
        _check_open(rows, team, wish.epoch)
        rows.drop_envelopes(team, wish.epoch, wish.member)
        rows.withdraw(team, wish.epoch, wish.member, hash_of(signed))
    return said(201, hash=hash_of(signed))


def post_answer(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Keep an answer, and publish the sum when there are enough. Raises Refused."""
    signed = read_signed(data)
    epoch = _epoch_of(signed, team, "answer")
    if mailbox.now() not in answer_window(epoch):
        raise Refused(409, "window", "A week is answered from Thursday to Sunday after it, in UTC.")
    member, name = str(signed.body.get("member")), hash_of(signed)
    with mailbox.writing(team) as (rows, found):
        published = rows.manifest(team, epoch)
        if published is None:
            raise Refused(409, "manifest", "There is no manifest of this week.")
        manifest = manifest_of(decode(published.body), unb64(found.key, 32))
        if member not in manifest.reporters:
            raise Refused(403, "A4", "Only members whose report is in the manifest answer it.")
        try:
            answer = answer_of(signed, mailbox.chains.week(rows, found, epoch).view.members.get(member, b""))
        except ValueError:
            raise Refused(401, "signature", "This is no answer signed by that member.") from None
        if answer.manifest != manifest.hash:
            raise Refused(409, "manifest", "This answers another manifest.")
        before = rows.answer(team, epoch, member)
        if before is not None:
            return _same(before, name)
        rows.add_answer(team, Kept(epoch, name, encode(signed), member))
        release(rows, found, mailbox.chains, mailbox.key, epoch)
    return said(201, hash=name)


def _epoch_of(signed: Signed, team: str, kind: str) -> str:
    body: dict[str, Any] = signed.body
    try:
        if signed.kind != kind or body.get("team") != team:
            raise ValueError
        epoch = str(body.get("epoch"))
        monday(epoch)
        unb64(body.get("member"), 16)
    except ValueError:
        raise Refused(400, "form", f"This is no {kind} for this team.") from None
    return epoch


def _check_report(signed: Signed, data: bytes, team: Team, week: Week, member: str) -> None:
    if signed.body.get("policy") != team.policy_hash:
        raise Refused(409, "policy", "The report was made under other rules than the team's.")
    if signed.body.get("head") != week.view.head:
        raise Refused(409, "head", "The report was made for another list of members.")
    if member not in week.active:
        raise Refused(403, "active", "This member does not count as active in that week.")
    if len(data) != envelope_size(len(week.active)):
        raise Refused(400, "size", f"A report for {len(week.active)} active members has {envelope_size(len(week.active))} bytes.")
    if not well_formed(signed, len(week.active)):
        raise Refused(400, "form", "This is no sealed report.")
    check_signature(signed, week.view.members[member])


def _check_open(rows: Rows, team: str, epoch: str) -> None:
    """Under the team's lock: the manifest may have been made since the clock was read."""
    if rows.manifest(team, epoch) is not None or any(week == epoch for week, _ in rows.missing(team, epoch)):
        raise Refused(409, "window", "The manifest of this week was made already.")


def _same(before: Kept, name: str) -> Reply:
    if before.hash != name:
        raise Refused(409, "other", OTHER)
    return said(200, hash=name)
