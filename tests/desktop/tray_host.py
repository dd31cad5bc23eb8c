"""A StatusNotifier tray host for tests: needs only jeepney and a session bus. One JSON object a line tells what it saw.

    python tray_host.py [--activate] [--click LABEL]... [--until LABEL]

``--activate`` sends a left click to each item, ``--click`` chooses a menu entry by its label ("Pause > For 1 hour" in a
sub-menu). All are chosen by the numbers they had when the menu was first read, as by a person who has it open; before the
last one, ``--until`` waits for the menu to hold another entry.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PATIENCE = 60.0  # seconds: the app may be in the middle of its start, on a machine that does other things


GONE = {f"org.freedesktop.DBus.Error.{why}" for why in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "UnknownObject")}


class GoneError(OSError):
    """An icon that went while it was looked at: the app took it back, to make another."""


def tell(**seen: Any) -> None:
    print(json.dumps(seen, ensure_ascii=False), flush=True)


def call(bus: DBusConnection, service: str, path: str, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> Any:
    message = new_method_call(DBusAddress(path, bus_name=service, interface=interface), member, signature or None, body)
    serial = next(bus.outgoing_serial)
    bus.send_message(message, serial=serial)
    end = time.monotonic() + PATIENCE
    while True:
        said = bus.receive(timeout=end - time.monotonic())
        if said.header.fields.get(HeaderFields.reply_serial) != serial:
            take(bus, said)  # the app may wait for our answer before it gives its own
            continue
        if said.header.message_type == MessageType.error:
            why = said.header.fields.get(HeaderFields.error_name)
            raise (GoneError if why in GONE else OSError)(f"{member}: {why} {said.body}")
        return said.body


def layout(bus: DBusConnection, service: str, menu: str) -> list[tuple[int, str]]:
    return flatten(call(bus, service, menu, MENU, "GetLayout", "iias", (0, -1, []))[1][2])


def flatten(nodes: list[Any], prefix: str = "") -> list[tuple[int, str]]:
    """Menu entries of all levels as (id, label), sub-menus as "Parent > Child"."""
    found = []
    for _, (ident, properties, children) in nodes:
        label = properties.get("label", ("s", "-"))[1].replace("_", "")
        found.append((ident, prefix + label))
        found += flatten(children, f"{prefix}{label} > ")
    return found


def inspect(bus: DBusConnection, service: str, path: str, options: argparse.Namespace) -> None:
    raw = call(bus, service, path, "org.freedesktop.DBus.Properties", "GetAll", "s", (ITEM,))[0]
    properties = {name: value[1] for name, value in raw.items()}
    tell(
        item=properties["Id"], status=properties["Status"], tooltip=properties["ToolTip"][2] or properties["ToolTip"][1] or properties["ToolTip"],
        sizes=[width for width, _, _ in properties["IconPixmap"]],
    )  # fmt: skip
    call(bus, service, properties["Menu"], MENU, "AboutToShow", "i", (0,))
    entries = layout(bus, service, properties["Menu"])
    tell(menu=[label for _, label in entries])
    if options.activate:
        call(bus, service, path, ITEM, "Activate", "ii", (0, 0))
    idents = {label: ident for ident, label in entries}
    for label in options.click:
        if label is options.click[-1] and options.until:
            wait_for_entry(bus, service, properties["Menu"], options.until)
        call(bus, service, properties["Menu"], MENU, "Event", "isvu", (idents[label], "clicked", ("s", ""), 0))
        tell(clicked=label)


def wait_for_entry(bus: DBusConnection, service: str, menu: str, label: str) -> None:
    end = time.monotonic() + PATIENCE
    while label not in (labels := [one for _, one in layout(bus, service, menu)]):
        assert time.monotonic() < end, f"never in the menu: {label}; it has {labels}"
        time.sleep(0.05)
    tell(appeared=label)


items: list[tuple[str, str]] = []
fresh: list[tuple[str, str]] = []
"""The icons that registered: all, and those not looked at yet."""


def take(bus: DBusConnection, message: Message) -> None:
    """Deal with what comes by itself."""
    kind = message.header.message_type
    if kind == MessageType.method_call:
        answer(bus, message)
    elif kind == MessageType.signal and message.header.fields.get(HeaderFields.interface) == ITEM:
        tell(signal=message.header.fields.get(HeaderFields.member))


def answer(bus: DBusConnection, message: Message) -> None:
    fields = message.header.fields
    member, sender = fields.get(HeaderFields.member), fields[HeaderFields.sender]
    watcher = DBusAddress("/StatusNotifierWatcher", interface=WATCHER)
    known = {
        "IsStatusNotifierHostRegistered": ("b", True),
        "ProtocolVersion": ("i", 0),
        "RegisteredStatusNotifierItems": ("as", [service + path for service, path in items]),
    }
    if member == "RegisterStatusNotifierItem":
        given = message.body[0]
        item = (sender, given) if given.startswith("/") else (given, "/StatusNotifierItem")
        items.append(item)
        fresh.append(item)
        tell(registered=item[0] + item[1])
        bus.send_message(new_method_return(message))
        bus.send_message(new_signal(watcher, "StatusNotifierItemRegistered", "s", (item[0] + item[1],)))
    elif member == "Get" and message.body[1] in known:
        bus.send_message(new_method_return(message, "v", (known[message.body[1]],)))
    elif member == "GetAll":
        bus.send_message(new_method_return(message, "a{sv}", (known,)))
    else:
        bus.send_message(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--activate", action="store_true")
    parser.add_argument("--click", action="append", default=[])
    parser.add_argument("--until")
    options = parser.parse_args()
    bus = open_dbus_connection("SESSION")
    bus.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal", interface=ITEM)))
    assert bus.send_and_get_reply(message_bus.RequestName(WATCHER, 4)).body[0] == 1, "another tray host owns the bus"
    tell(ready=True)
    bus.send_message(new_signal(DBusAddress("/StatusNotifierWatcher", interface=WATCHER), "StatusNotifierHostRegistered"))
    while True:  # until the test ends it
        try:
            message = bus.receive(timeout=0.2)
        except TimeoutError:
            while fresh:
                item = fresh.pop()
                try:
                    inspect(bus, *item, options)
                except GoneError as gone:
                    tell(gone="".join(item), why=str(gone))
            continue
        take(bus, message)


if __name__ == "__main__":
    main()
