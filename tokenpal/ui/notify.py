"""Quiet notifications: over D-Bus on Linux, through the tray elsewhere; the window shows them in any case.

``QSystemTrayIcon.showMessage`` replaces the tray icon by a warning sign on Linux and never reaches the notification
daemon under XEmbed, so it is not used there (the reasons are in QTBUG reports and were measured). A daemon may be slow to
answer, so it is asked in a thread of its own, which ends with the message.
"""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon
from shiboken6 import isValid

log = logging.getLogger(__name__)
TIMEOUT_S = 2.0


class Notifier(QObject):
    """Sends one message at a time; a later one replaces the earlier. ``sent(whether the system took it)`` follows."""

    sent = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._one_at_a_time = threading.Lock()
        self._last = 0

    def send(self, title: str, body: str, tray: QSystemTrayIcon | None = None) -> None:
        """Returns at once and never raises."""
        if sys.platform.startswith("linux"):
            threading.Thread(target=self._over_dbus, args=(title, body), name="notify", daemon=True).start()
        elif tray is not None and QSystemTrayIcon.supportsMessages():
            tray.showMessage(title, body)
            self.sent.emit(True)
        else:
            self.sent.emit(False)

    def _over_dbus(self, title: str, body: str) -> None:
        try:
            with self._one_at_a_time:
                self._last = _tell_daemon(title, body, self._last)
            taken = True
        except Exception as error:  # the bus may be absent, full or foreign
            log.info("no notification daemon: %s", type(error).__name__)
            taken = False
        if isValid(self):
            self.sent.emit(taken)


def _tell_daemon(title: str, body: str, replaces: int) -> int:
    """The number the daemon gave the message."""
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    name = "org.freedesktop.Notifications"
    address = DBusAddress("/org/freedesktop/Notifications", bus_name=name, interface=name)
    with open_dbus_connection("SESSION") as bus:

        def ask(method: str, signature: str | None = None, values: tuple[Any, ...] = ()) -> Any:
            return bus.send_and_get_reply(new_method_call(address, method, signature, values), timeout=TIMEOUT_S).body[0]

        import html

        text = html.escape(body, quote=False) if "body-markup" in ask("GetCapabilities") else body
        hints = {"urgency": ("y", 1), "desktop-entry": ("s", "tokenpal")}
        return int(ask("Notify", "susssasa{sv}i", ("tokenpal", replaces, "tokenpal", title, text, [], hints, 9000)))
