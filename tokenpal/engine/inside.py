"""The engine's loop: who reads when. Everything here belongs to the loop unless it says otherwise."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tokenpal.engine import loop
from tokenpal.engine.accountwatch import AccountWatch
from tokenpal.engine.channel import Listener
from tokenpal.engine.logwatch import LogWatch
from tokenpal.engine.ratewatch import RateWatch
from tokenpal.engine.receiver import Receiver
from tokenpal.engine.requests import Requests
from tokenpal.engine.shared import Shared
from tokenpal.engine.sharing.watch import ShareWatch
from tokenpal.engine.zone import keep_in, zone_name
from tokenpal.model.events import Changed
from tokenpal.model.ranges import local_day
from tokenpal.store.database import Store
from tokenpal.system import autostart, sleep
from tokenpal.system.clock import GapWatch

if TYPE_CHECKING:
    from tokenpal.engine.engine import Engine
    from tokenpal.store.worker import Worker

log = logging.getLogger(__name__)
LEAD_FIRST: Final = 2.0  # a scan of the command line is soon over
LEAD_EVERY: Final = 60.0
FOREIGN_EVERY: Final = 2.0  # only while somebody looks
DATED: Final = frozenset({"usage", "limits", "budgets", "checkins", "sharing"})  # what is another thing on another day
EVERYTHING: Final = frozenset({"usage", "labels", "tasks", "checkins", "budgets", "accounts", "limits", "settings"})
LATER: Final = 60.0


async def main(engine: Engine, worker: Worker) -> None:
    """Run until ``quit``."""
    inside = Inside(engine, worker)
    engine.opened(inside)
    try:
        await inside.run()
    finally:
        await inside.close()


class Inside:
    """The parts of a running engine."""

    def __init__(self, engine: Engine, worker: Worker) -> None:
        self._engine = engine
        self.shared = Shared(
            engine.paths, engine.settings, engine.secrets, worker, engine.publish, home=engine.home, env=engine.env, now=engine.now
        )
        self.logs = LogWatch(self.shared, self._tick)
        how: dict[str, Any] = {} if engine.poll is None else {"poll": engine.poll}
        self.accounts = AccountWatch(self.shared, **how)
        self.sharing = ShareWatch(self.shared)
        self.receiver = Receiver(self.shared)
        self.rates = RateWatch(self.shared)
        self._loop = asyncio.get_running_loop()
        self._quit = asyncio.Event()
        self._tasks = loop.Tasks()
        self._lead_now = loop.Nudge()
        self._looking = loop.Nudge()
        self._gap = GapWatch()
        self._listener = Listener(engine.paths, Requests(self.logs, self.accounts, self.sharing))
        self._version = -1
        self._zone = ""
        self._today: date | None = None
        self._looked_in = self._where()

    # ------------------------------------------------------------------ from any thread

    def quit(self) -> None:
        """End the loop; scans see it at their next line."""
        self.shared.stopping.set()
        self._soon(self._quit.set)

    def soon(self, what: Callable[[Inside], None]) -> None:
        """Run ``what(inside)`` in the loop."""
        self._soon(lambda: what(self))

    def cancel_scan(self) -> None:
        self.logs.cancel()

    def _soon(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(what)

    # ------------------------------------------------------------------ in the loop

    async def run(self) -> None:
        start = self._tasks.start
        start(loop.supervised(self._foreign, "foreign edits", self._broken), "foreign edits")
        start(loop.supervised(self._lead, "lead", self._broken), "lead")
        await self._quit.wait()

    async def close(self) -> None:
        """Within a second, whatever hangs."""
        self.shared.stopping.set()
        await self._listener.stop()
        await self.receiver.stop()
        await asyncio.gather(self.accounts.close(), self._tasks.stop())

    def refresh(self, account: int | None) -> None:
        self._lead_now()
        self.accounts.refresh(account)
        if account is None:
            self.logs.now(full=True, asked=True)

    def scan_now(self) -> None:
        self._lead_now()
        self.logs.now(full=True, asked=True)

    def pause(self, until: int | None) -> None:
        self.shared.paused_until = until if until is not None and until > self.shared.now() else None
        self._engine.paused(self.shared.paused_until)
        if self.shared.paused_until is None:
            self.accounts.jumped()
            self.logs.now()

    def look(self, on: bool) -> None:
        self.logs.looked_at = on
        if on:
            self._tasks.start(self._settle_zone(), "zone")
            self._looking()
            self.logs.now()

    def followed(self, what: frozenset[str]) -> None:
        """A command changed accounts, prices or sharing."""
        if "sharing" in what:
            self.sharing.jumped()
        if "prices" in what:
            self.shared.forget_prices()
        if "accounts" in what:
            self.logs.roots_changed()
            self._tasks.start(self._followed(), "accounts changed")

    def settings_changed(self) -> None:
        self.accounts.settings_changed()
        self.rates.settings_changed()
        if self._engine.reads:
            self._tasks.start(self.receiver.follow(), "receiver")
        if (where := self._where()) != self._looked_in:  # another colour is no reason to walk everything again
            self._looked_in = where
            self.logs.roots_changed()
        self._tasks.start(self._settle_zone(), "zone")

    def _where(self) -> tuple[Any, ...]:
        wanted = self.shared.wanted()
        return {name: tuple(roots) for name, roots in wanted.extra.items()}, wanted.off

    def share(self, future: Future[Any], command: str, args: dict[str, Any]) -> None:
        """An act of sharing; whoever gave up meanwhile gets no answer, but what was begun is finished."""
        self._tasks.start(self._share(future, command, args), f"share {command}")

    async def _share(self, future: Future[Any], command: str, args: dict[str, Any]) -> None:
        try:
            answer, problem = await self.sharing.do(command, **args), None
        except Exception as found:
            answer, problem = None, found
        with suppress(InvalidStateError):
            if problem is None:
                future.set_result(answer)
            else:
                future.set_exception(problem)

    async def _followed(self) -> None:
        if self._engine.reads:
            await self.accounts.follow()

    async def _lead(self) -> None:
        """Take the data folder's lock, then read; until then another process does, and this one shows what it finds."""
        await self._settle_zone()
        pause = LEAD_FIRST
        while not self._engine.lock.take():
            await self._lead_now.wait(pause)
            pause = min(LEAD_EVERY, pause * 2)
        try:
            await self._listener.start()
        except OSError as problem:
            log.info("no channel for other processes: %s", problem.strerror)  # they then say that the folder is busy
        self._tasks.start(loop.supervised(self.logs.run, "logs", self._broken), "logs")
        self._tasks.start(loop.supervised(self.accounts.follow, "accounts", self._broken), "accounts")
        self._tasks.start(loop.supervised(self.sharing.run, "sharing", self._broken), "sharing")
        self._tasks.start(loop.supervised(self.receiver.follow, "receiver", self._broken), "receiver")
        self._tasks.start(loop.supervised(self.rates.run, "rates", self._broken), "rates")
        self._tasks.start(self._later(), "later")

    async def _later(self) -> None:
        """What has nothing to do with the start. It fails by itself: ``_lead`` must not be run again for it."""
        await asyncio.sleep(LATER)
        if self.shared.env is os.environ and not os.environ.get("TOKENPAL_HOME"):  # a second profile changes nothing of the system
            await loop.in_thread(autostart.repair, "autostart")
        await sleep.watch(self._tick)

    def _tick(self) -> None:
        """At every look at the logs, and when the system wakes: was there a gap, is a pause over?"""
        shared = self.shared
        if self._gap.look():
            self.accounts.jumped()
            self.sharing.jumped()
            self.logs.now(full=True)
            self._tasks.start(self._settle_zone(), "zone")  # who slept may have travelled
        if shared.paused_until is not None and not shared.paused:
            self.pause(None)
        self._turn_the_day()

    def _turn_the_day(self) -> None:
        """At another day in the person's zone: what was today's is yesterday's, though nothing was read."""
        if not self._zone:
            return
        today = local_day(self.shared.now(), ZoneInfo(self._zone))
        if self._today not in {None, today}:
            self._engine.publish(Changed(DATED))
        self._today = today

    async def _foreign(self) -> None:
        """Notice what other processes wrote and another day, while somebody looks; nothing at all otherwise."""
        while True:
            await self._looking.wait(FOREIGN_EVERY if self.logs.looked_at else None)
            self._turn_the_day()
            version = await self.shared.do(Store.data_version)
            if self._version not in {-1, version}:
                self.shared.forget_prices()  # the person may have given one
                self._engine.publish(Changed(EVERYTHING))
            self._version = version

    async def _settle_zone(self) -> None:
        """Days are kept in the person's zone; another zone rebuilds them."""
        zone = await loop.in_thread(lambda: zone_name(self.shared.settings), "zone")
        if zone != self._zone:
            changed = await self.shared.do(keep_in, zone)
            self._zone = zone
            if changed:
                self._engine.publish(Changed(EVERYTHING))
        self._turn_the_day()

    def _broken(self, problem: Exception) -> None:
        """A part of the engine failed and will start again."""
        sentence = getattr(problem, "sentence", "") or f"A part of tokenpal stopped ({type(problem).__name__}) and starts again by itself."
        self.shared.tell(getattr(problem, "title", "Something went wrong"), sentence, getattr(problem, "next_step", ""))
