"""Telling everybody of a change, at once and a few a turn."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import delete

from tokenpal.ui.listeners import Listeners


class Hearer(QWidget):
    def __init__(self, heard: list[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heard, self.name = heard, name

    def hear(self) -> None:
        self.heard.append(self.name)


@pytest.fixture
def heard() -> list[str]:
    return []


def test_all_are_told_in_order(qtbot, heard):
    listeners = Listeners()
    hearers = [Hearer(heard, name) for name in "abc"]
    for one in hearers:
        qtbot.addWidget(one)
        listeners.connect(one.hear)
    listeners.connect(hearers[0].update)  # a method of Qt
    listeners.emit()
    assert heard == ["a", "b", "c"]


def test_those_that_are_seen_are_told_first(qtbot, heard):
    listeners = Listeners()
    around = QWidget()
    qtbot.addWidget(around)
    hearers = [Hearer(heard, name, around) for name in "abc"]
    for one in hearers:
        listeners.connect(one.hear)
    hearers[0].hide()
    around.show()
    turns = listeners.turns()
    next(turns)
    assert heard == ["b"], "one a turn"
    for _ in turns:
        pass
    assert heard == ["b", "c", "a"]


def test_who_ended_is_not_told(qtbot, heard):
    listeners = Listeners()
    around = QWidget()
    qtbot.addWidget(around)
    first, second, third = (Hearer(heard, name, around) for name in "abc")
    for one in (first, second, third):
        listeners.connect(one.hear)
    turns = listeners.turns()
    next(turns)
    delete(second)  # meanwhile
    for _ in turns:
        pass
    assert heard == ["a", "c"]
    third.setParent(None)
    del second, third, one
    gc.collect()
    listeners.emit()
    assert len(listeners._names) == 1, "nothing is kept of what is gone"


def test_only_methods_of_objects_of_qt(qapp):
    listeners = Listeners()
    with pytest.raises(TypeError):
        listeners.connect(lambda: None)
    listeners.connect(QObject().deleteLater)  # gone before it is told
    listeners.emit()
