"""The keyboard after a dialog: where it was, and never in a field that takes the keys of the page as words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import App
from tokenpal.ui.theme import Theme
from tokenpal.ui.widgets.buttons import Button


def test_the_page_of_tasks_is_opened_by_a_key_ready_for_keys(sample: App) -> None:
    sample.page("overview")
    page = sample.page("tasks")
    page.take_keyboard()
    assert not isinstance(sample.window.focusWidget(), QLineEdit)


def test_it_goes_back_to_what_opened_the_dialog(sample: App) -> None:
    page = sample.page("tasks")
    button = page.findChild(QAbstractButton, "task-new")
    button.setFocus()
    button.click()
    QTest.keyClick(sample.dialog(), Qt.Key.Key_Escape)
    sample.settle()
    assert sample.window.focusWidget() is button


def test_what_had_it_is_gone_with_the_dialog(sample: App) -> None:
    page = sample.page("tasks")
    line = next(one for one in page.listing.findChildren(QAbstractButton) if one.isVisible())
    line.setFocus()
    page._new()
    dialog = sample.dialog()
    line.hide()
    line.setParent(None)
    line.deleteLater()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    sample.settle()
    has = sample.window.focusWidget()
    assert has is not None
    assert page.isAncestorOf(has)
    assert not isinstance(has, QLineEdit)


@pytest.mark.parametrize(("reason", "shown"), [(Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)])
def test_where_it_is_back_it_shows_as_before(qtbot: QtBot, look: Theme, reason: Qt.FocusReason, shown: bool) -> None:
    """From another window, and from a menu, which leaves it shown while it is open."""
    window, other = QWidget(), QDialog()
    column = QVBoxLayout(window)
    first, button = Button("First"), Button("Open")
    column.addWidget(first)
    column.addWidget(button)
    for one in (window, other):
        qtbot.addWidget(one)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(first.hasFocus)
    button.setFocus(reason)
    assert button.keyboard_focus is shown
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    assert not button.keyboard_focus
    other.close()
    window.activateWindow()
    qtbot.waitUntil(button.hasFocus)
    assert button.keyboard_focus is shown
    for kind in (QEvent.Type.FocusOut, QEvent.Type.FocusIn):  # offscreen opens no menu
        QCoreApplication.sendEvent(button, QFocusEvent(kind, Qt.FocusReason.PopupFocusReason))
        assert button.keyboard_focus is shown
    first.setFocus(reason)
    assert (button.keyboard_focus, first.keyboard_focus) == (False, shown)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    button.setFocus(Qt.FocusReason.OtherFocusReason)
    other.close()
    window.activateWindow()
    qtbot.waitUntil(button.hasFocus)
    assert not button.keyboard_focus, "no key brought it here this time"
