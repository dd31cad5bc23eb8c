"""Quiet notifications: over D-Bus on Linux, through the tray elsewhere; the window shows them in any case.

``QSystemTrayIcon.showMessage`` replaces the tray icon by a warning sign on Linux and never reaches the notification
daemon under XEmbed, so it is not used there (the reasons are in QTBUG reports and were measured).
"""

from __future__ import annotations

import html
import logging
import sys
from typing import Any

from PySide6.QtWidgets import QSystemTrayIcon

log = logging.getLogger(__name__)
TIMEOUT_S = 2.0


class Notifier:
    """Sends one message at a time; a later one replaces the earlier."""

    def __init__(self) -> None:
        self._bus: Any = None
        self._last = 0
        self._capabilities: frozenset[str] = frozenset()

    def send(self, title: str, body: str, tray: QSystemTrayIcon | None = None) -> bool:
        """True when the system took it. Never raises."""
        try:
            if sys.platform.startswith("linux"):
                return self._over_dbus(title, body)
        except Exception as error:  # the bus may be absent, full or foreign
            log.info("no notification daemon: %s", type(error).__name__)
            self._bus = None
            return False
        if tray is not None and QSystemTrayIcon.supportsMessages():
            tray.showMessage(title, body)
            return True
        return False

    def _over_dbus(self, title: str, body: str) -> bool:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        address = DBusAddress(
            "/org/freedesktop/Notifications", bus_name="org.freedesktop.Notifications", interface="org.freedesktop.Notifications"
        )
        if self._bus is None:
            self._bus = open_dbus_connection("SESSION")
            reply = self._bus.send_and_get_reply(new_method_call(address, "GetCapabilities"), timeout=TIMEOUT_S)
            self._capabilities = frozenset(reply.body[0])
        text = html.escape(body, quote=False) if "body-markup" in self._capabilities else body
        hints = {"urgency": ("y", 1), "desktop-entry": ("s", "tokenpal")}
        message = new_method_call(
            address, "Notify", "susssasa{sv}i", ("tokenpal", self._last, "tokenpal", title, text, [], hints, 9000)
        )
        (self._last,) = self._bus.send_and_get_reply(message, timeout=TIMEOUT_S).body
        return True
