"""Fills a column a few milliseconds at a time, so that a long list never keeps the person waiting (issue 5: 16 ms)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QBoxLayout, QWidget

SLICE = 0.005  # seconds of work before events have their turn


class Gradually(QObject):
    """``fill`` empties the column and puts the made widgets into it, the first ones at once."""

    def __init__(self, column: QBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._column = column
        self._rest: Iterator[Callable[[], QWidget]] = iter(())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._more)

    @property
    def busy(self) -> bool:
        """Whether some are still to come."""
        return self._timer.isActive()

    def fill(self, makers: Iterable[Callable[[], QWidget]]) -> None:
        """Show these instead."""
        self._timer.stop()
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._column.addStretch(1)
        self._rest = iter(makers)
        self._more()

    @Slot()
    def _more(self) -> None:
        end = perf_counter() + SLICE
        for make in self._rest:
            self._column.insertWidget(self._column.count() - 1, make())
            if perf_counter() > end:
                self._timer.start()
                return
