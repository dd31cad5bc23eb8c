"""What is on the screen, as a screen reader hears it: the tree of AT-SPI, over its own bus. Needs only jeepney.

Nothing is asked of the app's process but what assistive technology asks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

ACCESSIBLE, TEXT, VALUE = "org.a11y.atspi.Accessible", "org.a11y.atspi.Text", "org.a11y.atspi.Value"
ACTIVE, ENABLED, FOCUSED, PRESSED, VISIBLE = 1, 8, 12, 20, 30  # bits of AtspiStateType
WITH_TEXT = frozenset({"text", "entry", "password text", "spin button"})
ITEMS = frozenset({"list item", "table cell", "tree item"})  # Qt calls the current one focused, whoever has the keyboard
PATIENCE = 10.0
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One node that is visible."""

    place: Place
    role: str
    name: str
    description: str
    text: str
    states: int

    def has(self, state: int) -> bool:
        """Whether a bit of its state is set."""
        return bool(self.states >> state & 1)

    @property
    def words(self) -> str:
        """All that it says."""
        return " | ".join(part for part in (self.name, self.description, self.text) if part)


class Screen:
    """The visible nodes of the app called ``name``, whichever process it is."""

    def __init__(self, session_bus: str, name: str = "tokenpal") -> None:
        self._name = name
        with open_dbus_connection(session_bus) as bus:
            asked = new_method_call(DBusAddress("/org/a11y/bus", bus_name="org.a11y.Bus", interface="org.a11y.Bus"), "GetAddress")
            self._bus: DBusConnection = open_dbus_connection(bus.send_and_get_reply(asked, timeout=PATIENCE).body[0])

    def close(self) -> None:
        """Leave the bus."""
        self._bus.close()

    def look(self) -> list[Seen]:
        """Every visible node, parents first, level by level; empty while there is no window."""
        level = self._windows()
        seen: list[Seen] = []
        while level:
            level, found = self._level(level)
            seen += found
        return seen

    def focus(self) -> Seen | None:
        """What has the keyboard. The viewport inside a field that scrolls has no name and says that it has it, too."""
        focused = [node for node in self.look() if node.has(FOCUSED) and node.role not in {"frame", "dialog"} and (node.name or node.role != "filler")]
        holders = [node for node in focused if node.role not in ITEMS]
        if holders and holders[-1].role not in {"list", "table", "tree"}:
            return holders[-1]
        return next((node for node in reversed(focused) if holders and node.role in ITEMS), holders[-1] if holders else None)

    def _windows(self) -> list[Place]:
        registry: Place = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        (apps,) = self._ask([(registry, ACCESSIBLE, "GetChildren", "", ())])
        places = [tuple(one) for one in apps or ()]
        names = self._ask([(place, *_property("Name")) for place in places])
        ours = [place for place, name in zip(places, names, strict=True) if name and name[1] == self._name]
        return [tuple(one) for windows in self._ask([(place, ACCESSIBLE, "GetChildren", "", ()) for place in ours]) for one in windows or ()]

    def _level(self, places: Sequence[Place]) -> tuple[list[Place], list[Seen]]:
        states = self._ask([(place, ACCESSIBLE, "GetState", "", ()) for place in places])
        shown = [(place, bits[0] | bits[1] << 32) for place, bits in zip(places, states, strict=True) if bits and bits[0] >> VISIBLE & 1]
        asked: list[tuple[Any, ...]] = []
        for place, _ in shown:
            asked += [
                (place, ACCESSIBLE, "GetRoleName", "", ()), (place, *_property("Name")), (place, *_property("Description")),
                (place, ACCESSIBLE, "GetChildren", "", ()),
            ]  # fmt: skip
        answers = self._ask(asked)
        found, below = [], []
        for number, (place, bits) in enumerate(shown):
            role, name, description, children = answers[4 * number : 4 * number + 4]
            found.append(Seen(place, role or "", (name or ("s", ""))[1], (description or ("s", ""))[1], "", bits))
            below += [tuple(child) for child in children or () if child[1] != "/org/a11y/atspi/null"]
        wordy = [place for node, place in zip(found, (one for one, _ in shown), strict=True) if node.role in WITH_TEXT]
        texts = dict(zip(wordy, self._ask([(place, TEXT, "GetText", "ii", (0, -1)) for place in wordy]), strict=True))
        return below, [Seen(n.place, n.role, n.name, n.description, texts.get(n.place) or "", n.states) for n in found]

    def _ask(self, asked: Sequence[tuple[Any, ...]]) -> list[Any]:
        """All questions at once, then the answers in their order; None for a node that went away meanwhile."""
        serials: dict[int, int] = {}
        for place, (where, interface, member, signature, body) in enumerate(asked):
            message = new_method_call(DBusAddress(where[1], bus_name=where[0], interface=interface), member, signature or None, body)
            serial = next(self._bus.outgoing_serial)
            self._bus.send_message(message, serial=serial)
            serials[serial] = place
        answers: list[Any] = [None] * len(asked)
        end = time.monotonic() + PATIENCE
        while serials:
            try:
                said = self._bus.receive(timeout=max(0.01, end - time.monotonic()))
            except TimeoutError:
                break  # whoever was asked hangs, or has gone
            place_of = serials.pop(said.header.fields.get(HeaderFields.reply_serial, 0), None)
            if place_of is not None and said.header.message_type is MessageType.method_return:
                answers[place_of] = said.body[0]
        return answers


def _property(name: str) -> tuple[str, str, str, tuple[str, str]]:
    return ("org.freedesktop.DBus.Properties", "Get", "ss", (ACCESSIBLE, name))
