"""By keyboard alone: Tab comes to everything once, in the order of reading, and is seen; Esc leads back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QListWidget, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.ui.conftest import App
from tests.ui.everywhere import everywhere
from tests.ui.keyboard import choice, leaps, once_round, tab, takes_tab, wanted, words
from tokenpal.ui.theme import Theme
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.focus import FocusRing
from tokenpal.ui.window import PAGES

pytestmark = pytest.mark.timeout(900)  # every page, state and dialog there is


@pytest.fixture
def ring(qapp: QApplication) -> Iterator[FocusRing]:
    made = FocusRing(qapp)
    yield made
    qapp.focusChanged.disconnect(made._moved)
    made.setWidget(None)


def test_tab_comes_to_everything_in_order_and_is_seen_and_esc_leads_back(sample: App, ring: FocusRing) -> None:
    found = walked(sample)
    assert not found, "\n".join(found)


def test_a_profile_without_anything_is_walked_too(make_app: Callable[[], App], ring: FocusRing) -> None:
    found = walked(make_app(), (*(key for key, _, _ in PAGES), "glance", "keys", "help", "add-account"))
    assert not found, "\n".join(found)


def walked(app: App, only: tuple[str, ...] = ()) -> list[str]:
    """What a person without a mouse would stumble over."""
    found = []
    for where, face in everywhere(app, only):
        window = face.window()
        if isinstance(window, QDialog) and not takes_tab(window.focusWidget() or window):
            found.append(f"{where}: nothing has the keyboard when it opens")
        there = once_round(window, look=True)
        back = once_round(window, back=True)
        reached, again = {choice(part) for part in there.stops}, {choice(part) for part in back.stops}
        found += [f"{where}: never reached: {words(part)}" for part in wanted(window) if choice(part) not in reached]
        found += [f"{where}: not reached backwards: {words(part)}" for part in wanted(window) if choice(part) in reached - again]
        found += [f"{where}: not seen: {words(part)}" for part in there.unseen]
        found += [f"{where}: out of order: {line}" for line in leaps(window, there.stops)]
        if isinstance(window, QDialog) and where != "job":  # what works is asked to stop, and ends then
            found += [f"{where}: {line}" for line in left_by_esc(app, window)]
    return list(dict.fromkeys(found))


def left_by_esc(app: App, dialog: QDialog) -> list[str]:
    """Esc closes it, a search that holds words by a second one, and the keyboard is where it was."""
    before = app.window.focusWidget()
    seen = before is not None and before.isVisible()  # a tab that another hides may leave a window in the background with what nobody sees
    for _ in range(2):
        if isValid(dialog) and dialog.isVisible():
            QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Escape)
            app.settle()
    if isValid(dialog) and dialog.isVisible():
        return ["Esc does not close it"]
    now = app.window.focusWidget()
    if seen and now is not before:
        return [f"the keyboard was at {words(before) if isValid(before) else 'what is gone'} and is elsewhere"]
    if before is not None and (now is None or not now.isVisible()):
        return ["nothing that is seen has the keyboard"]
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


def test_tab_from_outside_scrolls_to_where_it_comes(qtbot: QtBot, look: Theme, ring: FocusRing) -> None:
    window, inside, area = QWidget(), QWidget(), Scroll()
    qtbot.addWidget(window)
    column, rows = QVBoxLayout(window), QVBoxLayout(inside)
    outside, first = QPushButton("Outside"), QPushButton("First")
    rows.addWidget(first)
    rows.addSpacing(3000)
    area.setWidget(inside)
    column.addWidget(outside)
    column.addWidget(area)
    window.resize(300, 300)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    outside.setFocus()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    assert first.visibleRegion().isEmpty()
    assert tab(window) is first
    assert not first.visibleRegion().isEmpty()


def test_the_ring_is_around_what_a_list_fills(qtbot: QtBot, look: Theme, ring: FocusRing) -> None:
    window, holder, view = QWidget(), QWidget(), QListWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(holder)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(view)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    view.setFocus()
    assert ring.widget() is holder, "outside of the list there would be no room for it"


class Trap(QWidget):
    """Takes the keyboard, shows nothing of it and never gives it back."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(20, 20)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return True
