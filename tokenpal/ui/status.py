"""What the tray shows: one table from what holds to a picture and a line (design 6). Pure; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenpal.ui import numbers, times

if TYPE_CHECKING:
    from datetime import datetime

    from tokenpal.ui.icons import TrayState


TROUBLED = frozenset({"key missing", "key locked", "key refused", "not allowed", "not available", "unreadable"})
"""Account states that need the person; a provider's own trouble passes by itself and is no reason for a sign in the tray."""


@dataclass(frozen=True, slots=True)
class NearLimit:
    """The tightest plan window: ``name`` with its plan, used 0 to 100."""

    name: str
    used_percent: float
    resets: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that can decide the picture; the first that holds wins, in the order of the fields."""

    problem: str = ""  # a short sentence: "OpenAI refused the key"
    paused_until: datetime | None = None
    paused: bool = False
    near_limit: NearLimit | None = None
    reading: tuple[int, int] | None = None  # files done, files in all; set once a scan has run for two seconds
    to_label: int = 0
    today: str = "No use recorded yet today"  # the line of insight.summary


def picture(status: Status, now: datetime) -> tuple[TrayState, str]:
    """The tray picture and its tooltip."""
    if status.problem:
        return "problem", status.problem
    if status.paused:
        return "paused", f"Paused until {times.moment(status.paused_until, now)}" if status.paused_until else "Paused"
    if status.near_limit is not None:
        limit = status.near_limit
        reset = f", {times.resets(limit.resets, now)}" if limit.resets else ""
        return "near-limit", f"{limit.name} {numbers.percent(limit.used_percent / 100)} used{reset}"
    if status.reading is not None:
        done, total = status.reading
        return "reading", f"Reading {numbers.exact(done)} of {numbers.count(total, 'file')}"
    if status.to_label:
        return "to-label", f"{numbers.count(status.to_label, 'session')} to label"
    return "idle", status.today
