"""One supervised task per provider account: waits until it is due, asks, keeps the answer or the reason.

A failing account backs off by itself and never stops another (architecture 1.3, rule 5). Nothing here ticks: each task
sleeps until its own time. No HTTP library is imported and no internet socket opened before there is an account to ask.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokenpal.engine import loop, schedule, unofficial
from tokenpal.engine.schedule import TROUBLE, Slot, Trouble
from tokenpal.engine.shared import Shared
from tokenpal.model.errors import StoreError
from tokenpal.model.events import AccountHealth, AccountState, Changed
from tokenpal.model.report import AccountRow
from tokenpal.sources import registry
from tokenpal.store import accounts as account_rows

if TYPE_CHECKING:
    from tokenpal.engine.poll import PollReport
    from tokenpal.system.net import Http

LONGEST_POLL: Final = 900.0
LONGEST_SLEEP: Final = 3600  # a wall clock that was set back is noticed by the engine's own look, this is the floor
CLOSE_SECONDS: Final = 0.3
Poll = Callable[..., Awaitable["PollReport"]]
"""``engine.poll.poll``, or what a test puts in its place."""


class AccountWatch:
    """All its methods belong to the loop."""

    def __init__(self, shared: Shared, poll: Poll | None = None, roll: Callable[[], float] = random.random) -> None:
        self._shared = shared
        self._poll = poll
        self._roll = roll
        self._tasks = loop.Tasks()
        self._running: dict[int, asyncio.Task[Any]] = {}
        self._nudges: dict[int, loop.Nudge] = {}
        self._busy: dict[int, asyncio.Lock] = {}
        self._rows: dict[int, AccountRow] = {}
        self.slots: dict[int, Slot] = {}
        self._asked: set[int] = set()  # by the person: also during a pause, and a password window may open
        self._following = asyncio.Lock()
        self._memory: dict[int, dict[str, Any]] = {}
        self._http: Http | None = None

    async def follow(self) -> None:
        """Start a task for each new account and end those of removed ones: at the start and after changes."""
        async with self._following:
            rows = {row.id: row for row in await self._shared.do(account_rows.accounts) if row.kind == "api" and not row.removed}
            for gone in self._running.keys() - rows.keys():
                self._running.pop(gone).cancel()
                for kept in (self.slots, self._nudges, self._busy, self._memory):
                    kept.pop(gone, None)
            self._rows = rows
            for row in rows.values():
                if row.id not in self._running:
                    self._begin(row, await self._shared.do(account_rows.failures, row.id))

    def _begin(self, row: AccountRow, failures: int) -> None:
        every, now = self._every(row), self._shared.now()
        self.slots[row.id] = schedule.first(
            every, now, self._roll(), last_success=row.last_success, next_try=row.next_try, failures=failures
        )
        if row.id in self._asked:
            self.slots[row.id] = schedule.asked(self.slots[row.id], now)
        self._nudges[row.id] = loop.Nudge()
        self._busy[row.id] = asyncio.Lock()
        work = loop.supervised(partial(self._account, row.id), f"account {row.id}", lambda _: None)
        self._running[row.id] = self._tasks.start(work, f"account {row.id}")

    def refresh(self, account: int | None = None) -> None:
        """The person asked: every account, or one, now."""
        now = self._shared.now()
        every = [row.id for row in self._rows.values() if not unofficial.is_unofficial(row.source)]
        for id_ in every if account is None else [account]:
            self._asked.add(id_)
            if id_ in self.slots:  # else it was added a moment ago and begins with this
                self._set(id_, schedule.asked(self.slots[id_], now))

    def jumped(self) -> None:
        """The machine slept or the clock was set."""
        now = self._shared.now()
        for id_, slot in list(self.slots.items()):
            self._set(id_, schedule.jumped(slot, now, self._roll()))

    def settings_changed(self) -> None:
        """Another period, or the network was switched off or on."""
        now = self._shared.now()
        for id_, slot in list(self.slots.items()):
            if (row := self._rows.get(id_)) is not None:
                self._set(id_, schedule.changed_period(slot, self._every(row), now, self._roll()))

    async def ask_now(self, accounts: list[int], since: int | None) -> list[PollReport]:
        """Poll these accounts (all when empty) at once, for the command line."""
        await self.follow()
        return [await self._once(self._rows[id_], since=since, prompt=True) for id_ in accounts or list(self._rows) if id_ in self._rows]

    async def close(self) -> None:
        await self._tasks.stop()
        http, self._http = self._http, None
        if http is not None:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await http.close()
            except (TimeoutError, OSError, RuntimeError):
                pass  # a connection that does not close in time is closed by the system

    # ------------------------------------------------------------------ one account

    def _every(self, row: AccountRow) -> int:
        minutes = int(self._shared.settings.get("advanced.poll_minutes"))
        source = registry.source(row.source)
        if minutes and unofficial.is_unofficial(row.source):
            return max(minutes * 60, unofficial.FLOOR)
        return minutes * 60 if minutes else source.INFO.poll_seconds if source is not None else schedule.LONGEST_BACK_OFF

    def _set(self, account: int, slot: Slot) -> None:
        self.slots[account] = slot
        self._nudges[account]()

    async def _account(self, account: int) -> None:
        while True:
            slot, now = self.slots[account], self._shared.now()
            asked, seconds = account in self._asked, schedule.wait(slot, now)
            if self._shared.paused and not asked:
                seconds = max(seconds, (self._shared.paused_until or now) - now)
            if not self._shared.settings.get("advanced.network"):
                seconds = LONGEST_SLEEP
            if seconds:
                await self._nudges[account].wait(min(seconds, LONGEST_SLEEP))
                continue
            self._asked.discard(account)
            await self._once(self._rows[account], prompt=asked)

    async def _once(self, row: AccountRow, *, since: int | None = None, prompt: bool = False) -> PollReport:
        """Ask once, plan the next time, tell the window. Only one question at a time per account."""
        async with self._busy[row.id]:
            shared = self._shared
            self._memory.setdefault(row.id, {})
            from tokenpal.engine.poll import PollReport, poll  # what is asked of providers stays out of an idle app without accounts

            try:
                row = next((one for one in await shared.do(account_rows.accounts) if one.id == row.id), row)  # it may have got its key just now
                rules = await loop.in_thread(shared.rulebook, "rules")
                async with asyncio.timeout(LONGEST_POLL):
                    report = await (self._poll or poll)(
                        shared.do, row, self._client(), shared.secrets, rules, since=since, prompt=prompt,
                        memory=self._memory[row.id], now=shared.now, say=self._reading,
                    )  # fmt: skip
            except TimeoutError:
                report = PollReport(row.id, row.name, AccountState.PROVIDER_PROBLEM, "The provider did not finish answering.")
            except StoreError as problem:
                report = PollReport(row.id, row.name, AccountState.UNREADABLE, problem.sentence, problem.next_step, trouble=True)
            self._plan(row, report)
            return report

    def _reading(self, health: AccountHealth) -> None:
        if health.state is AccountState.READING:  # the outcome is told with the next time, below
            self._shared.publish(health)

    def _client(self) -> Http:
        if self._http is None:
            from tokenpal.system.net import Http

            self._http = Http()
        return self._http

    def _plan(self, row: AccountRow, report: PollReport) -> None:
        """The next time; those that waited for the network are woken when this account was reached."""
        if row.id not in self._running:
            return  # removed while it was asked
        now, slot, roll = self._shared.now(), self.slots[row.id], self._roll()
        if report.state is AccountState.OK:
            slot = schedule.succeeded(slot, now, roll)
            for id_, other in list(self.slots.items()):
                if other.offline and id_ != row.id:
                    self._set(id_, schedule.network_back(other, now, self._roll()))
        else:
            after = None if report.retry_at is None else report.retry_at - now
            slot = schedule.failed(slot, now, roll, TROUBLE.get(report.state, Trouble.THEIRS), after)
            if unofficial.is_unofficial(row.source):
                slot = msgspec.structs.replace(slot, due=max(slot.due, now + unofficial.FLOOR))
            if row.id in self._asked:  # meanwhile, for what may have changed since this was asked
                slot = schedule.asked(slot, now)
        self.slots[row.id] = slot
        if report.held:
            return
        if report.trouble:
            self._shared.tell(StoreError.title, report.sentence, report.next_step)
            return
        success = now if report.state is AccountState.OK else None
        self._shared.publish(AccountHealth(row.id, report.state, report.sentence, report.next_step, success, slot.due))
        if report.records or report.windows:
            self._shared.publish(Changed(frozenset({"usage", "limits", "accounts"})))
