"""What the desktop says about its look, from a settings portal on a private bus."""

from __future__ import annotations

import queue
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.bus import first_line, session
from tokenpal.system import look
from tokenpal.system.look import APPEARANCE, GNOME, Look, heard

FAKE = """
import sys
from jeepney import DBusAddress, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

said = {("org.freedesktop.appearance", "color-scheme"): ("u", 1), ("org.gnome.desktop.interface", "enable-animations"): ("b", False)}
name = "org.freedesktop.portal.Settings"
at = DBusAddress("/org/freedesktop/portal/desktop", interface=name)
bus = open_dbus_connection("SESSION")
bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.portal.Desktop"))
print("ready", flush=True)
left = 4
while left:
    message = bus.receive()
    if message.header.message_type is MessageType.method_call:
        left -= 1
        known = said.get(message.body)
        bus.send(new_method_return(message, "v", (("v", known),)) if known else new_error(message, name + ".NotFound", "s", ("no",)))
for group, key, value in (("org.kde.kdeglobals.General", "Font", ("s", "Noto")), ("org.freedesktop.appearance", "color-scheme", ("u", 2)),
                          ("org.freedesktop.appearance", "contrast", ("u", 1)), ("org.gnome.desktop.interface", "enable-animations", ("b", True))):
    bus.send(new_signal(at, "SettingChanged", "ssv", (group, key, value)))
sys.stdin.read()
"""


@pytest.mark.desktop
def test_the_portal_is_read_and_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with session(tmp_path / "s") as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.env["DBUS_SESSION_BUS_ADDRESS"])
        portal = subprocess.Popen([sys.executable, "-c", FAKE], env=bus.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert first_line(portal) == "ready"
            told: queue.Queue[Look] = queue.Queue()
            look.watch(told.put)
            assert [told.get(timeout=60) for _ in range(4)] == [
                Look("dark", less_motion=True), Look("light", less_motion=True),
                Look("light", high_contrast=True, less_motion=True), Look("light", high_contrast=True),
            ]  # fmt: skip
        finally:
            portal.communicate("")


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "nonsense", "disabled:"])
def test_without_a_bus_nothing_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    look._watch(lambda _look: pytest.fail("said something"))


@pytest.mark.parametrize(
    ("group", "key", "value"), [(APPEARANCE, "color-scheme", "dark"), (APPEARANCE, "colour", 1), ("", "", None), (GNOME, "enable-animations", 0), (APPEARANCE, "contrast", [1])]
)
def test_what_is_not_understood_changes_nothing(group: str, key: str, value: object) -> None:
    assert heard(Look("dark"), group, key, value) == Look("dark")


def test_no_preference_leaves_the_choice_to_qt() -> None:
    assert heard(Look("dark"), APPEARANCE, "color-scheme", 0) == Look()
