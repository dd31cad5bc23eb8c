"""Fills a column a few milliseconds at a time, so that a long list never keeps the person waiting (issue 5: 16 ms)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QBoxLayout, QWidget

SLICE = 0.003  # seconds of making before events have their turn; showing what was made takes about as long again


class Gradually(QObject):
    """``fill`` empties the column and puts the made widgets into it, the first ones at once."""

    def __init__(self, column: QBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._column = column
        self._rest: Iterator[Callable[[], QWidget]] = iter(())
        self._end = 0  # px: where the next one begins
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._more)
        if (holder := column.parentWidget()) is not None:
            holder.setAttribute(Qt.WidgetAttribute.WA_StaticContents)  # what is there is not painted again when more comes below it

    @property
    def busy(self) -> bool:
        """Whether some are still to come."""
        return self._timer.isActive()

    def fill(self, makers: Iterable[Callable[[], QWidget]]) -> None:
        """Show these instead."""
        self._timer.stop()
        self._column.setEnabled(False)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._column.addStretch(1)
        self._rest = iter(makers)
        self._end = self._column.contentsMargins().top()
        self._more()

    @Slot()
    def _more(self) -> None:
        end = perf_counter() + SLICE
        self._column.setEnabled(False)
        for make in self._rest:
            widget = make()
            self._column.insertWidget(self._column.count() - 1, widget)
            self._place(widget)
            widget.show()  # by itself Qt shows each in a turn of its own, and lays all of them out again each time
            if perf_counter() > end:
                self._timer.start()
                break
        self._column.setEnabled(True)
        self._make_room()

    def _place(self, widget: QWidget) -> None:
        """Where the column will have it: shown elsewhere first, it would have what is there painted again."""
        margins = self._column.contentsMargins()
        holder = self._column.parentWidget()
        room = (holder.width() if holder is not None else 0) - margins.left() - margins.right()
        height = widget.heightForWidth(room) if widget.hasHeightForWidth() else -1
        widget.setGeometry(margins.left(), self._end, room, height if height >= 0 else widget.sizeHint().height())
        self._end += widget.height() + self._column.spacing()

    def _make_room(self) -> None:
        """The holder grows with what came, before it is laid out: else all that is there is squeezed for a moment."""
        column, holder = self._column, self._column.parentWidget()
        column.invalidate()
        if holder is not None:
            width = holder.width()
            needed = column.totalHeightForWidth(width) if column.hasHeightForWidth() else column.totalMinimumSize().height()
            if holder.height() < needed:
                holder.resize(width, needed)
            holder.updateGeometry()
