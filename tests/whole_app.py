"""The whole app, driven from inside: reads the logs of HOME, opens every page, the glance and the menu, ends.

    python -m tests.whole_app        (environment: HOME, TOKENPAL_HOME, QT_QPA_PLATFORM=offscreen)

Prints one JSON object: every text that a face showed, and whether the engine ended in time.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QLineEdit, QMenu, QWidget

from tokenpal.engine.engine import Engine
from tokenpal.model.events import Event, ScanProgress
from tokenpal.settings import Settings
from tokenpal.system import crash, logs
from tokenpal.system.paths import paths
from tokenpal.ui.desktop import Desktop, apply_look
from tokenpal.ui.window import PAGES

DEADLINE = 60.0


class Scans:
    """Which agents' scans have ended, and how many there are."""

    def __init__(self) -> None:
        self.ended: set[str] = set()

    def take(self, event: Event) -> None:
        if isinstance(event, ScanProgress) and event.finished:
            self.ended.add(event.agent)


def wait(condition: Callable[[], Any], what: str) -> None:
    """Let Qt work until it holds."""
    loop, end = QEventLoop(), time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, what
        QTimer.singleShot(20, loop.quit)
        loop.exec()


def rest(desktop: Desktop) -> None:
    """Let Qt work until no answer is awaited and none comes."""
    quiet = [0]

    def idle() -> bool:
        quiet[0] = quiet[0] + 1 if desktop.bridge.idle else 0
        return quiet[0] > 3

    wait(idle, "the window waits for something that never comes")


def texts(widget: QWidget) -> list[str]:
    """What a face shows: words, names for screen readers, tooltips, rows of lists."""
    found: list[str] = []
    for one in [widget, *widget.findChildren(QWidget)]:
        found += [one.accessibleName(), one.accessibleDescription(), one.toolTip(), one.windowTitle()]
        if isinstance(one, QLabel | QAbstractButton | QLineEdit):
            found.append(one.text())
        if isinstance(one, QAbstractItemView) and (model := one.model()) is not None:
            roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
            for row in range(min(50, model.rowCount(QModelIndex()))):
                for cell in (model.index(row, column) for column in range(8)):
                    found += [str(cell.data(role) or "") for role in roles if cell.isValid()]
    return [text for text in found if text]


def entries(menu: QMenu) -> list[str]:
    """All texts of a menu and its sub-menus."""
    found: list[str] = []
    for action in menu.actions():
        found.append(action.text())
        below = action.menu()
        if isinstance(below, QMenu):
            found += entries(below)
    return found


def main() -> int:
    app = QApplication(["tokenpal"])
    app.setQuitOnLastWindowClosed(False)
    places = paths()
    settings = Settings.load(places.settings)
    logs.start(places.logs)
    crash.start(places.logs)
    apply_look(settings)
    scans = Scans()
    engine = Engine(places, settings, home=Path(os.environ["HOME"]), env={})
    desktop = Desktop(engine, settings)
    desktop.bridge.happened.connect(scans.take)
    shown: dict[str, list[str]] = {"tips": []}
    desktop.begin(background=True)
    wait(lambda: len(scans.ended) >= int(os.environ.get("SCANS", "0")), "the logs are read")
    window = desktop.open()
    for key, _, _ in PAGES:
        page = window.open_page(key)
        rest(desktop)
        shown[key] = texts(page)
        shown["tips"] += [one.toolTip() for one in page.findChildren(QWidget) if one.toolTip()]
    desktop.toggle_glance()
    rest(desktop)
    shown["glance"] = texts(desktop.glance) if desktop.glance is not None else []
    desktop.tray.menu.aboutToShow.emit()
    rest(desktop)
    shown["menu"] = entries(desktop.tray.menu)
    shown["window"] = texts(window)
    if "CRASH" in os.environ:
        # As if somewhere in the program something went wrong with a key at hand.
        thread = threading.Thread(target=_fail, args=(os.environ["CRASH"],))
        thread.start()
        thread.join()
        os.kill(os.getpid(), 11)
    desktop.quit()
    ended = engine.stop(20)
    crash.stop()
    logs.stop()
    print(json.dumps({"shown": shown, "ended": ended}))
    return 0


def _fail(key: str) -> None:
    raise ValueError(f"Bearer {key} was refused for {{'authorization': 'Bearer {key}'}}")


if __name__ == "__main__":
    sys.exit(main())
