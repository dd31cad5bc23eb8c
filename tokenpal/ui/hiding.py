"""Figures as dots: because the person wants it, or while somebody else sees the screen (product 4)."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from shiboken6 import isValid

from tokenpal.model.events import Changed
from tokenpal.ui import numbers
from tokenpal.ui.desk import EVERYTHING, Desk
from tokenpal.ui.theme import theme

LOOK_MS = 10_000
OWN, SHARED = "appearance.hide_numbers", "notifications.hide_while_shared"


class Hiding(QObject):
    """One for the app. ``changed`` when figures were hidden or shown again."""

    changed = Signal()
    _told = Signal(object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shared = self._shown_anyway = self._asking = False
        self._look = QTimer(self)  # runs only while a face of the app is on the screen
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        self._told.connect(self._heard)
        numbers.hide(bool(desk.settings.get(OWN)))

    @property
    def hidden(self) -> bool:
        """Whether figures are dots now."""
        return numbers.hidden()

    @property
    def because_shared(self) -> bool:
        """Hidden only because somebody else may see the screen."""
        return self.hidden and not self._desk.settings.get(OWN)

    @Slot()
    def toggle(self) -> None:
        """The person's key: hide, or show; also while the screen is shared, until that ends."""
        if self.because_shared:
            self._shown_anyway = True
        else:
            self._desk.settings.set(OWN, not self._desk.settings.get(OWN))
        self.apply()

    @Slot()
    def apply(self) -> None:
        """Put settings and screen in force; everything is drawn anew when that changes what is seen."""
        get = self._desk.settings.get
        on = bool(get(OWN)) or (self._shared and bool(get(SHARED)) and not self._shown_anyway)
        if on == numbers.hidden():
            return
        numbers.hide(on)
        self._desk.actions.relook.begin(theme().changed.turns(), self._all_told, blank=on)  # figures that are to be hidden are gone at once

    def _all_told(self) -> None:
        self._desk.bridge.happened.emit(Changed(EVERYTHING))
        self.changed.emit()

    def visible(self, on: bool) -> None:
        """A face of the app is on the screen, or none is."""
        if on and self._desk.settings.get(SHARED):
            self._look.start()
            self.look()
        elif not on:
            self._look.stop()

    @Slot()
    def look(self) -> None:
        """Ask whether the screen is shared, in a thread of its own: a bus may be slow."""
        if not self._asking and self._desk.settings.get(SHARED):
            self._asking = True
            threading.Thread(target=self._ask, name="onlookers", daemon=True).start()

    def stop(self) -> None:
        """At the end of the app."""
        self._look.stop()
        numbers.hide(False)

    def _ask(self) -> None:
        from tokenpal.system.onlookers import watched

        answer = watched()
        if isValid(self):
            self._told.emit(answer)

    @Slot(object)
    def _heard(self, shared: bool | None) -> None:
        self._asking = False
        if not shared:
            self._shown_anyway = False
        self._shared = bool(shared)
        self.apply()
