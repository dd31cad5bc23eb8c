"""What every part of the app that a person sees is handed. Apart from pages, so that an idle tray imports none of their parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.settings import Settings
from tokenpal.ui.bridge import Bridge

EVERYTHING = frozenset({"usage", "labels", "tasks", "checkins", "budgets", "accounts", "limits", "settings", "sharing"})

TIME = frozenset({"time"})
"""What passes without any change: ages and countdowns are said anew."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What pages share: the way to the engine, the settings, the clock and the person's zone."""

    bridge: Bridge
    settings: Settings
    zone: Callable[[], ZoneInfo]
    now: Callable[[], int]  # epoch seconds
    actions: Any = None  # ui.desktop.Desktop: what only the whole app can do (refresh, pause, restart)

    def today(self) -> date:
        """Today in the person's zone."""
        return self.moment().date()

    def moment(self, at: int | None = None) -> datetime:
        """An instant, now by default, in the person's zone."""
        return datetime.fromtimestamp(self.now() if at is None else at, self.zone())
