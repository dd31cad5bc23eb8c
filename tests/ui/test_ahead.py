"""Pages that are made a part at a time, and what is made before anybody asks for it (issue 5: no call takes longer than a frame)."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from tests.ui.conftest import App
from tokenpal.ui.ahead import Ahead
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
    assert not ahead._turn.isActive()
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
