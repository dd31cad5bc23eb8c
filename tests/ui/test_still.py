"""The picture of a window is held while it changes and comes back part by part; read from the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMainWindow, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import delete

from tests.ui.conftest import App, spin
from tokenpal.ui import resizing, still
from tokenpal.ui.resizing import Resizing
from tokenpal.ui.theme import Theme, color
from tokenpal.ui.turns import Turns
from tokenpal.ui.veils import VEIL
from tokenpal.ui.widgets.card import Card

RED, BLUE, GREEN = "#ff0000", "#0000ff", "#00ff00"


class Patch(QWidget):
    """One colour, painted as often as it says."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shade, self.painted = RED, 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.shade))
        painter.end()

    def turn(self, shade: str) -> None:
        self.shade = shade
        self.update()


class Window(QMainWindow):
    """Four patches below each other, in a window of an app that makes things beforehand."""

    def __init__(self, *, beforehand: bool = True) -> None:
        super().__init__()
        self.desk = SimpleNamespace(actions=SimpleNamespace(beforehand=beforehand))
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        self.patches = [Patch(self.body) for _ in range(4)]
        for one in self.patches:
            self.column.addWidget(one)
        self.setCentralWidget(self.body)
        self.resize(200, 400)

    def veils(self) -> list[QWidget]:
        return [one for one in self.findChildren(QWidget, VEIL) if not one.size().isEmpty()]

    def seen(self) -> list[str]:
        """The colours on the screen."""
        picture = self.screen().grabWindow(self.winId()).toImage()
        if picture.isNull():
            return []
        ratio = picture.devicePixelRatio()
        return [QColor(picture.pixel(one.mapTo(self, one.rect().center()) * ratio)).name() for one in self.patches]

    def turn(self, shade: str) -> None:
        for one in self.patches:
            one.turn(shade)


@pytest.fixture
def make(qapp: QApplication, look: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Window]]:
    monkeypatch.setattr(still, "LIMIT", 1)  # a patch is a part
    made: list[Window] = []

    def window(**how: bool) -> Window:
        made.append(Window(**how))
        made[-1].show()
        until(lambda: made[-1].seen() == [RED] * 4)
        return made[-1]

    yield window
    for one in made:
        one.hide()
        one.deleteLater()
    spin(5)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        QApplication.processEvents()


def slowly(window: Window) -> still.Still:
    """One part a turn."""
    one = still.of(window)
    assert one is not None
    one._turns._seconds = 0.0
    return one


def test_the_old_picture_stays_until_each_part_is_shown(make):
    window = make()
    one = slowly(window)
    with still.held(window.body):
        window.turn(BLUE)
        for patch in window.patches:
            patch.painted = 0
        QApplication.processEvents()
        assert window.seen() == [RED] * 4
        assert [patch.painted for patch in window.patches] == [0] * 4, "nothing is painted below a veil"
    pictures = [window.seen()]
    while one.busy:
        QApplication.processEvents()
        if window.seen() != pictures[-1]:
            pictures.append(window.seen())
    assert len(pictures) == 5, "one part after the other"
    assert pictures[-1] == [BLUE] * 4
    spin(20)
    assert [patch.painted for patch in window.patches] == [1] * 4, "each is painted once"
    assert not window.veils()


def test_an_empty_ground_at_once_where_all_is_new(make):
    window = make()
    slowly(window)
    ground = color("ground").name()
    with still.held(window.body, blank=True):
        window.turn(BLUE)
    QApplication.processEvents()
    assert window.seen() == [ground] * 4
    until(lambda: window.seen() == [BLUE] * 4)


def test_a_window_comes_with_its_ground_first(make, qapp):
    window = Window()
    one = slowly(window)
    still.show(window)
    pictures = []
    while one.busy:
        QApplication.processEvents()
        pictures.append(window.seen())
    assert pictures[0] == [color("ground").name()] * 4
    assert pictures[-1] == [RED] * 4
    assert len({tuple(p) for p in pictures}) >= 4
    assert [patch.painted for patch in window.patches] == [1] * 4
    window.deleteLater()


def test_an_empty_card_has_the_ground_of_a_card(make):
    window = make()
    slowly(window)
    card = Card()
    card.body.addWidget(window.patches[0])
    card.body.addWidget(window.patches[1])
    window.column.addWidget(card, 1)
    grounds = set()
    QApplication.processEvents()
    with still.held(window.body, blank=True):
        pass
    while still.of(window).busy:
        QApplication.processEvents()
        grounds.update(window.seen()[:2])
    assert {color("ground").name(), color("card").name(), RED} == grounds


def test_all_at_once_where_nothing_is_made_beforehand(make):
    window = make(beforehand=False)
    done = []
    with still.held(window.body):
        window.turn(BLUE)
    still.change(window.body, iter([None, None]), lambda: done.append(True))
    assert done
    assert not window.veils()
    assert still.of(window.body) is None
    until(lambda: window.seen() == [BLUE] * 4)


def test_work_in_slices_shows_nothing_before_its_end(make):
    window = make()
    one = slowly(window)
    done, seen = [], []

    def work() -> Iterator[None]:
        for patch in window.patches:
            patch.turn(BLUE)
            seen.append(window.seen())
            yield

    one._work._seconds = 0.0
    still.change(window.body, work(), lambda: done.append(window.seen()))
    assert not seen, "it begins with the next turn"
    until(lambda: done)
    assert [*seen, *done] == [[RED] * 4] * 5
    until(lambda: not one.busy)
    assert window.seen() == [BLUE] * 4


def test_another_change_while_one_goes_on(make):
    window = make()
    one = slowly(window)
    with still.held(window.body):
        window.turn(BLUE)
    until(lambda: window.seen().count(BLUE) == 2)
    with still.held(window.body):
        window.turn(GREEN)
        QApplication.processEvents()
        assert sorted(window.seen()) == sorted([BLUE] * 2 + [RED] * 2), "as it was"
    until(lambda: not one.busy)
    assert window.seen() == [GREEN] * 4
    assert not window.veils()


def test_holds_within_holds_show_at_the_last(make):
    window = make()
    one = slowly(window)
    with still.held(window):
        with still.held(window.body):
            window.turn(BLUE)
        for _ in range(6):
            QApplication.processEvents()
        assert window.seen() == [RED] * 4
    until(lambda: not one.busy)
    assert window.seen() == [BLUE] * 4


@pytest.mark.parametrize("how", ["resize", "hide", "longest"])
def test_all_veils_go_at_once(make, how):
    window = make()
    one = slowly(window)
    one.hold(window.body)
    window.turn(BLUE)
    assert window.veils()
    if how == "resize":
        window.resize(240, 420)
        QApplication.processEvents()
    elif how == "hide":
        window.hide()
        window.show()
    else:
        one._longest.start(0)
    until(lambda: how == "resize" or not one.busy)
    assert not one.busy, "a resize shows it without another turn"
    assert not window.veils()
    until(lambda: window.seen() == [BLUE] * 4)
    one.let_go()  # whoever held it lets go later
    assert not one.busy


def test_a_picture_is_held_for_as_long_as_work_goes_on(make):
    window = make()
    one = slowly(window)
    work = Turns(window, seconds=0.0)
    work.begin(iter([None] * 30))
    one.hold(window.body, work=work)
    while work.busy:
        one._longest.start(0)
        QApplication.processEvents()
        assert one.busy or not work.busy
    one._longest.start(0)
    until(lambda: not one.busy)
    assert not window.veils()


def test_parts_that_go_meanwhile(make):
    window = make()
    one = slowly(window)
    with still.held(window.body):
        window.turn(BLUE)
        gone = window.patches.pop(1)
        delete(gone)
    until(lambda: len(one._veils) > 1)
    delete(window.patches.pop(2))
    until(lambda: not one.busy)
    until(lambda: window.seen() == [BLUE] * 2)


def test_a_window_that_ends_meanwhile(make, qapp):
    window = Window()
    window.show()
    slowly(window)
    still.of(window).hold(window.body)
    delete(window)
    spin(5)


def test_a_click_and_a_key_are_not_lost(make):
    window = make()
    field = QLineEdit(window.body)
    window.column.addWidget(field)
    window.activateWindow()
    QApplication.processEvents()
    one = still.of(window)
    one.hold(window)
    place = field.mapTo(window, field.rect().center())
    assert window.childAt(place) is field
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert window.focusWidget() is field
    for key in (Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_C):
        QTest.keyClick(window.windowHandle(), key)
    one.let_go()
    until(lambda: not one.busy)
    assert field.text() == "abc"


def test_veils_are_no_part_of_the_accessible_tree(make):
    window = make()
    before = QAccessible.queryAccessibleInterface(window).childCount()
    one = still.of(window)
    one.hold(window)
    assert window.veils()
    assert QAccessible.queryAccessibleInterface(window).childCount() == before
    one.end()


def test_a_long_list_is_shown_in_bands(make):
    window = make()
    listed = QListWidget(window)
    listed.addItems([str(n) for n in range(100)])
    window.setCentralWidget(listed)
    window.patches.clear()
    window.resize(300, 900)
    QApplication.processEvents()
    one = slowly(window)
    with still.held(listed):
        pass
    most = 0
    while one.busy:
        QApplication.processEvents()
        most = max(most, len(one._veils))
    assert most >= 900 // still.BAND


def test_what_is_scrolled_out_of_sight_is_no_part(make):
    window = make()
    area, inner = QScrollArea(window), QWidget()
    column = QVBoxLayout(inner)
    for _ in range(60):
        patch = Patch(inner)
        patch.setFixedHeight(100)
        column.addWidget(patch)
    area.setWidget(inner)
    area.setWidgetResizable(True)
    window.patches.clear()
    window.setCentralWidget(area)
    QApplication.processEvents()
    one = slowly(window)
    with still.held(window):
        area.verticalScrollBar().setValue(2000)
    most = 0
    while one.busy:
        QApplication.processEvents()
        most = max(most, len(one._veils))
    assert 3 <= most < 20


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resizing, "BANDS", 4)  # a patch is a band


class Resized(Window):
    def __init__(self, **how: bool) -> None:
        super().__init__(**how)
        self.resizing = Resizing(self.body, self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resizing.resized()


def shown_in_bands() -> Resized:
    """One that is there, without gaps between its patches."""
    window = Resized()
    window.column.setContentsMargins(0, 0, 0, 0)
    window.column.setSpacing(0)
    window.show()
    until(lambda: not window.resizing.busy and window.seen() == [RED] * 4)
    return window


def test_a_window_of_another_size_is_painted_in_bands(make, four):
    window = shown_in_bands()
    for patch in window.patches:
        patch.painted, patch.shade = 0, BLUE
    window.resize(220, 400)
    QApplication.sendPostedEvents()
    pictures = []
    while window.resizing.busy:
        QApplication.processEvents()
        pictures.append(window.seen())
    assert sorted({one.count(BLUE) for one in pictures}) == [0, 1, 2, 3, 4], "a band a turn"
    assert pictures[-1] == [BLUE] * 4
    assert [patch.painted for patch in window.patches] == [1] * 4
    assert not window.veils()
    window.deleteLater()


def test_every_band_is_painted_however_fast_a_drag_is(make, four):
    window = shown_in_bands()
    for patch in window.patches:
        patch.painted = 0
    painted = []
    for step in range(1, 9):
        window.resize(200 + step, 400)
        before = [patch.painted for patch in window.patches]
        until(lambda before=before: [patch.painted for patch in window.patches] != before)  # and the next step is there before another turn
        painted.append([patch.painted for patch in window.patches])
    assert painted[3] == [1] * 4
    assert painted[7] == [2] * 4
    until(lambda: not window.resizing.busy)
    window.deleteLater()


def test_a_resize_is_painted_at_once_where_nothing_is_made_beforehand(make, qapp):
    window = Resized(beforehand=False)
    window.show()
    window.resize(220, 400)
    assert not window.resizing.busy
    window.deleteLater()


def test_what_stands_over_the_page_is_still_seen(make):
    window = make()
    message = Patch(window)
    message.shade = GREEN
    message.setGeometry(window.patches[0].geometry())
    message.show()
    until(lambda: window.seen()[0] == GREEN)
    still.of(window).hold(window.body, blank=True)
    message.move(message.pos() + QPoint(0, 1))
    until(lambda: window.seen()[1:] == [color("ground").name()] * 3)
    assert window.seen()[0] == GREEN
    still.of(window).end()


def test_another_page_of_the_app_comes_in_parts(sample: App):
    window = sample.window
    sample.page("settings")
    sample.page("overview")
    whole = window.grab().toImage()
    sample.page("settings")
    sample.desktop.beforehand = True
    page = window.open_page("overview")
    one = still.of(window)
    assert one is not None
    assert one.busy
    assert page.isVisible()
    sample.wait(lambda: not one.busy, "the page is shown")
    sample.settle()
    assert window.screen().grabWindow(window.winId()).toImage().convertedTo(whole.format()) == whole
