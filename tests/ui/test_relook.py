"""Another theme and hidden figures: done in slices behind the old picture, and in the end as if it had always been so."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import time_machine
from PySide6.QtGui import QColor, QCursor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.ui.conftest import App, spin
from tokenpal.system import clock
from tokenpal.ui import numbers, still
from tokenpal.ui.help import hints
from tokenpal.ui.page import Page
from tokenpal.ui.theme import ContrastChoice, SchemeChoice, color, theme
from tokenpal.ui.widgets.text import Text
from tokenpal.ui.window import PAGES, MainWindow

KEYS = [key for key, _, _ in PAGES]


@pytest.fixture
def sample(sample: App) -> Iterator[App]:
    """At one moment, without words that come once, and with the pointer where nothing is."""
    QCursor.setPos(0, 0)
    sample.settings.set("state.no_tray_said", True)
    sample.settings.set("state.hints", list(hints.HINTS))
    with time_machine.travel(clock.now(), tick=False):
        yield sample


def change(scheme: SchemeChoice, contrast: ContrastChoice = "normal") -> None:
    """As the system would, so that no setting says so."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, scheme=scheme, contrast=contrast)


def rest(app: App) -> None:
    window = app.desktop.window
    app.wait(lambda: not app.desktop.relook.busy and not (still.of(window) and still.of(window).busy), "the new look is shown")
    app.settle()


def seen(window: MainWindow) -> QImage:
    """The screen, but for the bell, which only the first window of an app has."""
    picture = window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.fillRect(0, picture.height() - 60, 200, 60, QColor("black"))
    painter.end()
    return picture


def differing(one: QImage, other: QImage) -> list[tuple[int, int]]:
    """Some of the places where they differ."""
    assert one.size() == other.size()
    return (
        [(x, y) for y in range(0, one.height(), 2) for x in range(0, one.width(), 2) if one.pixel(x, y) != other.pixel(x, y)][:9]
        if one != other
        else []
    )


def never_alike(app: App, one: MainWindow, other: MainWindow) -> list[tuple[int, int]]:
    """Lists fill a few rows a turn: where two windows still differ after they had their time."""
    for _ in range(200):
        if seen(one) == seen(other):
            break
        app.settle()
    return differing(seen(one), seen(other))


@pytest.mark.parametrize("gradual", [True, False], ids=["in turns", "at once"])
@pytest.mark.parametrize(("scheme", "contrast"), [("dark", "normal"), ("dark", "high")])
def test_another_theme_looks_like_a_fresh_start(sample: App, gradual, scheme, contrast):
    desktop, window = sample.desktop, sample.window
    for key in KEYS:
        sample.page(key)
    desktop.beforehand = gradual
    change("dark")
    rest(sample)
    change("light", contrast)
    change(scheme, contrast)
    rest(sample)
    desktop.beforehand = False
    fresh = desktop.window = MainWindow(desktop.desk)
    fresh.resize(window.size())
    fresh.bring_up()
    different = {}
    for key in KEYS:
        for one in (window, fresh):
            one.activateWindow()
            desktop.window = one
            page: Page = one.open_page(key)
            page.setFocus()
            desktop._show_status()
            sample.settle()
        if places := never_alike(sample, window, fresh):
            different[key] = places
    desktop.window = window
    fresh.hide()
    fresh.deleteLater()
    assert different == {}


def test_the_old_picture_stays_until_all_is_changed(sample: App):
    desktop, window = sample.desktop, sample.window
    page = sample.page("overview")
    desktop.beforehand = True
    before = seen(window)
    change("dark")
    assert desktop.relook.busy
    turns = 0
    while desktop.relook.busy:
        turns += 1
        QApplication.processEvents()
        if desktop.relook.busy:
            assert seen(window) == before
    assert turns > 2, "it takes several turns"
    rest(sample)
    assert QImage.pixelColor(seen(window), window.width() - 4, window.height() - 4).name() == color("ground").name()
    assert page.palette().window().color() == color("ground")


def test_two_themes_in_a_hurry(sample: App):
    desktop = sample.desktop
    sample.page("settings")
    desktop.beforehand = True
    for scheme in ("dark", "light", "dark"):
        change(scheme)
    rest(sample)
    assert theme().dark
    wrong = [
        one.text()
        for one in desktop.window.findChildren(Text)
        if one.palette().windowText().color() != color(one._tone) or one.palette().base().color() != color("card")
    ]
    assert wrong == []
    assert {one.palette().text().color().name() for one in desktop.window.findChildren(QLineEdit)} == {color("text").name()}


def test_figures_are_hidden_in_turns(sample: App):
    desktop, window = sample.desktop, sample.window
    sample.page("overview")
    desktop.beforehand = True
    shown = seen(window)
    desktop.hiding.toggle()
    assert numbers.hidden()
    rest(sample)
    assert seen(window) != shown
    desktop.beforehand = False
    fresh = desktop.window = MainWindow(desktop.desk)
    fresh.resize(window.size())
    fresh.bring_up()
    desktop._show_status()
    sample.settle()
    for one in (window, fresh):
        one.setFocus()
    assert never_alike(sample, window, fresh) == []
    desktop.window = window
    fresh.hide()
    fresh.deleteLater()
    desktop.beforehand = True
    desktop.hiding.toggle()
    rest(sample)
    sample.wait(lambda: seen(window) == shown, "it is as it was")


def test_figures_that_are_to_be_hidden_are_gone_at_once(sample: App):
    desktop, window = sample.desktop, sample.window
    for key in ("settings", "sessions"):
        sample.page(key)
    page = sample.page("overview")
    sample.settle()
    desktop.beforehand = True
    screen = window.screen()
    desktop.hiding.toggle()

    def picture() -> QImage:
        return screen.grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)

    blank = QImage(picture().size(), QImage.Format.Format_RGB32)
    blank.fill(color("ground"))
    assert desktop.relook.busy, "parts are told later"
    assert picture() == blank, "in the call itself"
    window.resize(window.width() - 40, window.height())
    turns = 0
    while desktop.relook.busy:
        QApplication.processEvents()
        turns += 1
        if desktop.relook.busy:
            assert picture() == blank.copy(0, 0, picture().width(), picture().height())
    assert turns > 1
    rest(sample)
    assert page.chart.total.text() == numbers.HIDDEN
    assert picture() != blank.copy(0, 0, picture().width(), picture().height()), "and it comes back"


def test_hiding_in_the_middle_of_another_look_leaves_nothing_to_be_seen(sample: App):
    desktop, window = sample.desktop, sample.window
    sample.page("overview")
    desktop.beforehand = True
    change("dark")
    QApplication.processEvents()
    assert desktop.relook.busy
    desktop.hiding.toggle()
    shown = window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    blank = QImage(shown.size(), QImage.Format.Format_RGB32)
    blank.fill(color("ground"))
    assert shown == blank
    rest(sample)
    assert numbers.hidden()
    assert desktop.relook._held == []


def test_a_look_asked_for_between_the_last_slice_and_its_showing_is_not_lost(sample: App) -> None:
    sample.page("overview")
    sample.desktop.beforehand = True
    relook, done = sample.desktop.relook, []

    def slow() -> Iterator[None]:
        yield
        end = time.perf_counter() + 0.01  # longer than a slice: what follows gets a turn of its own
        while time.perf_counter() < end:
            pass
        done.append("first")

    relook.begin(slow())
    while not done:
        spin(0)
    assert relook.busy, "it is not shown yet"
    relook.begin(iter(()), lambda: done.append("second"))
    rest(sample)
    assert done == ["first", "second"]
