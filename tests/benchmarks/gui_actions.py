"""What a person does on every page, for the row ``gui``: each action a name and the calls that a hand would cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.benchmarks import gui_dialogs
from tokenpal.ui.page import EVERYTHING, TIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.gui_calls import Driver

Key = Qt.Key
ROUNDS = 3
WORDS = "retry loop"
PAGES = ("overview", "sessions", "tasks", "check-in", "sharing", "accounts", "settings")


def window(driver: Driver) -> None:
    """The first time anything is shown."""
    desktop = driver.desktop
    driver.measure("glance", "open, the first time", lambda _: desktop.toggle_glance(), pause=1.0)
    driver.measure("glance", "close and open again", lambda _: desktop.toggle_glance(), 4, ROUNDS)
    desktop.glance.hide()
    driver.measure("window", "open, the first time", lambda _: desktop.show_window(), pause=1.5)
    desktop.window.resize(1320, 934)
    driver.measure("window", "what is made beforehand", lambda _: None, pause=8.0)
    for key in PAGES[1:]:
        driver.measure(key, "open, the first time", lambda _, key=key: desktop.window.open_page(key))
        driver.rest(0.5)
    driver.measure("window", "all pages made anew, as for another language", lambda _: desktop.window.make_pages_again(), pause=1.0)
    for key in PAGES:
        driver.measure(key, "open before it was made", lambda _, key=key: desktop.window.open_page(key), pause=1.0)


def begin(driver: Driver, key: str) -> Any:
    """A page again, and when data changed."""
    shown = driver.desktop.window
    other = "settings" if key != "settings" else "sharing"
    page = shown.open_page(key)
    driver.settle()

    def again(number: int) -> None:
        shown.open_page(other if number % 2 == 0 else key)

    shown.open_page(other)
    driver.settle()
    shown.open_page(key)
    driver.settle()
    driver.measure(key, "open again", again, 4, ROUNDS)
    driver.measure(key, "everything changed", lambda _: page.refresh(EVERYTHING), 1, ROUNDS)
    driver.measure(key, "a minute passes", lambda _: page.refresh(TIME), 1, ROUNDS)
    return page


def scroll(driver: Driver, key: str, area: Any) -> None:
    bar = area.verticalScrollBar()
    driver.measure(key, "scroll from end to end", lambda n: bar.setValue(bar.maximum() * n // 40), 41, ROUNDS)
    bar.setValue(0)


def typed(driver: Driver, key: str, action: str, field: Any, words: str = WORDS) -> None:
    """A key stroke at a time, with the pause of a hand, so that what they bring about is in it."""
    field.setFocus()

    def empty() -> None:
        field.clear()
        driver.settle()

    driver.measure(key, action, lambda number: QTest.keyClick(field, words[number]), len(words), ROUNDS, before=empty, pause=0.15)
    empty()


def overview(driver: Driver) -> None:
    page = begin(driver, "overview")
    chart = page.chart.panel.chart

    def at(part: float) -> QPoint:
        return QPoint(int(chart.width() * (0.1 + 0.85 * part)), chart.height() // 2)

    def hover(number: int) -> None:
        QTest.mouseMove(chart, at(number / 60))

    def drag(number: int) -> None:
        if number == 0:
            QTest.mousePress(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(0.2))
        elif number == 20:
            QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(0.6))
        else:
            QTest.mouseMove(chart, at(0.2 + number / 50))

    def ranged(key: str) -> Callable[[int], None]:
        def act(_: int) -> None:
            page._range.choose(key)
            page._range_chosen(key)

        return act

    def chosen(combo: Any, *keys: str) -> Callable[[int], None]:
        def act(number: int) -> None:
            combo.choose(keys[number])
            page._choice_made(keys[number])

        return act

    driver.measure("overview", "hover over the chart", hover, 60, ROUNDS)
    driver.measure("overview", "drag over the chart", drag, 21, ROUNDS)
    driver.measure("overview", "zoom in", lambda _: page.chart._zoom())
    driver.measure("overview", "zoom back", lambda _: page.zoom_back())
    driver.measure("overview", "range: 12 months", ranged("365"), 1, ROUNDS)
    driver.measure("overview", "group by model, project, branch", chosen(page._by, "model", "project", "branch", "task"), 4, ROUNDS)
    driver.measure("overview", "range: all, ten years", ranged("all"), 1, ROUNDS)
    driver.measure("overview", "hover, ten years", hover, 60, ROUNDS)
    driver.measure("overview", "show as table", lambda _: page.flip())
    scroll(driver, "overview", page.chart.panel.table)
    driver.measure("overview", "show as chart", lambda _: page.flip())
    driver.measure("overview", "range: 30 days", ranged("30"), 1, ROUNDS)


def sessions(driver: Driver) -> None:
    page = begin(driver, "sessions")
    listed, bar = page.list, page.list.verticalScrollBar()
    for action, act, times, rounds in (
        ("scroll", lambda _: bar.setValue(bar.value() + 54), 60, ROUNDS),
        ("drag from end to end", lambda n: bar.setValue(bar.maximum() * n // 50), 51, ROUNDS),
        ("jump to the end", lambda _: QTest.keyClick(listed, Key.Key_End), 1, ROUNDS),
        ("jump to the start", lambda _: QTest.keyClick(listed, Key.Key_Home), 1, ROUNDS),
        ("walk down", lambda _: QTest.keyClick(listed, Key.Key_Down), 20, ROUNDS),
        ("label", lambda _: QTest.keyClick(listed, Key.Key_E), 3, ROUNDS),
        ("choose all", lambda _: listed.selectAll(), 1, ROUNDS),
        ("choose one again", lambda _: listed.choose_place(5), 1, ROUNDS),
        ("filter by label", lambda _: page.filters._choose_label("waste"), 1, 1),
        ("clear the filter", lambda _: page.filters.clear(), 1, 1),
    ):  # fmt: skip
        driver.measure("sessions", action, act, times, rounds)
    typed(driver, "sessions", "search, key by key", page.search, "retry")
    listed.setFocus()
    listed.choose_place(3)
    driver.settle()
    driver.measure("sessions", "show filters", lambda _: page.filters.ask())
    driver.measure("sessions", "choose a task", lambda _: page.pick_task())
    driver.close_dialog()
    driver.measure("sessions", "one after the other", lambda _: page.begin_run())
    driver.measure("sessions", "label there", lambda _: QTest.keyClick(page, Key.Key_D), 5)
    page.end_run()
    driver.settle()


def tasks(driver: Driver) -> None:
    page = begin(driver, "tasks")
    scroll(driver, "tasks", page.scroller)
    typed(driver, "tasks", "filter, key by key", page.filter, "task 12")
    driver.measure("tasks", "sort", lambda n: (page.sort.choose(("name", "use")[n]), page._sorted(("name", "use")[n])), 2, ROUNDS)
    driver.measure("tasks", "range: all, ten years", lambda _: page._range_chosen("all"))
    driver.measure("tasks", "show as table and back", lambda _: page.as_table.toggle(), 2, ROUNDS)
    typed(driver, "tasks", "rule preview, key by key", page.rules.pattern, "feature/PAY-1*")
    driver.measure("tasks", "start the timer", lambda _: page._timer(3, True))
    driver.measure("tasks", "new task: dialog", lambda _: page._new())
    driver.close_dialog()
    driver.settle()


def checkin(driver: Driver) -> None:
    page = begin(driver, "check-in")
    typed(driver, "check-in", "write, key by key", page.fields["tried"].area)
    driver.measure("check-in", "the week before", lambda _: page._step(-1), 3, ROUNDS)

    def tab(key: str) -> Callable[[int], None]:
        def act(_: int) -> None:
            page._tabs.choose(key)
            page._show_tab(key)

        return act

    driver.measure("check-in", "look back", tab("back"))
    scroll(driver, "check-in", page.back._scroll)
    typed(driver, "check-in", "look back: search, key by key", page.back.search, "parser")
    driver.measure("check-in", "look back: older", lambda _: page.back._go_older())
    driver.measure("check-in", "this week", tab("week"))


def sharing(driver: Driver) -> None:
    page = begin(driver, "sharing")
    scroll(driver, "sharing", page._scroll)


def accounts(driver: Driver) -> None:
    page = begin(driver, "accounts")
    driver.measure("accounts", "walk down", lambda n: page.list.setCurrentRow(n % page.list.count()), 5, ROUNDS)
    scroll(driver, "accounts", page._scroll)
    driver.measure("accounts", "add an account: dialog", lambda _: page.add())
    driver.close_dialog()
    driver.settle()


def settings(driver: Driver) -> None:
    page = begin(driver, "settings")
    scroll(driver, "settings", page._scroll)
    typed(driver, "settings", "search, key by key", page.search, "theme")


def elsewhere(driver: Driver) -> None:
    desktop, shown = driver.desktop, driver.desktop.window
    shown.open_page("overview")
    driver.settle()
    driver.measure("anywhere", "find: dialog", lambda _: shown.search())
    if (dialog := driver.dialog()) is not None:
        typed(driver, "anywhere", "find, key by key", dialog.search, "retry")
        dialog.reject()
    driver.measure("anywhere", "sheet of keys", lambda _: shown.show_keys())
    driver.close_dialog()
    driver.measure("anywhere", "hide the numbers and show them", lambda _: desktop.hiding.toggle(), 2, ROUNDS)
    driver.measure("anywhere", "resize the window", lambda n: shown.resize(1320 - 10 * (n % 8), 934), 8, ROUNDS)
    driver.measure("anywhere", "a message and its way back", lambda _: shown.say("Labelled.", True), 1, ROUNDS)
    driver.measure("anywhere", "the minute passes", lambda _: desktop._minute_passed(), 1, ROUNDS)
    driver.measure("anywhere", "collect what is not used", lambda _: desktop.collector._collect_small(), 1, ROUNDS)
    driver.measure("tray", "fill the menu", lambda _: desktop.side.fill(), 1, ROUNDS)
    driver.measure("tray", "figures changed", lambda _: desktop._show_status(), 1, ROUNDS)
    driver.measure("anywhere", "another theme", lambda _: _theme(driver), 1, ROUNDS)


def _theme(driver: Driver) -> None:
    now = driver.settings.get("appearance.theme")
    driver.settings.set("appearance.theme", "light" if now == "dark" else "dark")
    driver.desktop.settings_changed("appearance.theme")


ROOMS: dict[str, Callable[[Driver], None]] = {
    "window": window, "overview": overview, "sessions": sessions, "tasks": tasks, "check-in": checkin, "sharing": sharing, "accounts": accounts,
    "settings": settings, "anywhere": elsewhere, "dialogs": gui_dialogs.every,
}  # fmt: skip
