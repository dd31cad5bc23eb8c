"""One person's sharing, without any engine around it: everything that a button, a command or the clock may ask for.

    member = Member(World(here(store), secrets, profile, now=now))
    await member.look(invitation)
    await member.start(("label", "use"), skip=True)
    await member.visit()

Every act raises TokenpalError with a sentence and a next step. ``ACTS`` is what ``Engine.share`` takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from tokenpal.engine.sharing import catchup, known as state, looking, membership, reporting, results, visit
from tokenpal.engine.sharing.keys import Keys
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.world import World, here
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.share import audit, consent
from tokenpal.share.consent import Membership, Purpose, Refused, State, may_send
from tokenpal.share.protocol import epochs, learning
from tokenpal.share.protocol.roster import RosterError
from tokenpal.share.protocol.wire import b64, encode, sign
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.system.secrets import Secrets
from tokenpal.translation import tr

Replaced = msgspec.structs.replace
LINK_SECONDS: Final = 15 * 60


class Member:
    """Acts come one after the other. All methods belong to one event loop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._busy = asyncio.Lock()

    @classmethod
    def at(cls, path: Path, secrets: Secrets, *, profile: str = "", now: Callable[[], int] | None = None, **world: Any) -> Self:
        """With a store of its own at ``path``, for one thread: tests and simulations. ``world``: see ``World``."""
        store = Store.open(path, now=now)
        found = World(here(store), secrets, profile or str(path), now=store.now, **world)
        member = cls(found)
        member.store = store
        return member

    store: Store

    # ------------------------------------------------------------------ the person's acts

    async def look(self, invitation: str) -> None:
        """Read a team's card, rules and list of members, without identity; then the preview begins. "" looks at the same team again."""
        async with self._busy:
            await (looking.look(self.world, invitation) if invitation.strip() else looking.look_again(self.world))

    async def start(self, ticks: tuple[str, ...] = (), skip: bool = False) -> None:
        """Agree to what the preview shows, and join. Whatever of joining fails is tried again by the visits."""
        async with self._busy:
            record = await self._record()
            await self._keep(await catchup.stepped(self.world, record, consent.Started(tuple(ticks), self.world.now(), skip)), record)
            await self._visited(everything=False)

    async def join(self) -> None:
        """Look whether the vouchers are there, and join."""
        await self.visit(everything=False)

    async def agree(self, ticks: tuple[str, ...] = ()) -> None:
        """Agree to the changes that stopped sharing. Without ``ticks`` to the same questions as before."""
        async with self._busy:
            record = await self._record()
            asked = tuple(ticks) or (record.membership.consent.questions if record.membership.consent is not None else ())
            await self._keep(await catchup.stepped(self.world, record, consent.Agreed(asked, self.world.now())), record)
            await visit.prepared(self.world)

    async def leave(self) -> str:
        """Leave with a signed entry, or in silence when the mailbox cannot be reached; keys are wiped in any case."""
        async with self._busy:
            record = await self._record()
            if record.membership.state is State.PREVIEW:
                return await self._forget(record)
            left = await catchup.stepped(self.world, record, consent.Left(self.world.now()))
            said = tr("You have left the team. Your keys are deleted; past sums stay and hold nothing that could be traced.")
            if record.joined:
                try:
                    known = await looking.in_team(self.world)
                    mailbox = Mailbox(self.world, record.url, record.team, record.membership, Purpose.LEAVE)
                    await membership.leave(self.world, mailbox, known, await self.world.keys(record.team, prompt=True))
                except (TokenpalError, RosterError):
                    said = tr("You have left in silence: the mailbox could not be told. Your keys are deleted, and nothing is sent any more.")
            left = Replaced(left, joined=False, trouble=("", ""), asking=(), next_try=0)
            await self.world.do(state.put, left)  # the last word, whatever the mailbox showed meanwhile
            await self._wipe(record.team)
            return said

    async def _forget(self, record: Record) -> str:
        """End a preview: as if the invitation had never been pasted, but for the log and the draws."""
        await self._wipe(record.team)
        await self.world.log(audit.Kind.CONSENT, audit.consent_body(State.PREVIEW, State.NEVER_ASKED))
        await self.world.do(rows.forget_team, record.team)
        return tr("The preview is over. Nothing was ever sent; the keys that were made for it are deleted.")

    async def decline(self) -> None:
        """Never be asked again; keys of a preview are wiped."""
        async with self._busy:
            record = await self.world.do(state.current) or Record(Membership())
            if record.membership.state in {State.SHARING, State.PAUSED, State.STALE}:
                raise Refused(tr("You share with a team."), tr("Leave it, or pause."))
            await self._keep(await catchup.stepped(self.world, record, consent.Declined(self.world.now())), record)
            if record.team:
                await self._wipe(record.team)

    async def send_now(self) -> str:
        """Do everything that is due now without waiting for the drawn minutes."""
        done = await self.visit(everything=True)
        return " ".join(done) or tr("Nothing was due.")

    async def withdraw(self) -> None:
        """Take this week's report back, until Wednesday."""
        async with self._busy:
            known, keys, mailbox = await self._ready()
            await reporting.withdraw(self.world, mailbox, known, keys, epochs.due(self.world.now()))

    async def invite(self) -> str:
        """An invitation to hand to one person."""
        async with self._busy:
            known, keys, _ = await self._ready()
            return membership.invitation(known, keys, self.world.entropy(32))

    async def vouch(self, member: str) -> None:
        """Say that somebody who asks is who they say; after comparing the four words."""
        async with self._busy:
            known, keys, mailbox = await self._ready()
            await self._keep(await membership.vouch(self.world, mailbox, known, keys, member))

    async def publish(self, part: str, text: str, name: str = "") -> None:
        """Publish a learning to the team."""
        if said := learning.refusal(part, text, name):
            raise UsageError(said, tr("Change it and try again."))
        async with self._busy:
            known, keys, mailbox = await self._ready()
            await results.publish(self.world, mailbox, known, keys, part, text, name)
            await results.learnings_now(self.world, mailbox, known, keys)

    async def retract(self, id: str) -> None:
        """Take a learning back."""
        async with self._busy:
            known, keys, mailbox = await self._ready()
            await results.retract(mailbox, known, keys, id)
            await results.learnings_now(self.world, mailbox, known, keys)

    async def fetch(self) -> None:
        """See what is new: a visit, or another look at a team that changed its terms."""
        record = await self._record()
        if record.membership.state in {State.STALE, State.PREVIEW}:
            await self.look("")
        else:
            await self.visit()

    async def results_link(self) -> str:
        """An address of the results page that works for 15 minutes, for a browser."""
        async with self._busy:
            known, keys, _ = await self._ready()
            body = {"kind": "link", "team": known.team, "member": keys.member, "until": self.world.now() + LINK_SECONDS}
            return f"{known.record.url}/t/{known.team}/results?pass={b64(encode(sign(body, keys.private)))}"

    # ------------------------------------------------------------------ the clock's acts

    async def visit(self, everything: bool = False) -> tuple[str, ...]:
        """Do what is due now; sentences on what was done. Nothing at all unless sharing is on."""
        async with self._busy:
            return await self._visited(everything=everything)

    async def turn(self) -> tuple[str, ...]:
        """What is due by its drawn minute, and nothing else: for machines without the tray, from a timer."""
        await self.prepare()
        at = await self.next_at()
        if at is None:
            return (tr("Sharing is not on: nothing is sent."),)
        if at > self.world.now():
            return (tr("Nothing is due before {when} UTC.", when=f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"),)
        return await self.visit()

    async def prepare(self) -> None:
        """Make the week's report and envelope for the preview; no connection is opened."""
        async with self._busy:
            await visit.prepared(self.world)

    async def next_at(self) -> int | None:
        """When to visit or prepare next (epoch seconds); None = never by itself."""
        return await visit.next_at(self.world)

    async def late(self) -> int | None:
        """The machine was off at a planned minute: draw another within the next hour. Then ``next_at``."""
        record = await self._record()
        await self.world.do(visit.plan_late, record.team, epochs.due(self.world.now()), self.world)
        return await self.next_at()

    async def tidy(self) -> None:
        """Wipe the keys of a team that was declined without the credential store at hand."""
        record: Record | None = await self.world.do(state.current)
        if record is not None and record.member and record.membership.state in state.OVER:
            await self._wipe(record.team)

    # ------------------------------------------------------------------ inside

    async def _ready(self) -> tuple[Known, Keys, Mailbox]:
        """What an act of a member needs; refused while sharing is off."""
        known = await looking.in_team(self.world)
        if not may_send(known.record.membership, self.world.managed(), self.world.now()) or not known.record.joined:
            raise Refused(tr("Sharing is not on."), tr("This works once you are in the team, and while sharing is not paused."))
        keys = await self.world.keys(known.team, prompt=True)
        return known, keys, Mailbox(self.world, known.record.url, known.team, known.record.membership)

    async def _visited(self, *, everything: bool) -> tuple[str, ...]:
        done = await visit.visit(self.world, everything=everything)
        await visit.prepared(self.world)
        return done

    async def _record(self) -> Record:
        record: Record | None = await self.world.do(state.current)
        if record is None:
            raise UsageError(tr("You are in no team."), tr("Paste an invitation first."))
        return record

    async def _keep(self, record: Record, before: Record | None = None) -> None:
        await self.world.do(state.keep, record, before.membership if before is not None else None)

    async def _wipe(self, team: str) -> None:
        await self.world.wipe_keys(team)
        record: Record | None = await self.world.do(state.current)
        if record is not None and record.team == team:
            await self._keep(Replaced(record, member="", identity="", given="", vouched=()))


ACTS: Final[dict[str, Callable[..., Awaitable[Any]]]] = {
    name: getattr(Member, name)
    for name in (
        "look", "start", "join", "agree", "leave", "decline", "send_now", "withdraw", "invite", "vouch", "publish", "retract", "fetch",
        "results_link", "visit", "turn",
    )
}  # fmt: skip
"""Name -> method of Member."""
