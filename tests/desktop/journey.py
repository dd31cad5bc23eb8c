"""A person's first hour, played on the real window by keyboard and mouse: ``python -m tests.desktop.journey first|again``.

Run by ``test_journey.py`` on a private X display. Prints one JSON object: what was on the screen at the end.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget

from tokenpal.engine.engine import Engine
from tokenpal.model.report import SessionRow
from tokenpal.settings import Settings
from tokenpal.system.paths import paths
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.desktop import Desktop, apply_look
from tokenpal.ui.pages.overview import OverviewPage
from tokenpal.ui.pages.sessions import SessionsPage

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def wait(condition: Callable[[], object], what: str, seconds: float = 60.0) -> object:
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"never: {what}"
        spin(20)
    return value


def spin(milliseconds: int) -> None:
    """One turn of Qt's own loop. Not QTest.qWait: that keeps Python's lock, and the engine's threads get no turn."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def series(chart: StackedChart) -> dict[str, int]:
    """Name and total of every series of the chart."""
    return {one.name: int(sum(one.values)) for one in chart.series().series}


def middle_of_bar(chart: StackedChart, place: int) -> QPoint:
    layout = chart._ensure_layout()
    column = layout.column_of(place)
    x = (layout.left(column) + layout.left(column + 1)) / 2
    return QPoint(round(x), round(layout.y(0)) - 3)


def first(desktop: Desktop) -> dict[str, object]:
    window = desktop.open("overview")
    page = window.open_page("overview")
    assert isinstance(page, OverviewPage)
    chart = page.chart.panel.chart
    wait(lambda: sum(series(chart).values()) == 3400, "the scan fills the chart")
    before = series(chart)
    # click the bar of today: its sessions are listed below
    place = len(chart.series().buckets) - 1
    QTest.mouseClick(chart, LEFT, NONE, middle_of_bar(chart, place))
    assert chart.selection() == (place, place)
    wait(lambda: page.day.title.text() and "2 session" in page.day.note.text(), "sessions of the bar")
    QTest.mouseClick(page.day.more, LEFT)
    sessions = window.open_page("sessions")
    assert isinstance(sessions, SessionsPage)
    wait(lambda: sessions.list.sessions.loaded() == 2, "the session list follows")
    # label with a key
    sessions.list.setFocus()
    sessions.list.choose("claude-code:s-shop")
    QTest.keyClick(sessions.list, Qt.Key.Key_D)
    wait(lambda: (row := sessions.list.sessions.session(sessions.list.sessions.place("claude-code:s-shop"))) and row.label == "delivered", "label")
    # assign a new task by keyboard
    sessions.list.choose("claude-code:s-shop")
    QTest.keyClick(sessions.list, Qt.Key.Key_T)
    picker = wait(lambda: next((w for w in QApplication.topLevelWidgets() if w.objectName() == "" and w.windowTitle() == "Choose a task" and w.isVisible()), None), "picker")
    QTest.keyClicks(picker.search, "Checkout")
    choices = picker.findChild(QListWidget, "task-list")
    assert choices.count() == 1
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    wait(lambda: (row := sessions.list.sessions.session(sessions.list.sessions.place("claude-code:s-shop"))) and row.task == "Checkout", "task")
    # the chart has moved
    window.open_page("overview")
    wait(lambda: series(chart).get("Checkout") == 2300, "chart moves")
    return {"before": before, "after": series(chart), "covered": page.chart.ring.accessibleName()}


def again(desktop: Desktop) -> dict[str, object]:
    window = desktop.open("overview")
    page = window.open_page("overview")
    assert isinstance(page, OverviewPage)
    chart = page.chart.panel.chart
    wait(lambda: series(chart).get("Checkout") == 2300, "still there after a restart")
    sessions = window.open_page("sessions")
    assert isinstance(sessions, SessionsPage)
    row = wait(lambda: sessions.list.sessions.session(sessions.list.sessions.place("claude-code:s-shop")), "sessions")
    assert isinstance(row, SessionRow)
    QTest.keyClick(sessions.list, Qt.Key.Key_Z)
    window.open_page("overview")
    wait(lambda: "Checkout" not in series(chart), "undo after a restart")
    return {"label": row.label, "task": row.task, "after_undo": series(chart)}


def main() -> int:
    assert os.environ.get("DISPLAY"), "needs an X display"
    app = QApplication(["tokenpal"])
    places = paths()
    settings = Settings.load(places.settings)
    apply_look(settings)
    engine = Engine(places, settings, home=Path(os.environ["HOME"]))
    desktop = Desktop(engine, settings)
    desktop.begin(background=True)
    result = {"first": first, "again": again}[sys.argv[1]](desktop)
    desktop.quit()
    result["stopped"] = engine.stop()
    result["platform"] = app.platformName()
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
