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
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from tokenpal.engine import loop
from tokenpal.engine.sharing import catchup, keys as key_store, known as state, membership, reporting, results, visit
from tokenpal.engine.sharing.keys import Keys, KeysUnavailable
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.world import World, here
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.share import audit, consent, invitation as invitations
from tokenpal.share.consent import Membership, Purpose, Refused, State, may_send
from tokenpal.share.protocol import epochs, learning
from tokenpal.share.protocol.keys import signing_public
from tokenpal.share.protocol.roster import RosterError, invite_fits
from tokenpal.share.protocol.wire import b64, encode, sign, unb64
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.system.secrets import NoBackend, Secrets

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
            await (self._look_again() if not invitation.strip() else self._look(invitation))

    async def start(self, ticks: tuple[str, ...] = (), skip: bool = False) -> None:
        """Agree to what the preview shows, and join. Whatever of joining fails is tried again by the visits."""
        async with self._busy:
            record = await self._record()
            record = await catchup.stepped(self.world, record, consent.Started(tuple(ticks), self.world.now(), skip))
            await self._keep(record)
            await self._visited(everything=False)

    async def join(self) -> None:
        """Look whether the vouchers are there, and join."""
        await self.visit(everything=False)

    async def agree(self, ticks: tuple[str, ...] = ()) -> None:
        """Agree to the changes that stopped sharing. Without ``ticks`` to the same questions as before."""
        async with self._busy:
            record = await self._record()
            asked = tuple(ticks) or (record.membership.consent.questions if record.membership.consent is not None else ())
            await self._keep(await catchup.stepped(self.world, record, consent.Agreed(asked, self.world.now())))
            await visit.prepared(self.world)

    async def leave(self) -> str:
        """Leave with a signed entry, or in silence when the mailbox cannot be reached; keys are wiped in any case."""
        async with self._busy:
            record = await self._record()
            if record.membership.state is State.PREVIEW:
                return await self._forget(record)
            left = await catchup.stepped(self.world, record, consent.Left(self.world.now()))
            said = "You have left the team. Your keys are deleted; past sums stay and hold nothing that could be traced."
            if record.joined:
                try:
                    known = await self._known()
                    mailbox = Mailbox(self.world, record.url, record.team, record.membership, Purpose.LEAVE)
                    await membership.leave(self.world, mailbox, known, await self.world.keys(record.team, prompt=True))
                except (TokenpalError, RosterError):
                    said = "You have left in silence: the mailbox could not be told. Your keys are deleted, and nothing is sent any more."
            await self._keep(Replaced(left, joined=False, trouble=("", ""), asking=(), next_try=0))
            await self._wipe(record.team)
            return said

    async def _forget(self, record: Record) -> str:
        """End a preview: as if the invitation had never been pasted, but for the log and the draws."""
        await self._wipe(record.team)
        await self.world.log(audit.Kind.CONSENT, audit.consent_body(State.PREVIEW, State.NEVER_ASKED))
        await self.world.do(rows.forget_team, record.team)
        return "The preview is over. Nothing was ever sent; the keys that were made for it are deleted."

    async def decline(self) -> None:
        """Never be asked again; keys of a preview are wiped."""
        async with self._busy:
            record = await self.world.do(state.current) or Record(Membership())
            if record.membership.state in {State.SHARING, State.PAUSED, State.STALE}:
                raise Refused("You share with a team.", "Leave it, or pause.")
            await self._keep(await catchup.stepped(self.world, record, consent.Declined(self.world.now())))
            if record.team:
                await self._wipe(record.team)

    async def send_now(self) -> str:
        """Do everything that is due now without waiting for the drawn minutes."""
        done = await self.visit(everything=True)
        return " ".join(done) or "Nothing was due."

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
            raise UsageError(said, "Change it and try again.")
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

    async def _look(self, line: str) -> None:
        world = self.world
        found = invitations.parse(line)
        old: Record | None = await world.do(state.current)
        if old is not None and old.membership.state in {State.SHARING, State.PAUSED, State.STALE}:
            raise Refused("You are in a team already.", "Leave it first to join another.")
        same = old if old is not None and old.team == found.team and old.membership.state is State.PREVIEW else None
        _, missing = await loop.in_thread(world.secrets.look, "keys")
        if missing is not None and isinstance(missing, NoBackend):
            raise KeysUnavailable("Sharing needs a credential store, and this system has none that works.", missing.next_step)
        if world.managed():
            raise Refused("Sharing is switched off by whoever manages this machine.", "Ask them.")
        before = same.membership if same is not None else Membership(old.membership.state) if old is not None else Membership()
        mailbox = Mailbox(world, found.host, found.team, before, Purpose.LOOK)
        try:
            fetched = await catchup.fetch(world, mailbox, found.host)
        except RosterError as problem:
            raise await visit.failed(world, problem) from problem
        if (fetched.card.team, fetched.card.key) != (found.team, found.key):
            raise TokenpalError("The address does not have the key that the invitation names.", "Do not join; ask whoever invited you.")
        way, ticket = _way(found, fetched)
        record = Record(before, found.team, found.host, found.key, way=way, given=found.given)
        record = await catchup.stepped(world, record, consent.Looked(fetched.seen))
        keys = await self._own_keys(found.team) if same is not None else None
        keys = (keys or key_store.made(epochs.due(world.now()), world.entropy)).with_ticket(ticket)
        await world.keep_keys(found.team, keys)
        record = Replaced(record, member=keys.member, identity=b64(keys.identity))
        await world.do(_begin, record, fetched)
        await visit.prepared(world)

    async def _look_again(self) -> None:
        known = await self._known()
        current = known.record.membership.state
        if current not in {State.STALE, State.PREVIEW}:
            raise Refused("There is nothing to look at again.", "Paste an invitation.")
        mailbox = Mailbox(self.world, known.record.url, known.team, known.record.membership, Purpose.LOOK)
        try:
            fetched = await catchup.fetch(self.world, mailbox, known.record.url, known)
        except (TokenpalError, RosterError) as problem:
            raise await visit.failed(self.world, problem) from problem
        event = consent.Saw(fetched.seen) if current is State.STALE else consent.Looked(fetched.seen)
        record = await catchup.stepped(self.world, known.record, event)
        await self.world.do(catchup.adopt, Replaced(record, trouble=("", ""), failures=0), fetched)
        await visit.prepared(self.world)

    async def _own_keys(self, team: str) -> Keys | None:
        try:
            return await self.world.keys(team, prompt=True)
        except KeysUnavailable as problem:
            if problem.lost:
                return None
            raise

    async def _ready(self) -> tuple[Known, Keys, Mailbox]:
        """What an act of a member needs; refused while sharing is off."""
        known = await self._known()
        if not may_send(known.record.membership, self.world.managed(), self.world.now()) or not known.record.joined:
            raise Refused("Sharing is not on.", "This works once you are in the team, and while sharing is not paused.")
        keys = await self.world.keys(known.team, prompt=True)
        return known, keys, Mailbox(self.world, known.record.url, known.team, known.record.membership)

    async def _visited(self, *, everything: bool) -> tuple[str, ...]:
        done = await visit.visit(self.world, everything=everything)
        await visit.prepared(self.world)
        return done

    async def _known(self) -> Known:
        known: Known | None = await self.world.do(state.known)
        if known is None:
            raise UsageError("You are in no team.", "Paste an invitation first.")
        return known

    async def _record(self) -> Record:
        record: Record | None = await self.world.do(state.current)
        if record is None:
            raise UsageError("You are in no team.", "Paste an invitation first.")
        return record

    async def _keep(self, record: Record) -> None:
        await self.world.do(state.keep, record)

    async def _wipe(self, team: str) -> None:
        await self.world.wipe_keys(team)
        record: Record | None = await self.world.do(state.current)
        if record is not None and record.team == team:
            await self._keep(Replaced(record, member="", identity="", given="", vouched=()))


def _way(found: invitations.Invitation, fetched: catchup.Fetched) -> tuple[str, bytes]:
    """How the invitation lets somebody in, and the seed of its one-use key. Raises UsageError for one that does not fit this team."""
    roster = fetched.roster
    if found.founding:
        seed = unb64(found.founding, 32)
        if roster.size or b64(signing_public(seed)) != fetched.card.founding:
            raise UsageError("This team is founded already, or the founding line is of another team.", "Ask its founder for an invitation.")
        return "founding", seed
    if found.invite:
        seed = unb64(found.invite, 32)
        if not roster.size:
            raise UsageError("The founder has not joined yet.", "Try again when they have.")
        if not invite_fits(roster, signing_public(seed), found.given):
            raise UsageError("This invitation was used already, or is not by the founder of this team.", "Ask the founder for another one.")
        return "invite", seed
    return "vouched", b""


def _begin(store: Store, record: Record, fetched: catchup.Fetched) -> None:
    """A new membership; nothing of an earlier one in the same team is kept but draws and the log."""
    with store.transaction():
        rows.forget_team(store, record.team)
        catchup.adopt(store, record, fetched)


ACTS: Final[dict[str, Callable[..., Awaitable[Any]]]] = {
    name: getattr(Member, name)
    for name in (
        "look", "start", "join", "agree", "leave", "decline", "send_now", "withdraw", "invite", "vouch", "publish", "retract", "fetch",
        "results_link", "visit",
    )
}  # fmt: skip
"""Name -> method of Member."""
