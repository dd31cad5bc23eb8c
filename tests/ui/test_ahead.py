"""Pages that are made a part at a time, and what is made before anybody asks for it (issue 5: no call takes longer than a frame)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tests.ui.conftest import App
from tokenpal.ui import still
from tokenpal.ui.ahead import Ahead, settled
from tokenpal.ui.glance import Glance
from tokenpal.ui.window import PAGES

KEYS = [key for key, _, _ in PAGES]


@pytest.mark.parametrize("key", KEYS)
def test_a_page_in_parts_is_the_page(empty: App, key):
    window = empty.window
    whole = window.open_page(key)
    parts = type(whole)(empty.desktop.desk, window.stack, whole=False)
    turns = 0
    while not parts.grow(0.0):
        turns += 1
    assert turns >= 1, "it has no place to stop"
    assert parts.grow(), "it has all its parts"
    kinds = [sorted(type(one).__name__ for one in page.findChildren(QWidget)) for page in (type(whole)(empty.desktop.desk, window.stack), parts)]
    assert kinds[0] == kinds[1]


def test_a_page_that_grows_is_whole_once_it_is_opened(sample: App):
    window = sample.window
    page = window.begin_page("sessions")
    assert page.grow(0.0) is False
    assert window.begin_page("sessions") is page, "it is begun once"
    assert not page.isVisible()
    assert window.open_page("sessions") is page
    sample.settle()
    assert page.list.sessions.rowCount()


def test_pages_are_made_while_the_window_is_shown(sample: App):
    window = sample.window
    ahead = Ahead(window)
    window.hide()
    window.show()
    sample.wait(lambda: not window.next_unmade() and not ahead.busy, "all pages are made")
    assert window.page_key == "overview"
    assert not any(page.isVisible() for key, page in window._pages.items() if key != "overview")
    for key in KEYS:
        assert sample.page(key).isVisible()


def test_nothing_is_made_while_nobody_looks(sample: App):
    window = sample.window
    ahead = Ahead(window)
    window.hide()
    window.show()
    window.hide()
    assert not ahead._soon.isActive()
    assert not ahead._turns.busy
    assert window.next_unmade() == "sessions"


def test_the_first_window_comes_in_turns(sample: App):
    desktop = sample.desktop
    desktop.beforehand = True
    desktop.show_window()
    assert not desktop.windows_shown(), "it is made first"
    desktop.show_window()  # once more, impatiently
    sample.wait(desktop.windows_shown, "the window opens")
    assert desktop.window.page_key == "overview"


def test_the_first_glance_comes_when_it_was_read(sample: App):
    desktop = sample.desktop
    desktop.beforehand = True
    desktop.first().glance()
    sample.wait(lambda: desktop.glance is not None and desktop.glance.isVisible(), "the glance opens")


def test_pages_that_grow_go_with_another_language(sample: App):
    window = sample.window
    growing = window.begin_page("tasks")
    growing.grow(0.0)
    window.make_pages_again()
    assert window.open_page("tasks") is not growing


def test_a_page_asked_for_before_it_was_made_comes_in_turns(sample: App):
    window = sample.window
    ahead = Ahead(window)
    shown = window.stack.currentWidget()
    assert window.open_page("tasks", keyboard=True) is None, "it comes in a moment"
    assert not shown.isVisible(), "the page before it takes no more keys"
    assert ahead.busy
    sample.wait(lambda: window.page_key == "tasks", "it comes")
    sample.settle()
    page = window.stack.currentWidget()
    assert page.isVisible()
    assert page.isAncestorOf(window.focusWidget()), "it has the keys"
    assert not ahead.busy
    assert window.open_page("tasks") is page


def test_of_two_pages_asked_for_the_last_one_is_shown(sample: App):
    window = sample.window
    Ahead(window)
    window.open_page("settings")
    window.open_page("sharing")
    sample.wait(lambda: window.page_key == "sharing", "the second one comes")
    sample.settle()
    window.open_page("settings")
    window.open_page("overview")
    sample.settle()
    assert window.page_key == "overview", "it was there already"
    window.open_page("settings")
    sample.wait(lambda: window.page_key == "settings", "the first one is made when it is asked for again")


def test_pages_come_back_in_turns_in_another_language(sample: App):
    window = sample.window
    window.open_page("check-in")
    Ahead(window)
    window.make_pages_again()
    sample.wait(lambda: window.page_key == "check-in", "the page that was shown comes back")


@pytest.mark.parametrize("key", KEYS[1:])
def test_what_is_laid_out_beforehand_is_laid_out(sample: App, key):
    window = sample.window
    page = window.begin_page(key)
    page.grow()
    for _ in settled(page):
        pass
    parts = [page, *page.findChildren(QWidget)]
    assert not [one for one in parts if one.testAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent)]
    assert not [one for one in parts if (layout := one.layout()) is not None and layout.activate()], "something was still to be placed"
    assert not page.isVisible()
    places = {one: one.geometry() for one in parts if not one.isHidden()}
    window.finish_page(key)
    window.stack.setCurrentWidget(page)
    assert {one: one.geometry() for one in places if one.isVisible()} == {one: place for one, place in places.items() if one.isVisible()}, "nothing moves"


def test_a_glance_in_parts_is_the_glance(sample: App):
    made = [Glance(sample.desktop.desk), Glance(sample.desktop.desk, whole=False)]
    steps = sum(1 for _ in made[1].parts())
    assert steps >= 5, "it has no place to stop"
    figures = sample.wait(lambda: sample.desktop.standing.figures, "the figures of the tray")
    for one in made:
        one.set_glance(figures)
    kinds = [[(type(part).__name__, part.geometry(), part.isHidden()) for part in one.findChildren(QWidget)] for one in made]
    assert kinds[0] == kinds[1]
    for one in made:
        one.deleteLater()


def test_the_window_is_opened_when_it_was_asked_for_while_the_glance_is_made(sample: App):
    desktop = sample.desktop
    desktop.beforehand = True
    desktop.toggle_glance()
    desktop.show_window()
    sample.wait(desktop.windows_shown, "the window opens")


def test_a_page_comes_with_its_figures(sample: App):
    window = sample.window
    sample.desktop.beforehand = True
    page = window.open_page("tasks")
    held = still.of(window)
    assert held.busy
    number = sample.desktop.bridge.newest
    assert not sample.desktop.bridge.answered(number)
    sample.wait(lambda: not held.busy, "it is shown")
    assert sample.desktop.bridge.answered(number)
    assert page.isVisible()


def test_a_page_that_is_left_before_it_has_its_figures_holds_nothing(sample: App):
    window = sample.window
    sample.desktop.beforehand = True
    overview = window.stack.currentWidget()
    window.open_page("tasks")
    window.open_page("overview")
    sample.wait(lambda: not still.of(window).busy, "the other page is shown")
    assert overview.isVisible()


def test_a_page_can_be_the_first_thing_that_is_opened(sample: App):
    desktop = sample.desktop
    desktop.beforehand = True
    done = []
    desktop.go("settings", "data", lambda: done.append(desktop.windows_shown()))
    assert not desktop.windows_shown()
    sample.wait(lambda: desktop.window is not None and desktop.window.page_key == "settings", "the page opens")
    assert done == [True]
    desktop.window.hide()
    desktop.go("sharing")
    desktop.show_window()  # the tray's icon as well
    sample.wait(lambda: desktop.window.page_key == "sharing", "what was asked for comes, not the page before")
    assert desktop.windows_shown()
