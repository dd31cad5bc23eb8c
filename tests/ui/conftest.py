"""For tests of the window: the shipped look, light, at text size 100 %, and the whole app on a throw-away profile."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from tokenpal.engine import demo
from tokenpal.engine.engine import Engine
from tokenpal.insight import numbers as figures
from tokenpal.settings import Settings
from tokenpal.system.paths import Paths, inside
from tokenpal.ui.desktop import Desktop
from tokenpal.ui.glance import Glance
from tokenpal.ui.page import Page
from tokenpal.ui.theme import Theme, theme
from tokenpal.ui.window import MainWindow

DEADLINE = 60.0
AFTERNOON = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    """The theme, light; put back after the test whatever it did."""
    theme().apply(qapp, scheme="light")
    yield theme()
    theme().apply(qapp, scheme="light")


class Flashes(QObject):
    """Notices every window that is shown although it is neither the window, the glance, a dialog nor a popup."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.seen: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow() and not isinstance(watched, (MainWindow, Glance, QDialog, QMenu)):
            popup = watched.windowType() in (Qt.WindowType.ToolTip, Qt.WindowType.Popup)
            if not popup:
                self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


class App:
    """tokenpal as ``app`` puts it together, without a process of its own."""

    def __init__(self, places: Paths, home: Path, **how: Any) -> None:
        self.ended = False
        self.folder = places.settings.parent
        self.settings = Settings.load(places.settings)
        self.engine = Engine(places, self.settings, home=home, env={}, **how)
        self.desktop = Desktop(self.engine, self.settings)
        self.desktop.begin(background=True)

    @property
    def window(self) -> MainWindow:
        shown = self.desktop.window
        return shown if shown is not None and shown.isVisible() else self.desktop.open()  # once: offscreen forgets who is active

    def page(self, key: str) -> Any:
        """A page with its data."""
        page = self.window.open_page(key)
        self.settle()
        assert isinstance(page, Page)
        return page

    def settle(self) -> None:
        """Let Qt work until no answer is awaited and events have come to rest."""
        quiet = 0
        end = time.monotonic() + DEADLINE
        while quiet < 3:
            assert time.monotonic() < end, "the window waits for something that never comes"
            spin(20)
            quiet = quiet + 1 if self.desktop.bridge.idle else 0

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Let Qt work until it holds."""
        end = time.monotonic() + DEADLINE
        while not (found := condition()):
            assert time.monotonic() < end, what or "it never happened"
            spin(20)
        return found

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        """Ask the store directly; the window hears of changes as always."""
        return self.engine.ask(function, *args).result(60)

    def dialog(self) -> Any:
        """The dialog that is open."""
        return self.wait(lambda: next((one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()), None), "a dialog opens")

    def end(self) -> None:
        if self.ended:
            return
        self.ended = True
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog):
                widget.close()
        self.desktop.tray.hide()
        self.desktop.collector.stop()
        figures.hide(False)  # of the process, not of this app
        assert self.engine.stop(20), "the engine left something behind"
        for face in (self.desktop.window, self.desktop.glance):
            if face is not None:
                face.hide()
                face.deleteLater()
        self.desktop.deleteLater()
        spin(20)
        assert not [thread.name for thread in threading.enumerate() if thread.name == "engine"]


def spin(milliseconds: int) -> None:
    """One turn of Qt's own loop."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@pytest.fixture(autouse=True)
def _afternoon() -> Iterator[None]:
    """Each test begins on one Friday afternoon: early on a Monday the same sample has neither a today nor a week to speak of."""
    with time_machine.travel(AFTERNOON, tick=True):
        yield


@pytest.fixture(scope="session")
def sample_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks of sample data, made once."""
    folder = tmp_path_factory.mktemp("sample")
    demo.fill(inside(folder), now=int(AFTERNOON.timestamp()), zone="Europe/Berlin")
    return folder


@pytest.fixture
def make_app(qapp: QApplication, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., App]]:
    """Starts the app on a profile; ended after the test."""
    apps: list[App] = []
    flashes = Flashes(qapp)

    def make(profile: Path | None = None, home: Path | None = None, **how: Any) -> App:
        folder = tmp_path / f"profile-{len(apps)}"
        if profile is not None:
            shutil.copytree(profile, folder)
        empty = tmp_path / "nobody"
        empty.mkdir(exist_ok=True)
        places = inside(folder)
        places.make()
        apps.append(App(places, home or empty, **how))
        return apps[-1]

    yield make
    for app in apps:
        app.end()
    qapp.removeEventFilter(flashes)
    assert flashes.seen == [], "a part was shown before it had a place in the window"


@pytest.fixture
def sample(make_app: Callable[..., App], sample_profile: Path) -> App:
    """The app on the sample data."""
    return make_app(sample_profile)


@pytest.fixture
def empty(make_app: Callable[..., App]) -> App:
    """The app on its first start, on a machine without agents."""
    return make_app()
