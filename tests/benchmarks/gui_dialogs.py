"""Every dialog and popup of the window as a hand opens it, for the row ``gui``: what its first showing costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.ui import sharing_samples
from tests.ui.sharing_desk import sample_desk
from tokenpal.engine import prices
from tokenpal.insight.away import Break
from tokenpal.model.events import Notable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.gui_calls import Driver

Key = Qt.Key
RATES = 60
NAMES = 80  # of timers in a journal
NOTICES = 12


def dialog(driver: Driver, page: str, name: str, opened: Callable[[], object]) -> None:
    """Open it once, as a person does for the first time, and leave it."""
    driver.measure(page, f"{name}: dialog", lambda _: opened())
    left(driver)


def left(driver: Driver) -> None:
    """Nothing stands before the window any more."""
    for _ in range(4):
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        driver.close_dialog()
        driver.settle()


def menu(driver: Driver, page: str, name: str, opened: Callable[[], object]) -> None:
    """The same of a menu."""
    driver.measure(page, f"{name}: menu", lambda _: opened())
    left(driver)


def overview(driver: Driver) -> None:
    page = driver.desktop.window.open_page("overview")
    driver.settle()
    dialog(driver, "overview", "range of days", page._ask_for_days)
    dialog(driver, "overview", "budgets", page.open_budgets)
    if page.insights.lines:
        first = page.insights.lines[0].insight
        dialog(driver, "overview", "arithmetic of an insight", lambda: page.insights._explain(first))
    dialog(driver, "overview", "another model's price", page.insights.compare)
    menu(driver, "overview", "take the chart away", page._export)


def sessions(driver: Driver) -> None:
    page = driver.desktop.window.open_page("sessions")
    driver.settle()
    page.list.setFocus()
    page.list.choose_place(3)
    page.open_session()
    driver.settle()
    menu(driver, "sessions", "what can be done with a session", lambda: page._row_menu(page.mapToGlobal(page.rect().center())))
    menu(driver, "sessions", "more", page._open_more)
    row, cuts = page.detail.row, page.detail.timeline.cuts
    at = cuts.at_of(cuts.places()[0])
    dialog(driver, "sessions", "split", lambda: page.edits.ask_split(row, cuts, at))
    page._tag_many(("arena",), ())
    driver.settle()
    dialog(driver, "sessions", "last edits", page.edits.show_past)
    page.filters.ask()
    driver.settle()
    for part in page.filters.menu.findChildren(QMenu):
        if part.menuAction().text() == "Project":
            every = part.actions()[-1]
            page.filters.menu.close()
            dialog(driver, "sessions", "filter by one of many projects", every.trigger)
            break
    page.list.setFocus()
    page.list.selectAll()
    driver.settle()
    dialog(driver, "sessions", "are you sure", lambda: QTest.keyClick(page.list, Key.Key_E))
    page.list.choose_place(3)
    driver.settle()


def tasks(driver: Driver) -> None:
    page = driver.desktop.window.open_page("tasks")
    driver.settle()
    dialog(driver, "tasks", "change a task", lambda: page._edit(4))
    menu(driver, "tasks", "what can be done with a task", lambda: page._menu(4, page.as_table))
    page.menu_of(4)
    dialog(driver, "tasks", "merge", page._menu_merge)
    dialog(driver, "tasks", "delete", page._menu_delete)
    dialog(driver, "tasks", "budgets of a task", page._menu_budgets)
    dialog(driver, "tasks", "tickets", page.set_up_trackers)
    dialog(driver, "tasks", "work on a task", driver.desktop.working.choose)
    now = driver.engine.now()
    dialog(driver, "tasks", "you were away", lambda: driver.desktop.working.was_away(Break(now - 3600, now - 600)))
    driver.desktop.working._answered()


def checkin(driver: Driver) -> None:
    page = driver.desktop.window.open_page("check-in")
    driver.settle()
    dialog(driver, "check-in", "templates", lambda: page._more_chosen("templates", ""))
    dialog(driver, "check-in", "publish a learning", lambda: page._publish("learned"))


def sharing(driver: Driver) -> None:
    page = driver.desktop.window.open_page("sharing")
    driver.settle()
    dialog(driver, "sharing", "paste an invitation", page.paste)
    real, view = page.desk, page.view
    try:
        page.desk, page.view = sample_desk(real, sharing_samples.SHARING), sharing_samples.SHARING
        for name, opened in (("start", page._start), ("leave", page._leave), ("invite", page._invite), ("what was sent", lambda: page._show_entry(1)), ("verify", page._verify)):
            dialog(driver, "sharing", name, opened)
    finally:
        page.desk, page.view = real, view


def accounts(driver: Driver) -> None:
    page = driver.desktop.window.open_page("accounts")
    driver.settle()
    page.list.setCurrentRow(1)
    driver.settle()
    dialog(driver, "accounts", "another key", page._new_key)
    dialog(driver, "accounts", "options", page._options)
    dialog(driver, "accounts", "remove", page._remove)
    dialog(driver, "accounts", "status line", page._status_line)


def settings(driver: Driver) -> None:
    page = driver.desktop.window.open_page("settings")
    driver.settle()
    folder = driver.options.profile.parent
    journal = folder / "timewarrior.json"
    journal.write_text("[" + ",".join(_interval(number) for number in range(NAMES * 2)) + "]")
    usage = folder / "usage.jsonl"
    usage.write_text("\n".join(f'{{"at": "2026-11-20T10:{number:02d}:00Z", "model": "claude-opus-5", "input_tokens": 1200, "output_tokens": 300}}' for number in range(50)))
    for day in range(RATES):
        driver.engine.ask(prices.set_exchange_rate, "EUR", "1.08", driver.desktop.desk.today() - timedelta(days=day)).result()
    driver.settle()
    dialog(driver, "settings", "import: a journal", lambda: page.data.import_file(str(journal)))
    dialog(driver, "settings", "import: usage", lambda: page.data.import_file(str(usage)))
    dialog(driver, "settings", "exchange rates", page.data._rates)
    dialog(driver, "settings", "today's prices", page.data._reprice)
    dialog(driver, "settings", "delete everything", page.data._delete)
    dialog(driver, "settings", "licences", page._about._show_licences)
    dialog(driver, "settings", "back up", page.data._back_up)


def _interval(number: int) -> str:
    day = number % 28 + 1
    return f'{{"id": {number}, "start": "202601{day:02d}T080000Z", "end": "202601{day:02d}T{9 + number % 8:02d}0000Z", "tags": ["arena {number % NAMES}"]}}'


def anywhere(driver: Driver) -> None:
    shown = driver.desktop.window
    shown.open_page("overview")
    driver.settle()
    dialog(driver, "anywhere", "help", shown.show_help)
    driver.measure("anywhere", "help, closed and opened again", lambda _: shown.show_help())
    help_ = driver.dialog()
    if help_ is not None:
        driver.measure("anywhere", "help: another subject", lambda n: help_.list.setCurrentRow(n + 1), help_.list.count() - 1)
        driver.measure("anywhere", "help: search, key by key", lambda n: QTest.keyClick(help_.search, "tokens"[n]), 6, pause=0.15)
        help_.search.clear()
    left(driver)
    for number in range(NOTICES):
        words = "The session is still running, and has used more than most of yours."
        driver.desktop.telling.voice.tell(Notable("burn" if number % 3 == 0 else "limits", f"bench:{number}", f"Account {number}: 5 hours is 8{number} % used", words, "accounts"))
    driver.settle()
    driver.measure("anywhere", "notices: list", lambda _: shown.notices_asked.emit())
    opened: Any = driver.desktop.telling._list
    if isinstance(opened, QWidget):
        opened.close()
    driver.desktop.telling.notices.clear()
    driver.settle()


def every(driver: Driver) -> None:
    """All of them, page by page."""
    for part in (overview, sessions, tasks, checkin, sharing, accounts, settings, anywhere):
        part(driver)
