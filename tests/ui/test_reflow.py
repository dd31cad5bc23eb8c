"""Layouts that follow the room there is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tokenpal.ui.reflow import together

pytestmark = pytest.mark.usefixtures("look")


class Column(QVBoxLayout):
    """Counts how often it places its parts."""

    placed = 0

    def setGeometry(self, rect: QRect) -> None:
        self.placed += 1
        super().setGeometry(rect)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    column = Column(window)
    for number in range(5):
        column.addWidget(QLabel(f"Part {number}"))
        column.itemAt(number).widget().hide()
    window.resize(200, 300)
    window.show()
    return window


def test_parts_that_come_together_are_laid_out_once(window: QWidget) -> None:
    column = window.layout()
    before = column.placed
    with together(window):
        with together(window):  # one inside the other changes nothing
            column.itemAt(0).widget().show()
        for place in range(1, 5):
            column.itemAt(place).widget().show()
        assert column.placed == before
    assert column.placed == before + 1
    tops = [column.itemAt(place).widget().y() for place in range(5)]
    assert tops == sorted(set(tops)), "each has a place of its own"


def test_a_failure_leaves_the_layout_at_work(window: QWidget) -> None:
    column = window.layout()
    with pytest.raises(ZeroDivisionError), together(window):
        column.itemAt(0).widget().show()
        1 / 0
    assert column.isEnabled()
    before = column.placed
    column.itemAt(1).widget().show()
    assert column.placed > before
