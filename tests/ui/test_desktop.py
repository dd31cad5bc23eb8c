"""The app around the pages: tray and its menu, glance, settings, sharing, closing, and what is left of it in memory."""

from __future__ import annotations

import ast
import gc
import tomllib
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMenu
from shiboken6 import isValid

import tokenpal
from tests.ui.conftest import App, spin
from tokenpal.engine import commands, queries
from tokenpal.model.events import AccountHealth, AccountState, EngineProblem, Paused, ScanProgress
from tokenpal.settings import SETTINGS
from tokenpal.ui import desktop as desktops
from tokenpal.ui.status import NearLimit, Status, picture
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.tray import Tray
from tokenpal.ui.voice import Voice
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.switch import Switch
from tokenpal.ui.window import PAGES

UI = Path(tokenpal.__file__).parent / "ui"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=BERLIN)


# ---------------------------------------------------------------------------------------------- the tray


STATES: list[tuple[Status, str, str]] = [
    (Status(), "idle", "No use recorded yet today"),
    (Status(today="Today 1.24 M tokens"), "idle", "Today 1.24 M tokens"),
    (Status(to_label=2, today="x"), "to-label", "2 sessions to label"),
    (Status(to_label=1), "to-label", "1 session to label"),
    (Status(reading=(462, 655), to_label=2), "reading", "Reading 462 of 655 files"),
    (Status(near_limit=NearLimit("Claude week", 88.0, NOW + timedelta(days=2)), reading=(1, 2)), "near-limit", "Claude week 88 % used, resets Sun 14:00"),
    (Status(near_limit=NearLimit("Claude week", 100.0, None)), "near-limit", "Claude week 100 % used"),
    (Status(paused=True, paused_until=NOW + timedelta(hours=1), near_limit=NearLimit("x", 99, None)), "paused", "Paused until 15:00"),
    (Status(paused=True), "paused", "Paused"),
    (Status(problem="OpenAI refused the key", paused=True, to_label=3), "problem", "OpenAI refused the key"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "state", "words"), STATES, ids=[words for _, _, words in STATES])
def test_the_first_thing_that_holds_is_shown(status: Status, state: str, words: str) -> None:
    shown, line = picture(status, NOW)
    assert shown == state
    assert line.replace("\u202f", " ").replace("\u00a0", " ") == words


def actions(menu: QMenu) -> dict[str, QAction]:
    """All entries by object name, those of sub-menus too."""
    found: dict[str, QAction] = {}
    for action in menu.actions():
        if action.objectName():
            found[action.objectName()] = action
        below = action.menu()
        if isinstance(below, QMenu):
            found |= actions(below)
    return found


@pytest.fixture
def menu(sample: App) -> Callable[[], dict[str, QAction]]:
    def filled() -> dict[str, QAction]:
        sample.settle()
        sample.desktop.tray.menu.aboutToShow.emit()
        return actions(sample.desktop.tray.menu)

    sample.desktop.standing.ask()
    return filled


def test_the_menu_is_one_menu_with_open_first(sample: App, menu: Callable[[], dict[str, QAction]]) -> None:
    first = menu()
    kept = sample.desktop.tray.menu
    assert next(iter(first)) == "open"
    assert sample.desktop.tray.icon.contextMenu() is kept
    assert {"glance", "today", "refresh", "pause", "sharing", "settings", "quit", "work", "label", "limits"} <= set(first)
    assert not first["today"].isEnabled()
    assert first["today"].text().startswith("Today ")
    assert first["limit-0"].text().startswith("Codex week: 88")
    assert menu().keys() == first.keys()
    assert sample.desktop.tray.menu is kept


def test_the_menu_does_what_it_says(sample: App, menu: Callable[[], dict[str, QAction]]) -> None:
    task = sample.ask(queries.recent_tasks)[0]
    menu()[f"work-{task.id}"].trigger()
    sample.wait(lambda: (running := sample.ask(queries.today, "UTC").running) and running.task == task.id, "the timer runs")
    sample.wait(lambda: "work-stop" in menu(), "it can be stopped")
    assert menu()[f"work-{task.id}"].isChecked()
    menu()["work-stop"].trigger()
    sample.wait(lambda: sample.ask(queries.today, "UTC").running is None, "stopped")
    last = sample.ask(queries.sessions_to_label, "Europe/Berlin")[0]
    menu()["label-waste"].trigger()
    sample.wait(lambda: sample.ask(queries.session, last.id).label == "waste", "labelled")
    menu()["settings"].trigger()
    sample.settle()
    assert sample.window.page_key == "settings"
    menu()["sharing"].trigger()
    assert sample.window.page_key == "sharing"
    menu()["open"].trigger()
    assert sample.window.isVisible()
    menu()["glance"].trigger()
    assert sample.desktop.glance is not None
    assert sample.desktop.glance.isVisible()


def test_pause_and_resume_from_the_menu(sample: App, menu: Callable[[], dict[str, QAction]]) -> None:
    menu()["pause-4"].trigger()
    sample.wait(lambda: sample.desktop.standing.paused, "paused")
    sample.wait(lambda: "resume" in menu(), "the menu offers to go on")
    menu()["resume"].trigger()
    sample.wait(lambda: not sample.desktop.standing.paused, "goes on")


def test_the_icon_follows_what_happens(empty: App) -> None:
    empty.settle()
    tray = empty.desktop.tray
    assert tray._state == "idle"
    empty.desktop.bridge.happened.emit(ScanProgress("codex", 1, 9))
    assert tray._state == "idle", "a short scan is not worth a sign"
    empty.desktop.standing._scan_since -= 3
    empty.desktop.bridge.happened.emit(ScanProgress("codex", 2, 9))
    assert tray._state == "reading"
    assert tray._steps.isActive()
    empty.desktop.bridge.happened.emit(Paused(empty.engine.now() + 600))
    assert tray._state == "paused"
    assert not tray._steps.isActive(), "nothing moves without a reason"
    empty.desktop.bridge.happened.emit(Paused(None))
    empty.desktop.bridge.happened.emit(ScanProgress("codex", 9, 9, finished=True))
    assert tray._state == "idle"


def test_a_problem_of_the_engine_is_told_in_the_window_and_outside(sample: App, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(Voice, "_send", lambda self, title, body, key="": sent.append((title, body)))
    sample.page("overview")
    assert sent == [("Anthropic does not accept the key any more.", "Make a new admin key and enter it.")], "never told before"
    sent.clear()
    sample.desktop.standing.ask()
    sample.settle()
    assert sent == [], "once"
    sample.desktop.bridge.happened.emit(EngineProblem("The disk is full", "Nothing more can be kept.", "Make room."))
    assert sample.window.banner.sentence.text() == "The disk is full"
    assert sent == [("The disk is full", "Nothing more can be kept. Make room.")]
    sample.settings.set("notifications.problems", False)
    sample.desktop.bridge.happened.emit(AccountHealth(1, AccountState.KEY_REFUSED, "OpenAI refused the key.", "Enter a new one."))
    assert len(sent) == 1
    sample.settle()


# ---------------------------------------------------------------------------------------------- closing


def test_where_tokenpal_goes_is_said_once(sample: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tray, "available", property(lambda _: True))
    sent: list[str] = []

    def send(voice: Voice, title: str, _body: str, key: str = "") -> None:
        if key:  # a notice, which is another thing
            return
        sent.append(title)
        voice._sent(len(sent) > 1)  # the first time there is no notification daemon

    monkeypatch.setattr(Voice, "_send", send)
    quit_: list[int] = []
    sample.desktop.quitting.connect(lambda: quit_.append(1))
    for _ in range(4):
        window = sample.desktop.open()
        window.close()
        assert not window.isVisible()
    assert sent == ["tokenpal goes on in the tray"] * 2, "until it was really said"
    assert quit_ == []


def test_without_a_tray_the_window_says_so_once_and_closing_it_ends_tokenpal(sample: App, make_app: Callable[..., App]) -> None:
    sample.page("overview")
    assert sample.window.notice.isVisible()
    assert "no tray" in sample.window.notice.sentence.text()
    quit_: list[int] = []
    sample.desktop.quitting.connect(lambda: quit_.append(1))
    sample.window.close()
    assert quit_ == [1]
    sample.end()
    again = make_app(sample.folder)
    again.page("overview")
    assert not again.window.notice.isVisible()


def test_the_window_comes_back_where_it_was(sample: App, make_app: Callable[..., App]) -> None:
    sample.page("overview")
    sample.window.resize(900, 700)
    sample.window.close()
    sample.end()
    again = make_app(sample.folder)
    again.page("overview")
    assert (again.window.width(), again.window.height()) == (900, 700)  # offscreen has a screen of 800 x 800


# ---------------------------------------------------------------------------------------------- glance


def test_the_glance_labels_with_a_key_and_closes_with_esc(sample: App) -> None:
    sample.desktop.toggle_glance()
    sample.settle()
    glance = sample.desktop.glance
    assert glance is not None
    glance.setProperty("keep", True)
    first = glance._cards[0].row
    assert first is not None
    assert glance.width() == 420
    for button in glance.findChildren(QAbstractButton):
        assert button.width() >= button.sizeHint().width() or not button.isVisible(), "no word is cut"
    QTest.keyClick(glance, Qt.Key.Key_D)
    sample.wait(lambda: sample.ask(queries.session, first.id).label == "delivered", "labelled")
    sample.wait(lambda: glance._cards[0].row.id != first.id, "the next one is asked")
    QTest.keyClick(glance, Qt.Key.Key_Z)
    sample.wait(lambda: sample.ask(queries.session, first.id).label == "", "undone")
    QTest.keyClick(glance, Qt.Key.Key_Space)
    assert glance._cards[1].chosen
    task = sample.ask(queries.recent_tasks)[0]
    sample.ask(commands.start_timer, task.id)
    sample.wait(lambda: glance._stop.isVisible(), "the running task")
    glance._stop.click()
    sample.wait(lambda: not glance._stop.isVisible(), "stopped")
    QTest.keyClick(glance, Qt.Key.Key_Escape)
    assert not glance.isVisible()
    assert not glance._second.isActive(), "a hidden glance ticks no more"
    sample.settle()


# ---------------------------------------------------------------------------------------------- settings, sharing


def test_the_settings_page_writes_the_file_and_shows_all_of_the_table(sample: App) -> None:
    page = sample.page("settings")
    for setting in SETTINGS:
        assert (page.findChild(object, setting.key) is not None) is not setting.hidden, setting.key
    page.findChild(Switch, "notifications.quiet").click()
    page.findChild(LineEdit, "notifications.quiet_from").setText("21:30")
    page.findChild(LineEdit, "notifications.quiet_from").editingFinished.emit()
    kept = tomllib.loads((sample.folder / "settings.toml").read_text("utf-8"))
    assert kept["notifications"] == {"quiet": True, "quiet_from": "21:30"}


def test_a_value_that_does_not_fit_is_told_and_given_back(sample: App) -> None:
    page = sample.page("settings")
    zone = page.findChild(LineEdit, "general.zone")
    before = zone.text()
    zone.setText("Mars/Olympus")
    zone.editingFinished.emit()
    assert zone.text() == before
    assert "Europe/Berlin" in sample.window.banner.consequence.text()
    assert sample.settings.get("general.zone") == before
    for wanted in ("UTC", "Asia/Kathmandu", "UTC"):
        zone.setText(wanted)
        zone.editingFinished.emit()
        assert sample.settings.get("general.zone") == wanted
    sample.settle()


def test_deleting_everything_asks_first(sample: App) -> None:
    page = sample.page("settings")
    page.findChild(QAbstractButton, "data-delete").click()
    dialog = sample.dialog()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not sample.desktop.delete_at_end, "Return takes the safe answer"
    page.findChild(QAbstractButton, "data-delete").click()
    sample.dialog().findChild(QAbstractButton, "answer-delete").click()
    assert sample.desktop.delete_at_end


# ---------------------------------------------------------------------------------------------- the rules of the house


def modules() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text("utf-8"))) for path in sorted(UI.rglob("*.py"))]


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name]


def test_the_gui_thread_never_waits_for_an_answer() -> None:
    waiting = {f"{path.relative_to(UI)}:{call.lineno}" for path, tree in modules() for call in calls(tree, "result")}
    assert {where.partition(":")[0] for where in waiting} <= {"bridge.py"}, "only the callback of a future that is done may ask it"
    assert not [1 for path, tree in modules() for call in calls(tree, "sleep")]


def test_no_connection_keeps_an_object_alive_by_a_lambda() -> None:
    found = [
        f"{path.relative_to(UI)}:{call.lineno}"
        for path, tree in modules() for call in calls(tree, "connect") for argument in call.args if isinstance(argument, ast.Lambda)
    ]  # fmt: skip
    assert found == []


def test_no_file_grows_too_long() -> None:
    assert [path.name for path in UI.rglob("*.py") if len(path.read_text("utf-8").splitlines()) > 400] == []


# ---------------------------------------------------------------------------------------------- memory


def test_pages_that_are_made_again_are_collected(sample: App) -> None:
    old = [weakref.ref(sample.page(key)) for key, _, _ in PAGES]
    sample.settings.set("appearance.text_size", 115)
    sample.desktop.settings_changed("appearance.text_size")
    sample.settle()
    spin(50)
    gc.unfreeze()  # what was too much to look through while the window is shown (``ui.collector``)
    gc.collect()
    left = [page().title for page in old if page() is not None and isValid(page())]
    assert left == [], "deleted by Qt"
    held = [type(page()).__name__ for page in old if page() is not None]
    assert held == [], "and by Python"


def test_a_window_that_is_thrown_away_is_collected(make_app: Callable[..., App], sample_profile: Path) -> None:
    app = make_app(sample_profile)
    for key, _, _ in PAGES:
        app.page(key)
    app.desktop.toggle_glance()
    app.settle()
    window, glance = weakref.ref(app.desktop.window), weakref.ref(app.desktop.glance)
    app.end()
    spin(50)
    app.desktop.window = app.desktop.glance = None
    del app
    gc.collect()
    assert window() is None or not isValid(window())
    assert glance() is None or not isValid(glance())


def test_many_changes_at_once_are_one_refresh(qapp: Any) -> None:
    class Heard(Throttle):
        pass

    seen: list[frozenset[str]] = []
    throttle = Heard(seen.append, qapp, 30)
    for name in "abcabc":
        throttle.call(frozenset({name}))
    assert seen == [frozenset("a")], "the first at once"
    spin(80)
    assert seen == [frozenset("a"), frozenset("abc")]
    spin(80)
    assert not throttle._timer.isActive(), "and then it rests"
    throttle.deleteLater()


def test_nothing_ticks_while_the_window_is_closed(sample: App) -> None:
    sample.page("overview")
    assert sample.desktop._minute.isActive()
    sample.window.hide()
    assert not sample.desktop._minute.isActive()
    assert desktops.MINUTE_MS >= 30_000
