"""Looks for news in the agents' logs while the app runs: the periodic look is the truth (architecture 2.10).

A quiet minute costs one wake-up: the folders and the newest files are looked at in the engine's own loop (1.6 ms), nothing
is asked of the store and nothing written. Only when something has to be read does a scan get a thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from itertools import chain
from typing import Any, Final

import msgspec

from tokenpal.engine import handed, homes, loop, scan
from tokenpal.engine.shared import Shared
from tokenpal.model.errors import TokenpalError
from tokenpal.model.events import Changed, Event, ScanProgress
from tokenpal.settings import Settings
from tokenpal.sources.registry import logs

EVERY: Final = 60
LOOKED_AT_EVERY: Final = 2.0  # while somebody looks: what an agent writes is seen as it comes
LOOKED_AT_SLOWEST: Final = 15.0
LEAST_REST: Final = 50  # so many times as long as a look takes: it costs 2 % of one core at most
FULL_EVERY: Final = 900
FULL_LOOKED_AT: Final = 60  # an agent that was never used before shows up while somebody looks
SLOW_EVERY: Final = 300  # a folder over a network, or of Linux inside Windows
EVENTS_SECONDS: Final = 0.1
TITLE: Final = "Logs could not be read"


class LogWatch:
    """All its methods belong to the loop, except ``cancel``."""

    def __init__(self, shared: Shared, on_tick: Callable[[], None] = lambda: None) -> None:
        self._shared = shared
        self._on_tick = on_tick
        self._nudge = loop.Nudge()
        self._cancel = threading.Event()
        self._busy = asyncio.Lock()
        self._targets: list[scan.Target] | None = None
        self._memory: dict[int, dict[str, Any]] = {}
        self._full_at = 0.0
        self._took = 0.0  # the last quick look that found nothing, in seconds
        self._full_next = True
        self._asked = self._held = False
        self._failures = 0
        self._handed = 0
        self._homes: tuple[homes.Home, ...] = ()
        self._slow_at = 0.0
        self.looked_at = False
        self.listeners: set[Callable[[Event], None]] = set()  # hear the events too, in the loop

    def now(self, *, full: bool = False, asked: bool = False) -> None:
        """Look soon; ``full`` walks everything again, ``asked`` by the person: also during a pause or after a cancelled scan."""
        self._full_next = self._full_next or full
        self._asked = self._asked or asked
        self._nudge()

    def cancel(self) -> None:
        """Stop the scan that runs; what was read stays. Any thread."""
        self._cancel.set()

    def roots_changed(self) -> None:
        """Accounts or settings changed: look for the roots again."""
        self._targets = None
        self._memory.clear()
        self.now(full=True)

    async def run(self) -> None:
        """For ever; see ``loop.supervised``."""
        while True:
            self._on_tick()
            if self._asked or not (self._shared.paused or self._held):
                self._asked = False
                report = await self.look()
                self._held = report.cancelled  # whoever cancels does not want it to go on in a minute
                self._failures = self._failures + 1 if report.trouble else 0
            await self._nudge.wait(self._pause())

    def _pause(self) -> float:
        if self._failures:
            return min(900.0, EVERY * 2.0**self._failures)
        if not self.looked_at:
            return EVERY
        return min(LOOKED_AT_SLOWEST, max(LOOKED_AT_EVERY, self._took * LEAST_REST))

    def _full_every(self) -> float:
        near = self.looked_at and not any(one.slow for one in self._targets or ())
        return FULL_LOOKED_AT if near else FULL_EVERY

    async def look(self, *, full: bool = False, only: frozenset[str] = frozenset()) -> scan.ScanReport:
        """One look; never two at a time."""
        async with self._busy:
            self._cancel.clear()
            steady = time.monotonic()
            full = full or bool(only) or self._full_next or self._targets is None or steady - self._full_at > self._full_every()
            self._full_next = False
            if full:
                self._full_at = steady
            publish = Publisher(self._shared.publish, self.listeners)
            try:
                report = await self._look(full, only, publish)
            except TokenpalError as problem:
                report = scan.ScanReport(trouble=problem.sentence, next_step=problem.next_step)
            finally:
                publish.flush()
            if not full and report == scan.ScanReport():
                self._took = time.monotonic() - steady
            if report.trouble:
                self._full_next = True
                self._shared.tell(TITLE, report.trouble, report.next_step)
            else:
                self._shared.well()
            return report

    async def _look(self, full: bool, only: frozenset[str], publish: Publisher) -> scan.ScanReport:
        shared = self._shared
        if full:
            targets = await loop.in_thread(lambda: self._find(only), "scan")
            if not only:
                self._targets = targets
        else:
            targets = self._targets or []
        waits = handed.waiting(shared.paths.data)
        if waits and (full or waits != self._handed):  # what nobody can place yet waits for a full look
            if await shared.do(handed.take, shared.paths.data):
                publish(Changed(frozenset({"limits"})))
            self._handed = handed.waiting(shared.paths.data)
        if full:
            rules = await loop.in_thread(shared.rulebook, "scan")
            rules.place.forget()
            rules.branch.forget()
            rules.place.shares = homes.shares_of(self._homes)
            self._slow_at = time.monotonic()
            ones = self._ones(targets, full, publish)
        else:
            ones = [one for one in self._ones([one for one in targets if not one.slow], full, publish) if one.begin()]
            late = [one for one in targets if one.slow] if time.monotonic() - self._slow_at > SLOW_EVERY else []
            if not ones and not late:
                return scan.ScanReport()
            if late:
                self._slow_at = time.monotonic()
                slow = self._ones(late, full, publish)
                return await loop.in_thread(lambda: scan.run(chain(ones, (one for one in slow if one.begin()))), "scan")
        return await loop.in_thread(lambda: scan.run(ones), "scan")

    def _find(self, only: frozenset[str]) -> list[scan.Target]:
        # The command line may have named further folders; the window's own settings are left to the window.
        mine = self._shared.settings
        said = Settings.load(mine.path) if mine.path is not None else mine
        self._homes = homes.found() if said.get("advanced.wsl") else ()
        return scan.find(self._shared.ask, logs().values(), msgspec.structs.replace(self._shared.wanted(only, said), homes=self._homes))

    def _ones(self, targets: list[scan.Target], full: bool, publish: Publisher) -> list[scan.One]:
        shared = self._shared
        how: dict[str, Any] = {"polite": True, "now": shared.now, "full": full, "memory": self._memory}
        return [scan.One(shared.ask, target, shared.rulebook(), publish, self._cancelled, **how) for target in targets]

    def _cancelled(self) -> bool:
        return self._cancel.is_set() or self._shared.stopping.is_set()


class Publisher:
    """Passes a scan's events on, at most ten of a kind a second: a first scan has thousands."""

    def __init__(self, publish: Callable[[Event], None], listeners: set[Callable[[Event], None]]) -> None:
        self._to = publish
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._last: dict[type, float] = {}
        self._held: dict[type, Event] = {}
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        kind, steady = type(event), time.monotonic()
        now = not isinstance(event, ScanProgress | Changed) or (isinstance(event, ScanProgress) and event.finished)
        with self._lock:
            if not now and steady - self._last.get(kind, -1.0) < EVENTS_SECONDS:
                self._held[kind] = event
                return
            self._held.pop(kind, None)
            self._last[kind] = steady
        self._send(event)

    def flush(self) -> None:
        with self._lock:
            held, self._held = list(self._held.values()), {}
        for event in held:
            self._send(event)

    def _send(self, event: Event) -> None:
        self._to(event)
        for listener in tuple(self._listeners):
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(listener, event)
