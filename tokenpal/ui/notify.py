"""Quiet notifications: over D-Bus on Linux, through the tray elsewhere; the window lists them in any case.

``QSystemTrayIcon.showMessage`` replaces the tray icon by a warning sign on Linux and never reaches the notification
daemon under XEmbed, so it is not used there (the reasons are in QTBUG reports and were measured). A daemon may be slow to
answer, so it is asked in a thread of its own, which ends with the message. The connection stays, with a thread that waits for
clicks and costs nothing while none comes.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QSystemTrayIcon
from shiboken6 import isValid

log = logging.getLogger(__name__)
TIMEOUT_S = 2.0
NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
REMEMBERED = 50  # messages that a click may still come for


class Notifier(QObject):
    """Sends one message at a time. ``sent(whether the system took it)`` follows, and ``chosen(key)`` when the person clicks it."""

    sent = Signal(bool)
    chosen = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._one_at_a_time = threading.Lock()
        self._keys: dict[int, str] = {}  # the daemon's number -> ours
        self._early: deque[int] = deque(maxlen=REMEMBERED)  # clicked before the daemon's answer was read: it comes on another thread
        self._numbers = threading.Lock()
        self._daemon: _Daemon | None = None
        self._key = ""
        self._tray: QSystemTrayIcon | None = None

    def send(
        self, title: str, body: str, tray: QSystemTrayIcon | None = None, key: str = "", button: str = "Open", others: tuple[str, str] | None = None
    ) -> None:
        """Returns at once and never raises. A message with a ``key`` can be clicked; with the same key it replaces the earlier.

        ``others``: title and body for a screen that somebody else sees. Only here can that be asked while no window is open.
        """
        if sys.platform.startswith("linux"):
            threading.Thread(target=self._over_dbus, args=(title, body, key, button, others), name="notify", daemon=True).start()
        elif tray is not None and QSystemTrayIcon.supportsMessages():
            if tray is not self._tray:
                self._tray = tray
                tray.messageClicked.connect(self._tray_clicked)
            self._key = key
            tray.showMessage(*_for_this_screen(title, body, others))
            self.sent.emit(True)
        else:
            self.sent.emit(False)

    def stop(self) -> None:
        """No more clicks are waited for."""
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            daemon.close()

    @Slot()
    def _tray_clicked(self) -> None:
        if self._key:
            self.chosen.emit(self._key)

    def _over_dbus(self, title: str, body: str, key: str, button: str, others: tuple[str, str] | None) -> None:
        taken = False
        title, body = _for_this_screen(title, body, others)
        try:
            with self._one_at_a_time:
                if self._daemon is None or not self._daemon.alive:
                    self.stop()  # one that ended still holds its socket
                    self._daemon = _Daemon(self._invoked)
                before = next((ident for ident, known in self._keys.items() if key and known == key), 0)
                with self._numbers:
                    self._early.clear()
                ident = self._daemon.notify(title, body, before, button if key else "")
                with self._numbers:
                    self._keys = dict([*self._keys.items(), (ident, key)][-REMEMBERED:])
                    early = ident in self._early
                if early:
                    self._invoked(ident)
            taken = True
        except Exception as error:  # the bus may be absent, full or foreign
            log.info("no notification daemon: %s", type(error).__name__)
        if isValid(self):
            self.sent.emit(taken)

    def _invoked(self, ident: int) -> None:
        with self._numbers:
            key = self._keys.pop(ident, "")  # a message is clicked once, however often the bus says so
            if not key:
                self._early.append(ident)
        if key and isValid(self):
            self.chosen.emit(key)


def _for_this_screen(title: str, body: str, others: tuple[str, str] | None) -> tuple[str, str]:
    """What may be shown now. Asking may take a second on Linux, where it is done in the message's own thread."""
    if others is None or others == (title, body):
        return title, body
    from tokenpal.system.onlookers import watched

    return others if watched() else (title, body)


class _Daemon:
    """One connection to the session bus. Raises what jeepney raises when there is no bus or nobody answers."""

    def __init__(self, invoked: Any) -> None:
        from jeepney import DBusAddress, HeaderFields, MatchRule, message_bus
        from jeepney.io.threading import open_dbus_connection

        self._address = DBusAddress(PATH, bus_name=NAME, interface=NAME)
        self._member, self._reply = HeaderFields.member, HeaderFields.reply_serial
        self._invoked = invoked
        self._awaited = 0  # the serial of the one question that is open
        self._said: Any = None
        self._came = threading.Condition()
        self.alive = True
        self._bus = open_dbus_connection("SESSION")
        threading.Thread(target=self._listen, name="notify-clicks", daemon=True).start()
        rule = MatchRule(type="signal", interface=NAME, path=PATH, member="ActionInvoked")
        try:
            self._ask(message_bus.AddMatch(rule))
        except BaseException:
            self.close()
            raise

    def notify(self, title: str, body: str, replaces: int, button: str) -> int:
        """The number the daemon gave the message."""
        import html

        from jeepney import new_method_call

        able = self._ask(new_method_call(self._address, "GetCapabilities"))[0]
        text = html.escape(body, quote=False) if "body-markup" in able else body
        actions = ["default", button] if button and "actions" in able else []
        hints = {"urgency": ("y", 1), "desktop-entry": ("s", "tokenpal")}
        values = ("tokenpal", replaces, "tokenpal", title, text, actions, hints, 9000)
        return int(self._ask(new_method_call(self._address, "Notify", "susssasa{sv}i", values))[0])

    def close(self) -> None:
        """The thread ends."""
        with suppress(Exception):  # it may be gone already
            self._bus.close()

    def _ask(self, message: Any) -> Any:
        from jeepney import MessageType

        serial = next(self._bus.outgoing_serial)
        with self._came:
            self._awaited, self._said = serial, None
        self._bus.send(message, serial=serial)
        with self._came:
            self._came.wait_for(lambda: self._said is not None or not self.alive, TIMEOUT_S)
            said, self._said, self._awaited = self._said, None, 0
        if said is None:
            raise TimeoutError
        if said.header.message_type == MessageType.error:
            raise OSError(str(said.body))
        return said.body

    def _listen(self) -> None:
        try:
            while True:
                message = self._bus.receive()
                fields = message.header.fields
                if (serial := fields.get(self._reply)) is not None:
                    with self._came:
                        if serial == self._awaited:  # what comes too late is nobody's
                            self._said = message
                            self._came.notify_all()
                elif fields.get(self._member) == "ActionInvoked" and message.body[1:] == ("default",) and isinstance(message.body[0], int):
                    self._invoked(message.body[0])
        except Exception as error:  # closed by us, or the bus ended
            log.debug("no more clicks: %s", type(error).__name__)
        with self._came:
            self.alive = False
            self._came.notify_all()
