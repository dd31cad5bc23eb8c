"""Wakes at the person's time for the check-in, and not before: no timer runs while the reminder is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tokenpal.ui.desk import Desk

if TYPE_CHECKING:
    from tokenpal.model.events import Notable

LONGEST = 3600
"""Seconds it sleeps at most: a machine that was suspended, or a clock that was set, is noticed within the hour."""


class Reminder(QObject):
    """``notable(what)`` when it is time. Call ``look`` at the start and when a setting has changed."""

    notable = Signal(object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)

    @Slot()
    def look(self) -> None:
        """Remind if it is time, and sleep until it can be."""
        self._timer.stop()
        settings = self.desk.settings
        if not settings.get("notifications.checkin"):
            return
        from tokenpal.engine import reminders

        day, clock = settings.get("notifications.checkin_day"), settings.get("notifications.checkin_time")
        self.desk.bridge.ask(reminders.remind, self.desk.zone().key, day, clock, then=self._said)
        left = reminders.next_moment(self.desk.now(), self.desk.zone(), day, clock) - self.desk.now()
        self._timer.start(min(max(1, left), LONGEST) * 1000)

    def _said(self, what: Notable | None) -> None:
        if what is not None:
            self.notable.emit(what)
