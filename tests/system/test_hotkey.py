"""Shortcuts as they are written, and the key that a Wayland desktop's portal gives."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.bus import BARE
from tokenpal.model.errors import UsageError
from tokenpal.system import hotkey
from tokenpal.system.hotkey_portal import trigger
from tokenpal.system.hotkey_windows import virtual_key
from tokenpal.system.hotkey_x11 import keysym
from tokenpal.system.keys import parse

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="D-Bus is of Linux")


@pytest.mark.parametrize(
    ("text", "said", "sym", "portal", "windows"),
    [
        ("ctrl+alt+t", "Ctrl+Alt+T", 0x74, "CTRL+ALT+t", 0x54), ("Shift + Ctrl + F5", "Ctrl+Shift+F5", 0xFFC2, "CTRL+SHIFT+F5", 0x74),
        ("super+space", "Super+Space", 0x20, "LOGO+Space", 0x20), ("F12", "F12", 0xFFC9, "F12", 0x7B), ("Alt+1", "Alt+1", 0x31, "ALT+1", 0x31),
    ],
)  # fmt: skip
def test_what_is_written_is_understood(text: str, said: str, sym: int, portal: str, windows: int) -> None:
    key = parse(text)
    assert (str(key), keysym(key), trigger(key), virtual_key(key)) == (said, sym, portal, windows)
    assert parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "T", "Shift+T", "Ctrl", "Ctrl+Alt", "Ctrl+A+B", "Ctrl+ß", "Ctrl+F25", "hello there", "Ctrl++"])
def test_what_is_no_shortcut_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse(text)
    assert told.value.sentence.endswith(".")


@contextmanager
def portal(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A bus of our own with a portal on it."""
    config = folder / "bus.conf"
    config.write_text(BARE.format(folder=folder))
    with subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True) as bus:
        try:
            assert bus.stdout is not None
            address = bus.stdout.readline().strip()
            env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
            command = [sys.executable, "-u", str(Path(__file__).parent / "portal_host.py"), *arguments]
            with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as host:
                try:
                    assert host.stdout is not None
                    assert "ready" in host.stdout.readline()
                    os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
                    yield host
                finally:
                    host.terminate()
        finally:
            bus.terminate()


@pytest.fixture
def wayland(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 20)
    assert ready
    return process.stdout.readline()


@linux
def test_the_portal_gives_the_key_and_tells_each_press(tmp_path: Path, wayland: None) -> None:
    heard = threading.Event()
    with portal(tmp_path) as host:
        key = hotkey.open_hotkey("Ctrl+Alt+T", heard.set)
        assert "CTRL+ALT+t" in line(host)
        assert heard.wait(20)
        key.close()
        assert "closed" in line(host)
        end = time.monotonic() + 20
        while any(one.name == "hotkey" for one in threading.enumerate()):
            assert time.monotonic() < end, "the thread ends with the key"


@linux
def test_what_the_person_refuses_or_no_desktop_gives_is_a_sentence(tmp_path: Path, wayland: None) -> None:
    with portal(tmp_path, "--refuse"), pytest.raises(UsageError, match="You did not allow this shortcut"):
        hotkey.open_hotkey("Ctrl+Alt+T", lambda: None)
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    with pytest.raises(UsageError, match="gives programs no key") as told:
        hotkey.open_hotkey("Ctrl+Alt+T", lambda: None)
    assert "tokenpal --glance" in told.value.next_step


def test_a_system_without_such_keys_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(UsageError, match="without reading the keyboard"):
        hotkey.open_hotkey("Ctrl+Alt+T", lambda: None)
