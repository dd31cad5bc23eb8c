"""What may be read: card, policy and roster by anybody with the team's number, the rest by signed questions of its members.

A question is a signed POST, so that no request carries a name of its sender in its address or headers (sharing-protocol 5.6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tokenpal.share.protocol.card import encode_card
from tokenpal.share.protocol.manifest import manifest_of
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import canonical, decode, unb64
from tokenpal.team.chains import card
from tokenpal.team.mailbox import Mailbox, Reply, listed, said
from tokenpal.team.messages import Query, check_day, check_signature, read_signed, shaped
from tokenpal.team.refused import Refused
from tokenpal.team.storage import Rows, Team, bodies

OF_JOINERS: Final = frozenset({"pending", "status"})
OF_WEEK: Final = frozenset({"manifest", "envelopes", "answers", "status"})


def get_card(mailbox: Mailbox, team: str) -> Reply:
    """The team card."""
    with mailbox.reading(team) as (_, found):
        return Reply(200, encode_card(card(found)))


def get_policy(mailbox: Mailbox, team: str) -> Reply:
    """The policy, in the bytes whose hash members pin."""
    with mailbox.reading(team) as (_, found):
        return Reply(200, found.policy)


def get_roster(mailbox: Mailbox, team: str, since: int) -> Reply:
    """Roster entries from number ``since`` on."""
    with mailbox.reading(team) as (rows, _):
        return listed(entries=rows.roster(team, since))


def post_query(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Answer a member's question; somebody who asks to join may see their own request only. Raises Refused."""
    signed = read_signed(data)
    query = shaped(signed, Query, team)
    check_day(query.day, mailbox.now())
    if (query.what in OF_WEEK) != bool(query.epoch):
        raise Refused(400, "form", "A question about a week names it, others do not.")
    with mailbox.reading(team) as (rows, found):
        roster = mailbox.roster(rows, found)
        holder = roster.present.get(query.member)
        waiting = b"" if holder else rows.asking(team).get(query.member, b"")
        identity = holder.identity if holder else unb64(decode(waiting).body["identity"], 32) if waiting else None
        check_signature(signed, identity)
        if not holder and query.what not in OF_JOINERS:
            raise Refused(403, "member", "Only members may read this.")
        return ANSWERS[query.what](rows, found, roster, query)


def _manifest(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    found = rows.manifest(team.team, query.epoch)
    return listed(manifests=[found.body] if found else [])


def _manifests(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    return listed(manifests=bodies(rows.manifests(team.team, query.since)))


def _envelopes(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    """Those in the manifest, once there is one: before, nobody sees who has reported."""
    found = rows.manifest(team.team, query.epoch)
    if found is None:
        return listed(envelopes=[])
    counted = {name for _, name in manifest_of(decode(found.body), unb64(team.key, 32)).reports}
    return listed(envelopes=[one.body for one in rows.envelopes(team.team, query.epoch) if one.hash in counted])


def _answers(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    return listed(answers=bodies(rows.answers(team.team, query.epoch)))


def _releases(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    gaps = (canonical({"epoch": epoch, "reason": reason}) for epoch, reason in rows.missing(team.team, query.since))
    return listed(releases=bodies(rows.releases(team.team, query.since)), missing=gaps)


def _learnings(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    return listed(learnings=rows.learnings(team.team))


def _pending(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    everybody = query.member in roster.present
    asking = [body for member, body in rows.asking(team.team).items() if everybody or member == query.member]
    vouched = [body for (member, _), body in rows.vouchings(team.team).items() if everybody or member == query.member]
    return listed(asking=asking, vouchings=vouched)


def _status(rows: Rows, team: Team, roster: Roster, query: Query) -> Reply:
    """How a week stands for the member who asks; hashes, "" for what is not there."""
    mine, answer = rows.envelope(team.team, query.epoch, query.member), rows.answer(team.team, query.epoch, query.member)
    manifest, release = rows.manifest(team.team, query.epoch), rows.release(team.team, query.epoch)
    return said(
        200,
        epoch=query.epoch,
        report=mine.hash if mine else "",
        withdrawn=rows.withdrawn(team.team, query.epoch, query.member),
        answer=answer.hash if answer else "",
        manifest=manifest.hash if manifest else "",
        release=release.hash if release else "",
        missing=next((reason for epoch, reason in rows.missing(team.team, query.epoch) if epoch == query.epoch), ""),
    )


ANSWERS: Final[Mapping[str, Callable[[Rows, Team, Roster, Query], Reply]]] = MappingProxyType({
    "manifest": _manifest,
    "manifests": _manifests,
    "envelopes": _envelopes,
    "answers": _answers,
    "releases": _releases,
    "learnings": _learnings,
    "pending": _pending,
    "status": _status,
})  # fmt: skip
