"""Plan windows, spend limits and balances as they stand now: age, use, near the limit, over, and how long they last."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.insight.burn import FALL, BalanceBurn, Burn
from tokenpal.insight.pace import Pace
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.translation import WordBook

NEAR_PERCENT: Final = 85
"""From here "near the limit"; a setting (advanced.near_limit) may say otherwise."""

NAMES: Final = WordBook(
    "plan window", {"5 hours": "5 hours", "hour": "hour", "day": "day", "week": "week", "month": "month", "credits": "credits", "balance": "balance"}
)
"""What most sources call their windows and balances; a name of a provider's own is said as it is."""


def own_name(name: str) -> str:
    """A window or balance in the person's language."""
    return NAMES.get(name, name)


class LimitState(msgspec.Struct, frozen=True):
    """A reading seen at a moment. ``used_percent`` is None once the window it speaks of is over (``void``)."""

    reading: LimitReading
    age: int  # seconds since it was said
    used_percent: float | None
    void: bool
    near: bool


def limit_state(reading: LimitReading, now: int, near_percent: int = NEAR_PERCENT) -> LimitState:
    """A window that was reset since the reading has an unknown use, not 0: nobody has told it yet."""
    void = reading.resets_at is not None and now >= reading.resets_at
    used = None if void else max(0.0, reading.used_percent)
    return LimitState(reading, max(0, now - reading.at), used, void, used is not None and used >= near_percent)


class LimitView(msgspec.Struct, frozen=True):
    """A window with its account, its pace and what that means. ``unofficial``: not documented by the provider."""

    account_id: int
    account: str
    state: LimitState
    burn: Burn
    pace: Pace | None = None
    unofficial: bool = False

    @property
    def name(self) -> str:
        return f"{self.account} {own_name(self.state.reading.name)}".strip()

    def still_near(self, near_percent: int) -> bool:
        """Not so far below the threshold that passing it again would be news."""
        return self.state.used_percent is not None and self.state.used_percent >= near_percent - FALL


class BalanceView(msgspec.Struct, frozen=True):
    """A prepaid balance with its account and how long it lasts."""

    account_id: int
    account: str
    balance: Balance
    age: int
    burn: BalanceBurn

    @property
    def name(self) -> str:
        return f"{self.account} {own_name(self.balance.name)}".strip()


class Standing(msgspec.Struct, frozen=True):
    """All windows by account and length, all balances by account."""

    windows: tuple[LimitView, ...] = ()
    balances: tuple[BalanceView, ...] = ()
