"""A team of real clients, each in a profile of its own, and one real endpoint process, driven through weeks by a clock.

Every client is the program's own ``Member`` on a real data file with real keys, and talks HTTPS to the process. Nothing of
the protocol is made here. A client can be switched off for weeks, thrown away in the middle of sending, and made to lie.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import closing, nullcontext
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from tests.share.linking import Week, people
from tests.team.endpoint import Endpoint
from tests.team.profiles import Keyring, live
from tokenpal.engine.sharing import views
from tokenpal.engine.sharing.member import Member
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.share.audit import Kind
from tokenpal.share.consent import State
from tokenpal.share.protocol import epochs, sealing
from tokenpal.share.protocol.questions import Vector, one_hot
from tokenpal.share.report import read_back
from tokenpal.store import facts
from tokenpal.store.database import Store
from tokenpal.system.secrets import Secrets

TICKS = ("label", "use")
HOUR = 3600
AT_ONCE = 4
MALFORMED = (3, 0, 0, 0, 0, 0, 1)
"""Three votes of one person; the sum can tell that somebody did it, not who."""


class Crash(BaseException):
    """The program is gone: nothing may catch it and go on."""


class Client:
    """One person's machine."""

    def __init__(self, team: Sim, number: int, happened: dict[str, Week]) -> None:
        self.team = team
        self.number = number
        self.happened = happened
        self.keyring = Keyring()
        self.off = False
        self.dies_at: tuple[str, str] | None = None  # kind of row and reason of the request: before the send, or after it
        self.malformed = False
        self.crashes = 0
        self._asked = ""
        self.dice = random.Random(f"{team.seed} {number}")
        self.member = self._begin()

    @property
    def path(self) -> Path:
        return self.team.folder / f"member-{self.number}.db"

    @property
    def store(self) -> Store:
        return self.member.store

    @property
    def id(self) -> str:
        return next(one.id for one in self.known.roster.members.values() if one.id == self.known.record.member)

    @property
    def known(self) -> Any:
        from tokenpal.engine.sharing.known import known

        return known(self.store)

    @property
    def state(self) -> State:
        from tokenpal.engine.sharing.known import current

        found = current(self.store)
        return found.membership.state if found is not None else State.NEVER_ASKED

    def view(self) -> SharingView:
        return views.sharing_view(self.store)

    def sent(self, epoch: str) -> Vector:
        """What the coin made of a week, as a vector."""
        text = facts.draw_of(self.store, epoch, self.team.number)
        assert text, (self.number, epoch)
        return one_hot({answer.id: answer.sent for answer in read_back(text, epoch).answers})

    def restart(self) -> None:
        """The program ends, whatever it was doing, and starts again."""
        self.store.close()
        self.member = self._begin()

    async def visit(self) -> None:
        """One visit; after a crash the program is started again and visits once more."""
        with mock.patch.object(sealing, "one_hot", return_value=MALFORMED) if self.malformed else nullcontext():
            try:
                await self.member.visit()
                return
            except Crash:
                pass
        self.restart()
        self.crashes += 1
        await self.member.visit()

    def _begin(self) -> Member:
        member = Member.at(
            self.path, Secrets(lambda: self.keyring), profile="p", now=self.team.now, ca_file=self.team.ca_file, env={},
            random=self.dice.randrange, entropy=self.dice.randbytes,
        )  # fmt: skip
        member.store.execute("PRAGMA synchronous = OFF")
        log = member.world.log

        async def logged(kind: str, body: dict[str, Any]) -> int:
            row = await log(kind, body)
            if kind == Kind.REQUEST:
                self._asked = str(body["why"])
            if self.dies_at == (str(kind), self._asked):
                self.dies_at = None
                raise Crash
            return row

        member.world.log = logged  # type: ignore[method-assign]  # dies right after the row is written
        return member


class Sim:
    """``clock`` in epoch seconds; ``number`` is the team's."""

    def __init__(
        self, folder: Path, endpoint: Endpoint, *, seed: int, clients: int, weeks: Sequence[str], url: str = "", ca_file: str = ""
    ) -> None:
        self.folder, self.endpoint, self.seed = folder, endpoint, seed
        self.clock = epochs.start(weeks[0]) + 30 * HOUR
        endpoint.set_clock(self.clock)
        self.ca_file = ca_file or str(endpoint.ca_file)
        self.invitation = endpoint.found_team(url=url)
        self.number = ""
        dice = random.Random(seed)
        self.clients = []
        for number, person in enumerate(people(clients, dice)):
            happened = live(folder / f"member-{number}.db", person, weeks, random.Random(f"{seed} life {number}"), name=f"s{number}")
            self.clients.append(Client(self, number, happened))

    def now(self) -> int:
        return self.clock

    def at(self, clock: int) -> None:
        self.clock = clock
        self.endpoint.set_clock(clock)

    @property
    def awake(self) -> list[Client]:
        return [one for one in self.clients if not one.off]

    # ------------------------------------------------------------------ getting in

    async def found(self, count: int = 5) -> None:
        """The founder and the four who were invited."""
        founder = self.clients[0]
        await self.joins(founder, self.invitation)
        self.number = founder.known.team
        for client in self.clients[1:count]:
            await self.joins(client, await founder.member.invite())

    async def joins(self, client: Client, line: str) -> None:
        await client.member.look(line)
        await client.member.start(TICKS, skip=True)

    async def vouched(self, newcomers: Iterable[Client], vouchers: tuple[Client, Client]) -> None:
        """Newcomers ask, two members compare the four words and vouch, and they join."""
        line = await vouchers[0].member.invite()
        newcomers = list(newcomers)
        for client in newcomers:
            await self.joins(client, line)
        for voucher in vouchers:
            await voucher.member.visit()
            asking = {one.member: one.words for one in voucher.view().asking}
            for client in newcomers:
                mine = client.known.record.member
                assert asking[mine] == client.view().words, "they read the same words to each other"
                await voucher.member.vouch(mine)
        for client in newcomers:
            await client.member.join()
            if client.state is State.STALE:  # the others who join in the same week are more than the team was
                await client.member.agree()
                await client.member.join()
            assert client.known.record.joined

    async def agree(self) -> int:
        """Everybody looks; whose team widened sees what changed, and agrees. How many that were."""
        for client in self.awake:
            await client.member.visit()
        stale = [one for one in self.awake if one.state is State.STALE]
        for client in stale:
            changes = client.view().changes
            assert len(changes) == 1, changes
            assert changes[0].widens
            assert "members" in changes[0].field.lower(), changes
            await client.member.agree()
        return len(stale)

    # ------------------------------------------------------------------ time

    async def until(self, end: int) -> None:
        """Every machine that is on visits when it wants to, up to ``end``."""
        while True:
            wanted = {client: await client.member.next_at() for client in self.awake}
            due = sorted((at, client.number) for client, at in wanted.items() if at is not None and at < end)
            if not due:
                break
            # Those of the next hours together: a few at a time, so that both sides of the wire have something to do.
            edge = min(end - 1, max(self.clock, due[0][0]) + 8 * HOUR)
            self.at(max(self.clock, min(edge, _window_end(due[0][0]) - 1)))
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(client: Client, gate: asyncio.Semaphore = gate) -> None:
                async with gate:
                    await client.visit()

            now = [self.clients[number] for at, number in due if at <= self.clock]
            await asyncio.gather(*(one(client) for client in now if not client.malformed))
            for client in now:
                if client.malformed:  # alone: what makes its reports wrong is in the program that all of them run
                    await client.visit()
        self.at(end)

    async def reports(self, epoch: str) -> None:
        """Up to Thursday after the week."""
        await self.until(epochs.report_window(epoch).end)

    async def answers(self, epoch: str) -> None:
        """Up to Saturday; then the machines are off until Monday, so the result is looked for with the next report."""
        answers = epochs.answer_window(epoch)
        await self.until(answers.start + 48 * HOUR)
        self.at(answers.end)

    async def week(self, epoch: str) -> None:
        """The days after the week in which it is reported and answered."""
        await self.reports(epoch)
        await self.answers(epoch)

    # ------------------------------------------------------------------ what came of it

    async def page(self, client: Client) -> str:
        """The results page as a browser shows it."""
        link = urlsplit(await client.member.results_link())
        with closing(HTTPSConnection("127.0.0.1", self.endpoint.port, context=self.endpoint.tls())) as browser:
            browser.request("GET", f"{link.path}?{link.query}")
            answer = browser.getresponse()
            assert answer.status == 200
            return answer.read().decode()

    def close(self) -> None:
        for client in self.clients:
            client.store.close()


def _window_end(at: int) -> int:
    """The end of the report or answer window that an instant lies in."""
    epoch = epochs.due(at)
    reports = epochs.report_window(epoch)
    return reports.end if at < reports.end else epochs.answer_window(epoch).end
