"""A session bus where others answer nonsense, answer nothing, or do not stop talking."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt

from tests.system.bus import first_line, session
from tokenpal.system import idle, onlookers
from tokenpal.ui.notify import Notifier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a session bus is a Linux thing")

HOST = """
import sys
from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection

how = sys.argv[1]
bus = open_dbus_connection("SESSION")
for name in ("org.freedesktop.Notifications", "org.gnome.Mutter.ScreenCast", "org.gnome.Mutter.IdleMonitor"):
    bus.send_and_get_reply(message_bus.RequestName(name))
print("ready", flush=True)
at = DBusAddress("/org/freedesktop/Notifications", interface="org.freedesktop.Notifications")
asked = 0
while True:
    message = bus.receive()
    if message.header.message_type is not MessageType.method_call or how == "silent":
        continue
    member = message.header.fields.get(HeaderFields.member)
    if how == "garbage":
        bus.send(new_method_return(message, "i", (-7,)))
    elif member == "GetCapabilities":
        bus.send(new_method_return(message, "as", (["actions"],)))
    elif member == "Notify":
        asked += 1
        bus.send(new_method_return(message, "u", (41 + asked,)))
        for number in range(500):
            bus.send(new_signal(at, "ActionInvoked", "us", (number + 100, "default")))
            bus.send(new_signal(at, "ActionInvoked", "s", ("no number",)))
            bus.send(new_signal(at, "ActionInvoked", "asas", (["a"], ["default"])))
        if asked == 2:
            for _ in range(500):
                bus.send(new_signal(at, "ActionInvoked", "us", (42, "default")))
"""


@contextmanager
def others(folder: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with session(folder) as bus:
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.env["DBUS_SESSION_BUS_ADDRESS"])
        host = subprocess.Popen([sys.executable, "-c", HOST, how], env=bus.env, stdout=subprocess.PIPE, text=True)
        try:
            assert first_line(host) == "ready"
            yield
        finally:
            host.kill()
            host.communicate()


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)  # a poll with a deadline


def ours() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("notify")]


@pytest.mark.parametrize("how", ["garbage", "silent"])
def test_who_answers_nonsense_or_nothing_is_nobody(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with others(tmp_path / "s", how, monkeypatch):
        assert onlookers.watched() is None
        told = idle.seconds()
        assert told is None or told >= 0
        notifier, sent = Notifier(), []
        notifier.sent.connect(sent.append, Qt.ConnectionType.DirectConnection)
        for number in range(2):
            notifier.send("a title", "words", key=f"k{number}", others=("a title", "dots"))
            until(lambda: len(sent) > number)  # noqa: B023 - called at once
        assert sent == [False, False]
        notifier.stop()
        until(lambda: not ours())


def test_clicks_on_what_we_never_sent_are_nobodys_and_one_click_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with others(tmp_path / "s", "flood", monkeypatch):
        notifier, sent, chosen = Notifier(), [], []
        notifier.sent.connect(sent.append, Qt.ConnectionType.DirectConnection)
        notifier.chosen.connect(chosen.append, Qt.ConnectionType.DirectConnection)
        for number in range(3):
            notifier.send("a title", "words", key=f"k{number}")
            until(lambda: len(sent) > number)  # noqa: B023 - called at once
        until(lambda: chosen)
        assert sent == [True] * 3
        assert chosen == ["k0"]
        notifier.stop()
        until(lambda: not ours())
        QCoreApplication.processEvents()
