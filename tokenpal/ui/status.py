"""What the tray shows: one table from what holds to a picture and a line (design 6). Pure; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenpal.insight.summary import to_label_words
from tokenpal.translation import tr
from tokenpal.ui import numbers, times

if TYPE_CHECKING:
    from datetime import datetime

    from tokenpal.engine.glance import Glance
    from tokenpal.ui.icons import TrayState


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
        return "paused", tr("Paused until {at}", at=times.moment(status.paused_until, now)) if status.paused_until else tr("Paused")
    if status.near_limit is not None:
        limit = status.near_limit
        share = numbers.percent(limit.used_percent / 100)
        if limit.resets is None:
            return "near-limit", tr("{name} {share} used", name=limit.name, share=share)
        return "near-limit", tr("{name} {share} used, {resets}", name=limit.name, share=share, resets=times.resets(limit.resets, now))
    if status.reading is not None:
        done, total = status.reading
        return "reading", tr("Reading {done} of {files}", done=numbers.digits(done), files=numbers.count(total, "file"))
    if status.to_label:
        return "to-label", to_label_words(status.to_label)
    return "idle", status.today


def meter(figures: Glance | None, which: str) -> float | None:
    """How full the mark in the tray is, 0 to 1; None = it is no meter. ``which`` is the setting: none, today or limit.

    Today is measured by the person's own days: full is the fullest of the fourteen that are shown.
    """
    if figures is None or which == "none":
        return None
    if which == "limit":
        used = next((one.state.used_percent for one in figures.limits if one.state.used_percent is not None), None)
        return None if used is None else min(1.0, used / 100)
    most = max(figures.days, default=0)
    return figures.today.measures.tokens.total / most if most else None
