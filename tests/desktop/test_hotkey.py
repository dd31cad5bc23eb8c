"""The key for the whole desktop on a real X server, and how long nobody has touched it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from tests.desktop.conftest import Desktop
from tests.desktop.test_tray import windows
from tokenpal.model.errors import UsageError
from tokenpal.system import hotkey, idle


@pytest.fixture
def display(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """The test process itself talks to the private display."""
    monkeypatch.setenv("DISPLAY", desktop.env["DISPLAY"])
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return desktop


def press_until(desktop: Desktop, keys: str, condition: Callable[[], object]) -> None:
    def pressed() -> object:
        desktop.run("xdotool", "key", keys)
        return condition()

    desktop.until(pressed, keys)


def test_the_key_is_heard_and_given_back(display: Desktop) -> None:
    heard = threading.Event()
    key = hotkey.open_hotkey("ctrl+alt+t", heard.set)
    try:
        display.run("xdotool", "key", "ctrl+t")
        press_until(display, "ctrl+alt+t", lambda: heard.wait(0.2))
        with pytest.raises(UsageError, match="Another program has Ctrl\\+Alt\\+T already"):
            hotkey.open_hotkey("Ctrl+Alt+T", heard.set)
    finally:
        key.close()
    hotkey.open_hotkey("Ctrl+Alt+T", heard.set).close()


def test_caps_lock_does_not_take_the_key_away(display: Desktop) -> None:
    heard = threading.Event()
    key = hotkey.open_hotkey("Super+F9", heard.set)
    try:
        display.run("xdotool", "key", "Caps_Lock")
        press_until(display, "super+F9", lambda: heard.wait(0.2))
    finally:
        key.close()


def test_the_key_opens_the_glance_of_the_app(desktop: Desktop) -> None:
    (desktop.folder / "tokenpal").mkdir(exist_ok=True)
    code = "from tokenpal.settings import Settings; from tokenpal.system.paths import paths; p = paths(); p.make(); Settings.load(p.settings).set('general.shortcut', 'Ctrl+Alt+G')"
    assert desktop.ended(desktop.spawn(sys.executable, "-c", code, log="set.log")) == 0, desktop.logs()
    desktop.tray_host()
    desktop.app("--background")
    press_until(desktop, "ctrl+alt+g", lambda: windows(desktop))


def test_how_long_nobody_has_touched_the_display(display: Desktop) -> None:
    def long() -> object:
        told = idle.seconds()
        assert told is not None
        return told >= 1.0

    display.until(long, "a second without a touch")

    def short() -> object:
        display.run("xdotool", "mousemove_relative", "3", "2")
        told = idle.seconds()
        return told is not None and told < 1.0

    display.until(short, "the mouse counts")


def test_without_a_display_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert idle.seconds() is None
