"""The same under Wayland: tray, window, glance and the tray that goes away, on a headless weston."""

from __future__ import annotations

import shutil

import pytest

from tests.desktop.conftest import Desktop
from tests.desktop.test_notifications import play
from tests.desktop.test_tray import seen

WATCH = """
from PySide6.QtCore import QTimer
said = set()
def look():
    faces = {"window": desktop.window, "glance": desktop.glance}
    now = {name for name, face in faces.items() if face is not None and face.isVisible() and face.windowHandle() and face.windowHandle().isExposed()}
    for name in now - said: print("shown", name, app.platformName(), flush=True)
    for name in said - now: print("hidden", name, flush=True)
    said.clear(); said.update(now)
watch = QTimer(); watch.setInterval(50); watch.timeout.connect(look); watch.start()
"""


@pytest.fixture
def wayland(desktop: Desktop) -> Desktop:
    """The private desktop with a weston in place of the X server."""
    assert shutil.which("weston"), "not installed: weston; `python3 dev.py test` installs it"
    desktop.env.pop("DISPLAY")
    weston = desktop.spawn(
        "weston", "--backend=headless-backend.so", "--socket=tokenpal-test", "--width=1280", "--height=800", "--use-pixman", "--idle-time=0", log="weston.log"
    )
    socket = desktop.folder / "run" / "tokenpal-test"
    desktop.until(lambda: socket.exists() or weston.poll() is not None, "weston")
    desktop.env.update(WAYLAND_DISPLAY="tokenpal-test", QT_QPA_PLATFORM="wayland")
    return desktop


def test_the_menu_opens_the_window_and_a_click_the_glance(wayland: Desktop) -> None:
    wayland.tray_host("--activate", "--click", "Open tokenpal")
    play(wayland, WATCH)
    wayland.until(lambda: "shown window wayland" in wayland.text("app.log"), "the window")
    assert seen(wayland, "clicked") == ["Open tokenpal"]


def test_a_late_tray_gets_the_icon_and_a_click_opens_the_glance(wayland: Desktop) -> None:
    play(wayland, WATCH)
    wayland.until(lambda: list((wayland.folder / "tokenpal").rglob("tokenpal.db")), "the app is under way")
    wayland.tray_host("--activate")
    wayland.until(lambda: "shown glance wayland" in wayland.text("app.log"), "the glance")


def test_without_a_tray_closing_the_window_ends_tokenpal(wayland: Desktop) -> None:
    app = play(wayland, WATCH + "QTimer.singleShot(0, desktop.open); desktop.quitting.connect(lambda: print('quitting', flush=True))\n"
               "close = QTimer(); close.setInterval(100); close.timeout.connect(lambda: said and desktop.window.close()); close.start()")  # fmt: skip
    assert wayland.ended(app) == 0, wayland.logs()
    assert "quitting" in wayland.text("app.log")


def test_when_the_tray_dies_the_window_comes(wayland: Desktop) -> None:
    host = wayland.tray_host()
    play(wayland, "import tokenpal.ui.tray\ndesktop.tray._patience.setInterval(300)\n" + WATCH)
    wayland.until(lambda: seen(wayland, "registered"), "the icon")
    wayland.until(lambda: list((wayland.folder / "tokenpal").rglob("tokenpal.db")), "the app is under way")
    host.terminate()
    host.wait()
    wayland.until(lambda: "shown window" in wayland.text("app.log"), "a window in place of the tray")
