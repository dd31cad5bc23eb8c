"""How things stand: today's figures, scans, pauses and limits as the tray and the side bar show them, and what is worth a word."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokenpal.model.events import AccountHealth, Changed, Event, Notable, Paused, ScanProgress
from tokenpal.settings import WEEKDAYS
from tokenpal.translation import mark, tr
from tokenpal.ui.desk import Desk
from tokenpal.ui.status import NearLimit, Status
from tokenpal.ui.throttle import Throttle

if TYPE_CHECKING:
    # Imported where they are used: the icon is there before the store and its figures are.
    from tokenpal.engine.glance import Glance as Figures
    from tokenpal.engine.notices import Heard
    from tokenpal.insight.limits import BalanceView, LimitView
    from tokenpal.model.journal import Task

READING_AFTER = 2.0  # seconds a scan runs before the icon says so
BURN_EVERY = 60.0  # seconds between two looks for unusual burn
LONGEST = 3600  # seconds it sleeps at most: a machine that was suspended is noticed within the hour
ENGINE = "engine "  # begins the key of what the engine itself cannot do


class Standing(QObject):
    """Asks for the small figures after every change and keeps the last answer."""

    changed = Signal()
    notable = Signal(object)  # a Notable that was never told before

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self.figures: Figures | None = None
        self.tasks: list[Task] = []
        self.sharing = mark("Sharing: off")  # or on, or paused, with what comes next
        self._scans: dict[str, tuple[int, int]] = {}
        self._scan_since = 0.0
        self._paused_until: int | None = None
        self._near: frozenset[str] | None = None
        self._keys: frozenset[str] = frozenset()  # of the limits that are near
        self._holding: frozenset[str] = frozenset()  # problems of accounts and unusual burn, as they are now
        self._looked = -BURN_EVERY
        self._throttle = Throttle(self._ask, self, 1000)
        self._reset = QTimer(self)  # runs only while a limit is near
        self._reset.setSingleShot(True)
        self._reset.timeout.connect(self._window_over)

    @property
    def paused(self) -> bool:
        """Whether reading is paused now."""
        return self._paused_until is not None and self._paused_until > self.desk.now()

    def ask(self) -> None:
        """Ask for everything now."""
        self._ask(frozenset())

    def _ask(self, what: frozenset[str]) -> None:
        from tokenpal.engine import glance, limits, notices, today
        from tokenpal.engine.sharing.line import sharing_line

        week_start = WEEKDAYS.index(self.desk.settings.get("general.week_start"))
        self.desk.bridge.ask(glance.glance, self.desk.zone().key, limits.how(self.desk.settings), week_start, then=self._figures)
        self.desk.bridge.ask(today.recent_tasks, then=self._know_tasks)
        now = time.monotonic()
        look = now - self._looked >= BURN_EVERY
        self._looked = now if look else self._looked
        self.desk.bridge.ask(notices.heard, self.desk.zone().key, week_start, look, then=self._heard_more)
        if not what or "sharing" in what:
            self.desk.bridge.ask(sharing_line, then=self._know_sharing)

    def _know_sharing(self, line: str) -> None:
        self.sharing = line
        self.changed.emit()

    def _know_tasks(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self.changed.emit()

    def _figures(self, figures: Figures) -> None:
        self.figures = figures
        self._notice_limits(figures)
        self._wait_for_reset(figures)
        self.changed.emit()

    def _wait_for_reset(self, figures: Figures) -> None:
        """A limit is near until its window is over, whether or not anything is read then."""
        ends = [one.state.reading.resets_at for one in figures.limits if one.state.near and one.state.reading.resets_at]
        if ends:
            self._reset.start(min(max(1, min(ends) - self.desk.now()), LONGEST) * 1000)

    @Slot()
    def _window_over(self) -> None:
        self._throttle.call(frozenset({"limits"}))

    def status(self) -> Status:
        """What holds now, for the icon and its tooltip."""
        figures = self.figures
        near = next((one for one in figures.limits if one.state.near), None) if figures else None
        reading = None
        if self._scans and time.monotonic() - self._scan_since >= READING_AFTER:
            reading = (sum(done for done, _ in self._scans.values()), sum(total for _, total in self._scans.values()))
        return Status(
            problem=figures.problems[0][2] if figures and figures.problems else "",
            paused=self.paused, paused_until=self._moment(self._paused_until) if self.paused else None,
            near_limit=NearLimit(near.name, near.state.used_percent or 0.0, self._moment(near.state.reading.resets_at))
            if near else None,
            reading=reading, to_label=figures.today.to_label if figures else 0, today=figures.line if figures else "tokenpal",
        )  # fmt: skip

    def foot(self) -> str:
        """The line of freshness at the foot of the side bar."""
        from tokenpal.ui import numbers, times

        reading, figures = self.status().reading, self.figures
        if reading is not None:
            return tr("Reading {done} of {files}", done=numbers.digits(reading[0]), files=numbers.count(reading[1], "file"))
        if figures is None:
            return ""
        age = self.desk.now() - figures.last_read if figures.last_read else None
        return times.read_line(age, figures.sources, len(figures.problems))

    @Slot(object)
    def take(self, event: Event) -> None:
        """An event of the engine."""
        if isinstance(event, Changed):
            self._throttle.call(event.what)
        elif isinstance(event, AccountHealth):
            self._throttle.call(frozenset({"accounts"}))
        elif isinstance(event, Paused):
            self._paused_until = event.until
            self.changed.emit()
        elif isinstance(event, ScanProgress):
            self._scanned(event)

    def _scanned(self, event: ScanProgress) -> None:
        if event.finished:
            self._scans.pop(event.agent, None)
        else:
            if not self._scans:
                self._scan_since = time.monotonic()
            self._scans[event.agent] = (event.done, event.total)
        self.changed.emit()

    def _notice_limits(self, figures: Figures) -> None:
        from tokenpal.engine import notices
        from tokenpal.insight.burn import crossings
        from tokenpal.ui.crossed import limit_key, limits_crossed

        least = int(self.desk.settings.get("advanced.near_limit"))
        every: list[LimitView | BalanceView] = [*figures.limits, *figures.balances]
        near = [one.name for one in every if limit_key(one, near_only=True)]
        still = [one.name for one in figures.limits if one.still_near(least)]
        start = self._near is None
        self._near, news = crossings(self._near, near, still)  # what was so at the start is no crossing
        before = self._keys
        self._keys = frozenset(key for one in every if one.name in self._near and (key := limit_key(one)))
        told = limits_crossed(figures, self._near if start else news, self.desk)
        over = tuple(before - self._keys)
        if told or over:
            self.desk.bridge.ask(notices.first_time, told, start, over, then=self._heard)

    def _heard(self, heard: Heard) -> None:
        for one in heard.news:
            self.notable.emit(one)

    def _heard_more(self, heard: Heard) -> None:
        self._holding = heard.holding
        self._heard(heard)

    def holds(self, what: Notable) -> bool:
        """Whether what was notable still is."""
        if what.kind == "limits":
            return what.key in self._keys
        return what.kind not in {"problems", "burn"} or what.key in self._holding or what.key.startswith(ENGINE)

    def _moment(self, at: int | None) -> datetime | None:
        return self.desk.moment(at) if at is not None else None
