"""Merges bursts of changes into one refresh: the first at once, later ones together after a pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot


class Throttle(QObject):
    """Calls ``refresh`` with the union of what was asked for, at most once per ``pause_ms``."""

    def __init__(self, refresh: Callable[[frozenset[str]], None], parent: QObject, pause_ms: int = 250) -> None:
        super().__init__(parent)
        self._refresh = refresh
        self._what: frozenset[str] = frozenset()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause_ms)
        self._timer.timeout.connect(self._due)

    def call(self, what: frozenset[str]) -> None:
        """Ask for a refresh of ``what``."""
        self._what |= what
        if not self._timer.isActive():
            self._due()

    @Slot()
    def _due(self) -> None:
        if self._what:
            what, self._what = self._what, frozenset()
            self._timer.start()
            self._refresh(what)
