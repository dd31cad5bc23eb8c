"""How things stand: today's figures, scans, pauses and limits as the tray and the side bar show them, and what is worth a word."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tokenpal.model.events import AccountHealth, Changed, Event, Paused, ScanProgress
from tokenpal.ui.page import Desk
from tokenpal.ui.status import TROUBLED, NearLimit, Status, picture
from tokenpal.ui.throttle import Throttle

if TYPE_CHECKING:
    # Imported where they are used: the icon is there before the store and its figures are.
    from tokenpal.engine.glance import Glance as Figures
    from tokenpal.model.journal import Task

READING_AFTER = 2.0  # seconds a scan runs before the icon says so


class Standing(QObject):
    """Asks for the small figures after every change and keeps the last answer."""

    changed = Signal()
    notable = Signal(str, str, str)  # kind of notification, title, sentence

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self.figures: Figures | None = None
        self.tasks: list[Task] = []
        self.sharing = "Sharing: off"  # or on, or paused, with what comes next
        self._scans: dict[str, tuple[int, int]] = {}
        self._scan_since = 0.0
        self._paused_until: int | None = None
        self._near: frozenset[str] | None = None
        self._throttle = Throttle(self._ask, self, 1000)

    @property
    def paused(self) -> bool:
        """Whether reading is paused now."""
        return self._paused_until is not None and self._paused_until > self.desk.now()

    def ask(self) -> None:
        """Ask for everything now."""
        self._ask(frozenset())

    def _ask(self, what: frozenset[str]) -> None:
        from tokenpal.engine import glance, limits, queries
        from tokenpal.engine.sharing.line import sharing_line

        self.desk.bridge.ask(glance.glance, self.desk.zone().key, limits.how(self.desk.settings), then=self._figures)
        self.desk.bridge.ask(queries.recent_tasks, then=self._know_tasks)
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
        self.changed.emit()

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
            return f"Reading {numbers.exact(reading[0])} of {numbers.count(reading[1], 'file')}"
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
            if event.state.value in TROUBLED:
                self.notable.emit("problems", event.sentence, event.next_step)
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
        from tokenpal.insight.burn import crossings
        from tokenpal.insight.limit_words import balance_words, limit_words

        now, zone = self.desk.now(), self.desk.zone()
        near = {one.name: one for one in figures.limits if one.state.near}
        low = {one.name: one for one in figures.balances if one.burn.low_balance}
        least = int(self.desk.settings.get("advanced.near_limit"))
        still = [one.name for one in figures.limits if one.still_near(least)]
        self._near, news = crossings(self._near, [*near, *low], still)  # what was so at the start is no crossing
        for name in news:
            if name in near:
                state, said = near[name].state, limit_words(near[name], now, zone)
                limit = NearLimit(name, state.used_percent or 0.0, self._moment(state.reading.resets_at))
                outlook = f"It {said.outlook}. " if said.pressing and said.outlook.startswith(("runs", "may")) else ""
                self.notable.emit("limits", picture(Status(near_limit=limit), self.desk.moment())[1], f"{outlook}Nothing was stopped.")
            else:
                left = balance_words(low[name], now, zone)
                self.notable.emit("limits", f"{name}: {left.left}", f"It {left.outlook}." if left.outlook.startswith("lasts") else "It is low.")

    def _moment(self, at: int | None) -> datetime | None:
        return self.desk.moment(at) if at is not None else None
