"""A list that fills in stays as it is where it is: nothing is squeezed, and what was painted is not painted again."""

from __future__ import annotations

from collections import Counter
from functools import partial
from time import perf_counter

from PySide6.QtCore import QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.ui.checkins.gradual import SLICE, Gradually
from tokenpal.ui.widgets.card import Scroll

HEIGHT, MANY = 40, 60


class Row(QWidget):
    painted: Counter[int] = Counter()
    heights: set[int] = set()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        end = perf_counter() + SLICE / 8  # some in a turn, not all
        while perf_counter() < end:
            pass

    def sizeHint(self) -> QSize:
        return QSize(100, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        Row.painted[self.number] += 1
        Row.heights.add(self.height())


def test_rows_come_without_moving_those_that_are_there(qapp: QApplication) -> None:
    area, holder = Scroll(), QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 3, 6, 0)
    column.setSpacing(2)
    area.setWidget(holder)
    filled = Gradually(column, area)
    area.resize(300, 5 * HEIGHT)
    area.show()
    for round_ in range(2):  # into an empty list, and instead of another one
        Row.painted.clear()
        Row.heights.clear()
        filled.fill(partial(Row, number) for number in range(MANY))
        turns, end = 0, perf_counter() + 20
        while filled.busy and perf_counter() < end:
            qapp.processEvents()
            turns += 1
        qapp.processEvents()
        assert not filled.busy
        assert turns > 3, "all came in one go: this shows nothing"
        rows = [one for one in holder.findChildren(Row) if not one.isHidden()]
        assert len(rows) == MANY
        assert [row.y() for row in sorted(rows, key=lambda one: one.number)] == [3 + number * (HEIGHT + 2) for number in range(MANY)]
        assert {row.width() for row in rows} == {holder.width() - 6}
        assert Row.heights == {HEIGHT}
        assert set(Row.painted) == set(range(5)), "those in sight"
        assert max(Row.painted.values()) <= 3, (round_, Row.painted)  # the bar comes, and makes them narrower
    area.close()
