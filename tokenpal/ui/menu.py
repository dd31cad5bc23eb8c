"""What the tray's menu says, as plain entries (product 4). Pure: the desktop gives the actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tokenpal.engine.glance import Glance
from tokenpal.insight.limit_words import balance_words, limit_words
from tokenpal.insight.summary import today_line
from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.palette import LABEL_KEYS, LABEL_WORDS, LabelName
from tokenpal.ui.sessions import words
from tokenpal.ui.tray import Entry

LABELS: tuple[LabelName, ...] = ("exploration", "delivered", "waste")


@dataclass(frozen=True, slots=True)
class Actions:
    """What the entries do."""

    open: Callable[[], None]
    glance: Callable[[], None]
    work_on: Callable[[int], None]
    stop_work: Callable[[], None]
    new_task: Callable[[], None]
    label: Callable[[str, str], None]
    refresh: Callable[[], None]
    pause: Callable[[int], None]  # seconds, 0 = go on
    sharing: Callable[[], None]
    pause_sharing: Callable[[int], None]  # weeks, 0 = until the person goes on
    resume_sharing: Callable[[], None]
    settings: Callable[[], None]
    quit: Callable[[], None]
    hide: Callable[[], None]


def entries(
    view: Glance | None, tasks: list[Task], paused: bool, moment: Callable[[int], datetime], now: int, do: Actions, sharing: str = "Sharing: off",
    hidden: bool = False,
) -> tuple[Entry, ...]:
    """The whole menu. "Open tokenpal" stands first: some desktops open the menu on every click. ``sharing`` is ``sharing_line``."""
    line = today_line(view.today.measures, view.today.to_label) if view else tr("Not read yet")
    return (
        Entry("open", tr("&Open tokenpal"), do.open, mnemonic=True),
        Entry("glance", tr("&Glance"), do.glance, mnemonic=True),
        Entry("today", line, separator_before=True),
        _working_on(view, tasks, do),
        _label_last(view, do),
        _limits(view, moment, now),
        Entry("refresh", tr("&Refresh now"), do.refresh, separator_before=True, mnemonic=True),
        _pause(paused, do),
        Entry("sharing", tr(sharing), do.sharing),
        *_sharing_pause(sharing, do),
        Entry("hide-numbers", tr("&Hide numbers"), do.hide, checked=hidden, mnemonic=True),
        Entry("settings", tr("S&ettings"), do.settings, mnemonic=True),
        Entry("quit", tr("&Quit"), do.quit, separator_before=True, mnemonic=True),
    )


def _working_on(view: Glance | None, tasks: list[Task], do: Actions) -> Entry:
    running = view.today.running if view else None
    rows = [Entry(f"work-{task.id}", task.name, partial(do.work_on, task.id), checked=bool(running and running.task == task.id)) for task in tasks]
    rows.append(Entry("work-new", tr("&New task…"), do.new_task, separator_before=bool(rows), mnemonic=True))
    if running is not None:
        rows.append(Entry("work-stop", tr("Stop: {task}", task=view.today.running_task if view else ""), do.stop_work, about=str(running.task)))
    return Entry("work", tr("&Working on"), entries=tuple(rows), mnemonic=True)


def _label_last(view: Glance | None, do: Actions) -> Entry:
    waiting = view.to_label if view else []
    if not waiting:
        return Entry("label", tr("Every session has a label"))
    last = waiting[0]
    rows = [Entry("label-which", words.title(last))]
    rows += [Entry(f"label-{name}", f"{tr(LABEL_WORDS[name])}\t{LABEL_KEYS[name]}", partial(do.label, last.id, name), about=last.id) for name in LABELS]
    return Entry("label", tr("&Label last session"), entries=tuple(rows), mnemonic=True)


def _limits(view: Glance | None, moment: Callable[[int], datetime], now: int) -> Entry:
    zone = moment(now).tzinfo
    rows = []
    for place, window in enumerate(view.limits if view else ()):
        said = limit_words(window, now, zone)
        rows.append(Entry(f"limit-{place}", f"{said.name}: {numbers.join((said.used, said.reset, said.known))}"))
    for place, balance in enumerate(view.balances if view else ()):
        left = balance_words(balance, now, zone)
        rows.append(Entry(f"balance-{place}", f"{left.name}: {left.foot}"))
    return Entry("limits", tr("Li&mits"), entries=tuple(rows), mnemonic=True) if rows else Entry("limits", tr("No limit is known yet"))


def _pause(paused: bool, do: Actions) -> Entry:
    if paused:
        return Entry("resume", tr("Go on reading"), partial(do.pause, 0))
    rows = tuple(Entry(f"pause-{hours}", tr("For {hours}", hours=numbers.count(hours, "hour")), partial(do.pause, hours * 3600)) for hours in (1, 4, 24))
    return Entry("pause", tr("&Pause"), entries=rows, mnemonic=True)


def _sharing_pause(line: str, do: Actions) -> tuple[Entry, ...]:
    """One click stops it; there is nothing to pause while it is off, and a preview sends nothing."""
    if is_said(line, "Sharing: paused"):
        return (Entry("resume-sharing", tr("Resume sharing"), do.resume_sharing),)
    if not (is_said(line, "Sharing: on") or is_said(line, "Sharing: waiting")):
        return ()
    rows = ((1, tr("For 1 week")), (4, tr("For 4 weeks")), (0, tr("Until I resume")))
    return (Entry("pause-sharing", tr("Pause sharing"), entries=tuple(Entry(f"pause-sharing-{weeks}", words, partial(do.pause_sharing, weeks)) for weeks, words in rows)),)


def is_said(line: str, start: str) -> bool:
    """Whether ``sharing_line`` says this, in English or in the person's language."""
    return line.startswith((start, tr(start)))
