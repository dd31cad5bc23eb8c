"""Sharing beside the engine's loop: sleeps until the next planned minute, and does what the person asks for meanwhile.

Without a team nothing of this runs: no timer, no request, and neither cryptography nor an HTTP library is imported.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from tokenpal.engine import loop
from tokenpal.engine.shared import Shared
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.model.events import Changed
from tokenpal.share.protocol import epochs
from tokenpal.store import sharing as rows
from tokenpal.translation import tr

log = logging.getLogger(__name__)
LONGEST_SLEEP: Final = 3600
"""A clock that was set is noticed within the hour; a machine that wakes says so itself."""
LATE_SECONDS: Final = 600
SOON_SECONDS: Final = 60.0
CHANGED: Final = Changed(frozenset({"sharing"}))


class ShareWatch:
    """All its methods belong to the loop."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._nudge = loop.Nudge()
        self._member: Any = None
        self._prepared = ""  # the week whose report was made for the page
        self._tidied = False

    async def run(self) -> None:
        """For ever: wait, then do what is due."""
        while True:
            seconds = await self._seconds()
            if seconds != 0:
                await self._nudge.wait(seconds)
                continue
            await self._turn()

    def jumped(self) -> None:
        """The machine slept, the clock was set, or something of sharing was changed by the person."""
        self._nudge()

    async def do(self, command: str, **args: Any) -> Any:
        """One act of the person. Raises TokenpalError with a sentence and a next step."""
        from tokenpal.engine.sharing.member import ACTS
        from tokenpal.share.protocol.roster import RosterError

        if command not in ACTS:
            raise UsageError(tr("There is no act called {command}.", command=command), tr("Update tokenpal."))
        try:
            return await ACTS[command](self._made(), **args)
        except RosterError as problem:
            raise TokenpalError(tr("The team's mailbox shows a list of members that breaks rule {rule}.", rule=problem.rule), tr("Ask whoever runs it.")) from problem
        except TokenpalError:
            raise
        except Exception as problem:
            log.exception("an act of sharing failed")
            raise TokenpalError(tr("A mistake in tokenpal ({name}) stopped this.", name=type(problem).__name__), tr("Please report it; the log says where.")) from problem
        finally:
            self._shared.publish(CHANGED)
            self._nudge()

    # ------------------------------------------------------------------ inside

    async def _seconds(self) -> int | None:
        """Until something is due; None = until nudged."""
        if not await self._shared.do(rows.teams):
            return None
        from tokenpal.engine.sharing import known as state

        record = await self._shared.do(state.current)
        if record.membership.state in state.OVER:
            return None if self._tidied or not record.member else 0
        self._tidied = False
        if self._prepared != self._week():
            return 0
        member, now = self._made(), self._shared.now()
        at: int | None = await member.next_at()
        if at is None:
            return None
        if not self._network():
            return LONGEST_SLEEP
        if at < now - LATE_SECONDS and record.joined and not record.failures:
            at = await member.late() or at
        return max(0, min(LONGEST_SLEEP, at - now))

    async def _turn(self) -> None:
        """What is due; a failure is kept in the record, which also says when to try again."""
        member = self._made()
        try:
            if not self._tidied:
                self._tidied = True
                await member.tidy()
            if self._prepared != self._week():
                self._prepared = self._week()
                await member.prepare()
            at = await member.next_at()
            if at is None or at > self._shared.now():
                return
            await member.visit()
        except TokenpalError as problem:
            log.info("sharing waits: %s", type(problem).__name__)
        self._shared.publish(CHANGED)
        at = await member.next_at()
        if at is not None and at <= self._shared.now():
            await self._nudge.wait(SOON_SECONDS)  # whatever the reason: never a tight loop

    def _network(self) -> bool:
        return bool(self._shared.settings.get("advanced.network"))

    def _week(self) -> str:
        return epochs.due(self._shared.now())

    def _made(self) -> Any:
        """The member, with the network settings of this moment."""
        from tokenpal.engine.sharing.member import Member
        from tokenpal.engine.sharing.world import World

        shared = self._shared
        proxy, ca_file = str(shared.settings.get("sharing.proxy")), str(shared.settings.get("sharing.ca_file"))
        if self._member is None:
            self._member = Member(World(shared.do, shared.secrets, shared.paths.profile, now=shared.now, env=shared.env, network=self._network))
        self._member.world.proxy, self._member.world.ca_file = proxy, ca_file
        return self._member
