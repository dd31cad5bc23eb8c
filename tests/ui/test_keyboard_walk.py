"""By keyboard alone: Tab comes to everything once, in the order of reading, and is seen; Esc leads back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.ui.conftest import App
from tests.ui.everywhere import everywhere
from tests.ui.keyboard import leaps, once_round, takes_tab, wanted, words
from tokenpal.ui.theme import Theme
from tokenpal.ui.widgets.focus import FocusRing


@pytest.fixture
def ring(qapp: QApplication) -> Iterator[FocusRing]:
    made = FocusRing(qapp)
    yield made
    qapp.focusChanged.disconnect(made._moved)
    made.setWidget(None)


def test_tab_comes_to_everything_in_order_and_is_seen_and_esc_leads_back(sample: App, ring: FocusRing) -> None:
    found = []
    for where, face in everywhere(sample):
        window = face.window()
        if isinstance(window, QDialog) and not takes_tab(window.focusWidget() or window):
            found.append(f"{where}: nothing has the keyboard when it opens")
        there = once_round(window, look=True)
        back = once_round(window, back=True)
        found += [f"{where}: never reached: {words(part)}" for part in wanted(window) - set(there.stops)]
        found += [f"{where}: not reached backwards: {words(part)}" for part in set(there.stops) - set(back.stops)]
        found += [f"{where}: not seen: {words(part)}" for part in there.unseen]
        found += [f"{where}: out of order: {line}" for line in leaps(window, there.stops)]
        if isinstance(window, QDialog) and where != "job":  # what works is asked to stop, and ends then
            found += [f"{where}: {line}" for line in left_by_esc(sample, window)]
    assert not found, "\n".join(dict.fromkeys(found))


def left_by_esc(app: App, dialog: QDialog) -> list[str]:
    """Esc closes it, a search that holds words by a second one, and the keyboard is where it was."""
    before = app.window.focusWidget()
    for _ in range(2):
        if isValid(dialog) and dialog.isVisible():
            QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Escape)
            app.settle()
    if isValid(dialog) and dialog.isVisible():
        return ["Esc does not close it"]
    if before is not None and app.window.focusWidget() is not before:
        return [f"the keyboard was at {words(before)} and is elsewhere"]
    return []


def test_tab_follows_the_reader_from_right_to_left(sample: App, qapp: QApplication) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        pages = ("sessions", "settings", "new-task", "keys")
        found = [f"{where}: {line}" for where, face in everywhere(sample, pages) for line in leaps(face.window(), once_round(face.window()).stops)]
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert not found, "\n".join(found)


def test_the_walk_finds_a_trap_and_a_leap(qtbot: QtBot, look: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    first, second, trap = QPushButton("First"), QPushButton("Second"), Trap()
    for part in (first, second, trap):
        column.addWidget(part)
    QWidget.setTabOrder(second, first)
    QWidget.setTabOrder(first, trap)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    there = once_round(window, look=True)
    assert there.stops == [second, first, trap]
    assert leaps(window, there.stops) == ["QPushButton 'Second' then QPushButton 'First'"]
    assert there.unseen == [trap]
    assert set(once_round(window, back=True).stops) == {trap}, "from which nothing leads away"


class Trap(QWidget):
    """Takes the keyboard, shows nothing of it and never gives it back."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(20, 20)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return True
