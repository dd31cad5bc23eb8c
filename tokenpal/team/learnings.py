"""Published learnings: signed, kept until their author takes them back (sharing-protocol 5.10)."""

from __future__ import annotations

from typing import Final

from tokenpal.share.protocol.epochs import epoch_of
from tokenpal.share.protocol.learning import learning_of, retract_of
from tokenpal.share.protocol.wire import Signed, encode, hash_of
from tokenpal.team.mailbox import Mailbox, Reply, said
from tokenpal.team.messages import read_signed
from tokenpal.team.refused import Refused
from tokenpal.team.storage import Rows, Team

MOST_LEARNINGS: Final = 500
"""Of one member, ever: nine years of one a week."""


def post_learning(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Publish a learning to the team. Raises Refused."""
    signed = read_signed(data)
    with mailbox.writing(team) as (rows, found):
        try:
            learning = learning_of(signed, _identity(mailbox, rows, found, signed, present=True))
        except ValueError:
            raise Refused(401, "signature", "This is no learning signed by a member of the team, or it breaks a limit.") from None
        if learning.team != team:
            raise Refused(400, "form", "This learning is for another team.")
        known = rows.learning(team, learning.id)
        if known is not None:
            if known[1] != encode(signed):
                raise Refused(409, "other", "It was taken back, or another learning has this number.")
            return said(200, hash=hash_of(signed))
        if learning.epoch != epoch_of(mailbox.now()):
            raise Refused(409, "window", "A learning is published in the week that it names.")
        if rows.learnings_of(team, learning.member) >= MOST_LEARNINGS:
            raise Refused(403, "full", f"A member may publish {MOST_LEARNINGS} learnings.")
        rows.add_learning(team, learning.id, learning.member, learning.epoch, encode(signed))
    return said(201, hash=hash_of(signed))


def post_retract(mailbox: Mailbox, team: str, data: bytes) -> Reply:
    """Delete the text of a learning for good; also after having left the team. Raises Refused."""
    signed = read_signed(data)
    with mailbox.writing(team) as (rows, found):
        try:
            wish = retract_of(signed, _identity(mailbox, rows, found, signed, present=False))
        except ValueError:
            raise Refused(401, "signature", "This is not signed by a member of the team.") from None
        known = rows.learning(team, wish.id) if wish.team == team else None
        if known is None or known[0] != wish.member:
            raise Refused(404, "learning", "This member published nothing of that number.")
        if not known[1]:
            return said(200, hash=hash_of(signed))
        rows.retract(team, wish.id)
    return said(201, hash=hash_of(signed))


def _identity(mailbox: Mailbox, rows: Rows, team: Team, signed: Signed, *, present: bool) -> bytes:
    roster = mailbox.roster(rows, team)
    holder = (roster.present if present else roster.members).get(str(signed.body.get("member")))
    return holder.identity if holder else b""
