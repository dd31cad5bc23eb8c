"""A notification daemon for tests: needs only jeepney and a session bus. One JSON object a line tells what it was asked to show.

    python notification_host.py [--click TITLE] [--inhibited]

``--click`` chooses the default action of each message whose title begins so. ``--inhibited`` says that the screen is shared.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, message_bus, new_error, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"


def tell(**seen: Any) -> None:
    print(json.dumps(seen, ensure_ascii=False), flush=True)


def answer(bus: DBusConnection, message: Message, options: argparse.Namespace, last: list[int]) -> None:
    member = message.header.fields.get(HeaderFields.member)
    if member == "GetCapabilities":
        bus.send_message(new_method_return(message, "as", (["body", "actions", "body-markup"],)))
    elif member == "Get":
        bus.send_message(new_method_return(message, "v", (("b", options.inhibited),)))
    elif member == "Notify":
        app, replaces, _, title, body, actions, hints, _ = message.body
        ident = replaces or (last[0] + 1)
        last[0] = max(last[0], ident)
        bus.send_message(new_method_return(message, "u", (ident,)))
        tell(app=app, id=ident, replaces=replaces, title=title, body=body, actions=actions, urgency=hints["urgency"][1])
        if options.click and title.startswith(options.click) and actions:
            address = DBusAddress("/org/freedesktop/Notifications", interface=NAME)
            bus.send_message(new_signal(address, "ActionInvoked", "us", (ident, "default")))
    else:
        bus.send_message(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--click")
    parser.add_argument("--inhibited", action="store_true")
    options = parser.parse_args()
    bus = open_dbus_connection("SESSION")
    assert bus.send_and_get_reply(message_bus.RequestName(NAME, 4)).body[0] == 1, "another daemon owns the bus"
    tell(ready=True)
    last = [0]
    while True:  # until the test ends it
        message = bus.receive()
        if message.header.message_type == MessageType.method_call:
            answer(bus, message, options, last)


if __name__ == "__main__":
    main()
