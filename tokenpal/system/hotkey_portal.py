"""The key under Wayland: the desktop's portal (org.freedesktop.portal.GlobalShortcuts), which asks the person and tells each press."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.system.keys import Key
from tokenpal.translation import tr

NAME: Final = "org.freedesktop.portal.Desktop"
PATH: Final = "/org/freedesktop/portal/desktop"
SHORTCUTS: Final = "org.freedesktop.portal.GlobalShortcuts"
REQUEST: Final = "org.freedesktop.portal.Request"
SESSION: Final = "org.freedesktop.portal.Session"
TIMEOUT_S: Final = 5.0
PATIENCE_S: Final = 120.0  # the person is asked
WORDS: Final = {"Ctrl": "CTRL", "Alt": "ALT", "Shift": "SHIFT", "Super": "LOGO"}  # as the shortcuts specification writes them
IDENT: Final = "glance"


def trigger(key: Key) -> str:
    """``CTRL+ALT+t``, as the specification of the portal wants it."""
    return "+".join((*(WORDS[one] for one in key.modifiers), key.key.lower() if len(key.key) == 1 else key.key))


class PortalKey:
    """A session of the portal; it ends with the connection."""

    def __init__(self, key: Key, pressed: Callable[[], None]) -> None:
        self._pressed = pressed
        try:
            from jeepney import MatchRule, message_bus
            from jeepney.io.blocking import open_dbus_connection

            self._bus = open_dbus_connection("SESSION")
            for interface in (REQUEST, SHORTCUTS, SESSION):
                self._bus.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal", interface=interface)), timeout=TIMEOUT_S)
            token = f"tokenpal{os.getpid()}"
            session = self._request("CreateSession", "a{sv}", ({"session_handle_token": ("s", token)},), TIMEOUT_S)
            self._session = str(session["session_handle"][1])
            shortcut = (IDENT, {"description": ("s", tr("Open the glance window")), "preferred_trigger": ("s", trigger(key))})
            bound = self._request("BindShortcuts", "oa(sa{sv})sa{sv}", (self._session, [shortcut], "", {}), PATIENCE_S)
            given = bound.get("shortcuts")
            if not given or not given[1]:
                raise UsageError(tr("The desktop did not give tokenpal this shortcut."), tr("Choose another one in Settings."))
        except UsageError:
            self._shut()
            raise
        except Exception as error:  # no bus, no portal, or one without shortcuts
            self._shut()
            raise UsageError(tr("This desktop gives programs no key of their own."), tr("Bind a key to the command: tokenpal --glance")) from error
        self._thread = threading.Thread(target=self._listen, name="hotkey", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the session; the thread ends with the connection."""
        from jeepney import DBusAddress, new_method_call

        with suppress(Exception):  # the portal may be gone already
            self._bus.send_message(new_method_call(DBusAddress(self._session, bus_name=NAME, interface=SESSION), "Close"))
        self._shut()

    def _shut(self) -> None:
        import socket

        with suppress(Exception):  # it was never opened, or is shut
            self._bus.sock.shutdown(socket.SHUT_RDWR)
        if (listening := getattr(self, "_thread", None)) is not None:
            listening.join(2)  # it hears of the end only while what it waits on is open
        with suppress(Exception):
            self._bus.close()

    def _request(self, member: str, signature: str, body: tuple[Any, ...], patience: float) -> dict[str, Any]:
        """Call, and wait for the Response signal of the request. Raises OSError when the portal or the person says no."""
        from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

        address = DBusAddress(PATH, bus_name=NAME, interface=SHORTCUTS)
        reply = self._bus.send_and_get_reply(new_method_call(address, member, signature, body), timeout=TIMEOUT_S)
        if reply.header.message_type == MessageType.error:
            raise OSError(str(reply.body))
        handle = reply.body[0]
        until = time.monotonic() + patience  # however much else is said on the bus
        while True:
            message = self._bus.receive(timeout=max(0.0, until - time.monotonic()))
            fields = message.header.fields
            if fields.get(HeaderFields.member) == "Response" and fields.get(HeaderFields.path) == handle:
                code, results = message.body
                if code == 1:
                    raise UsageError(tr("You did not allow this shortcut."))
                if code:
                    raise OSError(str(code))
                return dict(results)

    def _listen(self) -> None:
        from jeepney import HeaderFields

        try:
            while True:
                message = self._bus.receive()
                member = message.header.fields.get(HeaderFields.member)
                if member == "Activated" and message.body[:2] == (self._session, IDENT):
                    self._pressed()
        except Exception:  # closed by us, or the bus ended: no more presses
            return
