"""How the desktop wants programs to look: light or dark, high contrast, less motion. For what Qt does not hear by itself.

On Linux the settings portal says it over D-Bus (``org.freedesktop.appearance``, and GNOME's older switch for animations); a change
is heard as a signal, so a connection that waits costs nothing while nothing happens. Windows and macOS are asked once for motion;
their scheme and contrast Qt hears. Where nothing can be heard, ``Look()`` says nothing and nothing is lost.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

PORTAL: Final = "org.freedesktop.portal.Desktop"
SETTINGS: Final = "org.freedesktop.portal.Settings"
APPEARANCE: Final = "org.freedesktop.appearance"
GNOME: Final = "org.gnome.desktop.interface"
ASKED: Final = ((APPEARANCE, "color-scheme"), (APPEARANCE, "contrast"), (APPEARANCE, "reduced-motion"), (GNOME, "enable-animations"))
TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the desktop says. ``scheme`` "" = it does not say."""

    scheme: Literal["", "light", "dark"] = ""
    high_contrast: bool = False
    less_motion: bool = False


def watch(tell: Callable[[Look], None]) -> None:
    """Call ``tell`` with what the desktop says now, and again after each change, from a thread that ends with the process."""
    threading.Thread(target=_watch, args=(tell,), name="look", daemon=True).start()


def heard(look: Look, group: str, key: str, value: Any) -> Look:
    """``look`` after the portal said ``group key = value``. What is not understood changes nothing."""
    if group == APPEARANCE and isinstance(value, int):
        if key == "color-scheme":
            schemes: dict[int, Literal["", "light", "dark"]] = {1: "dark", 2: "light"}
            return replace(look, scheme=schemes.get(value, ""))
        if key == "contrast":
            return replace(look, high_contrast=value == 1)
        if key == "reduced-motion":
            return replace(look, less_motion=value == 1)
    if (group, key) == (GNOME, "enable-animations") and isinstance(value, bool):
        return replace(look, less_motion=not value)
    return look


def _watch(tell: Callable[[Look], None]) -> None:
    try:
        if sys.platform == "linux":
            _over_dbus(tell)
        elif _still():
            tell(Look(less_motion=True))
    except Exception:  # no bus, no portal, a foreign answer: then nothing is known
        return


def _over_dbus(tell: Callable[[Look], None]) -> None:
    from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    portal = DBusAddress("/org/freedesktop/portal/desktop", bus_name=PORTAL, interface=SETTINGS)
    rule = MatchRule(type="signal", interface=SETTINGS, member="SettingChanged", path="/org/freedesktop/portal/desktop")
    with open_dbus_connection("SESSION") as bus:
        look = Look()
        bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=TIMEOUT_S)
        with bus.filter(rule) as changes:
            for group, key in ASKED:
                answer = bus.send_and_get_reply(new_method_call(portal, "Read", "ss", (group, key)), timeout=TIMEOUT_S)
                if answer.header.message_type is MessageType.method_return:
                    look = heard(look, group, key, _plain(answer.body[0]))
            if look != Look():
                tell(look)
            while True:
                change = bus.recv_until_filtered(changes).body
                after = heard(look, change[0], change[1], _plain(change[2])) if len(change) == 3 else look
                if after != look:
                    look = after
                    tell(look)


def _plain(value: Any) -> Any:
    """A variant without its signatures; ``Read`` wraps twice, newer portals once."""
    while isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        value = value[1]
    return value


def _still() -> bool:
    """Whether Windows or macOS is set to show less motion."""
    if sys.platform == "win32":
        import ctypes

        shown = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(0x1042, 0, ctypes.byref(shown), 0)  # SPI_GETCLIENTAREAANIMATION
        return not shown.value
    if sys.platform == "darwin":
        asked = subprocess.run(["defaults", "read", "com.apple.universalaccess", "reduceMotion"], check=False, capture_output=True, text=True, timeout=TIMEOUT_S)
        return asked.stdout.strip() == "1"
    return False
