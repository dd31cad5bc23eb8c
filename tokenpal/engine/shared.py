"""What the engine's parts share: the database thread, the clock, the settings, and whom to tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokenpal.engine.rules import Rulebook
from tokenpal.engine.scan import Wanted
from tokenpal.engine.watched import with_inbox
from tokenpal.model.errors import StoreError
from tokenpal.model.events import EngineProblem, Event
from tokenpal.settings import Settings
from tokenpal.system.paths import Paths
from tokenpal.system.secrets import Secrets

if TYPE_CHECKING:
    from tokenpal.store.worker import Worker

WRITE_SECONDS: Final = 120.0
"""No wait for the database is endless (architecture 2.9); a batch takes well under a second."""


class Shared:
    """Made by the engine. ``ask`` may be called from any thread, ``do`` from the loop."""

    def __init__(
        self, paths: Paths, settings: Settings, secrets: Secrets, worker: Worker, publish: Callable[[Event], None], *,
        home: Path, env: Mapping[str, str], now: Callable[[], int],
    ) -> None:  # fmt: skip
        self.paths, self.settings, self.secrets, self.worker = paths, settings, secrets, worker
        self.home, self.env, self.now = home, env, now
        self.stopping = threading.Event()
        self.paused_until: int | None = None
        self._publish = publish
        self._rulebook: Rulebook | None = None
        self._told: set[str] = set()

    def publish(self, event: Event) -> None:
        """Tell the window; an engine that stops says no more."""
        if not self.stopping.is_set():
            self._publish(event)

    def tell(self, title: str, sentence: str, next_step: str = "") -> None:
        """A problem of no single account, said once until ``well`` is called."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.publish(EngineProblem(title, sentence, next_step))

    def well(self) -> None:
        self._told.clear()

    @property
    def paused(self) -> bool:
        return self.paused_until is not None and self.now() < self.paused_until

    def start(self, function: Callable[..., Any], *args: Any, urgent: bool = False) -> Future[Any]:
        return self.worker.submit(function, *args, urgent=urgent)

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        """``function(store, *args)`` on the database thread, waiting: for scan threads. Raises StoreError when it stops."""
        future = self.start(function, *args)
        end = time.monotonic() + WRITE_SECONDS
        while True:
            try:
                return future.result(0.25)
            except TimeoutError:
                if future.done():
                    raise
                if self.stopping.is_set() or time.monotonic() > end:
                    future.cancel()
                    raise StoreError("The data file did not answer in time.", "Wait for other programs that use the disk.") from None
            except CancelledError:
                raise StoreError("tokenpal is closing.", "Start it again.") from None

    async def do(self, function: Callable[..., Any], *args: Any) -> Any:
        """The same without blocking the loop."""
        import asyncio  # a command has no loop, and starts without it

        async with asyncio.timeout(WRITE_SECONDS):
            return await asyncio.wrap_future(self.start(function, *args))

    def wanted(self, only: frozenset[str] = frozenset(), settings: Settings | None = None) -> Wanted:
        """Where to look for logs, as the settings say now, or as these say."""
        said = settings or self.settings
        extra, off = with_inbox(said.get("advanced.roots"), self.paths.data), said.get("advanced.agents_off")
        return Wanted(self.home, self.env, extra, frozenset(off), only)

    def rulebook(self) -> Rulebook:
        """Prices and places, made when something is read for the first time."""
        if self._rulebook is None:
            self._rulebook = self.ask(make_rulebook, self.home, self.now)
        return self._rulebook

    def forget_prices(self) -> None:
        self._rulebook = None


def make_rulebook(store: Any, home: Path, now: Callable[[], int]) -> Rulebook:
    """The rules with the prices that this store knows."""
    from tokenpal.engine.places import Places
    from tokenpal.pricing.table import PriceBook, pricer
    from tokenpal.store.rates import rates

    return Rulebook(pricer(PriceBook(rates(store), now=now())), Places(str(home)))
