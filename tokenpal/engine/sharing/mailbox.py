"""Talking to a team's mailbox: one request at a time, in the log before it leaves, its answer in the log after (sharing-protocol 5.8).

The gate stands here once more: whatever the caller thought, no request is made that the membership does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tokenpal.engine.sharing.keys import Keys
from tokenpal.engine.sharing.known import current
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import TokenpalError
from tokenpal.share import audit, exchange
from tokenpal.share.consent import Membership, Purpose, Refused, may_connect
from tokenpal.share.protocol.card import Card, parse_card
from tokenpal.share.protocol.wire import Signed, canonical, decode, encode, sign
from tokenpal.share.report import Draw
from tokenpal.translation import mark, tr


class MailboxError(TokenpalError):
    """The mailbox answered, but not as hoped. ``status`` is the HTTP code, 0 for an answer that makes no sense; ``rule`` its own word."""

    title = mark("The team's mailbox refused")

    def __init__(self, status: int, sentence: str, rule: str = "") -> None:
        super().__init__(sentence, tr("tokenpal tries again by itself.") if status >= 500 or not status else tr("Ask whoever runs the team's address."))
        self.status = status
        self.rule = rule


class Mailbox:
    """One team's mailbox for one visit. ``purpose`` says why there is a visit at all; ``membership`` is looked at before each request."""

    def __init__(self, world: World, url: str, team: str, membership: Membership, purpose: Purpose = Purpose.VISIT) -> None:
        self._world = world
        self.membership, self._purpose = membership, purpose
        self._team = team
        self._base = f"{url.rstrip('/')}/v1/teams/{team}"
        self.host = urlsplit(url).hostname or ""

    async def card(self) -> Card:
        """The team card, as it is."""
        found: Card = self._sensible(parse_card, await self._send("GET", "", "card"))
        return found

    async def policy(self) -> bytes:
        """The policy's bytes; the caller compares their hash with the card's."""
        return await self._send("GET", "/policy", "policy")

    async def roster(self, since: int) -> list[Signed]:
        """Entries from number ``since`` on, not verified yet."""
        data = await self._send("GET", f"/roster?since={since}", "roster")
        return self.signed_in(self._object(data), "entries")

    async def post(self, path: str, signed: Signed, why: str, made: audit.Made | None = None, draw: Draw | None = None) -> None:
        """Post something signed. ``made`` and ``draw`` go into the log, never out. Raises MailboxError, NetError."""
        await self._send("POST", f"/{path}", why, encode(signed), made, draw)

    async def query(self, what: str, keys: Keys, epoch: str = "", since: str = "") -> dict[str, Any]:
        """A signed question, answered with one JSON object."""
        day = datetime.fromtimestamp(self._world.now(), UTC).date().isoformat()
        body = {"kind": "query", "team": self._team, "member": keys.member, "day": day, "what": what, "epoch": epoch, "since": since}
        return self._object(await self._send("POST", "/query", "query", encode(sign(body, keys.private))))

    async def asked(self, what: str, keys: Keys, epoch: str = "", since: str = "") -> list[Signed]:
        """The signed things in the answer to a question, not verified yet. The question about one manifest is answered with a list too."""
        return self.signed_in(await self.query(what, keys, epoch, since), "manifests" if what == "manifest" else what)

    def signed_in(self, found: Mapping[str, Any], name: str) -> list[Signed]:
        """The list of signed things called ``name``. Raises MailboxError."""
        value = found.get(name)
        if not isinstance(value, list):
            raise self.nonsense()
        return [self._sensible(decode, canonical(one)) for one in value]

    def nonsense(self) -> MailboxError:
        """An answer that is no part of the protocol."""
        return MailboxError(0, tr("{host} answered something that is no part of this protocol.", host=self.host))

    # ------------------------------------------------------------------ inside

    def _object(self, data: bytes) -> dict[str, Any]:
        found: dict[str, Any] = self._sensible(lambda body: msgspec.json.decode(body, type=dict[str, Any]), data)
        return found

    def _sensible(self, read: Callable[[bytes], Any], data: bytes) -> Any:
        try:
            return read(data)
        except (ValueError, msgspec.DecodeError, RecursionError):
            raise self.nonsense() from None

    async def _send(
        self, method: str, path: str, why: str, body: bytes = b"", made: audit.Made | None = None, draw: Draw | None = None
    ) -> bytes:
        world = self._world
        if self._purpose is Purpose.VISIT:  # the person may have paused a moment ago
            record = await world.do(current)
            self.membership = record.membership if record is not None and record.team == self._team else Membership()
        if not may_connect(self.membership, world.managed(), world.now(), self._purpose):
            raise Refused(tr("Sharing is not on, so nothing is sent."))
        if not world.network():
            raise Refused(tr("The network is switched off in the settings."), tr("Turn on Ask providers under Settings, Advanced."))
        sent = exchange.prepare(method, self._base + path, body)
        logged = audit.request_body(sent, why, proxied=bool(world.proxy), made=made, draw=draw)
        row = await world.log(audit.Kind.REQUEST, logged)
        try:
            answer = await exchange.send(sent, proxy=world.proxy, ca_file=world.ca_file)
        except exchange.NetError as problem:
            await world.log(audit.Kind.ANSWER, audit.no_answer_body(row, problem))
            raise
        await world.log(audit.Kind.ANSWER, audit.answer_body(row, answer))
        if 200 <= answer.status < 300:
            return answer.body
        raise _refused(self.host, answer.status, answer.body)


def _refused(host: str, status: int, body: bytes) -> MailboxError:
    """The mailbox's own sentence is shown as its own; it is somebody else's text, so it is short and on one line."""
    try:
        error = msgspec.json.decode(body, type=dict[str, dict[str, str]])["error"]
        rule, sentence = error.get("rule", ""), error.get("sentence", "")
    except (msgspec.DecodeError, KeyError, RecursionError):
        rule, sentence = "", ""
    said = " ".join("".join(c if c.isprintable() else " " for c in sentence).split())[:200]
    return MailboxError(status, tr("{host} answered {status}: {said}", host=host, status=status, said=said) if said else tr("{host} answered {status}.", host=host, status=status), rule[:40])
