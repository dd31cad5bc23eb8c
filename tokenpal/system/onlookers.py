"""Whether somebody else sees this screen, where the desktop tells. No Qt; may take a second: never on the GUI thread.

Linux: GNOME keeps an object for each screen cast that runs (``org.gnome.Mutter.ScreenCast``), which is what calls in a
browser make, too; Plasma inhibits notifications while it shares the screen, and other desktops while a person presents.
Windows: the state of a presentation or of a program on the whole screen. macOS tells nobody. None = it cannot be known here.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

from tokenpal.translation import tr

TIMEOUT_S: Final = 1.0
PRESENTING: Final = 4  # QUNS_PRESENTATION_MODE
_SESSION: Final = re.compile(r'<node name="[^"]+"')


_told = True


def why_not() -> str:
    """A sentence once nobody has told; "" before anybody was asked, and where somebody tells."""
    return "" if _told else tr("This desktop does not tell whether the screen is shared; Ctrl+Shift+H hides the numbers.")


def watched() -> bool | None:
    """True while the screen is shared or shown to others; None where nobody tells."""
    global _told
    found = _ask()
    _told = found is not None
    return found


def _ask() -> bool | None:
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return None
    return _linux()


def _linux() -> bool | None:
    try:
        from jeepney import DBusAddress, MessageType, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        with open_dbus_connection("SESSION") as bus:

            def ask(name: str, path: str, interface: str, member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
                owner = new_method_call(
                    DBusAddress("/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus"), "NameHasOwner", "s", (name,)
                )
                if not bus.send_and_get_reply(owner, timeout=TIMEOUT_S).body[0]:
                    return None  # asking would start it
                message = new_method_call(DBusAddress(path, bus_name=name, interface=interface), member, signature, body)
                reply = bus.send_and_get_reply(message, timeout=TIMEOUT_S)
                return None if reply.header.message_type == MessageType.error else reply.body[0]

            cast = ask("org.gnome.Mutter.ScreenCast", "/org/gnome/Mutter/ScreenCast/Session", "org.freedesktop.DBus.Introspectable", "Introspect")
            inhibited = ask(
                "org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.DBus.Properties", "Get",
                "ss", ("org.freedesktop.Notifications", "Inhibited"),
            )  # fmt: skip
        told = [one for one in (_casts(cast), None if inhibited is None else inhibited[1]) if isinstance(one, bool)]
    except Exception:  # no bus, a full one, or one that answers nonsense: then nobody tells
        return None
    return any(told) if told else None


def _casts(introspection: Any) -> bool | None:
    return bool(_SESSION.search(introspection)) if isinstance(introspection, str) else None


def _windows() -> bool | None:  # pragma: no cover - only there
    import ctypes

    state = ctypes.c_int(0)
    if ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state)):  # type: ignore[attr-defined,unused-ignore]  # only there
        return None
    return state.value == PRESENTING
