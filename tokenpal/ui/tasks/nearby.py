"""Rows of a long page show their parts while they are near what is seen: a page of a thousand parts is opened and left like one of a hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QScrollArea
from shiboken6 import isValid

from tokenpal.ui import still
from tokenpal.ui.tasks.resting import Resting
from tokenpal.ui.theme import px
from tokenpal.ui.turns import Turns

MARGIN: Final = 300  # px above and below what is seen at text size 100 %: the rows that Tab goes to next


class Nearby(QObject):
    """Tells the rows inside a scroll area which of them are near, those in sight first, a few at a time."""

    def __init__(self, area: QScrollArea, rows: Callable[[], Sequence[Resting]], filling: Callable[[], bool]) -> None:
        """``rows()`` in any order; ``filling()``: more rows come, and ``look`` is called when they are there."""
        super().__init__(area)
        self._area, self._rows, self._filling = area, rows, filling
        self._turns = Turns(self)
        bar = area.verticalScrollBar()
        bar.valueChanged.connect(self._moved)
        bar.rangeChanged.connect(self._moved)

    @Slot()
    def _moved(self) -> None:
        if not self._filling():  # rows that show their parts would be laid out anew for every row that comes
            self.look()

    @Slot()
    def look(self) -> None:
        """Something moved, or there are other rows."""
        self._turns.begin(self._tell())
        if not still.gradual(self._area):
            self._turns.finish()

    def _tell(self) -> Iterator[None]:
        body, top = self._area.widget(), self._area.verticalScrollBar().value()
        if body is None:
            return
        end, margin = top + self._area.viewport().height(), px(MARGIN)
        seen: list[Resting] = []
        near: list[Resting] = []
        far: list[Resting] = []
        for resting in self._rows():
            row = resting.row
            if not row.isVisible():
                continue
            y = row.mapTo(body, QPoint(0, 0)).y()
            below = y + row.height()
            (seen if y < end and below > top else near if y < end + margin and below > top - margin else far).append(resting)
        for is_near, some in ((True, seen), (True, near), (False, far)):
            for resting in some:
                if isValid(resting):
                    resting.set_near(is_near)
                    if some is seen and still.gradual(self._area):
                        resting.row.repaint()  # here, so that its time is a part of the turn
                    yield
