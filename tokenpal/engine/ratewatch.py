"""Asks for the day's reference rates while the person wants it: the setting is off by default, and then nothing is imported or asked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from tokenpal.engine import loop
from tokenpal.model.events import Changed

if TYPE_CHECKING:
    from tokenpal.engine.shared import Shared
    from tokenpal.model.money import ExchangeRate
    from tokenpal.store.database import Store

log = logging.getLogger(__name__)
EVERY: Final = 6 * 3600.0  # the bank says new rates once on working days, in the afternoon
SETTING: Final = "general.reference_rates"


class RateWatch:
    """All its methods belong to the loop."""

    def __init__(self, shared: Shared, address: str = "") -> None:
        self._shared = shared
        self._address = address
        self._nudge = loop.Nudge()
        self._asked_at = 0

    def settings_changed(self) -> None:
        """It may have been switched on."""
        self._nudge()

    async def run(self) -> None:
        """For ever; see ``loop.supervised``."""
        while True:
            if self._wanted() and not self._shared.paused and self._shared.now() - self._asked_at >= EVERY:
                await self._ask()
            await self._nudge.wait(EVERY if self._wanted() else None)

    def _wanted(self) -> bool:
        settings = self._shared.settings
        return bool(settings.get(SETTING) and settings.get("advanced.network"))

    async def _ask(self) -> None:
        from tokenpal.pricing import reference
        from tokenpal.system.net import Http, NetError

        self._asked_at = self._shared.now()
        try:
            async with Http() as http:
                answer = await http.get(self._address or reference.ADDRESS)
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            rates = reference.parse(answer.body)
        except (NetError, ValueError) as problem:
            log.info("no reference rates: %s", problem)
            self._shared.tell("No exchange rates", "The European Central Bank's rates could not be read.", "The rates so far are used; tokenpal tries again by itself.")
            return
        await self._shared.do(keep, rates)
        self._shared.publish(Changed(frozenset({"prices"})))


def keep(store: Store, rates: list[ExchangeRate]) -> None:
    """All of an answer; the person's own rates of a day stay beside them and go first."""
    from tokenpal.store import exchange

    with store.transaction():
        for rate in rates:
            exchange.set_rate(store, rate)
