"""A portal with global shortcuts for tests: needs only jeepney and a session bus. Prints what it was asked for.

    python portal_host.py [--refuse]

Without ``--refuse`` it binds what is asked for and tells that the shortcut was pressed.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection

SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"


def tell(**seen: Any) -> None:
    print(json.dumps(seen), flush=True)


def main() -> None:
    bus = open_dbus_connection("SESSION")
    assert bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.portal.Desktop", 4)).body[0] == 1
    tell(ready=True)
    number = 0

    def respond(request: str, code: int, results: dict[str, Any]) -> None:
        bus.send_message(new_signal(DBusAddress(request, interface="org.freedesktop.portal.Request"), "Response", "ua{sv}", (code, results)))

    while True:  # until the test ends it
        message = bus.receive()
        if message.header.message_type != MessageType.method_call:
            continue
        member = message.header.fields.get(HeaderFields.member)
        number += 1
        request = f"/org/freedesktop/portal/desktop/request/x/t{number}"
        if member == "CreateSession":
            bus.send_message(new_method_return(message, "o", (request,)))
            respond(request, 0, {"session_handle": ("s", "/org/freedesktop/portal/desktop/session/x/one")})
        elif member == "BindShortcuts":
            session, shortcuts, _, _ = message.body
            tell(bound=[[ident, how["preferred_trigger"][1]] for ident, how in shortcuts])
            bus.send_message(new_method_return(message, "o", (request,)))
            if "--refuse" in sys.argv:
                respond(request, 1, {})
                continue
            respond(request, 0, {"shortcuts": ("a(sa{sv})", [(shortcuts[0][0], {})])})
            address = DBusAddress("/org/freedesktop/portal/desktop", interface=SHORTCUTS)
            bus.send_message(new_signal(address, "Activated", "osta{sv}", (session, shortcuts[0][0], 1, {})))
        elif member == "Close":
            tell(closed=True)


if __name__ == "__main__":
    main()
