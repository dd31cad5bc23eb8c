"""Menus, and the Overview as a person leaves it: for ``tests.shots``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDateEdit

from tokenpal.translation import tr

SCENES = (
    "menu-export", "menu-filter", "menu-sessions", "menu-session", "menu-task", "menu-check-in", "menu-tray", "menu-choice", "menu-calendar",
    "overview-table", "overview-today", "overview-label", "overview-cost", "overview-months", "overview-hover",
)  # fmt: skip


def picture(desktop: Any, window: Any, name: str, settle: Callable[[], None]) -> Any:
    """The menu alone, or the window."""
    page = window.open_page({"menu-filter": "sessions", "menu-sessions": "sessions", "menu-session": "sessions", "menu-task": "tasks", "menu-check-in": "check-in"}.get(name, "overview"))
    settle()
    if name.startswith("menu-"):
        return _menu(desktop, window, page, name.removeprefix("menu-"), settle)
    undo = _overview(page, name.removeprefix("overview-"))
    settle()
    settle()
    shown = window.grab()
    undo()
    settle()
    return shown


def _menu(desktop: Any, window: Any, page: Any, name: str, settle: Callable[[], None]) -> Any:
    dialog: Any = None
    match name:
        case "export":
            page._export_button.click()
        case "filter":
            next(one for one in page.findChildren(QAbstractButton) if one.text() == tr("Filter") and one.isVisible()).click()
        case "sessions":
            page._open_more()
        case "session":
            page._row_menu(QPoint(300, 300))
        case "task":
            row = next(row for row in page._rows if row.task is not None)
            next(one for one in page.findChildren(QAbstractButton) if one.accessibleName() == tr("More for {task}", task=row.task.name)).click()
        case "check-in":
            page.findChild(QAbstractButton, "checkin-more").click()
        case "tray":
            desktop.side.fill()
            menu = desktop.tray.menu
            settle()
            menu.popup(QPoint(40, 40))
        case "choice":
            page._by.showPopup()
        case "calendar":
            from tokenpal.ui.dialogs.range import RangeDialog

            today = desktop.desk.today()
            dialog = RangeDialog(today, today, today, window)
            dialog.open()
            settle()
            edit = dialog.findChild(QDateEdit)
            QTest.mouseClick(edit, Qt.MouseButton.LeftButton, pos=QPoint(edit.width() - 12, edit.height() // 2))
    settle()
    popup = QApplication.activePopupWidget()
    shown = (popup or window).grab()
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    if dialog is not None:
        dialog.close()
    settle()
    return shown


def _overview(page: Any, name: str) -> Callable[[], object]:
    if name == "table":
        page.chart.panel.toggle_table()
        return page.chart.panel.toggle_table
    if name == "hover":
        chart = page.chart.panel.chart
        QTest.mouseMove(chart, QPoint(round(chart.width() * 0.86), chart.height() // 2))
        return lambda: QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    combo, key = {"today": (page._range, "1"), "label": (page._by, "label"), "cost": (page._measure, "list price"), "months": (page._range, "365")}[name]
    before = combo.key()
    _choose(page, combo, key)
    return lambda: _choose(page, combo, before)


def _choose(page: Any, combo: Any, key: str) -> None:
    combo.choose(key)
    page._range_chosen(key) if combo is page._range else page._choice_made("")
